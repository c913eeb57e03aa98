// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IClearingHouse, MarginProof} from "./IClearingHouse.sol";
import {Side} from "./IExchange.sol";
import {IParityVault} from "./IParityVault.sol";
import {IVaultDesk} from "./IVaultDesk.sol";

/// @notice One trade on its way, in whatever parts.
/// @param startTime {s} first second in which it is filled
/// @param endTime {s} first second after it; moves to the past when the guardian stops it
/// @param buying whether the desk buys
/// @param range {ppm} the price moves within mark · (1 ± range)
/// @param mark {ppt of a dollar} the proven mark when it opened
/// @param left {ppm of a contract} that it may still trade
/// @param least {ppm of a contract} of a fill, where as much is left
struct DeskAuction {
    uint40 startTime;
    uint40 endTime;
    bool buying;
    uint32 range;
    uint128 mark;
    uint128 left;
    uint128 least;
}

/// @notice What the proven words of an epoch say of an option.
/// @param epoch of the words; 0 where there are none
/// @param price {ppt of a dollar per contract} its mark
/// @param delta {ppt of a contract}
/// @param gamma {ppt of a contract} delta's change for 1 % of spot
/// @param vega {ppt of spot} for a point of volatility
/// @param errorBound {ppt of spot}
/// @param spot {ppt of a dollar}
struct OptionMark {
    uint32 epoch;
    uint96 price;
    int64 delta;
    int64 gamma;
    int64 vega;
    uint64 errorBound;
    uint96 spot;
}

/// @notice What options a desk holds, of every lane that its vault is exposed to. All 0: none, and those it has are sold.
/// @param gamma {ppm of the exposure} that its delta shall change by for 1 %
/// @param vega {ppm of the exposure} that the options shall gain by for a point of volatility
/// @param premium {ppm of value} paid for options within a period of 30 days, at most
struct Protection {
    uint32 gamma;
    uint32 vega;
    uint32 premium;
}

/// @title What a vault's desk trades, and at which prices (docs/clearing.md, D-5 to D-8, D-11 to D-13)
interface IDeskAuctions {
    // --- events

    event AuctionOpened(uint256 indexed series, DeskAuction auction);
    event AuctionStopped(uint256 indexed series);
    event OptionMarked(uint256 indexed series, uint64 indexed epoch, OptionMark mark);
    event ProtectionScheduled(Protection protection, uint64 readyAt);
    event ProtectionApplied(Protection protection);

    // --- errors: making them

