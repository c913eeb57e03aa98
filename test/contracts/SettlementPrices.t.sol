// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {SettlementPrices} from "../../contracts/facts/SettlementPrices.sol";
import {ISettlementPrices} from "../../contracts/interfaces/ISettlementPrices.sol";
import {Fixture} from "./Fixture.sol";

contract SettlementPricesTest is Fixture {
    uint64 private constant WINDOW = 6 hours;
    uint256 private constant COUNT = 4;

    SettlementPrices private settlement;
    /// on an hour of the log
    uint64 private expiry;

    function setUp() public {
        _deployFacts(3);
        settlement = new SettlementPrices(observationLog, WINDOW, COUNT);
        expiry = uint64(vm.getBlockTimestamp()) + 24 hours;
    }

    function _tickUntil(uint256 time) private {
        while (vm.getBlockTimestamp() < time) _tick();
    }

    /// One observation at a price of lane 0 {feed units}, and its record.
    function _recordAt(int120 price) private {
        prices[0] = price;
        _tick();
        settlement.record(0, expiry);
    }

    function _pass(uint256 elapsed) private {
        vm.warp(vm.getBlockTimestamp() + elapsed);
    }

    // --- the average

    function test_record_averagesTheObservationsOfTheWindow() public {
        _tickUntil(expiry - WINDOW);
        for (uint256 i; i < 6; ++i) {
            _recordAt(int120(int256(1000e8 + i * 7e8)));
        }
        assertEq(vm.getBlockTimestamp(), expiry);
        _pass(1);
        // {ppt}
        assertEq(
            settlement.settlementPrice(0, expiry), (6 * 1000e12 + (1 + 2 + 3 + 4 + 5) * 7e12) / uint256(6)
        );
        (uint256 count, uint64 lastObservedAt) = settlement.recorded(0, expiry);
        assertEq(count, 6);
        assertEq(lastObservedAt, expiry);
    }

    function test_record_roundsDown() public {
        _tickUntil(expiry - WINDOW);
        _recordAt(1000e8);
        _recordAt(1000e8);
        _recordAt(1000e8);
        _recordAt(1000e8 + 1); // 10⁴ ppt more
        _recordAt(1000e8);
        _recordAt(1000e8);
        _pass(1);
        assertEq(settlement.settlementPrice(0, expiry), 1000e12 + uint256(1e4) / 6);
    }

    /// Whoever moves the price for one observation moves the settlement by a count-th of that.
    function testFuzz_record_onePrintDecidesNothing(uint256 place, int120 print) public {
        place = bound(place, 0, 5);
        print = int120(bound(print, 1, 1e18));
        _tickUntil(expiry - WINDOW);
        for (uint256 i; i < 6; ++i) {
            _recordAt(i == place ? print : int120(1000e8));
        }
        _pass(1);
        // {ppt} of a feed's 8 decimals
        assertEq(settlement.settlementPrice(0, expiry), (5 * 1000e12 + uint256(uint120(print)) * 1e4) / 6);
    }

    function test_record_keepsLanesAndExpiriesApart() public {
        _tickUntil(expiry - WINDOW);
        for (uint256 i; i < 6; ++i) {
            _recordAt(1000e8);
            if (i < 5) settlement.record(1, expiry);
            if (i > 0) settlement.record(0, expiry + 1 hours); // the first is on the edge of that window
        }
        _pass(1);
        assertEq(settlement.settlementPrice(1, expiry), 2000e12);
        assertFalse(settlement.isFinal(0, expiry + 1 hours));
        (uint256 count,) = settlement.recorded(2, expiry);
        assertEq(count, 0);
    }

    function test_record_emitsPriceRecorded() public {
        _tickUntil(expiry - 2 hours);
        vm.expectEmit(address(settlement));
        emit ISettlementPrices.PriceRecorded(2, expiry, 3000e12, uint64(vm.getBlockTimestamp()), 1);
        vm.prank(bob);
        settlement.record(2, expiry);
    }

    // --- the window and its ends

    function test_record_revertsBeforeWindow() public {
        _tickUntil(expiry - WINDOW);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementPrices.ObservationBeforeWindow.selector, expiry - WINDOW, expiry - WINDOW
            )
        );
        settlement.record(0, expiry);
        _tick();
        settlement.record(0, expiry);
    }

    /// An observation of before the window is not counted within it either.
    function test_record_looksAtTheTimeOfTheObservation() public {
        _tickUntil(expiry - WINDOW);
        _pass(30 minutes);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementPrices.ObservationBeforeWindow.selector, expiry - WINDOW, expiry - WINDOW
            )
        );
        settlement.record(0, expiry);
    }

    function test_record_revertsWhenAlreadyRecorded() public {
        _tickUntil(expiry - 2 hours);
        uint64 observedAt = uint64(vm.getBlockTimestamp());
        settlement.record(0, expiry);
        bytes memory reason =
            abi.encodeWithSelector(ISettlementPrices.ObservationAlreadyRecorded.selector, observedAt);
        vm.expectRevert(reason);
        settlement.record(0, expiry);
        _pass(59 minutes);
        vm.expectRevert(reason);
        settlement.record(0, expiry);
    }

    function test_record_revertsWhenLaneUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlementPrices.LaneUnknown.selector, 3));
        settlement.record(3, expiry);
    }

    function test_record_revertsWhenFinal() public {
        _tickUntil(expiry - WINDOW);
        for (uint256 i; i < 6; ++i) {
            _recordAt(1000e8);
        }
        uint256 price = 1000e12;
        _tick();
        vm.expectRevert(abi.encodeWithSelector(ISettlementPrices.SettlementFinal.selector, 0, expiry));
        settlement.record(0, expiry);
        assertEq(settlement.settlementPrice(0, expiry), price);
    }

    function test_settlementPrice_revertsUntilAfterTheExpiry() public {
        _tickUntil(expiry - WINDOW);
        for (uint256 i; i < 6; ++i) {
            _recordAt(1000e8);
        }
        assertEq(vm.getBlockTimestamp(), expiry);
        vm.expectRevert(abi.encodeWithSelector(ISettlementPrices.SettlementNotFinal.selector, 0, expiry));
        settlement.settlementPrice(0, expiry);
        _pass(1);
        settlement.settlementPrice(0, expiry);
    }

    // --- few observations, or none

    function test_record_goesOnAfterTheExpiryUntilTheCount() public {
        _tickUntil(expiry - 2 hours);
        _recordAt(1000e8);
        _recordAt(1001e8); // at the expiry
        _recordAt(1002e8);
        assertFalse(settlement.isFinal(0, expiry));
        vm.expectRevert(abi.encodeWithSelector(ISettlementPrices.SettlementNotFinal.selector, 0, expiry));
        settlement.settlementPrice(0, expiry);
        _recordAt(1003e8);
        assertEq(settlement.settlementPrice(0, expiry), 1001.5e12);
    }

    function test_record_startsAfterTheExpiryWhereNobodyRecorded() public {
        _tickUntil(expiry + 24 hours);
        for (uint256 i; i < COUNT; ++i) {
            assertFalse(settlement.isFinal(0, expiry));
            _recordAt(900e8);
        }
        assertEq(settlement.settlementPrice(0, expiry), 900e12);
    }

    function test_settlementPrice_isOfFewerAfterPatience() public {
        _tickUntil(expiry - 2 hours);
        _recordAt(1000e8);
        _recordAt(1010e8);
        vm.warp(expiry + settlement.patience());
        assertFalse(settlement.isFinal(0, expiry));
        _pass(1);
        assertEq(settlement.settlementPrice(0, expiry), 1005e12);
        vm.expectRevert(abi.encodeWithSelector(ISettlementPrices.SettlementFinal.selector, 0, expiry));
        settlement.record(0, expiry);
    }

    /// A log that has died before the window does not hold up settlement for ever.
    function test_record_takesTheLastPriceOfADeadLogAfterPatience() public {
        _tickUntil(expiry - 12 hours);
        vm.warp(expiry + settlement.patience());
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlementPrices.ObservationBeforeWindow.selector, expiry - 12 hours, expiry - WINDOW
            )
        );
        settlement.record(0, expiry);
        _pass(1);
        settlement.record(0, expiry);
        assertEq(settlement.settlementPrice(0, expiry), 1000e12);
        vm.expectRevert(abi.encodeWithSelector(ISettlementPrices.SettlementFinal.selector, 0, expiry));
        settlement.record(0, expiry);
    }

    /// What is given once is given for ever, whatever is recorded when.
    function testFuzz_settlementPrice_neverChanges(uint256 seed) public {
        _tickUntil(expiry - 8 hours);
        uint256 price;
        for (uint256 i; i < 20; ++i) {
            prices[0] = int120(int256(900e8 + (uint256(keccak256(abi.encode(seed, i))) % 200e8)));
            if ((seed >> (2 * i)) & 1 == 1) _tick();
            else _pass((seed >> (8 * i)) % 12 hours);
            if ((seed >> (2 * i + 1)) & 1 == 1) try settlement.record(0, expiry) {} catch {}
            if (settlement.isFinal(0, expiry)) {
                if (price != 0) {
                    assertEq(settlement.settlementPrice(0, expiry), price, "a final price changed");
                }
                price = settlement.settlementPrice(0, expiry);
            }
        }
        // and it comes, in the end
        vm.warp(expiry + 8 days);
        if (!settlement.isFinal(0, expiry)) settlement.record(0, expiry);
        assertGt(settlement.settlementPrice(0, expiry), 0);
        if (price != 0) assertEq(settlement.settlementPrice(0, expiry), price);
    }

    // --- making one

    function test_constructor_revertsWhenWindowInvalid() public {
        _refused(WINDOW, 2);
        _refused(7 days + 1, 4);
        _refused(4 hours - 1, 4);
        assertEq(address(new SettlementPrices(observationLog, 4 hours, 4).log()), address(observationLog));
        assertEq(new SettlementPrices(observationLog, 7 days, 168).window(), 7 days);
    }

    function _refused(uint64 window, uint256 count) private {
        vm.expectRevert(abi.encodeWithSelector(ISettlementPrices.WindowInvalid.selector, window, count));
        new SettlementPrices(observationLog, window, count);
    }
}
