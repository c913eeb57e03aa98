// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Pricing} from "../generated/Pricing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {Tables} from "../generated/Tables.sol";
import {SeriesTerms} from "./ArrayWords.sol";
import {Lanes} from "./Lanes.sol";
import {LoadedTables, PiecewisePolynomials} from "./PiecewisePolynomials.sol";

/// @notice A stress state of an array, the same for all its series: made once, used for each.
/// @param level {ppm} of spot
/// @param logLevel {grid} its logarithm
/// @param volatility what becomes of it, Black76.VOLATILITY_*
/// @param dampingNumerator {ppm} of the change in value, with the denominator; 0 where nothing is dampened
/// @param upShock {ppm of a volatility} at 30 days
/// @param downShock {ppm of a volatility} at 30 days
/// @param minimumUpVolatility {ppm per √year}
struct StressState {
    uint256 level;
    int256 logLevel;
    uint256 volatility;
    uint256 dampingNumerator;
    uint256 dampingDenominator;
    uint256 upShock;
    uint256 downShock;
    uint256 minimumUpVolatility;
}

/// @notice What a series is worth unshocked, and what any state of it is priced from.
/// @param kind Clearing.KIND_*
/// @param forward {ppm of spot} f
/// @param strike {ppt of spot} κ
/// @param moneyness {grid} m
/// @param root √T at the scale of B-2
/// @param volatility {ppt per √year} σ
/// @param secondsToExpiry {s} T
/// @param value V of the call, at scale 10¹² 2^Q of spot
/// @param mark {ppt of spot} B-6
/// @param delta {ppt of a contract's forward} B-8
/// @param errorBound {ppt of spot} B-9
struct Quote {
    uint256 kind;
    uint256 forward;
    uint256 strike;
    int256 moneyness;
    uint256 root;
    uint256 volatility;
    uint256 secondsToExpiry;
    int256 value;
    int256 mark;
    int256 delta;
    uint256 errorBound;
}