    /// @notice Thrown when the vault has no desk.
    error VaultWithoutDesk();
    /// @notice Thrown when the vault follows another risk state than the house's arrays.
    error RiskStateDiffers();
    error ParameterOutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);

    // --- errors: what is due

    error NotAllocated();
    /// @notice Thrown when the mandate has changed since the last allocation.
    error AllocationOutdated(uint256 allocatedVersion, uint256 mandateVersion);
    error RiskStateTooOld(uint256 age, uint256 maxAge);
    /// @notice Thrown when no rule lets the desk trade the series.
    error SeriesNotTraded(uint256 series);
    /// @notice Thrown when the vault has no part of its desk.
    error NotFunded();

    // --- errors: options

    /// @notice Thrown when words are not the proven ones of the current epoch.
    error WordsDiffer(uint256 array);
    /// @notice Thrown when nobody has shown the current epoch's words of an option: `markOptions`.
    error OptionNotMarked(uint256 series);
    error PremiumBeyondBudget(uint256 spent, uint256 budget);
    /// @notice Thrown when another option would take a place that a perpetual may need.
    error OptionPlacesTaken(uint256 count);
    error NotGovernor(address sender);
    error NothingScheduled();
    error NotReady(uint64 readyAt);

    // --- errors: auctions

    error AuctionRunning(uint256 endTime);
    /// @notice Thrown when the guardian stopped a rebalance of the vault, or this auction, a short while ago.
    error AuctionBlocked(uint256 until);
    error BiddingClosed(uint256 startTime, uint256 endTime);
    /// @notice Thrown when what the desk holds is within the mandate's band of what it should.
    /// @param gap {ppm of a contract}
    error GapWithinBand(uint256 gap, uint256 band);
    /// @param left {ppm of a contract}
    error NothingLeft(uint256 left);
    /// @notice Thrown when a part is so small that it would do more to proofs of the account on their way than to its position.
    error FillTooSmall(uint256 quantity, uint256 least);
    /// @notice Thrown when the price is worse for the desk than the auction's.
    /// @param offered {ppt of a dollar per contract} by the auction at this second
    error PriceNotReached(uint256 price, uint256 offered);
    /// @notice Thrown when the market has moved so far that the auction's price gives away more than its range.
    error PriceMoved(uint256 price, uint256 worst);
    error NotGuardian(address sender);

    // --- auctions

    /// @notice Opens the auction of what lacks of a series, or is too much. Anyone.
    function open(uint256 series) external;

    /// @notice Trades with an order at a price no worse for the desk than the auction's of this second. Anyone who brings the order
    /// and both proofs, which are of accounts after a trade at that price, whatever second it comes to be mined in.
    /// @param quantity {ppm of a contract}
    /// @param price {ppt of a dollar per contract}
    /// @param taker the other side
    /// @param proof of the desk's account after it
    function fill(
        uint256 series,
        uint256 quantity,
        uint256 price,
        Side calldata taker,
        MarginProof calldata proof
    ) external;

    // --- options

    /// @notice Keeps what the current epoch's proven words say of options, for auctions and prices of units. Anyone.
    /// @param places bit k for place k of the array
    /// @param words the 116
    function markOptions(uint256 array, uint256 places, uint256[] calldata words) external;

    /// @notice Governor of the vault: what options are asked for. Anyone may apply it after the vault's delay for mandates.
    function scheduleProtection(Protection calldata protection) external;
    function applyProtection() external;

    // --- the guardian

    /// @notice Guardian of the vault: ends a running auction, which blocks new ones of the series for a fixed time.
    function stop(uint256 series) external;

    // --- views

    /// @return buying whether the desk should hold more
    /// @return gap {ppm of a contract} by how much
    function gapOf(uint256 series) external view returns (bool buying, uint256 gap);

    function auctionOf(uint256 series) external view returns (DeskAuction memory);

    /// @return whether an auction warms up or runs
    function anyRunning() external view returns (bool);

    /// @return {ppt of a dollar per contract} at this second
    function auctionPrice(uint256 series) external view returns (uint256);

    /// @notice What an option is worth to whoever prices units. Reverts with OptionNotMarked.
    /// @param spot {ppt of a dollar} the live one
    /// @param cost {ppm} of trading its lane
    /// @return price {ppt of a dollar per contract}
    /// @return width {ppt of a dollar per contract} that it may be off by
    /// @return delta {ppt of a contract}
    function optionValue(uint256 series, uint256 spot, uint256 cost)
        external
        view
        returns (uint256 price, uint256 width, int256 delta);

    function optionMark(uint256 series) external view returns (OptionMark memory);

    /// @return asked what counts
    /// @return next what waits, until readyAt {s}; 0 where nothing does
    function protection()
        external
        view
        returns (Protection memory asked, Protection memory next, uint64 readyAt);

    /// @return lanes {ppm} what trading a lane may cost: half the range of its auctions, at least `leastCost`, and the exchange's fee
    function costs() external view returns (uint256);

    /// @return {ppm} what a live price may be off by
    function leastCost() external view returns (uint256);

    function vault() external view returns (IParityVault);
    function desk() external view returns (IVaultDesk);
    function house() external view returns (IClearingHouse);
    function warmUp() external view returns (uint64);
    function auctionLength() external view returns (uint64);
}
