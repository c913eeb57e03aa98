// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IGroth16Verifier, Proof} from "./IGroth16Verifier.sol";
import {IPriceSource} from "./IPriceSource.sol";
import {IRiskState} from "./IRiskState.sol";
import {IVaultDesk} from "./IVaultDesk.sol";

/// @notice What a vault is made of and never changes. Lanes are those of the hub's observation log.
/// @param cash the numeraire: prices are in whole units of it
/// @param tokens of the lanes; address(0) where a lane is not in the basket
/// @param sources of the lanes' prices; address(0) exactly where the token is
/// @param observationInterval {s} of the hub's log: the time that volatilities are per
/// @param maxRiskAge {s} an older risk state neither allocates nor opens a rebalance
/// @param warmUp {s} from the opening of a rebalance to its first bid
/// @param auctionLength {s} from the first bid to the last
/// @param mandateDelay {s} between scheduling a mandate and applying it
/// @param desk its account in the clearing house of this chain (docs/clearing.md, D), where it will be; address(0) for none
struct VaultConfig {
    string name;
    string symbol;
    address governor;
    address guardian;
    IRiskState riskState;
    IGroth16Verifier verifier;
    address cash;
    address[12] tokens;
    IPriceSource[12] sources;
    uint64 observationInterval;
    uint64 maxRiskAge;
    uint64 warmUp;
    uint64 auctionLength;
    uint64 mandateDelay;
    IVaultDesk desk;
}

/// @notice The rules a vault follows, as the words of the statement.
/// @param terms lanes as laid out in Protocol.TERM_*
/// @param budgets lanes {ppm}, sum to 10⁶
/// @param caps lanes {ppm}
struct MandateWords {
    uint256 terms;
    uint256 budgets;
    uint256 caps;
}

/// @notice The latest proven weights.
/// @param index of the risk state they follow from; 0 before the first allocation
/// @param endTime {s} of that risk state
/// @param mandateVersion of the mandate they follow
/// @param weights lanes {ppm}, sum to 10⁶
/// @param portfolioVolatility {ppm per observation}
/// @param exposure {ppm} of value in the lanes, the rest in cash; above 10⁶ what is beyond the value is held by the desk
struct Allocation {
    uint64 index;
    uint64 endTime;
    uint32 mandateVersion;
    uint32 portfolioVolatility;
    uint32 exposure;
    uint256 weights;
}

/// @notice The latest rebalance.
/// @param id counts rebalances up from 1; 0 before the first
/// @param startTime {s} first second of bidding
/// @param endTime {s} first second after it; moves to the past when the guardian stops the rebalance
/// @param buying bit i is set where the vault buys lane i, clear where it sells
/// @param ranges lanes {ppm}: the price of lane i moves within mark · (1 ± range)
/// @param marks {D18} cash per whole token when the rebalance opened; 0 where a lane does not trade
/// @param targets {token units} where trading of the lane ends, at the present supply of shares
struct Rebalance {
    uint64 id;
    uint64 startTime;
    uint64 endTime;
    uint16 buying;
    uint256 ranges;
    uint256[12] marks;
    uint256[12] targets;
}

/// @title A basket at risk parity: ERC-20 shares over cash and up to twelve lane tokens
/// @notice Amounts of all assets come in arrays of 14: lanes 0 to 11, then cash at 12, then units of the desk at 13.
interface IParityVault {
    // --- events

    event Seeded(address indexed receiver, uint256 shares, uint256[14] amounts);
    event Minted(address indexed sender, address indexed receiver, uint256 shares, uint256[14] amounts);
    event Redeemed(address indexed owner, address indexed receiver, uint256 shares, uint256[14] amounts);
    /// @notice A leg of a redemption could not be paid and waits for its receiver.
    event LegFailed(uint256 indexed asset, address indexed receiver, uint256 amount);
    event Claimed(uint256 indexed asset, address indexed owner, address indexed receiver, uint256 amount);
    event Allocated(
        uint64 indexed index,
        uint256 indexed mandateVersion,
        uint256 weights,
        uint256 portfolioVolatility,
        uint256 exposure
    );
    /// @param value {D18} of the basket in cash
    event RebalanceOpened(uint64 indexed id, uint64 startTime, uint64 endTime, uint256 value, uint256 ranges);
    /// @param amount {token units}
    /// @param cashAmount {cash units}
    /// @param price {D18} cash per whole token
    event BidFilled(
        uint64 indexed id,
        uint256 indexed lane,
        address indexed bidder,
        bool buying,
        uint256 amount,
        uint256 cashAmount,
        uint256 price
    );
    /// @param blockedUntil {s} no rebalance opens before
    event RebalanceStopped(uint64 indexed id, uint64 blockedUntil);
    /// @param units {unit units} that the vault then has of its desk
    event GivenToDesk(uint256 indexed asset, uint256 amount, uint256 units);
    event TakenFromDesk(uint256 indexed asset, uint256 amount, uint256 units);
    event MandateScheduled(uint256 indexed version, MandateWords mandate, uint64 readyAt);
    event MandateCancelled(uint256 indexed version);
    event MandateApplied(uint256 indexed version, MandateWords mandate);

