// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IPriceSource} from "./IPriceSource.sol";
import {IRiskArrays} from "./IRiskArrays.sol";

/// @notice How one collateral lane counts. The haircut is base + volatilityMultiple · volatility + uncertainty, at most 10⁶, and
/// more while the source does not answer (H-2.5).
/// @param source of the token's price {D18 dollars per whole token}; not read where an array has the token as underlying
/// @param underlying 0 where the observation log does not have the token, else its lane there plus one
/// @param base {ppm}
/// @param volatilityMultiple {ppm} of the proven volatility per observation; counts the horizon too
/// @param uncertainty {ppm} of the price
/// @param slope {ppm per million dollars} as in G-6
struct CollateralLane {
    IPriceSource source;
    uint32 underlying;
    uint32 base;
    uint32 volatilityMultiple;
    uint32 uncertainty;
    uint32 slope;
}

/// @notice What a trade may make of one series of an array (H-1.6).
/// @param openInterest {ppm of a contract} Σ |quantity| over accounts
/// @param account {ppm of a contract} |quantity| of one account
struct PositionLimits {
    uint64 openInterest;
    uint64 account;
}

/// @title Collateral lanes and `marginTerms`, which margin statements take from the governor and from price sources; position limits
/// @notice A snapshot is taken once for each epoch of the risk arrays, so that all proofs of an epoch lean on the same.
interface IMarginTerms {
    /// @param readyAt {s} when anyone may apply it
    event LaneScheduled(uint256 indexed lane, CollateralLane terms, uint64 readyAt);
    event LaneApplied(uint256 indexed lane, CollateralLane terms);
    event MarginTermsScheduled(uint256 word, uint64 readyAt);
    event MarginTermsApplied(uint256 word);
    event PositionLimitsScheduled(uint256 indexed array, PositionLimits limits, uint64 readyAt);
    event PositionLimitsApplied(uint256 indexed array, PositionLimits limits);
    /// @param words collateralPrices [4], collateralHaircuts, collateralSlopes, collateralArrays, marginTerms
    /// @param failed bit i is set where the source of lane i did not answer: its last price stands, with a surcharge on the haircut (H-2.5)
    event SnapshotTaken(uint64 indexed epoch, uint256[8] words, uint256 failed);

    error NotGovernor(address sender);
    /// @notice Thrown when the delay is outside its bounds.
    error DelayOutOfBounds(uint256 delay, uint256 minimum, uint256 maximum);
    error AddressZero();
    error LaneUnknown(uint256 lane);
    /// @notice Thrown when a source is an address without code.
    error SourceUnusable(uint256 lane);
    /// @notice Thrown when the observation log does not have the underlying.
    /// @param underlying its lane plus one
    error UnderlyingUnknown(uint256 underlying);
    /// @notice Thrown when losses in the price range could be counted as more than all (G-9).
    error LossFactorTooLarge(uint256 lossFactor, uint256 maximum);
    /// @notice Thrown when a term of a lane is outside its bounds.
    error LaneTermOutOfBounds(bytes32 name, uint256 value, uint256 maximum);
    /// @notice Thrown when a lane of `marginTerms` is outside its bounds.
    error MarginTermOutOfBounds(uint256 term, uint256 value, uint256 minimum, uint256 maximum);
    error ArrayUnknown(uint256 array);
    /// @notice Thrown when an account's limit {ppm of a contract} is less than a contract, or more than that of all.
    error PositionLimitOutOfBounds(uint256 value, uint256 minimum, uint256 maximum);
    /// @notice Thrown when a trade makes a series' open interest {ppm of a contract} grow above its limit.
    error OpenInterestAboveLimit(uint256 series, uint256 openInterest, uint256 limit);
    /// @notice Thrown when a trade makes what an account holds of a series {ppm of a contract} grow above its limit.
    error PositionAboveLimit(uint256 series, uint256 quantity, uint256 limit);
    error NothingScheduled();
    error NotReady(uint64 readyAt);
    /// @notice Thrown when the epoch is neither the current one nor the newest.
    error EpochNotOpen(uint64 epoch);
    error SnapshotTakenBefore(uint64 epoch);
    /// @notice Thrown when so little gas is left that a source would fail for want of it.
    error SourceGasMissing(uint256 gas, uint256 minimum);
    /// @notice Thrown when no snapshot has been taken for the current epoch.
    error SnapshotMissing(uint64 epoch);

    /// @notice Announces how a lane shall count. Only the governor. Replaces what was scheduled for that lane.
    function scheduleLane(uint256 number, CollateralLane calldata terms) external;

    /// @notice Announces `marginTerms`. Only the governor. Replaces what was scheduled.
    function scheduleMarginTerms(uint256 word) external;

    /// @notice Announces the limits of an array's series. Only the governor. Replaces what was scheduled for that array.
    function schedulePositionLimits(uint256 array, PositionLimits calldata limits) external;

    /// @notice Makes what was scheduled count from the next snapshot on. Anyone, after the delay.
    function applyLane(uint256 number) external;
    function applyMarginTerms() external;

    /// @notice Makes what was scheduled count at once. Anyone, after the delay.
    function applyPositionLimits(uint256 array) external;

    /// @notice Takes the snapshot of an epoch: the current one or the newest. Anyone, once for each.
    function snapshot(uint64 epoch) external;

    /// @notice `strictFactsAt` of the current epoch: what margin statements have.
    function facts() external view returns (uint256[8] memory words);

    /// @notice The snapshot of an epoch for what an account wants: a lane whose source did not answer has a haircut of 10⁶.
    /// Snapshots of the current epoch and of a newer one are kept. Reverts with SnapshotMissing.
    /// @return words collateralPrices [4], collateralHaircuts, collateralSlopes, collateralArrays, marginTerms
    function strictFactsAt(uint64 epoch) external view returns (uint256[8] memory words);

    /// @notice The same for liquidation: such a lane has the haircut that it would have, and a surcharge that grows.
    function factsAt(uint64 epoch) external view returns (uint256[8] memory words);

    /// @return whether a lane has ever had a source: deposits are taken only in such
    function laneInUse(uint256 number) external view returns (bool);

    /// @notice Bit i is set where lane i's price in the current snapshot is not of that epoch.
    function failedLanes() external view returns (uint256);

    function lane(uint256 number) external view returns (CollateralLane memory);
    function marginTerms() external view returns (uint256);
    function positionLimits(uint256 array) external view returns (PositionLimits memory);

    /// @notice Reverts where a trade has made more of a series than may be. For the house, where a position has grown.
    /// @param before {ppm of a contract} open interest
    /// @param held {ppm of a contract} open interest after the trade
    /// @param grown {ppm of a contract} the larger magnitude of the positions that have grown
    function requireWithinLimits(uint256 series, uint256 before, uint256 held, uint256 grown) external view;
    function arrays() external view returns (IRiskArrays);
    function governor() external view returns (address);

    /// @return {s}
    function delay() external view returns (uint64);
}
