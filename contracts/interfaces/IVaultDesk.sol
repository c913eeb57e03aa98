// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IClearingHouse, MarginProof} from "./IClearingHouse.sol";
import {ICollateralGate} from "./ICollateralGate.sol";
import {IDeskAuctions} from "./IDeskAuctions.sol";
import {IExchange, Side} from "./IExchange.sol";
import {IParityVault} from "./IParityVault.sol";

/// @notice What a desk is made of and never changes.
/// @param auctions that say what the account trades
/// @param gate of this chain, which is the hub's
/// @param share {ppm} of the vault's value that the desk holds as margin
/// @param health {ppm} of the initial requirement: what a trade that adds to a position leaves the account, at least
struct DeskConfig {
    IDeskAuctions auctions;
    ICollateralGate gate;
    uint256 share;
    uint256 health;
}

/// @notice What a margin requirement is shown by: IMarginEngine.marginIn.
/// @param scenario in which it is asked for
/// @param epoch of the words
/// @param arrayWords of the epoch's arrays; none where no requirement is shown
struct Shown {
    uint256 scenario;
    uint64 epoch;
    uint256[][4] arrayWords;
}

/// @notice The account at present prices.
/// @param equity {ppm of a dollar}
/// @param owned {ppm of a dollar} the same without its tokens: cash and what positions are worth
/// @param uncertainty {ppm of a dollar} what trading it, or prices, may make of it either way (D-4)
/// @param deltas {ppm of a token} that the account is long of each lane
struct DeskReading {
    int256 equity;
    int256 owned;
    uint256 uncertainty;
    int256[12] deltas;
}

/// @title One account of the clearing house for one vault, by rules that anybody carries out (docs/clearing.md, D)
/// @notice Units are parts of the account. The vault holds them as one more asset, and its redeemers get theirs in kind.
interface IVaultDesk is IERC20 {
    // --- events

    /// @param part {ppm of a token}
    /// @param units {unit units} minted to the vault
    event Funded(uint256 indexed asset, uint256 part, uint256 units);
    /// @param units {unit units} burned of the vault's
    event Returned(uint256 indexed asset, uint256 part, uint256 units);
    /// @param cash {ppm of a dollar}
    event Entered(address indexed sender, address indexed receiver, uint256 cash, uint256 units);
    /// @param account that took the part
    event Left(address indexed owner, bytes32 indexed account, uint256 units, uint256 supply);
    /// @notice All units before are worth nothing: the account has nothing left.
    event Renewed(uint256 generation);
    event Traded(uint256 indexed series, bool buying, uint256 quantity, uint256 price);

    // --- errors: making a desk

    error ParameterOutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice Thrown when the gate is not on the hub's chain, or takes no token of the vault's cash as its dollar.
    error GateUnusable();
    /// @notice Thrown when the auctions belong to another desk.
    error AuctionsDiffer(address desk);

    // --- errors: when

    /// @notice Thrown while the vault is in the middle of something else.
    error VaultBusy();
    /// @notice Thrown when no epoch is young enough.
    error EpochStale(uint256 time, uint256 maxAge);
    /// @notice Thrown while an auction sells the account off.
    error AccountLiquidated(uint256 auction);

    // --- errors: units

