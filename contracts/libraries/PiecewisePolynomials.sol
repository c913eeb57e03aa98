// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Tables} from "../generated/Tables.sol";

/// @notice The tables in memory: copied once from the code, a few hundred {gas}, and then handed on.
struct LoadedTables {
    bytes normal;
    bytes logarithm;
    bytes exponential;
}

/// @title Φ, ln and exp as polynomials in pieces (docs/clearing.md, T)
/// @notice The same integers as the circuits and the SDK. Total: arguments beyond a table count as its nearest end, which
/// the others refuse.
/// @dev A segment is one word or two, read as Tables.sol lays them out. Products stay below 2²⁰⁰: coefficients have up to
/// 128 bits and u 24.
library PiecewisePolynomials {
    /// {2⁻¹¹⁷} one at the scale of Φ
    int256 internal constant NORMAL_ONE = int256(1 << Tables.NORMAL_SCALE_BITS);
    /// {bits} of the point in ratios
    uint256 internal constant RATIO_BITS = 40;
    uint256 internal constant RATIO_MINIMUM = 1 << 30;
    uint256 internal constant RATIO_LIMIT = 1 << 50;
    /// bits of a ratio below its highest that the logarithm sees
    uint256 private constant MANTISSA_BITS = 29;

    function load() internal pure returns (LoadedTables memory) {
        return LoadedTables(Tables.NORMAL, Tables.LOGARITHM, Tables.EXPONENTIAL);
    }

    /// @notice T-2.
    /// @param argument {units of 3 · 2⁻²⁸}
    /// @return value {2⁻¹¹⁷}
    function normalOf(LoadedTables memory tables, int256 argument) internal pure returns (int256 value) {
        unchecked {
            uint256 distance = uint256(argument < 0 ? -argument : argument);
            value = NORMAL_ONE;
            if (distance < Tables.ARGUMENT_LIMIT) {
                bytes memory table = tables.normal;
                uint256 place = 32 + 64 * (distance >> Tables.NORMAL_U_BITS);
                int256 u = int256(distance & ((1 << Tables.NORMAL_U_BITS) - 1));
                uint256 upper;
                uint256 lower;
                assembly ("memory-safe") {
                    place := add(table, place)
                    upper := mload(place)
                    lower := mload(add(place, 0x20))
                }
                value = int96(uint96(lower >> 64)) + u * int64(uint64(lower));
                value = (int256(lower) >> 160) + u * value;
                value = int128(uint128(upper)) + u * value;
                value = int256(upper >> 128) + u * value;
            }
            if (argument < 0) value = NORMAL_ONE - value;
        }
    }

    /// @notice T-3, ln of ratio / 2⁴⁰ rounded down.
    /// @return {grid}
    function logarithmOf(LoadedTables memory tables, uint256 ratio) internal pure returns (int256) {
        if (ratio < RATIO_MINIMUM) ratio = RATIO_MINIMUM;
        if (ratio >= RATIO_LIMIT) ratio = RATIO_LIMIT - 1;
        unchecked {
            // the highest bit's place is 30 and what a search by halves of the places above finds
            uint256 rest = ratio >> 30;
            uint256 exponent = 30;
            if (rest >> 16 != 0) (rest, exponent) = (rest >> 16, exponent + 16);
            if (rest >> 8 != 0) (rest, exponent) = (rest >> 8, exponent + 8);
            if (rest >> 4 != 0) (rest, exponent) = (rest >> 4, exponent + 4);
            if (rest >> 2 != 0) (rest, exponent) = (rest >> 2, exponent + 2);
            if (rest >> 1 != 0) ++exponent;

            uint256 mantissa = ((ratio << MANTISSA_BITS) >> exponent) - (1 << MANTISSA_BITS);
            int256 value = _cubic(tables.logarithm, mantissa, Tables.LOGARITHM_U_BITS);
            value += (int256(exponent) - int256(RATIO_BITS)) * int256(Tables.LOGARITHM_OF_TWO);
            return value >> (Tables.LOGARITHM_SCALE_BITS - Tables.GRID_BITS);
        }
    }

    /// @notice T-4, rounded down.
    /// @param exponent {grid}
    /// @return {grid}
    function exponentialOf(LoadedTables memory tables, int256 exponent) internal pure returns (uint256) {
        if (exponent < Tables.EXPONENT_MINIMUM) exponent = Tables.EXPONENT_MINIMUM;
        if (exponent >= Tables.EXPONENT_LIMIT) exponent = Tables.EXPONENT_LIMIT - 1;
        unchecked {
            uint256 argument = uint256(exponent - Tables.EXPONENT_MINIMUM);
            int256 value = _cubic(tables.exponential, argument, Tables.EXPONENTIAL_U_BITS);
            return uint256(value) >> (Tables.EXPONENTIAL_SCALE_BITS - Tables.GRID_BITS);
        }
    }

    /// @dev T-1 where a segment is one word.
    function _cubic(bytes memory table, uint256 argument, uint256 uBits) private pure returns (int256 value) {
        unchecked {
            uint256 place = 32 + 32 * (argument >> uBits);
            int256 u = int256(argument & ((1 << uBits) - 1));
            uint256 segment;
            assembly ("memory-safe") {
                segment := mload(add(table, place))
            }
            value = int48(uint48(segment >> 32)) + u * int32(uint32(segment));
            value = int72(uint72(segment >> 80)) + u * value;
            value = int256(segment >> 152) + u * value;
        }
    }
}
