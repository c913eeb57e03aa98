// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../generated/Protocol.sol";

/// @title Pairs, triples and quads: numbers of two, three and four lanes in a word, the lowest lane first
/// @dev Signed ones hold value + half of their range (rule N-1). Lane numbers and widths are the caller's constants.
library Numbers {
    /// @notice Thrown when a value does not fit its lanes. Signed numbers give the value as stored, offset included.
    error NumberOutOfRange(uint256 lane, uint256 lanes, uint256 value);

    /// @param lane the lowest
    /// @param lanes how many
    function read(uint256 word, uint256 lane, uint256 lanes) internal pure returns (uint256) {
        return (word >> (Protocol.LANE_BITS * lane)) & ((1 << (Protocol.LANE_BITS * lanes)) - 1);
    }

    function readSigned(uint256 word, uint256 lane, uint256 lanes) internal pure returns (int256) {
        // both are below 2²⁵²
        return int256(read(word, lane, lanes)) - int256(_offset(lanes));
    }

    /// @notice Writes lanes that are still 0.
    function place(uint256 word, uint256 lane, uint256 lanes, uint256 value) internal pure returns (uint256) {
        require(
            value >> (Protocol.LANE_BITS * lanes) == 0 && lane + lanes <= Protocol.LANE_COUNT,
            NumberOutOfRange(lane, lanes, value)
        );
        return word | (value << (Protocol.LANE_BITS * lane));
    }

    /// @notice Writes lanes that are still 0 as stored.
    function placeSigned(uint256 word, uint256 lane, uint256 lanes, int256 value)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            // a value below the range wraps to one that no lanes hold, and `place` refuses it
            return place(word, lane, lanes, uint256(value + int256(_offset(lanes))));
        }
    }

    function _offset(uint256 lanes) private pure returns (uint256) {
        return 1 << (Protocol.LANE_BITS * lanes - 1);
    }
}