    // --- errors: making a vault

    /// @notice Thrown when a time of the configuration is outside its bounds.
    error TimeOutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice Thrown when a token has no code, more than 18 decimals, or appears twice.
    error TokenUnusable(address token);
    /// @notice Thrown when a lane has a token without a price source, or a source without a token.
    error SourceUnusable(uint256 lane);
    /// @notice Thrown when governor, guardian or a receiver is address(0).
    error AddressZero();

    // --- errors: shares

    /// @notice Thrown when seeding a vault that has shares.
    error AlreadySeeded();
    /// @notice Thrown when the seed would mint no more than the locked minimum, or more than 2¹²⁸ − 1.
    error SeedOutOfBounds(uint256 shares);
    /// @notice Thrown when seeding with nothing.
    error SeedEmpty();
    /// @notice Thrown when minting before the seed.
    error NotSeeded();
    /// @notice Thrown when minting or redeeming nothing.
    error SharesZero();
    /// @notice Thrown when the supply of shares would leave 128 bits.
    error SupplyOutOfBounds();
    /// @notice Thrown when too little gas is left to give a leg of a redemption a fair try: send more, what is not used returns.
    error LegGasMissing(uint256 left, uint256 needed);
    /// @notice Thrown when a claim is empty.
    error NothingToClaim(uint256 asset);

    // --- errors: roles

    error NotGovernor(address caller);
    error NotGuardian(address caller);
    error NotDesk(address caller);
    /// @notice Thrown when the desk names another asset than a lane or cash.
    error AssetUnknown(uint256 asset);

    // --- errors: allocation

    /// @notice Thrown when neither the risk state nor the mandate is newer than that of the last allocation, and the portfolio
    /// is no calmer.
    error AllocationNotNewer(uint64 index, uint64 latest);
    /// @notice Thrown when the risk state ended longer ago than the vault allows.
    /// @param age {s}
    /// @param maxAge {s}
    error RiskStateTooOld(uint256 age, uint256 maxAge);
    /// @notice Thrown when weights do not sum to 10⁶.
    error WeightsNotWhole(uint256 sum);
    /// @notice Thrown when a weight is above its cap, or not 0 where the budget is.
    error WeightNotAllowed(uint256 lane, uint256 weight);
    /// @notice Thrown when the exposure is above the mandate's.
    error ExposureAboveMaximum(uint256 exposure, uint256 maximum);

    // --- errors: rebalance

    /// @notice Thrown before the first allocation.
    error NotAllocated();
    /// @notice Thrown when the mandate has changed since the last allocation: allocate under the new one first.
    error AllocationOutdated(uint256 allocatedVersion, uint256 mandateVersion);
    /// @notice Thrown when a rebalance is warming up or running.
    error RebalanceRunning(uint256 endTime);
    /// @notice Thrown when no rebalance is warming up or running.
    error NoRebalanceRunning();
    /// @notice Thrown when the guardian stopped a rebalance a short while ago.
    error RebalanceBlocked(uint256 until);
    /// @notice Thrown when every lane is within the mandate's band.
    /// @param drift {ppm} the largest one
    error DriftWithinBand(uint256 drift, uint256 band);
    /// @notice Thrown when the basket is worth nothing.
    error ValueZero();
    /// @notice Thrown when a lane's price source reverts.
    error PriceUnavailable(uint256 lane, bytes reason);
    /// @notice Thrown when a lane's price source returns zero, or more than 128 bits.
    error PriceUnusable(uint256 lane, uint256 price);

    // --- errors: bids

    /// @notice Thrown when the bid names another rebalance than the running one.
    error RebalanceNotCurrent(uint64 id, uint64 current);
    /// @notice Thrown outside the time of bidding.
    error BiddingClosed(uint256 startTime, uint256 endTime);
    /// @notice Thrown when the lane has nothing left to trade, or no cash beyond what the allocation keeps to buy with.
    error NothingLeft(uint256 lane);
    /// @notice Thrown when the price is worse than the bidder's limit.
    error PriceBeyondLimit(uint256 price, uint256 limit);
    /// @notice Thrown when the market has moved so far since the opening that the auction's price gives away more than the
    /// lane's range about the present price. The lane trades again when one of the two comes back, or in the next rebalance.
    /// @param worst {D18} the highest price the vault pays now, or the lowest it takes
    error PriceMoved(uint256 lane, uint256 price, uint256 worst);

    // --- errors: mandate

    /// @notice Thrown when no mandate waits.
    error NoMandateScheduled();
    /// @notice Thrown when the mandate's delay has not passed.
    error MandateNotReady(uint256 readyAt);

    // --- shares

    /// @notice Mints the first shares, once, for amounts that set the basket. Governor only. A small part of the shares is
    /// locked for ever so that the supply never returns to nothing.
    /// @param shares {share units} to mint, the locked minimum included
    function seed(uint256[14] calldata amounts, uint256 shares, address receiver) external;

    /// @notice Mints shares against each asset pro rata, amounts rounded up. The sender's allowances bound what is paid.
    /// @return amounts {token units} paid
    function mint(uint256 shares, address receiver) external returns (uint256[14] memory amounts);

