// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {VolatilityLog} from "../../contracts/facts/VolatilityLog.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {Epoch, IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {VolatilityLogConfig} from "../../contracts/interfaces/IVolatilityLog.sol";
import {ArrayWords, SeriesTerms} from "../../contracts/libraries/ArrayWords.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {RiskArraysFixture} from "./RiskArraysFixture.sol";

/// Rule A-11: no source, report or risk state holds up an epoch; an array that lacks one is halted.
contract RiskArraysHaltTest is RiskArraysFixture {
    using Lanes for uint256;

    uint256 private constant OLD_PRICE = 1;
    uint256 private constant OLD_VOLATILITIES = 2;
    uint256 private constant OLD_RISK = 4;

    /// {ppm} of a live array, as the fixture's volatility of 1 % an hour has it, and the most
    uint256 private step;
    uint256 private constant MOST = 200_000;

    function setUp() public {
        _deployRiskArrays();
        _listSome();
        riskArrays.beginEpoch();
        step = riskArrays.epochAt(1).steps[0];
        assertLt(step, 60_000);
    }

    function _pass(uint256 elapsed) private {
        vm.warp(vm.getBlockTimestamp() + elapsed);
        publisher.publish(prices);
    }

    /// The feed of array 0 gives no price any more; all others do.
    function _silence() private returns (uint256 spot) {
        spot = _spot(0);
        prices[0] = 0;
    }

    function _begin() private returns (Epoch memory) {
        return riskArrays.epochAt(riskArrays.beginEpoch());
    }

    function _stepOf(uint256 array) private view returns (uint256) {
        return riskArrays.factsNow(array)[1].get(Clearing.SCENARIO_TERM_STEP);
    }

    // --- a price that is missing

    function test_silentSource_haltsItsArrayAlone() public {
        uint256 spot = _silence();
        _pass(EPOCH_INTERVAL);
        vm.expectRevert(abi.encodeWithSelector(IPriceSource.PriceNotPositive.selector, 0));
        riskArrays.spotNow(0);
        vm.expectEmit(address(riskArrays));
        emit IRiskArrays.ArrayHalted(2, 0, OLD_PRICE, EPOCH_INTERVAL);
        Epoch memory begun = _begin();
        assertEq(begun.arrays, 3);
        assertEq(begun.halted, 1);
        assertEq(begun.silent, 1);
        assertEq(begun.spots[0], spot);
        assertEq(begun.spots[1], _spot(1));
        // a third of 5 volatilities of 1.0001 % over ten minutes, ⌈5 · 10,001 · 0.408249⌉
        assertEq(begun.steps[0], step + 6_805);
        assertEq(begun.steps[1], riskArrays.epochAt(1).steps[1]);
        for (uint256 array; array < 2; ++array) {
            assertEq(begun.factsHashes[array], keccak256(abi.encodePacked(riskArrays.factsNow(array))));
        }
        // it is proven and becomes current as any other
        _acceptAll(2);
        assertEq(riskArrays.currentNumber(), 2);
    }

    function test_silentSource_isOverWithTheNextPrice() public {
        int120 price = prices[0];
        _silence();
        _pass(EPOCH_INTERVAL);
        assertEq(_begin().halted, 1);
        prices[0] = price * 9 / 10;
        _pass(EPOCH_INTERVAL);
        Epoch memory begun = _begin();
        assertEq(begun.halted, 0);
        assertEq(begun.silent, 0);
        assertEq(begun.spots[0], _spot(0));
        assertEq(begun.steps[0], step);
    }

    /// Steps widen with the silence, never by less than what the price may have moved, and to the most within a day.
    function testFuzz_silentSource_widensSteps(uint256 one, uint256 other) public {
        uint256 start = vm.getBlockTimestamp();
        one = bound(one, 1, 30 hours);
        other = bound(other, one, 31 hours);
        _silence();
        vm.warp(start + one);
        publisher.publish(prices);
        uint256 narrow = _stepOf(0);
        uint256 range = 3 * (narrow - step);
        if (one >= 24 hours) {
            assertEq(narrow, MOST);
        } else {
            // squared: (5 · 1 %)² · age / interval, and the even way
            bool most = narrow == MOST;
            assertTrue(most || range * range * 1 hours >= 50_000 ** 2 * one);
            assertTrue(most || range * 24 hours >= 3 * (MOST - step) * one);
            assertTrue(
                (range - 5) ** 2 * 1 hours < 50_006 ** 2 * one
                    || (range - 4) * 24 hours < 3 * (MOST - step) * one || range < 6
            );
        }
        vm.warp(start + other);
        publisher.publish(prices);
        assertGe(_stepOf(0), narrow);
        assertLe(_stepOf(0), MOST);
    }

    /// An array that no epoch has had is left out: nobody has anything in it.
    function test_silentSource_leavesOutWhatNeverHadAPrice() public {
        _listArray(2, 2);
        vm.prank(governor);
        listings.listSeries(2, 0, Clearing.KIND_PERPETUAL, 0, 0);
        prices[2] = 0;
        _pass(EPOCH_INTERVAL);
        Epoch memory begun = _begin();
        assertEq(begun.arrays, 3);
        assertEq(begun.halted, 0);
        assertEq(begun.factsHashes[2], 0);
        assertEq(riskArrays.factsNow(2)[0], 0);
        _acceptAll(begun.number);
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.ArrayNotInEpoch.selector, begun.number, 2));
        riskArrays.requireSpotsNear(4);
    }

    function test_beginEpoch_revertsWhenNothingHasEverHadAPrice() public {
        _makeRiskArrays();
        _listArray(0, 0);
        _listPerpetual(0);
        _silence();
        _pass(1);
        vm.expectRevert(IRiskArrays.NothingListed.selector);
        riskArrays.beginEpoch();
    }

    /// Whoever begins an epoch cannot make a source fail.
    function testFuzz_beginEpoch_cannotBeStarved(uint256 gas) public {
        gas = bound(gas, 100_000, 2_500_000);
        _pass(EPOCH_INTERVAL);
        try riskArrays.beginEpoch{gas: gas}() returns (uint64 number) {
            assertEq(riskArrays.epochAt(number).halted, 0);
        } catch {}
    }

    function test_beginEpoch_revertsWhenGasMissing() public {
        _pass(EPOCH_INTERVAL);
        vm.expectPartialRevert(IRiskArrays.SourceGasMissing.selector);
        riskArrays.beginEpoch{gas: 370_000}();
    }

    /// A source that uses all its gas, or answers with what is no price, takes nothing else with it.
    function test_beginEpoch_ofSourcesThatMisbehave() public {
        _pass(EPOCH_INTERVAL);
        vm.etch(address(sources[0]), hex"5b5f56"); // for ever
        uint256 before = gasleft();
        assertEq(_begin().halted, 1);
        assertLt(before - gasleft(), 2_500_000);
        _pass(EPOCH_INTERVAL);
        vm.etch(address(sources[0]), hex"620f42405ff3"); // a million zeros
        assertEq(_begin().halted, 1);
        _pass(EPOCH_INTERVAL);
        vm.etch(address(sources[0]), hex"60205ff3"); // one word of two
        assertEq(_begin().halted, 1);
        _pass(EPOCH_INTERVAL);
        vm.etch(address(sources[0]), hex"5f1960005260ff60205260405ff3"); // beyond any quad
        assertEq(_begin().halted, 1);
    }

    // --- a price that has left the last one

    function test_deviatingPrice_waitsForTheNextObservation() public {
        uint256 spot = _spot(0);
        prices[0] = prices[0] * 79 / 100;
        _pass(EPOCH_INTERVAL);
        Epoch memory begun = _begin();
        assertEq(begun.silent, 1);
        assertEq(begun.spots[0], spot);
        _tick();
        begun = _begin();
        assertEq(begun.halted, 0);
        assertEq(begun.spots[0], _spot(0));
    }

    /// Where another feed holds up the log for longer than its gap, live prices are followed from epoch to epoch.
    function test_deviatingPrice_ofALogThatRests() public {
        prices[2] = 0; // of no array
        int120 start = prices[0];
        // {percent} of what the log has seen, at hours since
        uint8[6] memory parts = [85, 75, 85, 75, 65, 50];
        uint8[6] memory hour = [10, 11, 12, 13, 14, 15];
        bool[6] memory silent = [false, true, false, false, false, true];
        uint256 since = observationLog.lastObservedAt();
        for (uint256 i; i < 6; ++i) {
            prices[0] = start * int120(uint120(parts[i])) / 100;
            vm.warp(since + uint256(hour[i]) * 1 hours);
            publisher.publish(prices);
            assertEq(_begin().silent, silent[i] ? 1 : 0, vm.toString(i));
        }
        vm.expectPartialRevert(IRiskArrays.PriceDeviates.selector);
        riskArrays.spotNow(0);
    }

    // --- volatilities and risk states

    function test_oldReport_haltsArraysWithOptions() public {
        _listArray(2, 2);
        vm.prank(governor);
        listings.listSeries(2, 0, Clearing.KIND_PERPETUAL, 0, 0);
        uint256[19] memory before = riskArrays.factsNow(0);
        _pass(VOLATILITY_AGE);
        assertEq(_begin().halted, 0);
        prices[0] = prices[0] * 9 / 10;
        _pass(EPOCH_INTERVAL);
        vm.expectEmit(address(riskArrays));
        emit IRiskArrays.ArrayHalted(3, 0, OLD_VOLATILITIES, 0);
        Epoch memory begun = _begin();
        assertEq(begun.arrays, 7);
        assertEq(begun.halted, 3, "perpetuals need no volatility");
        assertEq(begun.silent, 0);
        assertEq(begun.spots[0], _spot(0), "a live price counts all the same");
        assertEq(begun.steps[0], step);
        SeriesTerms memory option = ArrayWords.unpackTerms(riskArrays.factsNow(0)[4]);
        assertEq(option.volatility, ArrayWords.unpackTerms(before[4]).volatility);
    }

    /// Nobody has held an option whose volatility has never been reported: its place is not in the words.
    function test_noReport_leavesOptionsOut() public {
        VolatilityLogConfig memory config = _volatilityConfig();
        config.signers = new address[](SIGNERS);
        for (uint256 i; i < SIGNERS; ++i) {
            config.signers[i] = vm.addr(keys[i]);
        }
        volatilityLog = new VolatilityLog(config);
        _makeRiskArrays();
        _listSome();
        Epoch memory begun = _begin();
        assertEq(begun.halted, 3);
        uint256[19] memory facts = riskArrays.factsNow(0);
        assertEq(facts[4], facts[3], "a filler, as the perpetual");
        _reportAll();
        _pass(EPOCH_INTERVAL);
        assertEq(_begin().halted, 0);
        assertNotEq(riskArrays.factsNow(0)[4], facts[3]);
    }

    function test_oldRiskState_haltsEverything() public {
        uint256 age = MAX_RISK_AGE - (vm.getBlockTimestamp() - oracle.riskState(riskIndex).endTime);
        _pass(age);
        _reportAll();
        prices[0] = prices[0] * 9 / 10;
        publisher.publish(prices);
        assertEq(_begin().halted, 0);
        _pass(4 hours);
        assertEq(_stepOf(1), _stepOf(0));
        vm.expectEmit(address(riskArrays));
        emit IRiskArrays.ArrayHalted(3, 0, OLD_RISK, 4 hours);
        Epoch memory begun = _begin();
        assertEq(begun.halted, 3);
        assertEq(begun.silent, 0);
        assertEq(begun.spots[0], _spot(0));
        assertGt(begun.steps[0], step);
        _pass(20 hours);
        assertEq(_begin().steps[0], MOST);
    }

    /// Years without anything: an epoch begins all the same.
    function testFuzz_beginEpoch_neverFails(uint256 seed) public {
        for (uint256 i; i < 4; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            vm.warp(
                vm.getBlockTimestamp() + EPOCH_INTERVAL + (draw >> 8) % (draw & 1 == 0 ? 1 days : 400 days)
            );
            for (uint256 lane; lane < 3; ++lane) {
                prices[lane] = int120(int256((draw >> (20 + 40 * lane)) & 0xffffffffff)) - (1 << 38);
            }
            publisher.publish(prices);
            uint256 lastSpot = riskArrays.epochAt(riskArrays.latestNumber()).spots[0];
            Epoch memory begun = _begin();
            assertEq(begun.arrays, 3);
            assertEq(begun.silent & ~begun.halted, 0);
            if (begun.silent & 1 == 1) assertEq(begun.spots[0], lastSpot);
            else assertEq(begun.spots[0], _spot(0));
            assertLe(begun.steps[0], MOST);
            _acceptAll(begun.number);
            if (begun.halted & 1 == 0) continue;
            vm.expectRevert(abi.encodeWithSelector(IRiskArrays.ArrayIsHalted.selector, begun.number, 0));
            riskArrays.requireSpotsNear(1);
        }
    }
}
