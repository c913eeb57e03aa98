// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IObservationLog} from "./IObservationLog.sol";

/// @title What a lane's asset was worth at an expiry: an average of observations, so that one print decides nothing
interface ISettlementPrices {
    /// @notice An observation was counted.
    /// @param price {ppt of a dollar} of this observation
    /// @param count of observations so far
    event PriceRecorded(
        uint256 indexed lane, uint64 indexed expiry, uint256 price, uint64 observedAt, uint256 count
    );

    /// @notice Thrown when the averaging window is outside its bounds, or shorter than the least count of observations.
    error WindowInvalid(uint256 window, uint256 minimumCount);
    /// @notice Thrown when the log has no such lane.
    error LaneUnknown(uint256 lane);
    /// @notice Thrown when the log's last observation is not after the beginning of the window.
    /// @param from {s} observations after this count
    error ObservationBeforeWindow(uint64 observedAt, uint64 from);
    /// @notice Thrown when the log's last observation has been counted for this lane and expiry.
    error ObservationAlreadyRecorded(uint64 observedAt);
    /// @notice Thrown when the price can no longer change.
    error SettlementFinal(uint256 lane, uint64 expiry);
    /// @notice Thrown when asked for a price that may still change.
    error SettlementNotFinal(uint256 lane, uint64 expiry);

    /// @notice Counts the log's last observation towards the settlement price of a lane at an expiry. Anyone; each
    /// observation once, while it is the last one.
    function record(uint256 lane, uint64 expiry) external;

    /// @notice The average. Reverts with SettlementNotFinal.
    /// @return price {ppt of a dollar}, rounded down; never changes once given
    function settlementPrice(uint256 lane, uint64 expiry) external view returns (uint256 price);

    /// @return whether `settlementPrice` answers
    function isFinal(uint256 lane, uint64 expiry) external view returns (bool);

    /// @return count of observations counted so far
    /// @return lastObservedAt {s} of the newest of them
    function recorded(uint256 lane, uint64 expiry)
        external
        view
        returns (uint256 count, uint64 lastObservedAt);

    function log() external view returns (IObservationLog);

    /// @return {s} before an expiry, in which observations count
    function window() external view returns (uint64);

    /// @return observations that make a price final at the expiry; with fewer, those after the expiry count until there
    /// are as many
    function minimumCount() external view returns (uint256);

    /// @return {s} after an expiry, from when on any count but 0 is enough
    function patience() external view returns (uint64);
}
