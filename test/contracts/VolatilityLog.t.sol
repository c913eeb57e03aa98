// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {VolatilityLog} from "../../contracts/facts/VolatilityLog.sol";
import {
    IVolatilityLog,
    VolatilityLogConfig,
    VolatilityReport,
    VolatilitySlice
} from "../../contracts/interfaces/IVolatilityLog.sol";
import {VolatilityFixture} from "./VolatilityFixture.sol";

contract VolatilityLogTest is VolatilityFixture {
    function setUp() public {
        _deployFacts(3);
        _observeWindow();
        _deployVolatilityLog();
    }

    function _refused(VolatilityReport memory report, bytes memory reason) private {
        bytes[] memory signatures = _sign(report, QUORUM);
        vm.expectRevert(reason);
        volatilityLog.report(report, signatures);
    }

    function _later(uint256 elapsed) private {
        vm.warp(vm.getBlockTimestamp() + elapsed);
    }

    // --- what is reported is read

    function test_report_isReadAtItsNodes() public {
        VolatilityReport memory report = _plainReport();
        bytes[] memory signatures = _sign(report, SIGNERS); // more than enough
        vm.expectEmit(true, false, false, false, address(volatilityLog));
        emit IVolatilityLog.VolatilityReported(0, report.observedAt, address(0));
        vm.prank(alice);
        volatilityLog.report(report, signatures);

        (uint64 observedAt, address surface) = volatilityLog.latest(0);
        assertEq(observedAt, report.observedAt);
        assertEq(surface.code.length, 1 + 16 * (1 + 3 + 15));
        for (uint256 i; i < 3; ++i) {
            for (uint256 k; k < 5; ++k) {
                VolatilitySlice memory slice = report.slices[i];
                (uint256 volatility, int256 basis) =
                    volatilityLog.impliedVolatility(0, slice.expiry, slice.strikes[k]);
                assertEq(volatility, slice.volatilities[k]);
                assertEq(basis, slice.basis);
            }
        }
    }

    /// The extremes that a report may hold survive the packing.
    function test_report_holdsExtremes() public {
        VolatilityReport memory report = _reportOf(8);
        for (uint256 i; i < 8; ++i) {
            VolatilitySlice memory slice = report.slices[i];
            slice.expiry = report.observedAt + (i == 0 ? 60 : i == 7 ? (1 << 26) - 1 : uint64(i) * 100 days);
            slice.basis = i % 2 == 0 ? -int256(MAX_BASIS) : int256(MAX_BASIS);
            slice.strikes = new uint256[](16);
            slice.volatilities = new uint256[](16);
            for (uint256 k; k < 16; ++k) {
                slice.strikes[k] = k == 15 ? report.spot * 256 : report.spot / 256 + k + 1;
                slice.volatilities[k] = (1 << 42) - 1;
            }
        }
        _report(report);
        for (uint256 i; i < 8; ++i) {
            VolatilitySlice memory slice = report.slices[i];
            (uint256 volatility, int256 basis) =
                volatilityLog.impliedVolatility(0, slice.expiry, slice.strikes[15]);
            assertEq(volatility, (1 << 42) - 1);
            assertEq(basis, slice.basis);
        }
    }

    function test_report_ofEachUnderlyingStandsAlone() public {
        _report(_plainReport());
        VolatilityReport memory report = _plainReport();
        report.underlying = 1;
        report.spot = uint256(int256(prices[1])) * 1e4;
        _fillSlice(report, 0, 7 days, 0, 5, 0.9e12);
        _fillSlice(report, 1, 30 days, 0, 5, 0.9e12);
        _fillSlice(report, 2, 180 days, 0, 5, 0.9e12);
        _report(report);
        (uint256 first,) =
            volatilityLog.impliedVolatility(0, report.observedAt + 7 days, report.slices[0].strikes[2]);
        (uint256 second,) =
            volatilityLog.impliedVolatility(1, report.observedAt + 7 days, report.slices[0].strikes[2]);
        assertLt(first, 0.7e12);
        assertEq(second, 0.9e12);
    }

    // --- signatures

    function test_report_revertsWhenQuorumMissing() public {
        VolatilityReport memory report = _plainReport();
        bytes[] memory signatures = _sign(report, QUORUM - 1);
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.QuorumMissing.selector, QUORUM - 1, QUORUM));
        volatilityLog.report(report, signatures);
    }

    function test_report_revertsWhenOneSignsTwice() public {
        VolatilityReport memory report = _plainReport();
        bytes[] memory signatures = _sign(report, QUORUM);
        signatures[2] = signatures[1];
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.SignersNotAscending.selector, 2));
        volatilityLog.report(report, signatures);
    }

    function test_report_revertsWhenSignersDescend() public {
        VolatilityReport memory report = _plainReport();
        bytes[] memory signatures = _sign(report, QUORUM);
        (signatures[0], signatures[1]) = (signatures[1], signatures[0]);
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.SignersNotAscending.selector, 1));
        volatilityLog.report(report, signatures);
    }

    function testFuzz_report_revertsWhenSignerUnknown(uint256 key) public {
        key = bound(key, 1, 1e60);
        vm.assume(!volatilityLog.isSigner(vm.addr(key)));
        VolatilityReport memory report = _plainReport();
        bytes[] memory signatures = _sign(report, QUORUM);
        signatures[1] = _signature(key, volatilityLog.hashReport(report));
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.SignerUnknown.selector, vm.addr(key)));
        volatilityLog.report(report, signatures);
    }

    /// A report changed in any field is signed by nobody.
    function testFuzz_report_revertsWhenChangedAfterSigning(uint256 field) public {
        VolatilityReport memory report = _plainReport();
        report.observedAt -= 1;
        bytes[] memory signatures = _sign(report, QUORUM);
        field = bound(field, 0, 6);
        if (field == 0) report.underlying = 1;
        if (field == 1) report.observedAt += 1;
        if (field == 2) report.spot += 1;
        if (field == 3) report.slices[1].expiry += 1;
        if (field == 4) report.slices[1].basis -= 1;
        if (field == 5) report.slices[2].strikes[3] += 1;
        if (field == 6) report.slices[2].volatilities[0] += 1;
        vm.expectPartialRevert(IVolatilityLog.SignerUnknown.selector);
        volatilityLog.report(report, signatures);
    }

    function test_report_revertsOnAnotherChain() public {
        VolatilityReport memory report = _plainReport();
        bytes[] memory signatures = _sign(report, QUORUM);
        vm.chainId(block.chainid + 1);
        vm.expectPartialRevert(IVolatilityLog.SignerUnknown.selector);
        volatilityLog.report(report, signatures);
    }

    function test_report_revertsAtAnotherLog() public {
        VolatilityReport memory report = _plainReport();
        bytes[] memory signatures = _sign(report, QUORUM);
        delete keys;
        _deployVolatilityLog();
        vm.expectPartialRevert(IVolatilityLog.SignerUnknown.selector);
        volatilityLog.report(report, signatures);
    }

    function test_report_revertsWhenSignatureMalformed() public {
        VolatilityReport memory report = _plainReport();
        bytes[] memory signatures = _sign(report, QUORUM);
        signatures[0] = hex"1234";
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 2));
        volatilityLog.report(report, signatures);
    }

    // --- time

    function test_report_revertsWhenReplayed() public {
        VolatilityReport memory report = _plainReport();
        _report(report);
        _refused(
            report,
            abi.encodeWithSelector(
                IVolatilityLog.ReportNotNewer.selector, report.observedAt, report.observedAt + MIN_INTERVAL
            )
        );
        // an older one that arrives late is no news either
        report.observedAt -= 1;
        _refused(
            report,
            abi.encodeWithSelector(
                IVolatilityLog.ReportNotNewer.selector,
                report.observedAt,
                report.observedAt + 1 + MIN_INTERVAL
            )
        );
    }

    function testFuzz_report_revertsWhenTooSoon(uint64 elapsed) public {
        VolatilityReport memory report = _plainReport();
        _report(report);
        elapsed = uint64(bound(elapsed, 1, MIN_INTERVAL - 1));
        _later(elapsed);
        uint64 earliest = report.observedAt + MIN_INTERVAL;
        report.observedAt += elapsed;
        _refused(
            report,
            abi.encodeWithSelector(IVolatilityLog.ReportNotNewer.selector, report.observedAt, earliest)
        );
        _later(MIN_INTERVAL - elapsed);
        report.observedAt = earliest;
        _report(report);
    }

    function test_report_revertsWhenFromFuture() public {
        VolatilityReport memory report = _plainReport();
        report.observedAt += 1;
        _refused(report, abi.encodeWithSelector(IVolatilityLog.ReportFromFuture.selector, report.observedAt));
    }

    function test_report_revertsWhenTooOld() public {
        VolatilityReport memory report = _plainReport();
        _later(VOLATILITY_AGE);
        _report(report); // as old as it may be
        report.observedAt += MIN_INTERVAL;
        _later(MIN_INTERVAL + 1);
        _refused(
            report,
            abi.encodeWithSelector(IVolatilityLog.ReportTooOld.selector, VOLATILITY_AGE + 1, VOLATILITY_AGE)
        );
    }

    function testFuzz_impliedVolatility_revertsWhenStale(uint64 wait) public {
        VolatilityReport memory report = _plainReport();
        uint64[] memory expiries = new uint64[](1);
        uint256[] memory strikes = new uint256[](1);
        (expiries[0], strikes[0]) = (report.slices[0].expiry, report.slices[0].strikes[0]);
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.VolatilityNeverReported.selector, 0));
        volatilityLog.impliedVolatility(0, expiries[0], strikes[0]);
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.VolatilityNeverReported.selector, 0));
        volatilityLog.lastVolatilities(0, expiries, strikes);

        _report(report);
        _later(VOLATILITY_AGE);
        (uint256 volatility,) = volatilityLog.impliedVolatility(0, expiries[0], strikes[0]);

        wait = uint64(bound(wait, 1, 3650 days));
        _later(wait);
        bytes memory stale = abi.encodeWithSelector(
            IVolatilityLog.VolatilityStale.selector, VOLATILITY_AGE + wait, VOLATILITY_AGE
        );
        vm.expectRevert(stale);
        volatilityLog.impliedVolatility(0, expiries[0], strikes[0]);
        vm.expectRevert(stale);
        volatilityLog.impliedVolatilities(0, expiries, strikes);
        (uint256[] memory volatilities, int256[] memory bases, uint64 observedAt) =
            volatilityLog.lastVolatilities(0, expiries, strikes);
        assertEq(volatilities[0], volatility, "the last report outlives its age there");
        assertEq(bases[0], 1_000);
        assertEq(observedAt, report.observedAt);
    }

    function test_impliedVolatilities_revertsWhenQuotesDiffer() public {
        _report(_plainReport());
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.QuotesDiffer.selector, 1, 2));
        volatilityLog.impliedVolatilities(0, new uint64[](1), new uint256[](2));
    }

    // --- shape and range

    function test_report_revertsWhenUnderlyingUnknown() public {
        VolatilityReport memory report = _plainReport();
        report.underlying = 3;
        _refused(report, abi.encodeWithSelector(IVolatilityLog.UnderlyingUnknown.selector, 3));
        report.underlying = type(uint256).max;
        _refused(report, abi.encodeWithSelector(IVolatilityLog.UnderlyingUnknown.selector, type(uint256).max));
    }

    function testFuzz_report_revertsWhenSpotTooFar(uint256 spot) public {
        VolatilityReport memory report = _plainReport();
        uint256 observed = report.spot;
        uint256 limit = observed * 50_000 / 1e6;
        vm.assume(spot > observed + limit || spot < observed - limit);
        report.spot = spot;
        _refused(report, abi.encodeWithSelector(IVolatilityLog.SpotTooFar.selector, spot, observed, limit));
    }

    function test_report_revertsWhenCountsInvalid() public {
        _refused(_reportOf(0), abi.encodeWithSelector(IVolatilityLog.SliceCountInvalid.selector, 0));
        VolatilityReport memory report = _reportOf(9);
        for (uint256 i; i < 9; ++i) {
            _fillSlice(report, i, uint64(7 days * (i + 1)), 0, 2, 0.6e12);
        }
        _refused(report, abi.encodeWithSelector(IVolatilityLog.SliceCountInvalid.selector, 9));

        report = _plainReport();
        report.slices[1].strikes = new uint256[](0);
        _refused(report, abi.encodeWithSelector(IVolatilityLog.StrikeCountInvalid.selector, 1, 0));
        _fillSlice(report, 1, 30 days, 4_000, 17, 0.6e12);
        _refused(report, abi.encodeWithSelector(IVolatilityLog.StrikeCountInvalid.selector, 1, 17));

        report = _plainReport();
        report.slices[2].volatilities = new uint256[](6);
        _refused(report, abi.encodeWithSelector(IVolatilityLog.LengthsDiffer.selector, 2, 5, 6));
        report.slices[2].volatilities = new uint256[](4);
        _refused(report, abi.encodeWithSelector(IVolatilityLog.LengthsDiffer.selector, 2, 5, 4));
    }

    function test_report_revertsWhenExpiriesOutOfOrderOrRange() public {
        VolatilityReport memory report = _plainReport();
        (report.slices[0], report.slices[1]) = (report.slices[1], report.slices[0]);
        _refused(report, abi.encodeWithSelector(IVolatilityLog.ExpiriesNotAscending.selector, 1));
        report = _plainReport();
        report.slices[2].expiry = report.slices[1].expiry;
        _refused(report, abi.encodeWithSelector(IVolatilityLog.ExpiriesNotAscending.selector, 2));

        uint64[4] memory wrong = [0, report.observedAt + 59, report.observedAt + (1 << 26), type(uint64).max];
        for (uint256 i; i < 4; ++i) {
            report.slices[0].expiry = wrong[i];
            _refused(report, abi.encodeWithSelector(IVolatilityLog.ExpiryOutOfRange.selector, 0, wrong[i]));
        }
    }

    function test_report_revertsWhenStrikesOutOfOrderOrRange() public {
        VolatilityReport memory report = _plainReport();
        uint256[] memory strikes = report.slices[1].strikes;
        (strikes[2], strikes[3]) = (strikes[3], strikes[2]);
        _refused(report, abi.encodeWithSelector(IVolatilityLog.StrikesNotAscending.selector, 1, 3));
        strikes[2] = strikes[3];
        _refused(report, abi.encodeWithSelector(IVolatilityLog.StrikesNotAscending.selector, 1, 3));

        uint256[5] memory wrong =
            [0, (report.spot - 1) / 256, report.spot * 256 + 1, 1 << 84, type(uint256).max];
        for (uint256 i; i < 5; ++i) {
            report = _plainReport();
            report.slices[2].strikes[0] = wrong[i];
            _refused(report, abi.encodeWithSelector(IVolatilityLog.StrikeOutOfRange.selector, 2, 0, wrong[i]));
        }
    }

    function test_report_revertsWhenVolatilityOrBasisOutOfRange() public {
        uint256[4] memory wrong = [0, 0.01e12 - 1, 1 << 42, type(uint256).max];
        for (uint256 i; i < 4; ++i) {
            VolatilityReport memory report = _plainReport();
            report.slices[1].volatilities[4] = wrong[i];
            _refused(
                report, abi.encodeWithSelector(IVolatilityLog.VolatilityOutOfRange.selector, 1, 4, wrong[i])
            );
        }
        int256[4] memory bases =
            [int256(MAX_BASIS + 1), -int256(MAX_BASIS + 1), type(int256).max, type(int256).min];
        for (uint256 i; i < 4; ++i) {
            VolatilityReport memory report = _plainReport();
            report.slices[0].basis = bases[i];
            _refused(report, abi.encodeWithSelector(IVolatilityLog.BasisOutOfRange.selector, 0, bases[i]));
        }
    }

    // --- the largest move

    function testFuzz_report_movesWithinTheLimit(uint64 elapsed, bool up) public {
        _report(_flatReport(0.6e12, 0));
        elapsed = uint64(bound(elapsed, MIN_INTERVAL, 10 days));
        _later(elapsed);
        uint256 limit = VOLATILITY_MOVE * (1 days + elapsed) / 1 days;
        uint256 furthest =
            up ? 0.6e12 * (1e6 + limit) / 1e6 : (0.6e12 * 1e6 + 1e6 + limit - 1) / (1e6 + limit);
        uint256 beyond = up ? furthest + 1 : furthest - 1;
        VolatilityReport memory report = _flatReport(beyond, 0);
        // the last report's node comes first, 30 days after it
        _refused(
            report,
            abi.encodeWithSelector(
                IVolatilityLog.VolatilityMoveTooLarge.selector,
                report.slices[0].expiry - elapsed,
                report.spot,
                beyond,
                0.6e12,
                limit
            )
        );
        _report(_flatReport(furthest, 0));
    }

    function testFuzz_report_movesBasisWithinTheLimit(uint64 elapsed, bool up) public {
        _report(_flatReport(0.6e12, 10_000));
        elapsed = uint64(bound(elapsed, MIN_INTERVAL, 8 days));
        _later(elapsed);
        uint256 limit = BASIS_MOVE * (1 days + elapsed) / 1 days;
        // the new report has the same expiry, so both ways are the same
        VolatilityReport memory report = _flatReport(0.6e12, 0);
        report.slices[0].expiry -= elapsed;
        int256 furthest = 10_000 + (up ? int256(limit) : -int256(limit));
        report.slices[0].basis = furthest + (up ? int256(1) : -int256(1));
        _refused(
            report,
            abi.encodeWithSelector(
                IVolatilityLog.BasisMoveTooLarge.selector,
                report.slices[0].expiry,
                report.slices[0].basis,
                10_000,
                limit
            )
        );
        report.slices[0].basis = furthest;
        _report(report);
    }

    /// A strike that the last report did not have is compared with what lies between its neighbours.
    function test_report_comparesNewNodesWithTheLastReport() public {
        _report(_plainReport());
        _later(MIN_INTERVAL);
        VolatilityReport memory report = _plainReport();
        _fillSlice(report, 1, 45 days, 5_000, 7, 0.595e12);
        _report(report);
        _later(MIN_INTERVAL);
        report = _plainReport();
        // one strike of its own, far from both its neighbours and so far from the last report
        report.slices[1].strikes[1] += 1e12;
        report.slices[1].volatilities[1] = 0.85e12;
        bytes[] memory signatures = _sign(report, QUORUM);
        vm.expectPartialRevert(IVolatilityLog.VolatilityMoveTooLarge.selector);
        volatilityLog.report(report, signatures);
    }

    /// Nodes that a report leaves out are compared as well: the wings of a smile cannot be cut off in one report.
    function test_report_comparesWhatIsLeftOut() public {
        VolatilityReport memory report = _reportOf(1);
        _fillSlice(report, 0, 30 days, 0, 3, 0.3e12);
        (report.slices[0].volatilities[0], report.slices[0].volatilities[2]) = (0.6e12, 0.45e12);
        _report(report);
        uint64 expiry = report.slices[0].expiry;
        uint256 left = report.slices[0].strikes[0];
        _later(MIN_INTERVAL);
        uint256 limit = VOLATILITY_MOVE * (1 days + uint256(MIN_INTERVAL)) / 1 days;
        report = _reportOf(1);
        _fillSlice(report, 0, 30 days - MIN_INTERVAL, 0, 1, 0.3e12);
        _refused(
            report,
            abi.encodeWithSelector(
                IVolatilityLog.VolatilityMoveTooLarge.selector, expiry, left, 0.3e12, 0.6e12, limit
            )
        );
    }

    /// An expiry that can no longer be reported holds nothing up.
    function test_report_forgetsWhatIsPast() public {
        VolatilityReport memory report = _reportOf(2);
        _fillSlice(report, 0, 1 hours, 0, 1, 2e12);
        _fillSlice(report, 1, 30 days, 0, 1, 0.6e12);
        _report(report);
        _later(1 hours - 60);
        VolatilityReport memory next = _reportOf(1);
        next.slices[0] = report.slices[1];
        // to the last second that it could be reported it counts
        bytes[] memory signatures = _sign(next, QUORUM);
        vm.expectPartialRevert(IVolatilityLog.VolatilityMoveTooLarge.selector);
        volatilityLog.report(next, signatures);
        _later(1);
        next.observedAt += 1;
        _report(next);
    }

    /// One slice of one strike, 30 days out.
    function _flatReport(uint256 volatility, int256 basis)
        private
        view
        returns (VolatilityReport memory report)
    {
        report = _reportOf(1);
        _fillSlice(report, 0, 30 days, basis, 1, volatility);
    }

    // --- arbitrage across expiries

    function test_report_revertsWhenTotalVarianceFalls() public {
        VolatilityReport memory report = _reportOf(2);
        _fillSlice(report, 0, 10 days, 0, 1, 0.6e12);
        _fillSlice(report, 1, 40 days, 0, 1, 0.3e12);
        _report(report); // exactly the same total variance

        report.observedAt -= 1; // a tenor of one second more each
        report.underlying = 1;
        report.spot = uint256(int256(prices[1])) * 1e4;
        _fillSlice(report, 0, 10 days, 0, 1, 0.6e12);
        _fillSlice(report, 1, 40 days, 0, 1, 0.3e12 - 1);
        _refused(report, abi.encodeWithSelector(IVolatilityLog.TotalVarianceFalls.selector, 1, 0));
    }

    /// Strikes are compared by moneyness: with a basis the same strikes are not the same.
    function test_report_comparesVarianceAtEqualMoneyness() public {
        VolatilityReport memory report = _reportOf(2);
        for (uint256 i; i < 2; ++i) {
            VolatilitySlice memory slice = report.slices[i];
            slice.expiry = report.observedAt + uint64(i == 0 ? 10 days : 11 days);
            (slice.strikes, slice.volatilities) = (new uint256[](2), new uint256[](2));
            (slice.strikes[0], slice.strikes[1]) = (report.spot * 9 / 10, report.spot * 11 / 10);
            (slice.volatilities[0], slice.volatilities[1]) = (0.9e12, 0.6e12);
        }
        _report(report);

        // the later forward is 10 % higher, so its strikes are 10 % nearer: the smile has moved down there
        report.underlying = 1;
        uint256 scale = uint256(int256(prices[1])) * 1e4;
        for (uint256 i; i < 2; ++i) {
            VolatilitySlice memory slice = report.slices[i];
            (slice.strikes[0], slice.strikes[1]) = (scale * 9 / 10, scale * 11 / 10);
        }
        report.spot = scale;
        report.slices[1].basis = 100_000;
        _refused(report, abi.encodeWithSelector(IVolatilityLog.TotalVarianceFalls.selector, 1, 0));
    }

    // --- arbitrage across strikes

    /// One slice 30 days out with strikes {ppm of spot}.
    function _smile(uint256[3] memory moneyness, uint256[3] memory volatilities)
        private
        view
        returns (VolatilityReport memory report)
    {
        report = _reportOf(1);
        VolatilitySlice memory slice = report.slices[0];
        slice.expiry = report.observedAt + 30 days;
        (slice.strikes, slice.volatilities) = (new uint256[](3), new uint256[](3));
        for (uint256 k; k < 3; ++k) {
            slice.strikes[k] = report.spot * moneyness[k] / 1e6;
            slice.volatilities[k] = volatilities[k];
        }
    }

    function test_report_revertsWhenCallValueRises() public {
        uint256[3] memory strikes = [uint256(900_000), 990_000, 1_000_000];
        _refused(
            _smile(strikes, [uint256(0.1e12), 0.1e12, 1e12]),
            abi.encodeWithSelector(IVolatilityLog.CallValueRises.selector, 0, 2)
        );
        _refused(
            _smile(strikes, [uint256(0.1e12), 2e12, 2e12]),
            abi.encodeWithSelector(IVolatilityLog.CallValueRises.selector, 0, 1)
        );
        _report(_smile(strikes, [uint256(0.2e12), 0.2e12, 0.2e12]));
    }

    function test_report_revertsWhenCallValueNotConvex() public {
        uint256[3] memory strikes = [uint256(900_000), 1_000_000, 1_100_000];
        _refused(
            _smile(strikes, [uint256(0.5e12), 0.9e12, 0.5e12]),
            abi.encodeWithSelector(IVolatilityLog.CallValueNotConvex.selector, 0, 1)
        );
        // a spread worth more than its strikes are apart: seen from the forward at strike 0
        _refused(
            _smile(strikes, [uint256(2e12), 0.2e12, 0.2e12]),
            abi.encodeWithSelector(IVolatilityLog.CallValueNotConvex.selector, 0, 0)
        );
        _report(_smile(strikes, [uint256(0.6e12), 0.5e12, 0.6e12]));
    }

    /// Values that differ by less than their error are no arbitrage: of options that are worth next to nothing all are equal.
    function test_report_acceptsWhatIsWithinTheError() public {
        _report(_smile([uint256(3_000_000), 3_100_000, 3_200_000], [uint256(0.2e12), 0.22e12, 0.21e12]));
    }

    // --- the floor

    function test_impliedVolatility_isRaisedToTheFloor() public {
        VolatilityReport memory report = _flatReport(0.2e12, 0);
        _report(report);
        uint64 expiry = report.slices[0].expiry;
        assertEq(volatilityLog.floor(0), 0, "no risk state yet");
        (uint256 volatility,) = volatilityLog.impliedVolatility(0, expiry, report.spot);
        assertEq(volatility, 0.2e12);

        _acceptRiskState(_volatilities(10_000)); // 1 % an hour
        // 40 % of 10,000 ppm · √(8,760 h) = 37.4 %
        uint256 floor = volatilityLog.floor(0);
        assertApproxEqAbs(floor, 0.37438e12, 0.00001e12);
        assertLe(floor * floor * 1 hours, uint256(0.4e10) ** 2 * 365 days, "rounded down");
        assertGt(
            (floor + 1) * (floor + 1) * 1 hours, uint256(0.4e10) ** 2 * 365 days, "not further than that"
        );
        (volatility,) = volatilityLog.impliedVolatility(0, expiry, report.spot);
        assertEq(volatility, floor);

        uint64[] memory expiries = new uint64[](1);
        uint256[] memory strikes = new uint256[](1);
        (expiries[0], strikes[0]) = (expiry, report.spot);
        (uint256[] memory volatilities,) = volatilityLog.impliedVolatilities(0, expiries, strikes);
        assertEq(volatilities[0], floor);
        _later(VOLATILITY_AGE + 1);
        (volatilities,,) = volatilityLog.lastVolatilities(0, expiries, strikes);
        assertEq(volatilities[0], floor);
    }

    function test_floor_fitsItsPair() public {
        _acceptRiskState(_volatilities((1 << 21) - 1));
        assertEq(volatilityLog.floor(0), (1 << 42) - 1);
        assertEq(volatilityLog.floor(11), 0, "a lane that is not in use");
    }

    // --- between nodes

    function testFuzz_impliedVolatility_liesBetweenItsNeighbours(uint256 tenor, uint256 strike, uint256 seed)
        public
    {
        VolatilityReport memory report = _reportOf(3);
        for (uint256 i; i < 3; ++i) {
            // total variance grows fivefold from slice to slice, so any smile below a factor of 2.2 is free of it
            _fillSlice(report, i, uint64(6 days * 5 ** i), 0, 6, 0.6e12);
            for (uint256 k; k < 6; ++k) {
                uint256 drawn = uint256(keccak256(abi.encode(seed, i, k)));
                report.slices[i].volatilities[k] = 0.595e12 + drawn % 0.01e12;
            }
            report.slices[i].basis = int256(i * 10_000);
        }
        _report(report);

        tenor = bound(tenor, 0, 200 days);
        strike = bound(strike, 0, 2 * report.spot);
        uint64 expiry = uint64(report.observedAt + tenor);
        (uint256 volatility, int256 basis) = volatilityLog.impliedVolatility(0, expiry, strike);

        uint256 last = tenor <= 6 days ? 0 : tenor <= 30 days ? 1 : 2;
        uint256 first = last == 0 || tenor > 150 days ? last : last - 1;
        // {ppt² s/year} of the four nodes around, or fewer at the rims
        (uint256 least, uint256 most) = (type(uint256).max, 0);
        int256[2] memory bases = [report.slices[first].basis, report.slices[last].basis];
        if (tenor < 6 days) bases[0] = 0;
        assertGe(basis, bases[0]);
        assertLe(basis, bases[1]);
        for (uint256 i = first; i <= last; ++i) {
            VolatilitySlice memory slice = report.slices[i];
            uint256 moved = strike * uint256(1e6 + slice.basis) / uint256(1e6 + basis);
            for (uint256 k; k < 6; ++k) {
                bool below = k < 5 && slice.strikes[k + 1] <= moved;
                bool above = k > 0 && slice.strikes[k - 1] >= moved;
                if (below || above) continue;
                least = _min(least, slice.volatilities[k]);
                most = slice.volatilities[k] > most ? slice.volatilities[k] : most;
            }
        }
        // a mean of total variances in time is one of volatilities between the same bounds: weights T₁ (T₂ − t) and
        // T₂ (t − T₁) sum to t (T₂ − T₁)
        assertGe(volatility + 1, least);
        assertLe(volatility, most);
    }

    function testFuzz_impliedVolatility_neverReverts(uint64 expiry, uint256 strike) public {
        _report(_plainReport());
        (uint256 volatility,) = volatilityLog.impliedVolatility(0, expiry, strike);
        assertGe(volatility, 0.57e12);
        assertLe(volatility, 0.7e12);
        volatilityLog.impliedVolatility(0, 0, 0);
        volatilityLog.impliedVolatility(0, type(uint64).max, type(uint256).max);
    }

    /// Halfway between strikes and expiries, by hand.
    function test_impliedVolatility_isLinearInVariance() public {
        VolatilityReport memory report = _reportOf(2);
        for (uint256 i; i < 2; ++i) {
            _fillSlice(report, i, uint64(i == 0 ? 10 days : 30 days), 0, 2, 0.5e12);
            report.slices[i].volatilities[0] = i == 0 ? 0.5e12 : 0.6e12;
            report.slices[i].volatilities[1] = i == 0 ? 0.52e12 : 0.7e12;
        }
        _report(report);
        // the variance at the middle strike, {1/year}: (0.25 + 0.2704) / 2 = 0.2602 and (0.36 + 0.49) / 2 = 0.425
        (uint256 volatility,) = volatilityLog.impliedVolatility(0, report.observedAt + 10 days, report.spot);
        assertEq(volatility, 510_098029794); // ⌊10¹² √0.2602⌋
        (volatility,) = volatilityLog.impliedVolatility(0, report.observedAt + 30 days, report.spot);
        assertEq(volatility, 651_920240520); // ⌊10¹² √0.425⌋
        // halfway in time: (0.2602 · 10 + 0.425 · 30) / 2 / 20 = 0.3838
        (volatility,) = volatilityLog.impliedVolatility(0, report.observedAt + 20 days, report.spot);
        assertEq(volatility, 619_515940069); // ⌊10¹² √0.3838⌋
        // before the first, and past it, the volatility of the first
        (volatility,) = volatilityLog.impliedVolatility(0, report.observedAt + 1, report.spot);
        assertEq(volatility, 510_098029794);
        (volatility,) = volatilityLog.impliedVolatility(0, report.observedAt - 1, report.spot);
        assertEq(volatility, 510_098029794);
        (volatility,) = volatilityLog.impliedVolatility(0, report.observedAt + 300 days, report.spot);
        assertEq(volatility, 651_920240520);
    }

    // --- the constructor

    function test_constructor_revertsWhenSignersOrQuorumInvalid() public {
        VolatilityLogConfig memory config = _volatilityConfig();
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.SignersInvalid.selector, 0));
        new VolatilityLog(config);
        config.signers = new address[](17);
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.SignersInvalid.selector, 17));
        new VolatilityLog(config);
        config.signers = new address[](3);
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.SignersInvalid.selector, 0)); // address(0)
        new VolatilityLog(config);
        (config.signers[0], config.signers[1], config.signers[2]) = (address(1), address(2), address(2));
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.SignersInvalid.selector, 2));
        new VolatilityLog(config);
        config.signers[2] = address(3);
        config.quorum = 1;
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.QuorumInvalid.selector, 1, 3));
        new VolatilityLog(config);
        config.quorum = 4;
        vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.QuorumInvalid.selector, 4, 3));
        new VolatilityLog(config);
        config.quorum = 2;
        new VolatilityLog(config);
    }

    function test_constructor_revertsWhenLimitInvalid() public {
        bytes32[7] memory names = [
            bytes32("maxAge"),
            "minInterval",
            "maxSpotDeviation",
            "volatilityMove",
            "basisMove",
            "maxBasis",
            "floorShare"
        ];
        for (uint256 i; i < 7; ++i) {
            for (uint256 side = i == 0 ? 1 : 0; side < 2; ++side) {
                uint256 value = side == 1 ? 0 : i == 1 ? VOLATILITY_AGE + 1 : 1_000_001;
                VolatilityLogConfig memory config = _volatilityConfig();
                config.signers = new address[](3);
                (config.signers[0], config.signers[1], config.signers[2]) =
                (address(1), address(2), address(3));
                config.quorum = 2;
                if (i == 0) config.maxAge = 0;
                if (i == 1) config.minInterval = uint64(value);
                if (i == 2) config.maxSpotDeviation = value;
                if (i == 3) config.volatilityMove = value;
                if (i == 4) config.basisMove = value;
                if (i == 5) config.maxBasis = value;
                if (i == 6) config.floorShare = value;
                vm.expectRevert(abi.encodeWithSelector(IVolatilityLog.LimitInvalid.selector, names[i], value));
                new VolatilityLog(config);
            }
        }
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
