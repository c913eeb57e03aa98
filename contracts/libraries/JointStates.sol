// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {RiskState} from "../interfaces/IRiskState.sol";
import {Lanes} from "./Lanes.sol";

/// @notice What joint scenarios take of one array.
/// @param used whether there is such an array
/// @param underlying lane of the risk state
/// @param step {ppm} not 0
struct JointArray {
    bool used;
    uint256 underlying;
    uint256 step;
}

/// @title Where every array stands when one moves by k of its proven volatility: rules J-1 and J-2
library JointStates {
    using Lanes for uint256;

    /// Of the spot levels 0 … 6: no change.
    uint256 private constant UNCHANGED = Clearing.SPOT_STEPS;

    /// @notice Words `jointStates` of the margin statement.
    /// @param multiple {ppm} k: volatilities of one observation that an underlying moves by
    function wordsOf(JointArray[4] memory arrays, RiskState memory state, uint256 multiple)
        internal
        pure
        returns (uint256[3] memory words)
    {
        for (uint256 a; a < Clearing.ARRAY_COUNT; ++a) {
            for (uint256 b; b < Clearing.ARRAY_COUNT; ++b) {
                uint256 down = UNCHANGED;
                if (arrays[a].used && arrays[b].used) {
                    int256 rho = correlation(state.correlations, arrays[a].underlying, arrays[b].underlying);
                    uint256 sigma = state.volatilities.get(arrays[b].underlying);
                    uint256 steps = stepsOf(rho, sigma, multiple, arrays[b].step);
                    down = rho < 0 ? UNCHANGED + steps : UNCHANGED - steps;
                }
                uint256 lane = Clearing.ARRAY_COUNT * a + b;
                _put(words, lane, down);
                _put(words, lane + Clearing.ARRAY_COUNT ** 2, 2 * UNCHANGED - down);
            }
        }
    }

    /// @notice Correlation of two lanes {ppm}, one of a lane with itself.
    /// @param correlations signed lanes {ppm}, pairs i < j row major
    function correlation(uint256[6] memory correlations, uint256 i, uint256 j)
        internal
        pure
        returns (int256)
    {
        if (i == j) return int256(Protocol.PPM);
        if (i > j) (i, j) = (j, i);
        // pairs of the rows before, then those before j in this one
        uint256 pair = i * (2 * Protocol.LANE_COUNT - i - 1) / 2 + j - i - 1;
        return correlations[pair / Protocol.LANE_COUNT].getSigned(pair % Protocol.LANE_COUNT);
    }

    /// @notice {steps} of at most three that an array moves, rounded up.
    /// @param rho {ppm}
    /// @param sigma {ppm per observation} of the array that moves along
    /// @param multiple {ppm}
    /// @param step {ppm} of the array that moves along
    function stepsOf(int256 rho, uint256 sigma, uint256 multiple, uint256 step)
        internal
        pure
        returns (uint256)
    {
        uint256 size = uint256(rho < 0 ? -rho : rho);
        // {steps} = {ppm} * {ppm} * {ppm} / ({ppm²} * {ppm})
        return Math.min(Math.ceilDiv(multiple * size * sigma, Protocol.PPM ** 2 * step), UNCHANGED);
    }

    function _put(uint256[3] memory words, uint256 lane, uint256 level) private pure {
        uint256 word = lane / Protocol.LANE_COUNT;
        words[word] = words[word].put(lane % Protocol.LANE_COUNT, level);
    }
}