/// @title Black-76 in integers (docs/clearing.md, B), bit for bit what the risk array circuit proves
/// @notice For what cannot wait for a proof: liquidation over arrays that are not fresh, and the volatility log's checks.
///
/// ASSUMPTIONS  Terms are those of a series terms word, so |basis| < 2²⁰, volatility < 2⁴², strike < 2⁸⁴; the spot is a quad.
///              Within PRICING_BOUNDS of the SDK results are within `errorBound` of Black-76.
/// LIVENESS     Nothing reverts for any such terms. What is beyond the bounds counts as the bound; no array could be proven
///              there.
/// ROUNDING     Down, as in the circuit; `errorBound` covers both sides.
/// @dev Unchecked: κ < 2⁵¹, f x < 2⁴⁴ and Φ ≤ 2¹¹⁷, so values are below 2¹⁶⁹, and 2²³ times that where they are dampened.
library Black76 {
    using Lanes for uint256;
    using PiecewisePolynomials for LoadedTables;

    uint256 internal constant VOLATILITY_DOWN = 0;
    uint256 internal constant VOLATILITY_STATIC = 1;
    uint256 internal constant VOLATILITY_UP = 2;
    uint256 internal constant VOLATILITY_LINEAR_SKEW = 3;
    uint256 internal constant VOLATILITY_ABSOLUTE_SKEW = 4;

    uint256 private constant REGULAR_STATES = (2 * Clearing.SPOT_STEPS + 1) * Clearing.VOLATILITY_SHOCK_COUNT;
    uint256 private constant SKEW_STATES = REGULAR_STATES + Clearing.TAIL_COUNT;

    uint256 private constant Q = Tables.NORMAL_SCALE_BITS;
    uint256 private constant GRID_BITS = Tables.GRID_BITS;
    uint256 private constant RATIO_BITS = PiecewisePolynomials.RATIO_BITS;

    /// @notice A state in the order of A-2.
    /// @param scenarioTerms word of the statement
    /// @param index 0 to 30
    function stateOf(LoadedTables memory tables, uint256 scenarioTerms, uint256 index)
        internal
        pure
        returns (StressState memory state)
    {
        state.upShock = FixedPointMathLib.min(
            scenarioTerms.get(Clearing.SCENARIO_TERM_UP_SHOCK), Clearing.MAXIMUM_UP_SHOCK
        );
        state.downShock = scenarioTerms.get(Clearing.SCENARIO_TERM_DOWN_SHOCK);
        state.minimumUpVolatility = scenarioTerms.get(Clearing.SCENARIO_TERM_MINIMUM_UP_VOLATILITY);
        uint256 step =
            FixedPointMathLib.min(scenarioTerms.get(Clearing.SCENARIO_TERM_STEP), Clearing.MAXIMUM_STEP);
        unchecked {
            // {ppm}
            int256 move;
            if (index < REGULAR_STATES) {
                state.volatility = index % Clearing.VOLATILITY_SHOCK_COUNT;
                move = (int256(index / Clearing.VOLATILITY_SHOCK_COUNT) - int256(Clearing.SPOT_STEPS))
                    * int256(step);
            } else if (index < SKEW_STATES) {
                state.volatility = VOLATILITY_UP;
                move = Clearing.tailMove(index - REGULAR_STATES);
                state.dampingNumerator = 3 * step;
                state.dampingDenominator = 5 * uint256(move < 0 ? -move : move);
            } else {
                state.volatility = index == SKEW_STATES ? VOLATILITY_LINEAR_SKEW : VOLATILITY_ABSOLUTE_SKEW;
            }
            state.level = uint256(int256(Protocol.PPM) + move);
            state.logLevel = tables.logarithmOf((state.level << RATIO_BITS) / Protocol.PPM);
        }
    }

    /// @notice B-1, B-2, B-5, B-6, and of B-8 the delta.
    /// @param spot {ppt of a dollar}
    function quote(LoadedTables memory tables, SeriesTerms memory terms, uint256 spot)
        internal
        pure
        returns (Quote memory quote_)
    {
        unchecked {
            quote_.kind = terms.kind;
            int256 basis = terms.basis;
            if (basis > int256(Clearing.MAXIMUM_BASIS)) basis = int256(Clearing.MAXIMUM_BASIS);
            if (basis < -int256(Clearing.MAXIMUM_BASIS)) basis = -int256(Clearing.MAXIMUM_BASIS);
            quote_.forward = uint256(int256(Protocol.PPM) + basis);
            if (terms.kind == Clearing.KIND_PERPETUAL) {
                quote_.mark = int256(quote_.forward * Protocol.PPM);
                quote_.delta = int256(Clearing.PPT);
                quote_.errorBound = 1;
                return quote_;
            }
            // {ppt} = {ppt of a dollar} * {ppt} / {ppt of a dollar}; the logarithm ends at 2¹⁰ forwards, and so does this
            uint256 strike = FixedPointMathLib.min(
                terms.strike * Clearing.PPT / (spot == 0 ? 1 : spot), (quote_.forward * Protocol.PPM) << 10
            );
            quote_.strike = strike;
            quote_.moneyness = tables.logarithmOf(
                ((quote_.forward * Protocol.PPM) << RATIO_BITS) / (strike == 0 ? 1 : strike)
            );
            quote_.secondsToExpiry = FixedPointMathLib.min(
                FixedPointMathLib.max(terms.secondsToExpiry, Clearing.MINIMUM_SECONDS),
                Clearing.MAXIMUM_SECONDS
            );
            quote_.root = FixedPointMathLib.sqrt(quote_.secondsToExpiry * Pricing.ROOT_SCALE);
            quote_.volatility = terms.volatility;

            int256 upper;
            (quote_.value, upper) = callValue(tables, quote_, int256(terms.volatility), Protocol.PPM, 0);
            quote_.mark = quote_.value >> Q;
            quote_.delta =
                (int256(Clearing.PPT)
                            * (terms.kind == Clearing.KIND_PUT
                                    ? upper - PiecewisePolynomials.NORMAL_ONE
                                    : upper)) >> Q;
            quote_.errorBound = Pricing.ERROR_CONSTANT
                + ((Pricing.ERROR_PER_FORWARD * quote_.forward + Pricing.ERROR_PER_STRIKE * strike) >> 32);
        }
    }

    /// @notice {ppt of spot} what a long of one contract gains in a state, B-7.
    function profit(LoadedTables memory tables, Quote memory quote_, StressState memory state)
        internal
        pure
        returns (int256 change)
    {
        unchecked {
            int256 moved = int256(quote_.forward) * (int256(state.level) - int256(Protocol.PPM));
            uint256 scaleBits;
            if (quote_.kind == Clearing.KIND_PERPETUAL) {
                change = moved;
            } else {
                (change,) = callValue(
                    tables, quote_, _shockedVolatility(tables, quote_, state), state.level, state.logLevel
                );
                change -= quote_.value;
                if (quote_.kind == Clearing.KIND_PUT) change -= moved << Q;
                scaleBits = Q;
            }
            if (state.dampingDenominator == 0) return change >> scaleBits;
            // the product is rounded once
            return _divideDown(
                change * int256(state.dampingNumerator), int256(state.dampingDenominator << scaleBits)
            );
        }
    }

    /// @notice B-5: V at scale 10¹² 2^Q of spot, and Φ(d₁) at 2^Q.
    /// @param volatility {ppt per √year} ν, which a shock may have brought below 0
    /// @param level {ppm} x
    /// @param logLevel {grid}
    function callValue(
        LoadedTables memory tables,
        Quote memory quote_,
        int256 volatility,
        uint256 level,
        int256 logLevel
    ) internal pure returns (int256 value, int256 upper) {
        unchecked {
            // {units}
            int256 half = (volatility * int256(quote_.root) + (1 << 53)) >> 54;
            if (half < int256(Pricing.LEAST_HALF_VOLATILITY)) half = int256(Pricing.LEAST_HALF_VOLATILITY);
            int256 t = ((quote_.moneyness + logLevel) * (int256(Pricing.INVERSE_SCALE) / half)) >> 18;
            upper = tables.normalOf(t + half);
            value = int256(quote_.forward * level) * upper - int256(quote_.strike) * tables.normalOf(t - half);
        }
    }

    /// @dev {ppt per √year} B-3 and B-4.
    function _shockedVolatility(LoadedTables memory tables, Quote memory quote_, StressState memory state)
        private
        pure
        returns (int256)
    {
        uint256 volatility = quote_.volatility;
        if (state.volatility == VOLATILITY_STATIC) return int256(volatility);
        if (state.volatility >= VOLATILITY_LINEAR_SKEW) return _skewedVolatility(quote_, state.volatility);
        unchecked {
            uint256 tenor = FixedPointMathLib.max(quote_.secondsToExpiry, 1 days);
            int256 logTenor = tables.logarithmOf((Pricing.SHOCK_TIME << RATIO_BITS) / tenor);
            int256 exponent = _divideDown(logTenor * (logTenor >= 0 ? int256(30) : int256(13)), 100);
            uint256 scale = volatility * tables.exponentialOf(exponent);
            if (state.volatility == VOLATILITY_DOWN) {
                return int256(volatility) - int256(((scale * state.downShock) >> GRID_BITS) / Protocol.PPM);
            }
            return int256(
                FixedPointMathLib.max(
                    volatility + ((scale * state.upShock) >> GRID_BITS) / Protocol.PPM,
                    state.minimumUpVolatility * Protocol.PPM
                )
            );
        }
    }

    /// @dev {ppt per √year} B-4.
    function _skewedVolatility(Quote memory quote_, uint256 skew) private pure returns (int256) {
        unchecked {
            // {ppm of √year}
            uint256 yearly = (quote_.root * Pricing.YEARS_PER_ROOT) >> 40;
            // {1 / (2 · 10⁷)}
            uint256 cap = Pricing.SKEW_CAP - yearly;
            // {grid}
            uint256 width = FixedPointMathLib.max(
                Pricing.LEAST_SKEW_WIDTH,
                (yearly * (2 * Pricing.SKEW_CAP - yearly) * Pricing.SKEW_WIDTH_SCALE) >> 40
            );
            uint256 distance = uint256(quote_.moneyness < 0 ? -quote_.moneyness : quote_.moneyness);
            uint256 z = FixedPointMathLib.min(cap, distance * cap / width);
            int256 change = int256(quote_.volatility * z / 2e7);
            bool lower = skew == VOLATILITY_LINEAR_SKEW && quote_.moneyness > 0;
            return int256(quote_.volatility) + (lower ? -change : change);
        }
    }

    /// @dev Quotient rounded toward −∞, divisor above 0.
    function _divideDown(int256 dividend, int256 divisor) private pure returns (int256 quotient) {
        unchecked {
            quotient = dividend / divisor;
            if (dividend < 0 && quotient * divisor != dividend) --quotient;
        }
    }
}
