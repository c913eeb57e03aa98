// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../generated/Protocol.sol";

/// @title Twelve lanes of 21 bits in a word, lane 0 lowest
/// @dev A word is below 2²⁵², and so below the BN254 scalar field modulus: its lanes are unique.
library Lanes {
    /// @notice Thrown when a value does not fit a lane. Signed lanes give the value as stored, offset included.
    error LaneOutOfRange(uint256 lane, uint256 value);

    uint256 private constant MASK = Protocol.LANE_LIMIT - 1;

    /// @notice One lane. Lanes past the eleventh are 0 in any word below 2²⁵².
    function get(uint256 word, uint256 lane) internal pure returns (uint256) {
        return (word >> (Protocol.LANE_BITS * lane)) & MASK;
    }

    /// @notice One signed lane: what is stored less 2²⁰.
    function getSigned(uint256 word, uint256 lane) internal pure returns (int256) {
        // a lane is below 2²¹
        return int256(get(word, lane)) - int256(Protocol.SIGNED_OFFSET);
    }

    /// @notice Writes a lane that is still 0.
    function put(uint256 word, uint256 lane, uint256 value) internal pure returns (uint256) {
        require(value <= MASK && lane < Protocol.LANE_COUNT, LaneOutOfRange(lane, value));
        return word | (value << (Protocol.LANE_BITS * lane));
    }

    /// @notice Writes a signed lane that is still 0 as stored.
    function putSigned(uint256 word, uint256 lane, int256 value) internal pure returns (uint256) {
        unchecked {
            // a value below −2²⁰ wraps to one that no lane holds, and `put` refuses it
            return put(word, lane, uint256(value + int256(Protocol.SIGNED_OFFSET)));
        }
    }

    function pack(uint256[12] memory lanes) internal pure returns (uint256 word) {
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            word = put(word, lane, lanes[lane]);
        }
    }

    function unpack(uint256 word) internal pure returns (uint256[12] memory lanes) {
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            lanes[lane] = get(word, lane);
        }
    }

    function packSigned(int256[12] memory lanes) internal pure returns (uint256 word) {
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            word = putSigned(word, lane, lanes[lane]);
        }
    }

    function unpackSigned(uint256 word) internal pure returns (int256[12] memory lanes) {
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            lanes[lane] = getSigned(word, lane);
        }
    }

    /// @notice Σ of all lanes.
    function sum(uint256 word) internal pure returns (uint256 total) {
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            total += get(word, lane);
        }
    }
}
