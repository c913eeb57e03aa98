// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IVolatilityLog} from "../interfaces/IVolatilityLog.sol";
import {SeriesTerms} from "./ArrayWords.sol";
import {Black76, Quote} from "./Black76.sol";
import {LoadedTables, PiecewisePolynomials} from "./PiecewisePolynomials.sol";
import {VolatilitySurface} from "./VolatilitySurface.sol";

/// @title Whether somebody could profit for sure from options at a surface's volatilities
/// @notice Across strikes call values must fall and be convex, from the forward at strike 0 on; across expiries total
/// variance must not fall at equal moneyness. Values are integers with a proven error, and what is within it passes.
/// @dev Across strikes nodes are looked at, not what lies between them. Across expiries variances are linear between nodes
/// and flat outside, so what holds at the nodes of two slices holds everywhere.
library SurfaceArbitrage {
    using VolatilitySurface for bytes;

    /// A call: strike {ppt of a dollar}, value and largest error of the value {ppt of spot}.
    struct Call {
        uint256 strike;
        int256 value;
        int256 error;
    }

    /// @notice Reverts with CallValueRises, CallValueNotConvex or TotalVarianceFalls.
    /// @param spot {ppt of a dollar}
    function requireNone(bytes memory surface, uint256 spot) internal pure {
        LoadedTables memory tables = PiecewisePolynomials.load();
        uint256 count = surface.sliceCount();
        VolatilitySurface.Slice memory earlier;
        for (uint256 i; i < count; ++i) {
            VolatilitySurface.Slice memory slice = surface.slice(i);
            _requireConvex(tables, surface, i, slice, spot);
            if (i != 0) _requireVarianceGrows(surface, i, earlier, slice);
            earlier = slice;
        }
    }

    function _requireConvex(
        LoadedTables memory tables,
        bytes memory surface,
        uint256 place,
        VolatilitySurface.Slice memory slice,
        uint256 spot
    ) private pure {
        SeriesTerms memory terms;
        (terms.kind, terms.basis, terms.secondsToExpiry) = (Clearing.KIND_CALL, slice.basis, slice.seconds_);
        Call memory before; // at strike 0 a call is the forward
        before.value = (int256(Protocol.PPM) + slice.basis) * int256(Protocol.PPM);
        Call memory at = _call(tables, surface, terms, slice.first, spot);
        require(at.value <= before.value + at.error, IVolatilityLog.CallValueRises(place, 0));
        unchecked {
            // strikes are below 2⁸⁴ and values below 2⁵⁰
            for (uint256 k = 1; k < slice.count; ++k) {
                Call memory behind = _call(tables, surface, terms, slice.first + k, spot);
                require(
                    behind.value <= at.value + at.error + behind.error,
                    IVolatilityLog.CallValueRises(place, k)
                );
                // {ppt of a dollar}
                int256 left = int256(at.strike - before.strike);
                int256 right = int256(behind.strike - at.strike);
                // {ppt of spot * ppt of a dollar} the butterfly's value, and by how much it may be wrong
                int256 butterfly = (before.value - at.value) * right - (at.value - behind.value) * left;
                int256 error = before.error * right + at.error * (left + right) + behind.error * left;
                require(butterfly + error >= 0, IVolatilityLog.CallValueNotConvex(place, k - 1));
                (before, at) = (at, behind);
            }
        }
    }

    function _call(
        LoadedTables memory tables,
        bytes memory surface,
        SeriesTerms memory terms,
        uint256 cell,
        uint256 spot
    ) private pure returns (Call memory) {
        (terms.strike, terms.volatility) = surface.node(cell);
        Quote memory quote = Black76.quote(tables, terms, spot);
        return Call(terms.strike, quote.mark, int256(quote.errorBound));
    }

    function _requireVarianceGrows(
        bytes memory surface,
        uint256 place,
        VolatilitySurface.Slice memory earlier,
        VolatilitySurface.Slice memory later
    ) private pure {
        unchecked {
            for (uint256 k; k < earlier.count + later.count; ++k) {
                bool ofEarlier = k < earlier.count;
                (uint256 strike, uint256 volatility) =
                    surface.node(ofEarlier ? earlier.first + k : later.first + k - earlier.count);
                // {ppt²/year} of the slice that the node is of, and of the other at equal moneyness
                uint256 own = volatility * volatility;
                uint256 other = ofEarlier
                    ? surface.varianceAt(
                        later, VolatilitySurface.atMoneyness(strike, earlier.basis, later.basis)
                    )
                    : surface.varianceAt(
                        earlier, VolatilitySurface.atMoneyness(strike, later.basis, earlier.basis)
                    );
                (uint256 near, uint256 far) = ofEarlier ? (own, other) : (other, own);
                require(
                    far * later.seconds_ >= near * earlier.seconds_,
                    IVolatilityLog.TotalVarianceFalls(place, k)
                );
            }
        }
    }
}