    error PartZero();
    error UnitsZero();
    error UnitsOutOfRange(uint256 units);
    /// @notice Thrown when the account's equity {ppm of a dollar} leaves units without a price.
    error EquityMissing(int256 equity);
    /// @notice Thrown when units are to be priced and a position has ended whose settlement is not final.
    error SeriesEnded(uint256 series, uint256 expiry);
    /// @notice Thrown when the vault has not brought anything yet.
    error NotFunded();
    /// @notice Thrown when the house did not count a deposit at once, or did not pay at once: its limits say when.
    error TransferWaits(uint256 asset, uint256 part);
    error CollateralUnknown(uint256 asset);
    /// @notice Thrown when more is asked for than is missing, or than is to spare.
    /// @param most {ppm of a dollar}
    error PartTooLarge(uint256 value, uint256 most);
    /// @notice Thrown when a part is so small that it would do more to proofs of the account on their way than to its margin.
    error PartTooSmall(uint256 value, uint256 least);
    /// @notice Thrown when somebody enters while an auction trades for those who are there.
    error AuctionRuns();
    /// @notice Thrown when the desk's part of the value is within the band about its share.
    error ShareWithinBand(uint256 held, uint256 due);
    error RebalanceRuns();
    /// @notice Thrown when what left the vault within a day would pass the limit, both {ppt} of its value.
    error DayLimitReached(uint256 value, uint256 limit);
    /// @notice Thrown when the account is not bare.
    error AccountNotBare();

    // --- errors: trading

    error NotAuctions(address sender);
    /// @notice Thrown when a trade or what is given back leaves the account less than its health.
    error HealthTooLow(int256 equity, uint256 needed);

    // --- margin in, margin out

    /// @notice Moves part of an asset from the vault to the account: where the desk's part of the value has fallen out of the band
    /// about its share, where a requirement is shown that leaves too little, or, cash, while a debt of it is called. Anyone.
    /// @param asset lane, or 12 for cash; a lane only for what the vault's cash does not cover
    /// @param part {ppm of a token}
    function fund(uint256 asset, uint256 part, Shown calldata shown) external;

    /// @notice Moves part of an asset back, where the desk's part of the value has risen out of the band. Anyone.
    /// @param proof of the account after it
    function giveBack(uint256 asset, uint256 part, MarginProof calldata proof) external;

    // --- units

    /// @notice Mints units against dollars, at no less than what they can be worth. Whoever mints shares needs them.
    /// @param cash {ppm of a dollar} that the sender pays
    /// @param minimum {unit units} that the sender accepts
    function enter(uint256 cash, uint256 minimum, address receiver) external returns (uint256 units);

    /// @notice Burns the sender's units for their part of everything in the account, which goes to an account of the sender. That
    /// account holds nothing and has named this desk's as its giver (IExchange.expectSlice). Both must be healthy at the
    /// initial level afterwards, or free.
    /// @param proof of the desk's account after it
    /// @param receiverProof of the other
    function leave(
        uint256 units,
        bytes32 account,
        MarginProof calldata proof,
        MarginProof calldata receiverProof
    ) external;

    /// @notice Begins anew where the account has been sold off whole: units of before are worth nothing. Anyone.
    function renew() external;

    // --- trading

    /// @notice Trades with an order, as maker. Only the auctions.
    /// @param series 16 · array + place
    /// @param buying whether the desk buys
    /// @param quantity {ppm of a contract}
    /// @param price {ppt of a dollar per contract}
    /// @param proof of the desk's account after it
    function trade(
        uint256 series,
        bool buying,
        uint256 quantity,
        uint256 price,
        Side calldata taker,
        MarginProof calldata proof
    ) external;

    // --- views

    /// @return {D18} cash that units are worth at present prices, 0 where the account owes more than it has
    function valueOf(uint256 units) external view returns (uint256);

    /// @notice The account at present prices.
    function read() external view returns (DeskReading memory);

    /// @notice Reverts while nothing may be done (D-9).
    function requireCalm() external view;

    /// @return {ppm} of the vault's value that may be in its lanes: all but the desk's share
    function spotShare() external view returns (uint256);

    /// @return {token units per whole token} of a lane of the vault, or of cash; 0 where it has no token
    function unitOf(uint256 asset) external view returns (uint256);

    function generation() external view returns (uint256);
    function account() external view returns (bytes32);
    function vault() external view returns (IParityVault);
    function house() external view returns (IClearingHouse);
    function exchange() external view returns (IExchange);
    function gate() external view returns (ICollateralGate);
    function auctions() external view returns (IDeskAuctions);
    function health() external view returns (uint256);
}
