// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ChainlinkPriceSource} from "../../contracts/facts/ChainlinkPriceSource.sol";
import {ObservationLog} from "../../contracts/facts/ObservationLog.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {IObservationLog} from "../../contracts/interfaces/IObservationLog.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Fixture} from "./Fixture.sol";

contract ObservationLogTest is Fixture {
    using Lanes for uint256;

    function setUp() public {
        _deployFacts(3);
    }

    function test_observe_firstSetsBaseOnly() public view {
        assertEq(observationLog.index(), 0);
        assertEq(observationLog.head(0), bytes32(0));
        assertEq(observationLog.lastObservedAt(), 1_700_000_000);
        assertEq(observationLog.basePrice(0), 1000e18);
        assertEq(observationLog.basePrice(1), 2000e18);
        assertEq(observationLog.basePrice(2), 3000e18);
    }

    function test_observe_emitsRebasedAtFirst() public {
        ObservationLog other = new ObservationLog(sources, INTERVAL, MAX_GAP);
        vm.expectEmit(address(other));
        emit IObservationLog.Rebased(0, 1_700_000_000, 0);
        assertEq(other.observe(), 0);
    }

    function test_observe_appendsReturnsTruncatedTowardZero() public {
        prices[0] = 1000e8 + 100; // + 0.001 ppm → 0
        prices[1] = 2000e8 - 100; // − 0.0005 ppm → 0, not −1
        prices[2] = 3300e8; // + 100,000 ppm
        int256[12] memory lanes;
        lanes[2] = 100_000;
        uint256 word = Lanes.packSigned(lanes);
        bytes32 head = keccak256(abi.encodePacked(bytes32(0), word));

        vm.warp(vm.getBlockTimestamp() + INTERVAL);
        publisher.publish(prices);
        vm.expectEmit(address(observationLog));
        emit IObservationLog.Observed(1, head, word, uint64(vm.getBlockTimestamp()), 0);
        assertEq(observationLog.observe(), 1);
        assertEq(observationLog.head(1), head);
        assertEq(observationLog.timestampOf(1), vm.getBlockTimestamp());
        for (uint256 lane = 3; lane < 12; ++lane) {
            assertEq(word.get(lane), Protocol.SIGNED_OFFSET, "unused lanes hold the return 0");
        }
    }

    function testFuzz_observe_returnEqualsPlain(uint256 seed, uint256 count) public {
        count = bound(count, 1, 12);
        for (uint256 t; t < count; ++t) {
            int256[12] memory expected;
            for (uint256 i; i < 3; ++i) {
                int256 before = prices[i];
                prices[i] = int120(int256(bound(uint256(keccak256(abi.encode(seed, t, i))), 1, 1e24)));
                int256 ppm = (int256(prices[i]) - before) * 1e6 / before;
                expected[i] = ppm > 1_048_575 ? int256(1_048_575) : ppm;
            }
            _tick();
            assertEq(words[t], Lanes.packSigned(expected));
            assertEq(observationLog.timestampOf(uint64(t + 1)), 1_700_000_000 + (t + 1) * INTERVAL);
        }
        bytes32 head;
        for (uint256 t; t < count; ++t) {
            head = keccak256(abi.encodePacked(head, words[t]));
            assertEq(observationLog.head(uint64(t + 1)), head);
        }
    }

    function test_observe_saturatesAndSaysWhere() public {
        prices[0] = 1; // as far down as a price goes
        prices[1] = 100_000e8;
        _tick();
        assertEq(words[0].getSigned(0), -999_999);
        assertEq(words[0].getSigned(1), 1_048_575);
        assertEq(words[0].getSigned(2), 0);

        prices[2] = 300_000e8;
        vm.warp(vm.getBlockTimestamp() + INTERVAL);
        publisher.publish(prices);
        vm.recordLogs();
        observationLog.observe();
        (,,, uint256 saturated) =
            abi.decode(vm.getRecordedLogs()[0].data, (bytes32, uint256, uint64, uint256));
        assertEq(saturated, 1 << 2);
    }

    function testFuzz_observe_revertsWhenTooEarly(uint256 wait) public {
        wait = bound(wait, 0, INTERVAL - 1);
        vm.warp(vm.getBlockTimestamp() + wait);
        vm.expectRevert(
            abi.encodeWithSelector(IObservationLog.ObservationTooEarly.selector, 1_700_000_000 + INTERVAL)
        );
        observationLog.observe();
    }

    function testFuzz_observe_rebasesAfterGap(uint256 gap) public {
        _tick();
        bytes32 head = observationLog.head(1);
        gap = bound(gap, MAX_GAP + 1, 365 days);
        vm.warp(vm.getBlockTimestamp() + gap);
        prices[0] = 5000e8;
        publisher.publish(prices);
        vm.expectEmit(address(observationLog));
        emit IObservationLog.Rebased(1, uint64(vm.getBlockTimestamp()), uint64(gap));
        assertEq(observationLog.observe(), 1);
        assertEq(observationLog.head(1), head);
        assertEq(observationLog.basePrice(0), 5000e18);

        // the next return is since the new base, not across the gap
        prices[0] = 5050e8;
        _tick();
        assertEq(words[1].getSigned(0), 10_000);
        assertEq(observationLog.index(), 2);
    }

    function test_observe_appendsAtTheLongestGap() public {
        vm.warp(vm.getBlockTimestamp() + MAX_GAP);
        publisher.publish(prices);
        assertEq(observationLog.observe(), 1);
    }

    function testFuzz_observe_revertsWithLaneAndReason(uint256 lane, int120 answer) public {
        lane = bound(lane, 0, 2);
        prices[lane] = int120(bound(int256(answer), type(int120).min, 0));
        vm.warp(vm.getBlockTimestamp() + INTERVAL);
        publisher.publish(prices);
        bytes memory reason = abi.encodeWithSelector(IPriceSource.PriceNotPositive.selector, prices[lane]);
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.SourceFailed.selector, lane, reason));
        observationLog.observe();
        assertEq(observationLog.index(), 0, "nothing is half-written");
        assertEq(observationLog.lastObservedAt(), 1_700_000_000, "nothing is half-written");
        assertEq(observationLog.basePrice(0), 1000e18, "nothing is half-written");
    }

    function test_observe_revertsWhenPriceOld() public {
        vm.warp(vm.getBlockTimestamp() + MAX_AGE + 1);
        bytes memory reason = abi.encodeWithSelector(IPriceSource.PriceTooOld.selector, MAX_AGE + 1, MAX_AGE);
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.SourceFailed.selector, 0, reason));
        observationLog.observe();
    }

    function testFuzz_observe_revertsWhenPriceUnusable(uint256 price) public {
        vm.assume(price == 0 || price > type(uint128).max);
        vm.warp(vm.getBlockTimestamp() + INTERVAL);
        publisher.publish(prices);
        vm.mockCall(address(sources[1]), abi.encodeCall(IPriceSource.read, ()), abi.encode(price, uint64(0)));
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.PriceUnusable.selector, 1, price));
        observationLog.observe();
    }

    function test_head_revertsWhenUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.ObservationUnknown.selector, 1));
        observationLog.head(1);
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.ObservationUnknown.selector, 1));
        observationLog.timestampOf(1);
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.ObservationUnknown.selector, 0));
        observationLog.timestampOf(0);
    }

    function test_constructor_revertsWhenSourcesWrong() public {
        IPriceSource[12] memory list;
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.SourcesNotContiguous.selector, 0));
        new ObservationLog(list, INTERVAL, MAX_GAP);
        list[0] = sources[0];
        list[2] = sources[2];
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.SourcesNotContiguous.selector, 2));
        new ObservationLog(list, INTERVAL, MAX_GAP);
        list[2] = IPriceSource(address(0));
        list[1] = IPriceSource(alice);
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.SourceWithoutCode.selector, 1));
        new ObservationLog(list, INTERVAL, MAX_GAP);
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.IntervalInvalid.selector, 0, 1));
        new ObservationLog(sources, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.IntervalInvalid.selector, 2, 1));
        new ObservationLog(sources, 2, 1);
    }
}

