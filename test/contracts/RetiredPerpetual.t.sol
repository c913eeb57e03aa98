// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IExchange, Order, Side} from "../../contracts/interfaces/IExchange.sol";
import {IListings} from "../../contracts/interfaces/IListings.sol";
import {IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {HouseFixture} from "./HouseFixture.sol";

/// @notice Rule A-12 through the real house: notice, closing trades, the last funding, the price, and the place afterwards.
contract RetiredPerpetualTest is HouseFixture {
    using AccountWords for uint256[10];

    uint256 private constant LOT = 2_500_001;
    uint64 private constant NOTICE = 7 days;
    uint64 private constant HALTED_NOTICE = 1 days;
    uint64 private constant PATIENCE = 7 days;
    bytes32 private third;
    uint64 private end;

    function setUp() public {
        _deployHouse();
        third = _account(alice, 3);
        _deposit(first, CASH_LANE, 1e13);
        _deposit(second, CASH_LANE, 1e13);
        _deposit(third, CASH_LANE, 1e13);
    }

    function _now() private view returns (uint64) {
        return uint64(vm.getBlockTimestamp());
    }

    function _giveNotice() private {
        vm.prank(governor);
        end = listings.giveNotice(PERPETUAL);
    }

    function _open() private {
        _trade(first, second, PERPETUAL, LOT, _spot(0) * 101 / 100);
        _trade(third, second, PERPETUAL, LOT / 3, _spot(0) * 101 / 100);
    }

    /// An epoch in which the feed of array 0 does not answer.
    function _silentEpoch() private {
        int120 price = prices[0];
        prices[0] = 0;
        _epoch();
        prices[0] = price;
    }

    function _settleAll() private {
        house.settle(first);
        house.settle(second);
        house.settle(third);
    }

    function _total() private view returns (int256) {
        return _cash(first) + _cash(second) + _cash(third) + _cash(backstop);
    }

    // --- notice

    function test_giveNotice_revertsWhenThereIsNothingToEnd() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IListings.NotGovernor.selector, bob));
        listings.giveNotice(PERPETUAL);
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(IListings.SeriesNotListed.selector, 3));
        listings.giveNotice(3);
        vm.expectRevert(abi.encodeWithSelector(IListings.SeriesNotListed.selector, 64));
        listings.giveNotice(64);
        vm.expectRevert(abi.encodeWithSelector(IListings.SeriesNotPerpetual.selector, CALL));
        listings.giveNotice(CALL);
    }

    /// Neither earlier nor later: not by another notice, in whatever state the array is then.
    function test_giveNotice_isForGood() public {
        vm.expectEmit(address(listings));
        emit IListings.NoticeGiven(PERPETUAL, _now() + NOTICE);
        _giveNotice();
        assertEq(end, _now() + NOTICE);
        assertEq(listings.listing(PERPETUAL).expiry, end);
        bytes memory again = abi.encodeWithSelector(IListings.NoticeAlreadyGiven.selector, PERPETUAL, end);
        vm.prank(governor);
        vm.expectRevert(again);
        listings.giveNotice(PERPETUAL);
        _silentEpoch();
        vm.warp(_now() + 2 days);
        _silentEpoch();
        vm.prank(governor);
        vm.expectRevert(again);
        listings.giveNotice(PERPETUAL);
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.NotListings.selector, governor));
        riskArrays.setFundingEnd(0, 0);
    }

    function testFuzz_giveNotice_isShorterOnlyAfterADayOfHalts(uint256 halted, bool recovered) public {
        halted = bound(halted, EPOCH_INTERVAL, 3 days);
        _silentEpoch();
        uint64 since = _now();
        vm.warp(since + halted - EPOCH_INTERVAL);
        if (recovered) {
            _refreshFacts();
            _epoch();
            assertEq(riskArrays.current().halted, 0);
        } else {
            _silentEpoch();
            assertEq(riskArrays.haltedSince(0), since);
        }
        _giveNotice();
        bool shorter = !recovered && _now() > since + HALTED_NOTICE;
        assertEq(end - _now(), shorter ? HALTED_NOTICE : NOTICE);
    }

    /// One pause after a day without any epoch is no day of halts.
    function test_giveNotice_isNotShorterForOnePause() public {
        vm.warp(_now() + 3 days);
        _silentEpoch();
        _giveNotice();
        assertEq(end - _now(), NOTICE);
    }

    // --- trades

    function test_trade_onlyCloses() public {
        _open();
        Side memory old = _sideOf(first, PERPETUAL, false, LOT, _spot(0));
        Side memory oldTaker = _sideOf(second, PERPETUAL, true, LOT, _spot(0));
        _giveNotice();
        bytes32 hash = exchange.hashOrder(old.order);
        vm.expectRevert(abi.encodeWithSelector(IExchange.TermsDiffer.selector, hash));
        exchange.trade(old, oldTaker, LOT);

        bytes32 fresh = _account(alice, 99);
        // a new holder, one more of the same side, and one that would end on the other
        _refused(fresh, second, 1, fresh, 0);
        _refused(first, second, 1, first, int256(LOT));
        _refused(second, fresh, 1, fresh, 0);
        _refused(second, first, LOT + 1, first, int256(LOT));
        _trade(second, first, PERPETUAL, LOT - 1, _spot(0));
        assertEq(_quantity(first, PERPETUAL), 1);
        _refused(second, first, 2, first, 1);
        _trade(second, first, PERPETUAL, 1, _spot(0));
        assertEq(house.openInterest(PERPETUAL), 2 * (LOT / 3));
        // from a holder to another account: somebody would have more
        bytes32 other = _account(bob, 98);
        _refused(other, third, 1, other, 0);
    }

    function _refused(bytes32 buyer, bytes32 seller, uint256 quantity, bytes32 account, int256 held) private {
        Side memory maker = _sideOf(buyer, PERPETUAL, true, quantity, _spot(0));
        Side memory taker = _sideOf(seller, PERPETUAL, false, quantity, _spot(0));
        vm.expectRevert(
            abi.encodeWithSelector(IExchange.PositionNotClosing.selector, account, PERPETUAL, held)
        );
        exchange.trade(maker, taker, quantity);
    }

    function test_trade_endsWithTheNotice() public {
        _open();
        _giveNotice();
        vm.warp(end - 1);
        assertTrue(listings.tradable(PERPETUAL));
        vm.warp(end);
        assertFalse(listings.tradable(PERPETUAL));
        Side memory maker = _sideOf(second, PERPETUAL, true, 1, _spot(0));
        Side memory taker = _sideOf(first, PERPETUAL, false, 1, _spot(0));
        vm.expectRevert(abi.encodeWithSelector(IExchange.SeriesNotTradable.selector, PERPETUAL));
        exchange.trade(maker, taker, 1);
        // and a trade told of all the same moves no funding
        vm.prank(address(house));
        vm.recordLogs();
        riskArrays.recordTrade(PERPETUAL, 2 * _spot(0), LOT);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    /// Both leave a halted array without a proof, in the notice as before it.
    function test_trade_letsBothOutOfAHaltedArray() public {
        _trade(first, second, PERPETUAL, LOT, _spot(0));
        _silentEpoch();
        _giveNotice();
        marginVerifier.refuseAll();
        _trade(second, first, PERPETUAL, LOT, _spot(0));
        assertTrue(house.isHealthy(first, Clearing.LEVEL_INITIAL));
        assertTrue(house.isHealthy(second, Clearing.LEVEL_INITIAL));
    }

    /// Liquidation takes over what no trade could.
    function test_moveSlice_goesOnInTheNoticeAndAfterIt() public {
        _open();
        _giveNotice();
        bytes32 fresh = _account(makeAddr("bidder"), 0);
        bytes32 later = _account(makeAddr("bidder"), 1);
        vm.prank(liquidation);
        house.moveSlice(first, fresh, 500_000);
        vm.warp(end - 1 hours);
        _epoch();
        vm.warp(end);
        riskArrays.endFunding(0);
        vm.prank(liquidation);
        house.moveSlice(fresh, later, 500_000);
        assertGt(_quantity(later, PERPETUAL), 0);
        vm.warp(end + PATIENCE + 1);
        _settleAll();
        house.settle(fresh);
        house.settle(later);
        assertEq(house.openInterest(PERPETUAL), 0);
        assertGe(house.unsettled(PERPETUAL), 0);
        assertLe(house.unsettled(PERPETUAL), 16);
    }

    // --- the last funding

    /// Whoever comes first after the end, an epoch that begins, one that becomes current, or anybody: the same number.
    function testFuzz_endFunding_isTheSameWhoeverBooksIt(uint256 late, uint256 before) public {
        late = bound(late, 0, 3 days);
        before = bound(before, 1, 29 minutes);
        _open();
        _giveNotice();
        vm.warp(end - 6 hours);
        _refreshFacts();
        vm.warp(end - 40 minutes - EPOCH_INTERVAL);
        _epoch();
        int256 index = riskArrays.fundingIndex(PERPETUAL);
        // 0.2 % below spot, which counts for the 40 minutes that are left
        _trade(second, first, PERPETUAL, LOT / 2, _spot(0) * 998 / 1000);
        prices[0] = prices[0] * 101 / 100;
        vm.warp(end - before);
        publisher.publish(prices);
        uint64 number = riskArrays.beginEpoch(); // before the end, and not proven by then
        uint256[][2] memory statements = [_arrayWords(number, 0), _arrayWords(number, 1)];
        uint256 spot = _spot(0);
        int256 expected = index + int256(spot) * -int256(uint256(2_000 * 40 minutes) / 8 hours) / 1e6;

        vm.warp(end - 1);
        riskArrays.endFunding(0);
        assertEq(riskArrays.fundingIndex(PERPETUAL), index, "not before the end");
        vm.warp(end + late);
        uint256 state = vm.snapshotState();
        vm.prank(bob);
        riskArrays.endFunding(0);
        _requireEnd(expected, spot);
        vm.revertToState(state);
        prices[0] = prices[0] * 9 / 10;
        vm.warp(end + late + EPOCH_INTERVAL);
        publisher.publish(prices);
        riskArrays.beginEpoch();
        _requireEnd(expected, spot);
        vm.revertToState(state);
        riskArrays.accept(number, 0, statements[0], 1, _anyProof());
        riskArrays.accept(number, 1, statements[1], 1, _anyProof());
        _requireEnd(expected, spot);
        // and nothing moves it any more
        _refreshFacts();
        _epoch();
        riskArrays.endFunding(0);
        _requireEnd(expected, spot);
    }

    function _requireEnd(int256 index, uint256 spot) private view {
        assertEq(riskArrays.fundingIndex(PERPETUAL), index, "another last funding");
        (bool isOver, uint256 ended,) = riskArrays.endOf(0);
        assertTrue(isOver);
        assertEq(ended, spot, "another spot");
    }

    // --- settlement

    /// Hourly observations up to the end, and three accounts in any order: each gets what the rule says, and once.
    function testFuzz_settle_paysTheAverageAndTheLastFunding(uint256 move, uint256 order, bool epochAfter)
        public
    {
        move = bound(move, 700, 1400);
        _open();
        _giveNotice();
        vm.warp(end - 12 hours);
        _refreshFacts();
        _epoch();
        _settleAll();
        int256 index = riskArrays.fundingIndex(PERPETUAL);
        _trade(second, first, PERPETUAL, LOT / 5, _spot(0) * 99 / 100);
        int256 last = int256(_spot(0)) * -int256(uint256(10_000 * 1 hours) / 8 hours) / 1e6;
        prices[0] = prices[0] * int120(int256(move)) / 1000 + 7;
        uint256 average = _spot(0);
        int256[3] memory expected = _expected(last, average);
        _untilSettled(end);
        assertEq(settlementPrices.settlementPrice(0, end), average);
        int256 total = _total() + house.unsettled(PERPETUAL);
        (bool isFinal,) = listings.payoff(PERPETUAL);
        assertFalse(isFinal, "not before its last funding");
        prices[0] = prices[0] * 11 / 10;
        if (epochAfter) _epoch();
        else riskArrays.endFunding(0);
        assertEq(riskArrays.fundingIndex(PERPETUAL), index + last);

        for (uint256 i; i < 3; ++i) {
            uint256 which = (i + order % 3) % 3;
            _requireSettled(_accounts()[which], expected[which]);
        }
        assertEq(house.openInterest(PERPETUAL), 0);
        assertGe(house.unsettled(PERPETUAL), 0);
        assertEq(_total() + house.unsettled(PERPETUAL), total);
        house.sweep(PERPETUAL);
        assertEq(_total(), total);
    }

    function _accounts() private view returns (bytes32[3] memory) {
        return [first, second, third];
    }

    /// What each account has after its last funding and its settlement, each rounded down.
    function _expected(int256 funding, uint256 price) private view returns (int256[3] memory cash) {
        for (uint256 i; i < 3; ++i) {
            bytes32 account = _accounts()[i];
            int256 held = _quantity(account, PERPETUAL);
            cash[i] = _cash(account) + _floor(-held * funding) + _floor(held * int256(price));
        }
    }

    function _requireSettled(bytes32 account, int256 cash) private {
        assertEq(_cash(account), cash, "due before anybody settles");
        house.settle(account);
        uint32 version = house.version(account);
        house.settle(account);
        assertEq(house.version(account), version, "settled twice");
        assertEq(_cash(account), cash);
        assertFalse(house.accountWords(account).hasPositions());
    }

    function _floor(int256 a) private pure returns (int256 quotient) {
        quotient = a / 1e12;
        if (a % 1e12 < 0) --quotient;
    }

    /// No price, no epoch, no observation and no proof since the feed has died: all are settled at the last price there was.
    function test_settle_ofADeadFeedWaitsForNothing() public {
        _open();
        _settleAll();
        int256 long = _cash(first);
        uint256 spot = _spot(0);
        _silentEpoch();
        vm.warp(_now() + 1 days);
        _silentEpoch();
        prices[0] = 0;
        _giveNotice();
        assertEq(end - _now(), HALTED_NOTICE);
        marginVerifier.refuseAll();
        vm.warp(end);
        house.settle(first);
        assertEq(_quantity(first, PERPETUAL), int256(LOT), "its last funding is not booked");
        riskArrays.endFunding(0);
        _settleAll();
        assertEq(house.openInterest(PERPETUAL), 0);
        // one trade's premium of 1 %, of which the epochs have booked an hour
        int256 paid = _floor(-int256(LOT) * riskArrays.fundingIndex(PERPETUAL));
        assertEq(_cash(first), long + paid + _floor(int256(LOT * spot)));
        uint256 all = uint256(_cash(third));
        vm.prank(alice);
        house.withdraw(third, CASH_LANE, all, EID, "", "", _rich());
    }

    /// A log that has died, under a price that lives: what accounts were measured by, once it is sure that no average comes.
    function testFuzz_settle_fallsBackToTheSpotAtTheEnd(uint256 recorded, bool recordsLate) public {
        recorded = bound(recorded, 0, SETTLEMENT_COUNT - 1);
        _open();
        _giveNotice();
        vm.warp(end - 5 hours);
        for (uint256 i; i < recorded; ++i) {
            _tick();
            settlementPrices.record(0, end);
        }
        vm.warp(end - 1 hours);
        prices[0] = prices[0] * 105 / 100;
        _epoch();
        uint256 spot = _spot(0);
        vm.warp(end + 1);
        prices[0] = prices[0] * 105 / 100;
        _epoch();
        (bool isFinal,) = listings.payoff(PERPETUAL);
        assertFalse(isFinal);
        vm.warp(end + PATIENCE);
        (isFinal,) = listings.payoff(PERPETUAL);
        assertFalse(isFinal);
        house.settle(first);
        assertEq(_quantity(first, PERPETUAL), int256(LOT));
        vm.warp(end + PATIENCE + 1);
        if (recordsLate && recorded == 0) {
            settlementPrices.record(0, end);
            assertTrue(settlementPrices.isFinal(0, end));
        }
        uint256 payoff;
        (isFinal, payoff) = listings.payoff(PERPETUAL);
        assertTrue(isFinal);
        assertEq(payoff, spot, "one late observation decides nothing");
        house.settle(first);
        _tick();
        if (!recordsLate && recorded == 0) settlementPrices.record(0, end);
        (, payoff) = listings.payoff(PERPETUAL);
        assertEq(payoff, spot, "never changes once given");
        _settleAll();
        assertEq(house.openInterest(PERPETUAL), 0);
    }

    /// Observations after the end count as they do for an option.
    function test_settle_waitsForALateAverage() public {
        _open();
        _giveNotice();
        vm.warp(end - 1 hours);
        _epoch();
        vm.warp(end + 1 days);
        riskArrays.endFunding(0);
        prices[0] = prices[0] * 11 / 10;
        for (uint256 i; i < SETTLEMENT_COUNT; ++i) {
            (bool isFinal,) = listings.payoff(PERPETUAL);
            assertFalse(isFinal);
            _tick();
            settlementPrices.record(0, end);
        }
        (, uint256 payoff) = listings.payoff(PERPETUAL);
        assertEq(payoff, _spot(0));
    }

    /// Between the end and its booking nothing is withdrawn at the mark, and nothing is said of who holds it.
    function test_end_countsBeforeItIsBooked() public {
        _open();
        _giveNotice();
        vm.warp(end - 3 hours);
        _refreshFacts();
        vm.warp(end - 30 minutes);
        _epoch();
        // a premium until the end
        _trade(second, first, PERPETUAL, LOT / 2, _spot(0) * 101 / 100);
        bytes32[] memory open = new bytes32[](3);
        (open[0], open[1], open[2]) = (first, second, third);
        if (open[0] > open[1]) (open[0], open[1]) = (open[1], open[0]);
        if (open[1] > open[2]) (open[1], open[2]) = (open[2], open[1]);
        if (open[0] > open[1]) (open[0], open[1]) = (open[1], open[0]);
        _proveAll(open);
        house.solvency(open);
        assertTrue(house.isHealthy(first, Clearing.LEVEL_INITIAL));
        vm.warp(end);
        assertEq(riskArrays.fundingsToEnd(), 1);
        assertFalse(house.isHealthy(first, Clearing.LEVEL_INITIAL), "the end is not booked");
        vm.expectPartialRevert(IClearingHouse.HealthNotProven.selector);
        house.solvency(open);
        publisher.publish(prices);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.FundingNotEnded.selector, 0));
        house.withdraw(first, CASH_LANE, 1, EID, "", "", _rich());
        riskArrays.endFunding(0);
        assertEq(riskArrays.fundingsToEnd(), 0);
        assertFalse(house.isHealthy(first, Clearing.LEVEL_INITIAL), "the last funding is due");
        vm.expectPartialRevert(IClearingHouse.HealthNotProven.selector);
        house.solvency(open);
        _proveAll(open);
        assertTrue(house.isHealthy(first, Clearing.LEVEL_INITIAL));
        house.solvency(open);
        vm.prank(alice);
        house.withdraw(first, CASH_LANE, 1, EID, "", "", _rich());
    }

    function _proveAll(bytes32[] memory open) private {
        for (uint256 i; i < open.length; ++i) {
            house.proveHealth(open[i], _rich());
        }
    }

    // --- the place

    /// Orders of before are void for good: none is for the next perpetual in the place.
    function test_place_bringsNoOrderBackToLife() public {
        Order memory order = _order(first, PERPETUAL, true, LOT, _spot(0));
        order.deadline = type(uint64).max;
        Side memory maker = _side(order, _rich());
        _giveNotice();
        // the feed has died: it settles at once
        vm.warp(end + 2 days);
        riskArrays.endFunding(0);
        listings.retire(PERPETUAL);
        _refreshFacts();
        _listPerpetual(0);
        _epoch();
        assertEq(listings.listing(PERPETUAL).expiry, order.expiry);
        Side memory taker = _side(_order(second, PERPETUAL, false, LOT, _spot(0)), _rich());
        bytes32 hash = exchange.hashOrder(order);
        vm.expectRevert(abi.encodeWithSelector(IExchange.TermsDiffer.selector, hash));
        exchange.trade(maker, taker, LOT);
        order = _order(first, PERPETUAL, true, LOT, _spot(0));
        exchange.trade(_side(order, _rich()), taker, LOT);
    }

    function test_place_isFreeOnceNobodyHoldsIt() public {
        _open();
        _giveNotice();
        vm.expectRevert(abi.encodeWithSelector(IListings.SeriesNotExpired.selector, PERPETUAL, end));
        listings.retire(PERPETUAL);
        vm.warp(end + 1);
        vm.expectRevert(abi.encodeWithSelector(IListings.SeriesNotSettled.selector, PERPETUAL));
        listings.retire(PERPETUAL);
        riskArrays.endFunding(0);
        house.settle(first);
        house.settle(third);
        publisher.publish(prices);
        vm.prank(governor);
        vm.expectRevert(abi.encodeWithSelector(IListings.PlaceTaken.selector, PERPETUAL));
        listings.listSeries(0, 0, Clearing.KIND_PERPETUAL, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IListings.SeriesHeld.selector, PERPETUAL, house.openInterest(PERPETUAL))
        );
        listings.retire(PERPETUAL);
        house.settle(second);
        vm.expectEmit(address(listings));
        emit IListings.SeriesRetired(PERPETUAL);
        vm.prank(bob);
        listings.retire(PERPETUAL);
        assertFalse(listings.listing(PERPETUAL).listed);
        assertEq(riskArrays.fundingIndex(PERPETUAL), 0);
        (bool isOver,,) = riskArrays.endOf(0);
        assertFalse(isOver);

        // another one, with a funding and an end of its own
        _refreshFacts();
        _listPerpetual(0);
        assertFalse(listings.tradable(PERPETUAL));
        _epoch();
        _trade(first, second, PERPETUAL, LOT, _spot(0) * 101 / 100);
        vm.warp(_now() + 30 minutes);
        _epoch();
        int256 index = riskArrays.fundingIndex(PERPETUAL);
        assertGt(index, 0);
        int256 before = _cash(first);
        house.settle(first);
        assertEq(_cash(first), before);
        _giveNotice();
        vm.warp(end);
        riskArrays.endFunding(0);
        _settleAll();
        assertEq(house.openInterest(PERPETUAL), 0);
    }

    function test_place_takesAnOptionToo() public {
        _giveNotice();
        vm.warp(end + 1);
        riskArrays.endFunding(0);
        listings.retire(PERPETUAL);
        _refreshFacts();
        uint256 expiry = _now() + 10 days;
        assertEq(_listOption(0, 0, Clearing.KIND_PUT, expiry, _spot(0)), PERPETUAL);
        _epoch();
        _trade(first, second, PERPETUAL, LOT, _price());
        assertEq(riskArrays.fundingIndex(PERPETUAL), 0);
        vm.prank(address(house));
        riskArrays.recordTrade(PERPETUAL, 2 * _spot(0), LOT);
        prices[0] = prices[0] * 9 / 10;
        vm.warp(expiry - SETTLEMENT_WINDOW);
        _untilSettled(expiry);
        _settleAll();
        assertEq(house.openInterest(PERPETUAL), 0);
    }

    function _price() private view returns (uint256) {
        return _spot(0) / 20;
    }

    /// An option that expires at the end of the notice nets with options of its own slot, not with perpetuals.
    function test_listSeries_givesAnOptionOfThatSecondASlotOfItsOwn() public {
        _giveNotice();
        uint256 series = _listOption(0, 5, Clearing.KIND_CALL, end, _spot(0));
        assertEq(listings.listing(series).expirySlot, 2);
        assertEq(listings.listing(_listOption(0, 6, Clearing.KIND_PUT, end, _spot(0))).expirySlot, 2);
    }

    /// Nobody can have held what no epoch ever had: its place does not wait for a price.
    function test_place_ofAPerpetualWithoutAnEpoch() public {
        _listArray(2, 2);
        _listPerpetual(2);
        vm.prank(governor);
        end = listings.giveNotice(32);
        vm.warp(end + 1);
        riskArrays.endFunding(2);
        listings.retire(32);
        assertFalse(listings.listing(32).listed);
    }
}
