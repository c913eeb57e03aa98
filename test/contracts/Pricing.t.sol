// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {ArrayWords, SeriesTerms} from "../../contracts/libraries/ArrayWords.sol";
import {Black76, Quote, StressState} from "../../contracts/libraries/Black76.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {LoadedTables, PiecewisePolynomials} from "../../contracts/libraries/PiecewisePolynomials.sol";

/// @notice Prices that TypeScript and circom make as well, bit for bit.
contract PricingTest is Test {
    using Numbers for uint256;

    uint256 private constant PAIRS_PER_WORD = 6;

    function _integers(string memory json, string memory key) private pure returns (int256[] memory) {
        return vm.parseJsonIntArray(json, key);
    }

    function test_prices() public view {
        string memory json = vm.readFile("test/vectors/pricing.json");
        LoadedTables memory tables = PiecewisePolynomials.load();
        int256[] memory spots = _integers(json, ".spot");
        int256[] memory strikes = _integers(json, ".strike");
        int256[] memory bases = _integers(json, ".basis");
        int256[] memory volatilities = _integers(json, ".volatility");
        int256[] memory tenors = _integers(json, ".seconds");
        int256[] memory levels = _integers(json, ".level");
        int256[] memory values = _integers(json, ".value");
        assertGe(values.length, 10_000, "the file holds ten thousand prices");
        SeriesTerms memory terms;
        terms.kind = Clearing.KIND_CALL;
        for (uint256 i; i < values.length; ++i) {
            (terms.strike, terms.basis) = (uint256(strikes[i]), bases[i]);
            (terms.volatility, terms.secondsToExpiry) = (uint256(volatilities[i]), uint256(tenors[i]));
            Quote memory quote = Black76.quote(tables, terms, uint256(spots[i]));
            int256 logLevel =
                PiecewisePolynomials.logarithmOf(tables, (uint256(levels[i]) << 40) / Protocol.PPM);
            (int256 value,) = Black76.callValue(tables, quote, volatilities[i], uint256(levels[i]), logLevel);
            assertEq(value, values[i]);
        }
    }

    function test_series() public view {
        string memory json = vm.readFile("test/vectors/risk-array.json");
        uint256 i;
        for (; vm.keyExistsJson(json, string.concat(".series[", vm.toString(i), "].market")); ++i) {
            string memory at = string.concat(".series[", vm.toString(i), "].");
            _checkSeries(
                vm.parseJsonUint(json, string.concat(at, "market")),
                vm.parseJsonUint(json, string.concat(at, "scenarioTerms")),
                vm.parseJsonUint(json, string.concat(at, "seriesTerms")),
                vm.parseJsonUintArray(json, string.concat(at, "seriesValues"))
            );
        }
        assertGe(i, 40, "the file holds series");
    }

    /// Whole arrays, read as an accepted statement is.
    function test_arrays() public view {
        string memory json = vm.readFile("test/vectors/risk-array.json");
        uint256 arrays;
        for (uint256 i; vm.keyExistsJson(json, string.concat(".arrays[", vm.toString(i), "].words")); ++i) {
            uint256[] memory words =
                vm.parseJsonUintArray(json, string.concat(".arrays[", vm.toString(i), "].words"));
            if (words.length != Protocol.RISK_ARRAY_LENGTH) continue;
            for (uint256 place; place < Clearing.SERIES_PER_ARRAY; ++place) {
                uint256[] memory values = new uint256[](Clearing.SERIES_VALUE_WORDS);
                for (uint256 k; k < values.length; ++k) {
                    values[k] = words[Protocol.RISK_ARRAY_SERIES_VALUES_OFFSET + place * values.length + k];
                }
                _checkSeries(
                    words[Protocol.RISK_ARRAY_MARKET_OFFSET],
                    words[Protocol.RISK_ARRAY_SCENARIO_TERMS_OFFSET],
                    words[Protocol.RISK_ARRAY_SERIES_TERMS_OFFSET + place],
                    values
                );
            }
            ++arrays;
        }
        assertGe(arrays, 1, "the file holds an array of sixteen series");
    }

    function _checkSeries(
        uint256 market,
        uint256 scenarioTerms,
        uint256 seriesTerms,
        uint256[] memory seriesValues
    ) private pure {
        LoadedTables memory tables = PiecewisePolynomials.load();
        uint256 spot = market.read(Clearing.MARKET_SPOT, Clearing.QUAD_LANES);
        Quote memory quote = Black76.quote(tables, ArrayWords.unpackTerms(seriesTerms), spot);
        for (uint256 s; s < Clearing.STATE_COUNT; ++s) {
            StressState memory state = Black76.stateOf(tables, scenarioTerms, s);
            assertEq(Black76.profit(tables, quote, state), _value(seriesValues, s));
        }
        assertEq(quote.mark, _value(seriesValues, Clearing.STATE_COUNT + Clearing.FIGURE_MARK));
        assertEq(quote.delta, _value(seriesValues, Clearing.STATE_COUNT + Clearing.FIGURE_DELTA));
        assertEq(
            int256(quote.errorBound), _value(seriesValues, Clearing.STATE_COUNT + Clearing.FIGURE_ERROR_BOUND)
        );
    }

    function _value(uint256[] memory words, uint256 place) private pure returns (int256) {
        return words[place
                / PAIRS_PER_WORD].readSigned(
            (place % PAIRS_PER_WORD) * Clearing.PAIR_LANES, Clearing.PAIR_LANES
        );
    }

    function test_tables() public view {
        string memory json = vm.readFile("test/vectors/tables.json");
        LoadedTables memory tables = PiecewisePolynomials.load();
        int256[] memory arguments = _integers(json, ".probes[0].arguments");
        int256[] memory values = _integers(json, ".probes[0].values");
        assertEq(vm.parseJsonString(json, ".probes[0].table"), "normal");
        assertGt(values.length, 30);
        for (uint256 i; i < values.length; ++i) {
            assertEq(PiecewisePolynomials.normalOf(tables, arguments[i]), values[i]);
        }
        int256[] memory dividends = _integers(json, ".logarithm.dividend");
        int256[] memory divisors = _integers(json, ".logarithm.divisor");
        values = _integers(json, ".logarithm.value");
        assertGt(values.length, 30);
        for (uint256 i; i < values.length; ++i) {
            uint256 ratio = (uint256(dividends[i]) << 40) / uint256(divisors[i]);
            assertEq(PiecewisePolynomials.logarithmOf(tables, ratio), values[i]);
        }
        int256[] memory exponents = _integers(json, ".exponential.exponent");
        values = _integers(json, ".exponential.value");
        assertGt(values.length, 30);
        for (uint256 i; i < values.length; ++i) {
            assertEq(int256(PiecewisePolynomials.exponentialOf(tables, exponents[i])), values[i]);
        }
    }
}
