// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {VolatilityReport} from "../../contracts/interfaces/IVolatilityLog.sol";
import {SeriesTerms} from "../../contracts/libraries/ArrayWords.sol";
import {Black76, Quote, StressState} from "../../contracts/libraries/Black76.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {LoadedTables, PiecewisePolynomials} from "../../contracts/libraries/PiecewisePolynomials.sol";
import {VolatilityFixture} from "./VolatilityFixture.sol";

/// @notice Gas of pricing within a call: what it adds to a liquidation that cannot lean on a proven array.
contract GasPricingTest is Test {
    using Lanes for uint256;

    function _figure(string memory name, uint256 used, uint256 limit) private {
        vm.snapshotValue("gas", name, used);
        assertLe(used, limit, name);
    }

    /// Sixteen calls and puts of one underlying, a week to a year out, 80 % to 155 % of the spot.
    function _series() private pure returns (SeriesTerms[] memory series) {
        series = new SeriesTerms[](16);
        for (uint256 i; i < 16; ++i) {
            series[i] = SeriesTerms(
                i % 2 == 0 ? Clearing.KIND_CALL : Clearing.KIND_PUT,
                1 + i / 4,
                int256(i) * 1_000,
                0.5e12 + i * 0.02e12,
                7 days * (1 + i * i / 5),
                100e12 * (80 + 5 * i) / 100
            );
        }
    }

    /// One scenario of a book of sixteen options: marks and the profits in one state of each of two underlyings, here the
    /// dearest states there are.
    function test_price() public {
        uint256 scenarioTerms = uint256(0).put(Clearing.SCENARIO_TERM_STEP, 50_000)
            .put(Clearing.SCENARIO_TERM_UP_SHOCK, 500_000).put(Clearing.SCENARIO_TERM_DOWN_SHOCK, 250_000);
        SeriesTerms[] memory series = _series();
        int256 worth;

        uint256 left = gasleft();
        LoadedTables memory tables = PiecewisePolynomials.load();
        _figure("pricing: load the tables", left - gasleft(), 3_000);

        left = gasleft();
        StressState memory state = Black76.stateOf(tables, scenarioTerms, 2);
        _figure("pricing: a state", left - gasleft(), 3_000);
        left = gasleft();
        Quote memory quote = Black76.quote(tables, series[7], 100e12);
        _figure("pricing: an option's mark", left - gasleft(), 5_000);
        left = gasleft();
        worth = Black76.profit(tables, quote, state);
        _figure("pricing: an option in a state", left - gasleft(), 5_000);

        left = gasleft();
        tables = PiecewisePolynomials.load();
        StressState[2] memory states =
            [Black76.stateOf(tables, scenarioTerms, 2), Black76.stateOf(tables, scenarioTerms, 21)];
        for (uint256 i; i < 16; ++i) {
            quote = Black76.quote(tables, series[i], 100e12);
            worth += Black76.profit(tables, quote, states[i % 2]);
        }
        _figure("pricing: 16 options, marks and one scenario", left - gasleft(), 110_000);
        assertNotEq(worth, 0);
    }
}

/// @notice Gas of reports and reads, each call a transaction of its own.
/// forge-config: default.isolate = true
contract GasVolatilityLogTest is VolatilityFixture {
    function setUp() public {
        _deployFacts(3);
        _observeWindow();
        _deployVolatilityLog();
    }

    function _figure(string memory name, uint256 limit) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("gas", name, used);
        assertLe(used, limit, name);
    }

    function _reportOfSize(uint256 slices, uint256 strikes)
        private
        view
        returns (VolatilityReport memory report)
    {
        report = _reportOf(slices);
        for (uint256 i; i < slices; ++i) {
            _fillSlice(report, i, uint64(7 days * (i + 1) * (i + 1)), int256(i * 2_000), strikes, 0.6e12);
        }
    }

    function test_report() public {
        _report(_reportOfSize(4, 8));
        _figure("volatility report, first, 4 expiries of 8 strikes", 800_000);
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        publisher.publish(prices);
        _report(_reportOfSize(4, 8));
        _figure("volatility report, 4 expiries of 8 strikes", 800_000);
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        _report(_reportOfSize(8, 16));
        _figure("volatility report, 8 expiries of 16 strikes", 2_600_000);

        _acceptRiskState(_volatilities(10_000));
        VolatilityReport memory report = _reportOfSize(8, 16);
        volatilityLog.impliedVolatility(0, report.observedAt + 40 days, report.spot);
        _figure("impliedVolatility, 8 expiries of 16 strikes", 30_000);
        uint64[] memory expiries = new uint64[](16);
        uint256[] memory strikes = new uint256[](16);
        for (uint256 i; i < 16; ++i) {
            expiries[i] = report.observedAt + uint64(i) * 20 days;
            strikes[i] = report.spot * (80 + 3 * i) / 100;
        }
        volatilityLog.impliedVolatilities(0, expiries, strikes);
        _figure("impliedVolatilities of 16, 8 expiries of 16 strikes", 150_000);
    }
}
