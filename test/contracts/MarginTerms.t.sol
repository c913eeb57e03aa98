// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MarginTerms} from "../../contracts/clearing/MarginTerms.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {CollateralLane, IMarginTerms} from "../../contracts/interfaces/IMarginTerms.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {Epoch, IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {HouseFixture} from "./HouseFixture.sol";

contract MarginTermsTest is HouseFixture {
    using Lanes for uint256;
    using Numbers for uint256;

    /// {ppm per observation} of the fixture's risk state
    uint256 private constant VOLATILITY = 10_000;

    function setUp() public {
        _deployHouse();
    }

    function _price(uint256[8] memory words, uint256 lane) private pure returns (uint256) {
        return words[lane / 3].read(4 * (lane % 3), 4);
    }

    /// What liquidation has of the current epoch; statements have the same but for lanes that failed, which support nothing.
    function _facts() private view returns (uint256[8] memory words) {
        words = terms.factsAt(riskArrays.currentNumber());
        uint256[8] memory strict = terms.facts();
        uint256 failed = terms.failedLanes();
        for (uint256 i; i < 8; ++i) {
            for (uint256 lane; lane < 12; ++lane) {
                bool fails = i == 4 && (failed >> lane) & 1 == 1;
                assertEq(strict[i].get(lane), fails ? 1_000_000 : words[i].get(lane));
            }
        }
        assertEq(abi.encode(terms.strictFactsAt(riskArrays.currentNumber())), abi.encode(strict));
    }

    /// Begins an epoch and takes its snapshot before it is current.
    function _pending() private returns (uint64 number) {
        vm.warp(vm.getBlockTimestamp() + EPOCH_INTERVAL);
        publisher.publish(prices);
        number = riskArrays.beginEpoch();
        terms.snapshot(number);
    }

    // --- snapshots

    function test_snapshot_isTheStatementsWords() public view {
        uint256[8] memory words = _facts();
        assertEq(_price(words, 0), _spot(0), "the array's own spot");
        assertEq(_price(words, 1), _spot(2));
        assertEq(_price(words, 2), 1e12);
        for (uint256 lane = 3; lane < 12; ++lane) {
            assertEq(_price(words, lane), 0);
        }
        uint256 byVolatility = (VOLATILITY + 1) * 3;
        assertEq(
            words[4], uint256(0).put(0, 60_000 + byVolatility).put(1, 70_000 + byVolatility).put(2, 25_000)
        );
        assertEq(words[5], uint256(0).put(0, 2_000).put(1, 5_000).put(2, 100));
        assertEq(words[6], uint256(0).put(0, 1), "lane 2 of the log has no array, so lane 1 has none");
        assertEq(words[7], _marginTerms());
        assertEq(terms.failedLanes(), 0);
    }

    /// Of two arrays with an underlying the first counts; an array that is not in the epoch does not.
    function test_snapshot_namesTheFirstArray() public {
        _listArray(2, 2);
        _listArray(3, 2);
        _listOption(3, 0, Clearing.KIND_CALL, soon, _spot(2));
        _epoch();
        assertEq(terms.facts()[6], uint256(0).put(0, 1).put(1, 4));
        _listOption(2, 0, Clearing.KIND_CALL, soon, _spot(2));
        _epoch();
        assertEq(terms.facts()[6], uint256(0).put(0, 1).put(1, 3));
    }

    /// A source that fails or burns its gas takes no other lane with it: its price stands, and the haircut grows.
    function test_snapshot_ofAFailingSource() public {
        uint256 answered = vm.getBlockTimestamp();
        // {ppm} 5 volatilities of 1 % over 1, 2 and 3 hours
        uint256[3] memory moved = [uint256(50_000), 70_711, 86_603];
        for (uint256 mood; mood < 3; ++mood) {
            if (mood == 0) moody.set(0, false);
            if (mood == 1) moody.set(1e18, true);
            if (mood == 2) moody.set(uint256(1 << 84) * 1e6, false);
            _tick();
            _epochNow();
            assertEq(vm.getBlockTimestamp() - answered, (mood + 1) * 1 hours);
            uint256[8] memory words = _facts();
            assertEq(_price(words, 2), 1e12);
            uint256 even = (975_000 * (mood + 1) + 23) / 24;
            assertEq(words[4].get(2), 25_000 + (moved[mood] > even ? moved[mood] : even));
            assertEq(words[4].get(0), 60_000 + (VOLATILITY + 1) * 3);
            assertEq(terms.failedLanes(), 1 << 2);
        }
        moody.set(0.98e18, false);
        _epoch();
        assertEq(_price(_facts(), 2), 0.98e12);
        assertEq(_facts()[4].get(2), 25_000);
        assertEq(terms.failedLanes(), 0);
        // and from then on, not from the first answer
        moody.set(0, false);
        _epoch();
        assertEq(_price(_facts(), 2), 0.98e12);
        assertEq(_facts()[4].get(2), 25_000 + 20_413, "5 volatilities of 1 % over ten minutes");
    }

    /// What the surcharge promises: for any time, at least 5 volatilities of it and the even way, all after a day and not before.
    function testFuzz_snapshot_surcharge(uint256 age) public {
        age = bound(age, EPOCH_INTERVAL, 26 hours);
        vm.warp(vm.getBlockTimestamp() + age);
        moody.set(0, false);
        uint256[8] memory words = _wordsOfLater(3);
        uint256 surcharge = words[4].get(2) - 25_000;
        if (age >= 24 hours) {
            assertEq(words[4].get(2), 1_000_000);
            return;
        }
        assertLt(words[4].get(2), 1_000_000, "not before a day");
        // squared: (5 · 1 %)² · age / interval
        assertGe(surcharge * surcharge * 1 hours, 50_000 ** 2 * age);
        assertGe(surcharge * 24 hours, 975_000 * age);
        // of either, no more than rounding
        assertTrue(
            (surcharge - 2) ** 2 * 1 hours < 50_000 ** 2 * age || (surcharge - 1) * 24 hours < 975_000 * age
        );
    }

    /// A token that the log has moves by its own proven volatility.
    function test_snapshot_surchargeByProvenVolatility() public {
        vm.mockCallRevert(address(sources[2]), abi.encodeCall(IPriceSource.read, ()), "");
        _epoch();
        assertEq(terms.failedLanes(), 1 << 1);
        uint256[8] memory words = _facts();
        assertEq(_price(words, 1), _spot(2));
        // {ppm} ⌈5 · 10,001 · 0.408249⌉ over ten minutes
        assertEq(words[4].get(1), 70_000 + (VOLATILITY + 1) * 3 + 20_415);
        assertEq(words[4].get(2), 25_000);
    }

    /// A lane that has never had an answer supports nothing from its first failure on.
    function test_snapshot_ofASourceThatNeverAnswered() public {
        moody.set(0, false);
        CollateralLane[12] memory lanes = _lanes();
        terms = new MarginTerms(riskArrays, governor, TERMS_DELAY, lanes, _marginTerms(), _limits());
        terms.snapshot(riskArrays.currentNumber());
        uint256[8] memory words = _facts();
        assertEq(_price(words, 2), 0);
        assertEq(words[4].get(2), 1_000_000);
        assertEq(terms.failedLanes(), 1 << 2);
    }

    /// The price that stays is of the last answer, whatever the epochs of the snapshots.
    function test_snapshot_afterAnEarlierEpochsIsTakenLater() public {
        // two pending epochs; the first becomes current when the second has its place: its snapshot comes last
        moody.set(2e18, false);
        uint64 third = _pending();
        uint256[] memory firstArray = _arrayWords(third, 0);
        uint256[] memory secondArray = _arrayWords(third, 1);
        moody.set(3e18, false);
        _pending();
        riskArrays.accept(third, 0, firstArray, 1, _anyProof());
        riskArrays.accept(third, 1, secondArray, 1, _anyProof());
        moody.set(4e18, false);
        terms.snapshot(third);
        assertEq(_price(_facts(), 2), 4e12);
        moody.set(0, false);
        _acceptAll(_pending());
        assertEq(_price(_facts(), 2), 4e12);
        assertEq(_facts()[4].get(2), 25_000 + 20_413);
    }

    /// An older epoch's spot, though its snapshot comes last, is not the last answer.
    function test_snapshot_ofAnArrayThatIsGone() public {
        uint64 older = _pending();
        uint256[] memory firstArray = _arrayWords(older, 0);
        uint256[] memory secondArray = _arrayWords(older, 1);
        uint256 spot = _spot(0);
        prices[0] = prices[0] * 99 / 100;
        _pending();
        riskArrays.accept(older, 0, firstArray, 1, _anyProof());
        riskArrays.accept(older, 1, secondArray, 1, _anyProof());
        terms.snapshot(older);
        assertEq(_price(terms.facts(), 0), spot);
        vm.mockCallRevert(address(sources[0]), abi.encodeCall(IPriceSource.read, ()), "");
        vm.warp(vm.getBlockTimestamp() + EPOCH_INTERVAL);
        uint256[8] memory words = _wordsOfLater(2);
        assertEq(_price(words, 0), _spot(0));
        assertEq(words[4].get(0), 60_000 + (VOLATILITY + 1) * 3 + 20_415);
        assertEq(words[6], 0);
    }

    /// A snapshot of a later epoch with some of the arrays, whatever the age of the risk state.
    function _wordsOfLater(uint8 inEpoch) private returns (uint256[8] memory words) {
        publisher.publish(prices);
        uint64 number = riskArrays.latestNumber();
        Epoch memory epoch = riskArrays.epochAt(number);
        (epoch.number, epoch.time, epoch.arrays) = (number + 1, uint64(vm.getBlockTimestamp()), inEpoch);
        vm.mockCall(address(riskArrays), abi.encodeCall(IRiskArrays.latestNumber, ()), abi.encode(number + 1));
        vm.mockCall(address(riskArrays), abi.encodeCall(IRiskArrays.epochAt, (number + 1)), abi.encode(epoch));
        terms.snapshot(number + 1);
        vm.clearMockedCalls();
        return terms.factsAt(number + 1);
    }

    function _epochNow() private {
        uint64 number = riskArrays.beginEpoch();
        _acceptAll(number);
        terms.snapshot(number);
    }

    /// With whatever gas, a snapshot is taken with every source that answers, or not at all.
    function testFuzz_snapshot_cannotBeStarved(uint256 gas) public {
        gas = bound(gas, 100_000, 2_000_000);
        vm.warp(vm.getBlockTimestamp() + EPOCH_INTERVAL);
        publisher.publish(prices);
        uint64 number = riskArrays.beginEpoch();
        try terms.snapshot{gas: gas}(number) {
            _acceptAll(number);
            assertEq(terms.failedLanes(), 0);
        } catch {}
    }

    function test_snapshot_revertsWhenGasMissing() public {
        vm.warp(vm.getBlockTimestamp() + EPOCH_INTERVAL);
        publisher.publish(prices);
        uint64 number = riskArrays.beginEpoch();
        vm.expectPartialRevert(IMarginTerms.SourceGasMissing.selector);
        terms.snapshot{gas: 350_000}(number);
    }

    function test_snapshot_onceForAnOpenEpoch() public {
        uint64 current = riskArrays.currentNumber();
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.SnapshotTakenBefore.selector, current));
        terms.snapshot(current);
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.EpochNotOpen.selector, current + 1));
        terms.snapshot(current + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.EpochNotOpen.selector, 0));
        terms.snapshot(0);
    }

    /// Epochs that nobody proves come and go; the current one keeps its snapshot, and one that becomes current has or gets
    /// its own.
    function test_snapshot_ofEpochsThatOvertake() public {
        uint256[8] memory words = terms.facts();
        uint64 current = riskArrays.currentNumber();
        moody.set(2e18, false);
        _pending();
        moody.set(3e18, false);
        uint64 second = _pending();
        assertEq(abi.encode(terms.facts()), abi.encode(words));
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.SnapshotTakenBefore.selector, current));
        terms.snapshot(current);
        _acceptAll(second);
        assertEq(_price(terms.facts(), 2), 3e12);

        // the next two: the first of them becomes current after the second has taken its place
        uint64 third = _pending();
        uint256[8] memory none;
        uint256[] memory firstArray = _arrayWords(third, 0);
        uint256[] memory secondArray = _arrayWords(third, 1);
        moody.set(4e18, false);
        uint64 fourth = _pending();
        riskArrays.accept(third, 0, firstArray, 1, _anyProof());
        riskArrays.accept(third, 1, secondArray, 1, _anyProof());
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.SnapshotMissing.selector, third));
        none = terms.facts();
        terms.snapshot(third);
        assertEq(_price(terms.facts(), 2), 4e12);
        _acceptAll(fourth);
        assertEq(_price(terms.facts(), 2), 4e12);
    }

    // --- terms

    function test_scheduleLane_countsAfterItsDelay() public {
        CollateralLane memory lane = CollateralLane(sources[1], 2, 1, 2, 3, 4);
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.NotGovernor.selector, address(this)));
        terms.scheduleLane(11, lane);
        assertFalse(terms.laneInUse(11));
        vm.prank(governor);
        terms.scheduleLane(11, lane);
        uint64 readyAt = uint64(vm.getBlockTimestamp()) + TERMS_DELAY;
        vm.warp(readyAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.NotReady.selector, readyAt));
        terms.applyLane(11);
        vm.warp(readyAt);
        terms.applyLane(11);
        assertTrue(terms.laneInUse(11));
        assertEq(abi.encode(terms.lane(11)), abi.encode(lane));
        vm.expectRevert(IMarginTerms.NothingScheduled.selector);
        terms.applyLane(11);
    }

    function test_scheduleMarginTerms_countsFromTheNextSnapshot() public {
        uint256 word = _with(Clearing.MARGIN_TERM_BASIS, 0);
        vm.prank(governor);
        terms.scheduleMarginTerms(word);
        vm.expectPartialRevert(IMarginTerms.NotReady.selector);
        terms.applyMarginTerms();
        vm.warp(vm.getBlockTimestamp() + TERMS_DELAY);
        terms.applyMarginTerms();
        assertEq(terms.facts()[7], _marginTerms(), "an epoch has one set of terms");
        _tick(); // a new base after the gap
        _tick();
        _acceptRiskState(_volatilities(10_000));
        _reportAll();
        _epoch();
        assertEq(terms.facts()[7], word);
        vm.expectRevert(IMarginTerms.NothingScheduled.selector);
        terms.applyMarginTerms();
    }

    function test_scheduleLane_refusesWhatIsOutOfBounds() public {
        CollateralLane memory lane = CollateralLane(sources[1], 2, 1, 2, 3, 4);
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.LaneUnknown.selector, 12));
        terms.scheduleLane(12, lane);
        lane.source = IPriceSource(alice);
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.SourceUnusable.selector, 3));
        terms.scheduleLane(3, lane);
        lane = CollateralLane(sources[1], 4, 1, 2, 3, 4);
        vm.expectRevert(abi.encodeWithSelector(IMarginTerms.UnderlyingUnknown.selector, 4));
        terms.scheduleLane(3, lane);
        _refuse(CollateralLane(sources[1], 2, 1_000_001, 2, 3, 4), "base", 1_000_001, 1_000_000);
        _refuse(CollateralLane(sources[1], 2, 1, 100_000_001, 3, 4), "volatilityMultiple", 100_000_001, 1e8);
        _refuse(CollateralLane(sources[1], 2, 1, 2, 1_000_001, 4), "uncertainty", 1_000_001, 1_000_000);
        _refuse(CollateralLane(sources[1], 2, 1, 2, 3, 1 << 21), "slope", 1 << 21, (1 << 21) - 1);
        // the bounds themselves make a haircut of all
        terms.scheduleLane(3, CollateralLane(sources[1], 2, 1_000_000, 1e8, 1_000_000, (1 << 21) - 1));
    }

    function _refuse(CollateralLane memory lane, bytes32 name, uint256 value, uint256 maximum) private {
        vm.expectRevert(
            abi.encodeWithSelector(IMarginTerms.LaneTermOutOfBounds.selector, name, value, maximum)
        );
        terms.scheduleLane(3, lane);
    }

    function _with(uint256 term, uint256 value) private pure returns (uint256) {
        uint256 mask = ((1 << 21) - 1) << (21 * term);
        return (_marginTerms() & ~mask).put(term, value);
    }

    function test_scheduleMarginTerms_refusesWhatIsOutOfBounds() public {
        uint256[8] memory least = [uint256(500_000), 1_000_000, 0, 10_000, 0, 10_000, 0, 0];
        uint256[8] memory most =
            [uint256(1_250_000), 1_666_666, 20_000, 200_000, 20_000, 200_000, 200_000, 200_000];
        vm.startPrank(governor);
        for (uint256 term; term < 8; ++term) {
            terms.scheduleMarginTerms(_with(term, least[term]));
            terms.scheduleMarginTerms(_with(term, most[term]));
            vm.expectRevert();
            terms.scheduleMarginTerms(_with(term, most[term] + 1));
            if (least[term] == 0) continue;
            vm.expectPartialRevert(IMarginTerms.MarginTermOutOfBounds.selector);
            terms.scheduleMarginTerms(_with(term, least[term] - 1));
        }
        // 1 / (3 steps of at most 20 %)
        vm.expectRevert(
            abi.encodeWithSelector(IMarginTerms.LossFactorTooLarge.selector, 1_666_667, 1_666_666)
        );
        terms.scheduleMarginTerms(_with(Clearing.MARGIN_TERM_INITIAL_LOSS_FACTOR, 1_666_667));
        uint256 unnamed = _marginTerms().put(8, 1);
        vm.expectPartialRevert(Lanes.LaneOutOfRange.selector);
        terms.scheduleMarginTerms(unnamed);
    }

    function test_constructor_refuses() public {
        CollateralLane[12] memory lanes = _lanes();
        vm.expectRevert(IMarginTerms.AddressZero.selector);
        new MarginTerms(riskArrays, address(0), TERMS_DELAY, lanes, _marginTerms(), _limits());
        vm.expectPartialRevert(IMarginTerms.DelayOutOfBounds.selector);
        new MarginTerms(riskArrays, governor, 1 days - 1, lanes, _marginTerms(), _limits());
        vm.expectPartialRevert(IMarginTerms.DelayOutOfBounds.selector);
        new MarginTerms(riskArrays, governor, 30 days + 1, lanes, _marginTerms(), _limits());
        vm.expectPartialRevert(IMarginTerms.MarginTermOutOfBounds.selector);
        new MarginTerms(riskArrays, governor, TERMS_DELAY, lanes, 0, _limits());
    }
}