    /// @notice Burns the sender's shares for each asset pro rata, amounts rounded down. Needs no price, proof, message or
    /// permission. A leg whose token does not move is kept for the receiver to `claim`.
    /// @return amounts {token units} paid or kept
    function redeem(uint256 shares, address receiver) external returns (uint256[14] memory amounts);

    /// @notice Pays what failed legs of redemptions left for the sender.
    function claim(uint256 asset, address receiver) external returns (uint256 amount);

    // --- risk parity

    /// @notice Accepts weights proven for a risk state and this vault's mandate. Anyone.
    /// @param index of the risk state
    /// @param weights word
    /// @param portfolio word
    /// @param commitment C
    function allocate(
        uint64 index,
        uint256 weights,
        uint256 portfolio,
        uint256 commitment,
        Proof calldata proof
    ) external;

    /// @notice Opens auctions towards exposure × weights when a lane has drifted out of the band. Anyone.
    /// @return id of the rebalance
    function openRebalance() external returns (uint64 id);

    /// @notice Trades with the vault at the auction's price of this second, unless that is worse for the vault than the
    /// lane's range about the present price. Waits for the lane's price source.
    /// @param id of the rebalance the bidder means
    /// @param amount {token units} at most; clipped to what is left of the lane and, where the vault buys, to its
    /// cash beyond what the allocation keeps
    /// @param limit {D18} cash per whole token: the highest the bidder pays, or the lowest it takes
    /// @param receiver of what the vault pays
    /// @return filled {token units}
    /// @return cashAmount {cash units} paid by the bidder where the vault sells, to the receiver where it buys
    function bid(uint64 id, uint256 lane, uint256 amount, uint256 limit, address receiver)
        external
        returns (uint256 filled, uint256 cashAmount);

    // --- desk

    /// @notice Desk: takes an amount of an asset out of the basket.
    /// @param amount {token units}
    /// @param units that the vault has of the desk from now on
    function giveToDesk(uint256 asset, uint256 amount, uint256 units) external;

    /// @notice Desk: brings an amount of an asset into the basket.
    function takeFromDesk(uint256 asset, uint256 amount, uint256 units) external;

    // --- roles

    /// @notice Governor: a mandate that anyone may apply after the delay. Replaces one that waits.
    function scheduleMandate(MandateWords calldata mandate) external;

    /// @notice Governor: withdraws the mandate that waits.
    function cancelMandate() external;

    /// @notice Anyone: applies the scheduled mandate once its delay has passed.
    function applyMandate() external;

    /// @notice Guardian: ends the running rebalance and blocks new ones for a fixed time.
    function stopRebalance() external;

    // --- views

    function mandate() external view returns (MandateWords memory);
    /// @return words that wait, and when they may be applied {s}; 0 when none wait
    function scheduledMandate() external view returns (MandateWords memory words, uint64 readyAt);
    function allocation() external view returns (Allocation memory);
    function rebalance() external view returns (Rebalance memory);
    /// @return whether a rebalance is warming up or running
    function rebalanceRunning() external view returns (bool);
    /// @return {s} no rebalance opens before
    function blockedUntil() external view returns (uint64);
    /// @return {D18} cash per whole token at this second. Reverts outside the time of bidding or where nothing trades
    function auctionPrice(uint256 lane) external view returns (uint256);
    /// @return {token units} a bid can fill at this second; 0 outside the time of bidding and where the market has moved
    /// too far. Reverts where the lane's price source does
    function auctionAmount(uint256 lane) external view returns (uint256);
    /// @return {ppm} of value: the largest distance of a lane from its target at present prices
    function drift() external view returns (uint256);
    /// @return {token units} the vault accounts for; gifts do not count
    function balances() external view returns (uint256[14] memory);
    /// @return {D18} cash that the basket and its part of the desk are worth at present prices
    function totalValue() external view returns (uint256);
    /// @return {token units} for shares, rounded up
    function previewMint(uint256 shares) external view returns (uint256[14] memory);
    /// @return {token units} for shares, rounded down
    function previewRedeem(uint256 shares) external view returns (uint256[14] memory);
    /// @return {token units} kept for an owner after failed legs
    function claimable(address owner, uint256 asset) external view returns (uint256);
    /// @return token of a lane, cash at 12, or the desk at 13
    function token(uint256 asset) external view returns (address);
    function source(uint256 lane) external view returns (IPriceSource);
    /// @notice For integrators who read the vault in a callback: while true, balances and supply may disagree.
    function entered() external view returns (bool);

    function riskState() external view returns (IRiskState);
    /// @return address(0) where the vault has none
    function desk() external view returns (IVaultDesk);
    function verifier() external view returns (IGroth16Verifier);
    function governor() external view returns (address);
    function guardian() external view returns (address);
    function observationInterval() external view returns (uint64);
    function maxRiskAge() external view returns (uint64);
    function warmUp() external view returns (uint64);
    function auctionLength() external view returns (uint64);
    function mandateDelay() external view returns (uint64);
}
