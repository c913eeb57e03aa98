// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IVolatilityLog, VolatilityReport, VolatilitySlice} from "../interfaces/IVolatilityLog.sol";

/// @title A report of volatilities as bytes, and what lies between its nodes
/// @notice Cells of 16 bytes: observation time and number of slices; one for each slice; then the nodes of all slices. As
/// the code of a contract 128 nodes are read with one cold access, where words in storage would take one each.
/// @dev Between strikes the variance is linear in the strike, outside them it is flat. Between expiries the total variance
/// is linear in time at equal moneyness, strike / forward; before the first it falls to 0 at the observation, which leaves
/// the volatility flat, and so does the basis; after the last, volatility and basis are flat. Every quotient is rounded
/// down: by at most one {ppt} of a volatility and one {ppm} of a basis, and whole nodes are read as they were reported.
library VolatilitySurface {
    /// {ppt per √year} 1 %
    uint256 internal constant MIN_VOLATILITY = 0.01e12;
    uint256 internal constant MAX_SLICES = 8;
    uint256 internal constant MAX_STRIKES = 16;
    /// Strikes are within this factor of the spot.
    uint256 internal constant MAX_MONEYNESS = 256;

    uint256 private constant CELL = 16;
    uint256 private constant CELL_BITS = 128;
    uint256 private constant TIME_BITS = 64;
    uint256 private constant COUNT_BITS = 8;
    uint256 private constant STRIKE_BITS = 84;
    uint256 private constant STRIKE_MASK = (1 << STRIKE_BITS) - 1;

    // of a slice's cell: expiry, basis as a signed lane, its first node's cell, its number of nodes
    uint256 private constant BASIS_SHIFT = TIME_BITS;
    uint256 private constant FIRST_SHIFT = BASIS_SHIFT + Protocol.LANE_BITS;
    uint256 private constant COUNT_SHIFT = FIRST_SHIFT + COUNT_BITS;

    /// @notice One slice, read from its cell.
    /// @param seconds_ {s} from the observation to the expiry
    struct Slice {
        uint256 expiry;
        uint256 seconds_;
        int256 basis;
        uint256 first;
        uint256 count;
    }

    /// @notice An expiry between slices: what weights their variances have there.
    /// @param earlier empty where there is none, or none is needed
    /// @param basis {ppm} of the expiry
    struct Cut {
        Slice earlier;
        Slice later;
        uint256 earlierWeight;
        uint256 laterWeight;
        uint256 divisor;
        int256 basis;
    }

    /// @notice The bytes of a report. Reverts with the first thing that is out of range or out of order.
    /// @param maxBasis {ppm}
    function encode(VolatilityReport calldata report, uint256 maxBasis)
        internal
        pure
        returns (bytes memory surface)
    {
        uint256 sliceCount_ = report.slices.length;
        require(sliceCount_ != 0 && sliceCount_ <= MAX_SLICES, IVolatilityLog.SliceCountInvalid(sliceCount_));
        uint256 cells = 1 + sliceCount_;
        for (uint256 i; i < sliceCount_; ++i) {
            uint256 count = report.slices[i].strikes.length;
            require(count != 0 && count <= MAX_STRIKES, IVolatilityLog.StrikeCountInvalid(i, count));
            cells += count;
        }
        surface = new bytes((cells + 1) * CELL); // a cell is written within a word, which the last one needs room for
        _put(surface, 0, uint256(report.observedAt) | (sliceCount_ << TIME_BITS));

        uint256 next = 1 + sliceCount_;
        uint256 lastExpiry;
        for (uint256 i; i < sliceCount_; ++i) {
            VolatilitySlice calldata slice_ = report.slices[i];
            uint256 count = slice_.strikes.length;
            require(
                slice_.expiry >= report.observedAt + Clearing.MINIMUM_SECONDS
                    && slice_.expiry <= report.observedAt + Clearing.MAXIMUM_SECONDS,
                IVolatilityLog.ExpiryOutOfRange(i, slice_.expiry)
            );
            require(slice_.expiry > lastExpiry, IVolatilityLog.ExpiriesNotAscending(i));
            lastExpiry = slice_.expiry;
            require(
                slice_.basis <= int256(maxBasis) && slice_.basis >= -int256(maxBasis),
                IVolatilityLog.BasisOutOfRange(i, slice_.basis)
            );
            require(
                slice_.volatilities.length == count,
                IVolatilityLog.LengthsDiffer(i, count, slice_.volatilities.length)
            );
            _put(
                surface,
                1 + i,
                uint256(slice_.expiry)
                    | (uint256(slice_.basis + int256(Protocol.SIGNED_OFFSET)) << BASIS_SHIFT)
                    | (next << FIRST_SHIFT) | (count << COUNT_SHIFT)
            );
            _encodeNodes(surface, next, i, slice_, report.spot);
            next += count;
        }
        assembly ("memory-safe") {
            mstore(surface, mul(next, CELL))
        }
    }

    /// @notice {s}
    function observedAt(bytes memory surface) internal pure returns (uint256) {
        return uint64(_cell(surface, 0));
    }

    function sliceCount(bytes memory surface) internal pure returns (uint256) {
        return _cell(surface, 0) >> TIME_BITS;
    }

    function slice(bytes memory surface, uint256 place) internal pure returns (Slice memory slice_) {
        uint256 cell = _cell(surface, 1 + place);
        unchecked {
            slice_.expiry = uint64(cell);
            slice_.seconds_ = slice_.expiry - observedAt(surface);
            slice_.basis =
                int256((cell >> BASIS_SHIFT) & (Protocol.LANE_LIMIT - 1)) - int256(Protocol.SIGNED_OFFSET);
            slice_.first = uint8(cell >> FIRST_SHIFT);
            slice_.count = cell >> COUNT_SHIFT;
        }
    }

    /// @return strike {ppt of a dollar}
    /// @return volatility {ppt per √year}
    function node(bytes memory surface, uint256 cell)
        internal
        pure
        returns (uint256 strike, uint256 volatility)
    {
        uint256 value = _cell(surface, cell);
        return (value & STRIKE_MASK, value >> STRIKE_BITS);
    }

    /// @notice Volatility and basis of any expiry and strike; total, also where the expiry is past.
    /// @param strike {ppt of a dollar}
    /// @return volatility {ppt per √year} as reported, without a floor
    /// @return basis {ppm}
    function at(bytes memory surface, uint256 expiry, uint256 strike)
        internal
        pure
        returns (uint256 volatility, int256 basis)
    {
        Cut memory cut_ = cut(surface, expiry);
        return (volatilityOf(surface, cut_, strike), cut_.basis);
    }

    /// @notice Finds an expiry among the slices.
    function cut(bytes memory surface, uint256 expiry) internal pure returns (Cut memory cut_) {
        unchecked {
            uint256 count = sliceCount(surface);
            uint256 place;
            while (place < count && uint64(_cell(surface, 1 + place)) < expiry) ++place;
            Slice memory later = slice(surface, place == count ? count - 1 : place);
            cut_.later = later;
            (cut_.laterWeight, cut_.divisor, cut_.basis) = (1, 1, later.basis);
            if (place == count || later.expiry == expiry) return cut_;

            uint256 observed = observedAt(surface);
            // {s} an expiry that is past has the volatility of the first slice, and no basis
            uint256 tenor = expiry > observed ? expiry - observed : 0;
            if (place == 0) {
                cut_.basis = _divideDown(later.basis * int256(tenor), later.seconds_);
                return cut_;
            }
            Slice memory earlier = slice(surface, place - 1);
            cut_.earlier = earlier;
            // {s}
            uint256 before = tenor - earlier.seconds_;
            uint256 behind = later.seconds_ - tenor;
            uint256 span = later.seconds_ - earlier.seconds_;
            cut_.basis = _divideDown(earlier.basis * int256(behind) + later.basis * int256(before), span);
            // {s²}
            (cut_.earlierWeight, cut_.laterWeight) = (earlier.seconds_ * behind, later.seconds_ * before);
            cut_.divisor = span * tenor;
        }
    }

    /// @notice {ppt per √year} at an expiry that has been found.
    /// @param strike {ppt of a dollar}
    function volatilityOf(bytes memory surface, Cut memory cut_, uint256 strike)
        internal
        pure
        returns (uint256)
    {
        if (strike > STRIKE_MASK) strike = STRIKE_MASK; // flat there, and products stay small
        unchecked {
            // {ppt²/year}, at equal moneyness
            uint256 variance =
                varianceAt(surface, cut_.later, atMoneyness(strike, cut_.basis, cut_.later.basis));
            if (cut_.earlierWeight != 0) {
                uint256 near =
                    varianceAt(surface, cut_.earlier, atMoneyness(strike, cut_.basis, cut_.earlier.basis));
                // {ppt²/year} = {ppt²/year} * {s²} / {s²}, below 2⁸⁴ · 2⁵² · 2
                variance = (near * cut_.earlierWeight + variance * cut_.laterWeight) / cut_.divisor;
            }
            return FixedPointMathLib.sqrt(variance);
        }
    }

    /// @notice {ppt²/year} the square of a slice's volatility at a strike.
    /// @param strike {ppt of a dollar} below 2⁸⁶
    function varianceAt(bytes memory surface, Slice memory slice_, uint256 strike)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            uint256 low = slice_.first;
            uint256 lowCell = _cell(surface, low);
            if (strike <= lowCell & STRIKE_MASK) return _square(lowCell >> STRIKE_BITS);
            uint256 high = low + slice_.count - 1;
            uint256 highCell = _cell(surface, high);
            if (strike >= highCell & STRIKE_MASK) return _square(highCell >> STRIKE_BITS);

            while (high - low > 1) {
                uint256 middle = (low + high) >> 1;
                uint256 middleCell = _cell(surface, middle);
                if (middleCell & STRIKE_MASK <= strike) (low, lowCell) = (middle, middleCell);
                else (high, highCell) = (middle, middleCell);
            }
            uint256 lowStrike = lowCell & STRIKE_MASK;
            uint256 highStrike = highCell & STRIKE_MASK;
            // below 2⁸⁴ · 2⁸⁴
            uint256 weighted = _square(lowCell >> STRIKE_BITS) * (highStrike - strike)
                + _square(highCell >> STRIKE_BITS) * (strike - lowStrike);
            return weighted / (highStrike - lowStrike);
        }
    }

    /// @notice The strike with the moneyness under one forward that another strike has under another, rounded down.
    /// @param from {ppm} basis of the forward that `strike` is compared with
    /// @param to {ppm} basis of the other forward
    function atMoneyness(uint256 strike, int256 from, int256 to) internal pure returns (uint256) {
        if (from == to) return strike;
        unchecked {
            // {ppt of a dollar} = {ppt of a dollar} * {ppm} / {ppm}; a basis is above −10⁶
            return strike * uint256(int256(Protocol.PPM) + to) / uint256(int256(Protocol.PPM) + from);
        }
    }

    function _encodeNodes(
        bytes memory surface,
        uint256 first,
        uint256 place,
        VolatilitySlice calldata slice_,
        uint256 spot
    ) private pure {
        uint256 last;
        for (uint256 k; k < slice_.strikes.length; ++k) {
            (uint256 strike, uint256 volatility) = (slice_.strikes[k], slice_.volatilities[k]);
            require(
                strike >> STRIKE_BITS == 0 && strike * MAX_MONEYNESS >= spot
                    && strike <= spot * MAX_MONEYNESS,
                IVolatilityLog.StrikeOutOfRange(place, k, strike)
            );
            require(strike > last, IVolatilityLog.StrikesNotAscending(place, k));
            last = strike;
            require(
                volatility >= MIN_VOLATILITY && volatility <= Clearing.MAXIMUM_VOLATILITY,
                IVolatilityLog.VolatilityOutOfRange(place, k, volatility)
            );
            _put(surface, first + k, strike | (volatility << STRIKE_BITS));
        }
    }

    function _square(uint256 volatility) private pure returns (uint256) {
        unchecked {
            return volatility * volatility;
        }
    }

    function _cell(bytes memory surface, uint256 cell) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(CELL_BITS, mload(add(add(surface, 0x20), mul(cell, CELL))))
        }
    }

    /// @dev Writes a cell that is still 0.
    function _put(bytes memory surface, uint256 cell, uint256 value) private pure {
        assembly ("memory-safe") {
            let place := add(add(surface, 0x20), mul(cell, CELL))
            mstore(place, or(mload(place), shl(CELL_BITS, value)))
        }
    }

    /// @dev Quotient rounded toward −∞, divisor above 0.
    function _divideDown(int256 dividend, uint256 divisor) private pure returns (int256) {
        unchecked {
            int256 quotient = dividend / int256(divisor);
            return dividend < 0 && quotient * int256(divisor) != dividend ? quotient - 1 : quotient;
        }
    }
}
