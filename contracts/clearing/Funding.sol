// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../generated/Protocol.sol";

/// @title What a long of one perpetual has paid, from how far trades were from spot
/// @notice A trade's premium counts for each second until the next trade, for an hour at most. A premium that lasts for a
/// PERIOD is paid once.
/// @dev ASSUMPTIONS trades can be made with oneself, so a premium is what somebody wanted it to be: nothing but its bounds,
/// and the limit for each hour, protects the other side. Both are small for that reason.
/// ROUNDING toward zero: longs receive what shorts pay, so there is no side to round for; accounts are rounded where they
/// are charged.
library Funding {
    /// {s} over which a constant premium is paid once
    int256 internal constant PERIOD = 8 hours;
    /// {s} a trade counts
    uint256 internal constant PREMIUM_LIFE = 1 hours;
    /// {ppm of spot} of any sign
    int256 internal constant MAX_PREMIUM = 50_000; /* 5 % */
    /// {s} for which the limit of an hour is allowed at once, however long no epoch became current
    uint256 internal constant MAX_ELAPSED = 24 hours;
    /// {ppt of a dollar} 4 · 10¹⁶ dollars: an index saturates here, so that no price can hold up an epoch
    int256 internal constant MAX_INDEX = (1 << 95) - 1;

    /// @param index {ppt of a dollar per contract} paid since listing
    /// @param premiumSeconds {ppm of spot * s} since the last accrual
    /// @param premium {ppm of spot} of the last trade
    /// @param countedAt {s} `premiumSeconds` goes until here
    /// @param premiumEnds {s} the last trade counts until here
    struct Account {
        int96 index;
        int56 premiumSeconds;
        int24 premium;
        uint40 countedAt;
        uint40 premiumEnds;
    }

    /// @notice Makes the premium of a trade the one that counts from now on.
    /// @param price {ppt of a dollar}, below 2⁸⁴
    /// @param spot {ppt of a dollar}, not 0 and below 2⁸⁴
    function recordTrade(Account storage account, uint256 price, uint256 spot)
        internal
        returns (int256 premium)
    {
        _count(account, block.timestamp);
        // {ppm of spot} = {ppt of a dollar} * {ppm} / {ppt of a dollar}
        premium = _clamp((int256(price) - int256(spot)) * int256(Protocol.PPM) / int256(spot), MAX_PREMIUM);
        account.premium = int24(premium);
        account.premiumEnds = uint40(block.timestamp + PREMIUM_LIFE);
    }

    /// @notice Adds to the index what the time since the last accrual costs.
    /// @param spot {ppt of a dollar}, below 2⁸⁴
    /// @param last {s} of the last accrual, 0 before the first
    /// @param time {s} up to which this one goes
    /// @param limit {ppm of spot per hour} of any sign
    function accrue(Account storage account, uint256 spot, uint256 last, uint256 time, uint256 limit)
        internal
        returns (int256 index, int256 rate)
    {
        _count(account, time);
        uint256 elapsed = last == 0 || last > time ? 0 : time - last;
        if (elapsed > MAX_ELAPSED) elapsed = MAX_ELAPSED;
        // {ppm of spot} = {ppm of spot * s} / {s}, and {ppm of spot / hour} * {s} / {s/hour}
        rate = _clamp(account.premiumSeconds / PERIOD, int256(limit * elapsed / 1 hours));
        // {ppt of a dollar} = {ppt of a dollar} * {ppm of spot} / {ppm}
        index = _clamp(account.index + int256(spot) * rate / int256(Protocol.PPM), MAX_INDEX);
        account.index = int96(index);
        account.premiumSeconds = 0;
    }

    /// @dev A premium is below 2¹⁶: the sum fits for 2³⁹ seconds without an accrual.
    function _count(Account storage account, uint256 time) private {
        uint256 until = time < account.premiumEnds ? time : account.premiumEnds;
        if (until > account.countedAt) {
            account.premiumSeconds += int56(int256(account.premium) * int256(until - account.countedAt));
        }
        account.countedAt = uint40(time);
    }

    function _clamp(int256 value, int256 bound) private pure returns (int256) {
        if (value > bound) return bound;
        return value < -bound ? -bound : value;
    }
}
