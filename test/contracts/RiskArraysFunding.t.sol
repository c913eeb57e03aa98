// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {RiskArraysFixture} from "./RiskArraysFixture.sol";

/// Rule A-9.
contract RiskArraysFundingTest is RiskArraysFixture {
    function setUp() public {
        _deployRiskArrays();
    }

    function _pass(uint256 elapsed) private {
        vm.warp(vm.getBlockTimestamp() + elapsed);
    }

    // --- funding

    function _recordTrade(uint256 series, uint256 price, uint256 quantity) private {
        vm.prank(address(openInterest));
        riskArrays.recordTrade(series, price, quantity);
    }

    /// An array with a perpetual, its epoch current, a price that does not move.
    function _perpetualOnly() private {
        _listArray(0, 0);
        _listPerpetual(0);
        _nextEpoch();
    }

    function _epochAfter(uint256 elapsed) private returns (uint64 number) {
        _pass(elapsed);
        publisher.publish(prices);
        number = riskArrays.beginEpoch();
        riskArrays.accept(number, 0, _arrayWords(number, 0), 1, _anyProof());
    }

    function test_funding_paysALastingPremiumOnceInEightHours() public {
        _perpetualOnly();
        uint256 spot = _spot(0);
        for (uint256 i; i < 8; ++i) {
            _recordTrade(0, spot + spot / 1000, 1e6); // 0.1 %, so 125 ppm an hour
            if (i == 3) _epochAfter(1 hours);
            else _pass(1 hours);
            publisher.publish(prices);
        }
        _epochAfter(0);
        assertEq(riskArrays.fundingIndex(0), int256(spot) * 1000 / 1e6);
    }

    function test_funding_isNegativeBelowSpotAndEmits() public {
        _perpetualOnly();
        uint256 spot = _spot(0);
        vm.expectEmit(address(riskArrays));
        emit IRiskArrays.PremiumRecorded(0, -1000);
        _recordTrade(0, spot - spot / 1000, 1e6);
        _pass(1 hours);
        publisher.publish(prices);
        uint64 number = riskArrays.beginEpoch();
        uint256[] memory statement = _arrayWords(number, 0);
        vm.expectEmit(address(riskArrays));
        emit IRiskArrays.FundingAccrued(0, number, -int256(spot) * 125 / 1e6, -125);
        riskArrays.accept(number, 0, statement, 1, _anyProof());
        assertEq(riskArrays.fundingIndex(0), -int256(spot) * 125 / 1e6);
    }

    /// A trade counts for an hour, not until somebody trades again, whatever epochs pass meanwhile.
    function test_funding_forgetsATradeAfterAnHour() public {
        _perpetualOnly();
        uint256 spot = _spot(0);
        _recordTrade(0, spot + spot / 1000, 1e6);
        _epochAfter(30 minutes);
        int256 half = riskArrays.fundingIndex(0);
        assertEq(half, int256(spot) * 62 / 1e6); // 62.5, towards zero
        _epochAfter(5 hours);
        assertEq(riskArrays.fundingIndex(0), 2 * half);
        _epochAfter(1 hours);
        assertEq(riskArrays.fundingIndex(0), 2 * half);
    }

    function test_funding_isOfTheTimeBetweenTrades() public {
        _perpetualOnly();
        uint256 spot = _spot(0);
        _recordTrade(0, spot + spot / 1000, 1e6);
        _pass(40 minutes);
        _recordTrade(0, spot - spot / 500, 1e6);
        _epochAfter(20 minutes);
        // 1000 ppm for 40 minutes and −2000 for 20
        assertEq(riskArrays.fundingIndex(0), 0);
    }

    /// Whatever trades say and however often, an hour costs at most the limit.
    function testFuzz_funding_staysWithinTheLimit(uint256 seed) public {
        _perpetualOnly();
        int256 limit;
        for (uint256 i; i < 12; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            // {ppt} anything at all
            _recordTrade(0, draw >> (draw % 256), draw >> (draw / 256 % 256));
            uint256 elapsed = EPOCH_INTERVAL + draw % 3 hours;
            int256 before = riskArrays.fundingIndex(0);
            _epochAfter(elapsed);
            limit = int256(_spot(0)) * int256(500 * elapsed) / 1 hours / 1e6;
            int256 change = riskArrays.fundingIndex(0) - before;
            assertLe(change, limit);
            assertGe(change, -limit);
        }
    }

    function test_funding_reachesTheLimitAndNoFurther() public {
        _perpetualOnly();
        uint256 spot = _spot(0);
        _recordTrade(0, spot * 100, 1e6);
        _epochAfter(1 hours);
        // 5 % an hour is 6,250 ppm; the limit is 500
        assertEq(riskArrays.fundingIndex(0), int256(spot) * 500 / 1e6);
    }

    /// After a long time without an epoch not more is due at once than for a day.
    function test_funding_ofALongGapIsADaysAtMost() public {
        _perpetualOnly();
        uint256 spot = _spot(0);
        for (uint256 i; i < 40; ++i) {
            _recordTrade(0, spot * 2, 1e6);
            _pass(1 hours);
            publisher.publish(prices);
        }
        _epochAfter(0);
        assertEq(riskArrays.fundingIndex(0), int256(spot) * 500 * 24 / 1e6);
    }

    /// What an account owes is constant while an epoch is current.
    function test_fundingIndex_changesOnlyWithTheCurrentEpoch() public {
        _perpetualOnly();
        uint256 spot = _spot(0);
        _recordTrade(0, spot * 2, 1e6);
        _pass(1 hours);
        publisher.publish(prices);
        _recordTrade(0, spot * 2, 1e6);
        uint64 number = riskArrays.beginEpoch();
        assertEq(riskArrays.fundingIndex(0), 0);
        riskArrays.accept(number, 0, _arrayWords(number, 0), 1, _anyProof());
        assertGt(riskArrays.fundingIndex(0), 0);
    }

    function test_recordTrade_ignoresWhatDoesNotCount() public {
        _listSome();
        _nextEpoch();
        uint256 spot = _spot(0);
        vm.recordLogs();
        _recordTrade(1, spot, 1e6); // an option
        _recordTrade(16, spot, 1e6); // no series
        _recordTrade(64, spot, 1e6);
        _recordTrade(type(uint256).max, spot, 1e6);
        _recordTrade(0, spot, 100e12 * 1e6 / spot); // below the least value
        _recordTrade(0, type(uint256).max, type(uint256).max);
        _recordTrade(0, spot, 1 << 84);
        _recordTrade(0, 1 << 84, 1e6);
        _pass(MAX_AGE + 1); // no price
        _recordTrade(0, spot, 1e6);
        assertEq(vm.getRecordedLogs().length, 0);
        publisher.publish(prices);
        vm.expectEmit(address(riskArrays));
        emit IRiskArrays.PremiumRecorded(0, 0);
        _recordTrade(0, spot, 100e12 * 1e6 / spot + 1);
        assertEq(riskArrays.fundingIndex(1), 0);
        assertEq(riskArrays.fundingIndex(64), 0);
    }

    function test_recordTrade_revertsWhenNotHouse() public {
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.NotHouse.selector, bob));
        vm.prank(bob);
        riskArrays.recordTrade(0, 1, 1);
    }
}
