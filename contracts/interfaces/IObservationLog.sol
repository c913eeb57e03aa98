// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IPriceSource} from "./IPriceSource.sol";

/// @title Append-only log of observed returns, one word for each tick
interface IObservationLog {
    /// @notice A word was appended.
    /// @param index of the word, counted from 1
    /// @param head after the word
    /// @param word signed lanes {ppm}: simple returns since the last observation, unused lanes 0
    /// @param timestamp {s}
    /// @param saturated bit i is set where lane i moved further than a lane holds
    event Observed(uint64 indexed index, bytes32 head, uint256 word, uint64 timestamp, uint256 saturated);
    /// @notice Prices were taken as the base of the next observation and nothing was appended.
    /// @param index of the last word, which stays the last
    /// @param gap {s} since the last prices; 0 for the first ones
    event Rebased(uint64 indexed index, uint64 timestamp, uint64 gap);

    /// @notice Thrown when a log is made with no source, or with a source after an empty lane.
    error SourcesNotContiguous(uint256 lane);
    /// @notice Thrown when a source is an address without code.
    error SourceWithoutCode(uint256 lane);
    /// @notice Thrown when the interval is 0 or the largest gap is shorter than the interval.
    error IntervalInvalid(uint256 interval, uint256 maxGap);
    /// @notice Thrown when less than an interval has passed since the last observation.
    /// @param readyAt {s} when the next one may come
    error ObservationTooEarly(uint256 readyAt);
    /// @notice Thrown when a lane's source reverts; nothing is written.
    /// @param reason what the source reverted with
    error SourceFailed(uint256 lane, bytes reason);
    /// @notice Thrown when a lane's source returns zero, or more than 128 bits.
    error PriceUnusable(uint256 lane, uint256 price);
    /// @notice Thrown when asked for an index that has not been observed.
    error ObservationUnknown(uint64 index);

    /// @notice Reads every source and appends their returns since the last observation. Anyone, at most once per
    /// interval. The first call, and the first after a gap longer than `maxGap`, only set the base prices.
    /// @return index of the appended word, or of the last one where nothing was appended
    function observe() external returns (uint64 index);

    /// @notice Words appended so far, which is the index of the last one.
    function index() external view returns (uint64);

    /// @notice head(0) = 0; head(k) = keccak256(abi.encodePacked(head(k − 1), word k)).
    function head(uint64 index) external view returns (bytes32);

    /// @return {s} when a word was appended
    function timestampOf(uint64 index) external view returns (uint64);

    /// @return {s} when prices were last taken, 0 before the first time
    function lastObservedAt() external view returns (uint64);

    /// @return {D18} a lane's price of the last observation
    function basePrice(uint256 lane) external view returns (uint256);

    /// @return the lane's source; address(0) in unused lanes
    function source(uint256 lane) external view returns (IPriceSource);

    /// @return lanes in use, from lane 0 up
    function assetCount() external view returns (uint256);

    /// @return {s} least time between observations
    function interval() external view returns (uint64);

    /// @return {s} a longer gap re-bases
    function maxGap() external view returns (uint64);
}
