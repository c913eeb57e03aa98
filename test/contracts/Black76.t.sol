// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {SeriesTerms} from "../../contracts/libraries/ArrayWords.sol";
import {Black76, Quote, StressState} from "../../contracts/libraries/Black76.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {LoadedTables, PiecewisePolynomials} from "../../contracts/libraries/PiecewisePolynomials.sol";

/// @notice What Black-76 says of any option, said of the integers. Their values are those of the vectors: Pricing.t.sol.
contract Black76Test is Test {
    using Lanes for uint256;

    function _scenarioTerms(uint256 step, uint256 up, uint256 down, uint256 minimum)
        private
        pure
        returns (uint256 word)
    {
        word = word.put(Clearing.SCENARIO_TERM_VERSION, 1).put(Clearing.SCENARIO_TERM_STEP, step);
        word = word.put(Clearing.SCENARIO_TERM_UP_SHOCK, up).put(Clearing.SCENARIO_TERM_DOWN_SHOCK, down);
        word = word.put(Clearing.SCENARIO_TERM_MINIMUM_UP_VOLATILITY, minimum);
    }

    struct Draw {
        uint256 spot;
        uint256 moneyness;
        int256 basis;
        uint256 volatility;
        uint256 tenor;
        uint256 step;
    }

    /// Anything that PRICING_BOUNDS admits: moneyness {ppm} strike to spot, in octaves so that both sides are met as often.
    function _within(Draw memory draw) private pure returns (SeriesTerms memory terms, uint256 spot) {
        spot = 10 ** bound(draw.spot, 6, 19) * (1 + draw.spot % 9);
        terms.kind = Clearing.KIND_CALL;
        terms.basis = bound(draw.basis, -250_000, 250_000);
        uint256 octave = bound(draw.moneyness, 0, 17);
        terms.strike =
            (spot << octave >> 9) * (1e6 + uint256(keccak256(abi.encode(draw.moneyness))) % 1e6) / 1e6;
        terms.volatility = bound(draw.volatility, 1, Clearing.MAXIMUM_VOLATILITY);
        terms.secondsToExpiry = bound(draw.tenor, Clearing.MINIMUM_SECONDS, Clearing.MAXIMUM_SECONDS);
        draw.step = bound(draw.step, 1, Clearing.MAXIMUM_STEP);
    }

    function testFuzz_quote_liesBetweenItsBounds(Draw memory draw) public pure {
        LoadedTables memory loaded = PiecewisePolynomials.load();
        (SeriesTerms memory terms, uint256 spot) = _within(draw);
        Quote memory quote = Black76.quote(loaded, terms, spot);
        int256 forward = (1e6 + terms.basis) * 1e6;
        int256 intrinsic = forward - int256(quote.strike);
        int256 error = int256(quote.errorBound);
        assertGe(quote.mark, -error, "a call is not worth less than nothing");
        assertGe(quote.mark, intrinsic - error, "nor less than its intrinsic value");
        assertLe(quote.mark, forward, "nor more than the forward");
        assertGe(quote.delta, 0);
        assertLe(quote.delta, 1e12);
        assertLt(quote.errorBound, 1e6 + quote.strike / 1e6, "a ppm of spot and of the strike");
    }

    function testFuzz_quote_putIsCallLessForward(Draw memory draw, uint256 index) public pure {
        LoadedTables memory loaded = PiecewisePolynomials.load();
        (SeriesTerms memory terms, uint256 spot) = _within(draw);
        Quote memory call = Black76.quote(loaded, terms, spot);
        terms.kind = Clearing.KIND_PUT;
        Quote memory put = Black76.quote(loaded, terms, spot);
        assertEq(put.mark, call.mark, "one mark for both");
        assertEq(put.delta, call.delta - 1e12);

        index = bound(index, 0, Clearing.STATE_COUNT - 1);
        StressState memory state =
            Black76.stateOf(loaded, _scenarioTerms(draw.step, 500_000, 250_000, 500_000), index);
        int256 forwardMoves = (1e6 + terms.basis) * (int256(state.level) - 1e6);
        int256 difference = Black76.profit(loaded, call, state) - Black76.profit(loaded, put, state);
        if (state.dampingDenominator == 0) {
            assertEq(difference, forwardMoves, "parity is exact");
            return;
        }
        SeriesTerms memory perpetual = terms;
        perpetual.kind = Clearing.KIND_PERPETUAL;
        int256 forwardProfit = Black76.profit(loaded, Black76.quote(loaded, perpetual, spot), state);
        assertApproxEqAbs(difference, forwardProfit, 1, "and dampened, rounded once each");
    }

    /// Over the spot levels of one volatility a call never falls, a put never rises, within the error.
    function testFuzz_profit_isMonotoneInSpot(Draw memory draw, uint256 shock) public pure {
        LoadedTables memory loaded = PiecewisePolynomials.load();
        (SeriesTerms memory terms, uint256 spot) = _within(draw);
        shock = bound(shock, 0, 2);
        uint256 scenarioTerms = _scenarioTerms(draw.step, 500_000, 250_000, 500_000);
        for (uint256 kind = Clearing.KIND_CALL; kind <= Clearing.KIND_PUT; ++kind) {
            terms.kind = kind;
            Quote memory quote = Black76.quote(loaded, terms, spot);
            int256 last;
            for (uint256 level; level < 7; ++level) {
                StressState memory state = Black76.stateOf(loaded, scenarioTerms, 3 * level + shock);
                int256 profit = Black76.profit(loaded, quote, state);
                if (level != 0) {
                    int256 gain = kind == Clearing.KIND_CALL ? profit - last : last - profit;
                    assertGe(gain, -2 * int256(quote.errorBound));
                }
                last = profit;
            }
        }
    }

    /// More volatility never makes an option cheaper, within the error.
    function testFuzz_profit_isMonotoneInVolatility(Draw memory draw, uint256 level) public pure {
        LoadedTables memory loaded = PiecewisePolynomials.load();
        (SeriesTerms memory terms, uint256 spot) = _within(draw);
        level = bound(level, 0, 6);
        uint256 scenarioTerms = _scenarioTerms(draw.step, 500_000, 250_000, 0);
        Quote memory quote = Black76.quote(loaded, terms, spot);
        int256 down = Black76.profit(loaded, quote, Black76.stateOf(loaded, scenarioTerms, 3 * level));
        int256 unshocked =
            Black76.profit(loaded, quote, Black76.stateOf(loaded, scenarioTerms, 3 * level + 1));
        int256 up = Black76.profit(loaded, quote, Black76.stateOf(loaded, scenarioTerms, 3 * level + 2));
        assertLe(down, unshocked + 2 * int256(quote.errorBound));
        assertLe(unshocked, up + 2 * int256(quote.errorBound));
    }

    function test_profit_ofTheUnshockedStateIsNothing() public pure {
        LoadedTables memory loaded = PiecewisePolynomials.load();
        Draw memory draw = Draw(12, 9, 0, 0.6e12, 30 days, 50_000);
        (SeriesTerms memory terms, uint256 spot) = _within(draw);
        StressState memory state = Black76.stateOf(loaded, _scenarioTerms(50_000, 0, 0, 0), 10);
        for (uint256 kind; kind < 3; ++kind) {
            terms.kind = kind;
            assertEq(Black76.profit(loaded, Black76.quote(loaded, terms, spot), state), 0);
        }
    }

    /// A textbook option: spot and strike 100, 20 %, a year. Black-76 says 7.9655674554 of 100.
    function test_quote_isBlack76() public pure {
        LoadedTables memory loaded = PiecewisePolynomials.load();
        SeriesTerms memory terms;
        (terms.kind, terms.volatility, terms.secondsToExpiry, terms.strike) =
        (Clearing.KIND_CALL, 0.2e12, 365 days, 100e12);
        Quote memory quote = Black76.quote(loaded, terms, 100e12);
        assertApproxEqAbs(quote.mark, 79_655_674_554, quote.errorBound);
        assertApproxEqAbs(quote.delta, 539_827_837_277, 20_000); // Φ(0.1)
    }

    // --- whatever the terms

    function testFuzz_neverReverts(
        SeriesTerms memory terms,
        uint256 spot,
        uint256 scenarioTerms,
        uint256 index
    ) public pure {
        LoadedTables memory loaded = PiecewisePolynomials.load();
        // what fits a series terms word and a quad
        terms.kind = bound(terms.kind, 0, 2);
        terms.basis = bound(terms.basis, -1_048_576, 1_048_575);
        terms.volatility %= 1 << 42;
        terms.secondsToExpiry %= 1 << 42;
        terms.strike %= 1 << 84;
        // far ends as often as the middle
        if (spot % 3 == 0) terms.strike >>= spot % 84;
        if (spot % 5 == 0) terms.volatility >>= spot % 42;
        if (spot % 7 == 0) terms.secondsToExpiry >>= spot % 42;
        spot = (spot % (1 << 84)) >> (spot % 11 == 0 ? spot % 85 : 0);
        scenarioTerms %= 1 << 252;
        index = bound(index, 0, Clearing.STATE_COUNT - 1);

        Quote memory quote = Black76.quote(loaded, terms, spot);
        StressState memory state = Black76.stateOf(loaded, scenarioTerms, index);
        int256 profit = Black76.profit(loaded, quote, state);
        int256 forward = int256(quote.forward) * 1e6;
        int256 error = int256(quote.errorBound) + forward / 500; // a strike beyond the logarithm's range counts as at its end
        assertGe(quote.mark, -error);
        assertLe(quote.mark, forward + error);
        // no option gains or loses more than the forward in the state and before it
        int256 most = int256(quote.forward * state.level) + forward + 2 * error * 7;
        assertLe(profit, most);
        assertGe(profit, -most);
    }

    function testFuzz_tables_saturate(int256 argument, uint256 ratio) public pure {
        LoadedTables memory loaded = PiecewisePolynomials.load();
        argument = bound(argument, type(int256).min + 1, type(int256).max);
        int256 value = PiecewisePolynomials.normalOf(loaded, argument);
        assertEq(value + PiecewisePolynomials.normalOf(loaded, -argument), PiecewisePolynomials.NORMAL_ONE);
        assertGe(value, 0);
        assertLe(value, PiecewisePolynomials.NORMAL_ONE);
        int256 least = PiecewisePolynomials.logarithmOf(loaded, 0);
        int256 most = PiecewisePolynomials.logarithmOf(loaded, type(uint256).max);
        int256 logarithm = PiecewisePolynomials.logarithmOf(loaded, ratio);
        assertGe(logarithm, least);
        assertLe(logarithm, most);
        assertGe(
            PiecewisePolynomials.exponentialOf(loaded, argument),
            31e6 /* e^-¾ on the grid */
        );
    }

    function testFuzz_normal_neverFalls(uint256 argument) public pure {
        LoadedTables memory loaded = PiecewisePolynomials.load();
        int256 x = int256(bound(argument, 0, 1 << 29)) * (argument % 2 == 0 ? int256(1) : int256(-1));
        assertLe(PiecewisePolynomials.normalOf(loaded, x), PiecewisePolynomials.normalOf(loaded, x + 1));
        assertEq(PiecewisePolynomials.normalOf(loaded, 0) * 2, PiecewisePolynomials.NORMAL_ONE);
    }

    /// The logarithm never falls either, also where its polynomial changes and where the power of two does.
    function testFuzz_logarithm_neverFalls(uint256 ratio) public pure {
        LoadedTables memory loaded = PiecewisePolynomials.load();
        ratio = bound(ratio, 1 << 30, (1 << 50) - 2) >> (ratio % 20);
        assertLe(
            PiecewisePolynomials.logarithmOf(loaded, ratio),
            PiecewisePolynomials.logarithmOf(loaded, ratio + 1)
        );
        uint256 power = 1 << bound(ratio, 31, 49);
        assertLe(
            PiecewisePolynomials.logarithmOf(loaded, power - 1),
            PiecewisePolynomials.logarithmOf(loaded, power)
        );
    }
}
