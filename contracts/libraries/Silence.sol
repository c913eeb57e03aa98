// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";

/// @title How much less is known of a price, the longer its source is silent (docs/clearing.md, A-11 and H-2.5)
/// @dev The larger of what the price may have moved by and of an even way to all at LIMIT. The first starts steeply, so that a
/// price is never trusted for longer than it is worth; the second ends what no volatility ends.
library Silence {
    /// {s} after which nothing is left, and not before unless the volatility asks for it
    uint256 private constant LIMIT = 24 hours;
    /// volatilities that a price may have moved by
    uint256 private constant VOLATILITIES = 5;

    /// @param left {ppm} what there is to lose
    /// @param age {s} of the silence
    /// @param volatility {ppm per observation}
    /// @param interval {s} between observations
    /// @return {ppm} what is lost, rounded up, at most what is left
    function costOf(uint256 left, uint256 age, uint256 volatility, uint256 interval)
        internal
        pure
        returns (uint256)
    {
        // {ppt} = {ppt} * {s} / {s}
        uint256 square = FixedPointMathLib.divUp(age * Clearing.PPT, interval);
        uint256 root = FixedPointMathLib.sqrt(square);
        if (root * root < square) ++root;
        // {ppm} = {1} * {ppm per observation} * {ppm} / {ppm}
        uint256 moved = FixedPointMathLib.divUp(VOLATILITIES * volatility * root, Protocol.PPM);
        uint256 even = FixedPointMathLib.divUp(left * age, LIMIT);
        return FixedPointMathLib.min(left, FixedPointMathLib.max(moved, even));
    }
}