/// A feed whose every field can be set, to try what a real one could say.
contract SettableFeed is AggregatorV3Interface {
    uint8 public decimals = 8;
    string public description;
    uint80 private roundId = 5;
    int256 private answer = 100e8;
    uint256 private startedAt = block.timestamp;
    uint256 private updatedAt = block.timestamp;
    uint80 private answeredInRound = 5;

    function setDecimals(uint8 decimals_) external {
        decimals = decimals_;
    }

    function set(int256 answer_, uint256 startedAt_, uint256 updatedAt_, uint80 answeredInRound_) external {
        (answer, startedAt, updatedAt, answeredInRound) = (answer_, startedAt_, updatedAt_, answeredInRound_);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (roundId, answer, startedAt, updatedAt, answeredInRound);
    }
}

contract ChainlinkPriceSourceTest is Fixture {
    uint256 private constant NOW = 1_700_000_000;
    SettableFeed private feed;
    SettableFeed private sequencer;
    ChainlinkPriceSource private plain;
    ChainlinkPriceSource private onL2;

    function setUp() public {
        vm.warp(NOW);
        feed = new SettableFeed();
        sequencer = new SettableFeed();
        plain = _source(AggregatorV3Interface(address(0)));
        onL2 = _source(sequencer);
    }

    function _source(AggregatorV3Interface sequencer_) private returns (ChainlinkPriceSource) {
        return new ChainlinkPriceSource(
            ChainlinkPriceSource.Config(feed, 1 hours, 1e8, 1000e8, sequencer_, 30 minutes)
        );
    }

    function testFuzz_read_scalesToWad(uint8 decimals) public {
        decimals = uint8(bound(decimals, 0, 18));
        feed.setDecimals(decimals);
        int256 one = int256(10 ** uint256(decimals));
        ChainlinkPriceSource source = new ChainlinkPriceSource(
            ChainlinkPriceSource.Config(feed, 1 hours, 0, one * 1000, AggregatorV3Interface(address(0)), 0)
        );
        feed.set(one * 7, NOW, NOW, 5);
        (uint256 price, uint64 updatedAt) = source.read();
        assertEq(price, 7e18);
        assertEq(updatedAt, NOW);
    }

    function testFuzz_read_revertsWhenOld(uint256 age) public {
        age = bound(age, 1 hours + 1, NOW - 1);
        feed.set(100e8, NOW, NOW - age, 5);
        vm.expectRevert(abi.encodeWithSelector(IPriceSource.PriceTooOld.selector, age, 1 hours));
        plain.read();
    }

    function test_read_acceptsAtTheLimitOfAge() public {
        feed.set(100e8, NOW, NOW - 1 hours, 5);
        plain.read();
    }

    function test_read_revertsWhenTimeInvalid() public {
        feed.set(100e8, NOW, 0, 5);
        vm.expectRevert(abi.encodeWithSelector(IPriceSource.PriceTimeInvalid.selector, 0));
        plain.read();
        feed.set(100e8, NOW, NOW + 1, 5);
        vm.expectRevert(abi.encodeWithSelector(IPriceSource.PriceTimeInvalid.selector, NOW + 1));
        plain.read();
    }

    function test_read_revertsWhenRoundNotComplete() public {
        feed.set(100e8, NOW, NOW, 4);
        vm.expectRevert(abi.encodeWithSelector(IPriceSource.RoundNotComplete.selector, 5, 4));
        plain.read();
    }

    function testFuzz_read_revertsOutsideBounds(int256 answer) public {
        feed.set(answer, NOW, NOW, 5);
        if (answer <= 0) {
            vm.expectRevert(abi.encodeWithSelector(IPriceSource.PriceNotPositive.selector, answer));
        } else if (answer <= 1e8 || answer >= 1000e8) {
            vm.expectRevert(
                abi.encodeWithSelector(IPriceSource.PriceOutOfBounds.selector, answer, 1e8, 1000e8)
            );
        }
        plain.read();
    }

    function test_read_revertsAtTheBounds() public {
        testFuzz_read_revertsOutsideBounds(1e8);
        testFuzz_read_revertsOutsideBounds(1000e8);
        testFuzz_read_revertsOutsideBounds(0);
        testFuzz_read_revertsOutsideBounds(1e8 + 1);
    }

    function test_read_revertsWhenSequencerDown() public {
        sequencer.set(1, NOW - 1 days, NOW, 5);
        vm.expectRevert(IPriceSource.SequencerDown.selector);
        onL2.read();
        // an uptime feed that was never written
        sequencer.set(0, 0, NOW, 5);
        vm.expectRevert(IPriceSource.SequencerDown.selector);
        onL2.read();
    }

    function testFuzz_read_waitsForSequencerGrace(uint256 upFor) public {
        upFor = bound(upFor, 0, 1 hours);
        sequencer.set(0, NOW - upFor, NOW, 5);
        if (upFor <= 30 minutes) {
            vm.expectRevert(
                abi.encodeWithSelector(IPriceSource.SequencerGraceNotOver.selector, upFor, 30 minutes)
            );
        }
        onL2.read();
    }

    function test_constructor_revertsWhenInvalid() public {
        AggregatorV3Interface none = AggregatorV3Interface(address(0));
        vm.expectRevert(abi.encodeWithSelector(ChainlinkPriceSource.BoundsInvalid.selector, -1, 5));
        new ChainlinkPriceSource(ChainlinkPriceSource.Config(feed, 1, -1, 5, none, 0));
        vm.expectRevert(abi.encodeWithSelector(ChainlinkPriceSource.BoundsInvalid.selector, 5, 5));
        new ChainlinkPriceSource(ChainlinkPriceSource.Config(feed, 1, 5, 5, none, 0));
        vm.expectRevert(ChainlinkPriceSource.MaxAgeZero.selector);
        new ChainlinkPriceSource(ChainlinkPriceSource.Config(feed, 0, 0, 5, none, 0));
        feed.setDecimals(19);
        vm.expectRevert(abi.encodeWithSelector(ChainlinkPriceSource.FeedDecimalsTooMany.selector, 19));
        new ChainlinkPriceSource(ChainlinkPriceSource.Config(feed, 1, 0, 5, none, 0));
    }
}
