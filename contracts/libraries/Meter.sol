// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title How much of a lane a path lets through, and who waits
/// @notice A bucket that holds one day's limit and fills at that rate, and the ends of the queue before it, in one slot. Level
/// is counted in {ppm · s}, so that filling it is exact however often it is looked at.
library Meter {
    /// {s} in which an empty bucket fills
    uint256 internal constant PERIOD = 1 days;
    /// What is let through in parts is at least this share of the limit, so that nobody can bring a transfer on its way
    /// drop by drop: each part of a deposit changes the account's version.
    uint256 internal constant PARTS = 8;

    /// @param limit {ppm of a token per PERIOD}
    /// @param level {ppm · s} at `time`; ≤ limit · PERIOD, 79 bits
    /// @param first place in the queue
    /// @param next place after the last
    struct Bucket {
        uint64 limit;
        uint80 level;
        uint40 time;
        uint32 first;
        uint32 next;
    }

    /// @notice A full bucket.
    function full(uint256 limit) internal view returns (Bucket memory bucket) {
        bucket.limit = uint64(limit);
        bucket.level = uint80(limit * PERIOD);
        bucket.time = uint40(block.timestamp);
    }

    /// @return {ppm of a token} rounded down
    function available(Bucket memory bucket) internal view returns (uint256) {
        return _level(bucket) / PERIOD;
    }

    /// @notice What of a transfer may go now: all that is left of it and lies here, or a share that is worth it.
    /// @param left {ppm of a token} of the transfer
    /// @param room {ppm of a token} that lies here
    /// @return part {ppm of a token}, 0 where it must wait
    function part(Bucket memory bucket, uint256 left, uint256 room) internal view returns (uint256) {
        uint256 whole = left < room ? left : room;
        uint256 now_ = available(bucket);
        if (whole <= now_) return whole;
        return now_ >= bucket.limit / PARTS ? now_ : 0;
    }

    /// @param amount {ppm of a token} at most what is available
    function take(Bucket memory bucket, uint256 amount) internal view {
        bucket.level = uint80(_level(bucket) - amount * PERIOD);
        bucket.time = uint40(block.timestamp);
    }

    /// @notice What had been filled stays, up to the new limit.
    function setLimit(Bucket memory bucket, uint256 limit) internal view {
        uint256 level = _level(bucket);
        bucket.limit = uint64(limit);
        bucket.level = uint80(level < limit * PERIOD ? level : limit * PERIOD);
        bucket.time = uint40(block.timestamp);
    }

    /// @return {ppm · s}
    function _level(Bucket memory bucket) private view returns (uint256) {
        uint256 limit = bucket.limit;
        uint256 level = bucket.level + limit * (block.timestamp - bucket.time);
        return level < limit * PERIOD ? level : limit * PERIOD;
    }
}
