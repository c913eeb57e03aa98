// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IListings} from "../../contracts/interfaces/IListings.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {HouseFixture} from "./HouseFixture.sol";

/// @notice What an account gets without asking: settlement, funding; and what only liquidation moves.
contract ClearingHouseSettlementTest is HouseFixture {
    using AccountWords for uint256[10];

    uint256 private constant LOT = 2_500_001;
    bytes32 private third;

    function setUp() public {
        _deployHouse();
        third = _account(bob, 3);
        _deposit(first, CASH_LANE, 1e12);
        _deposit(second, CASH_LANE, 1e12);
        _deposit(third, CASH_LANE, 1e12);
    }

    function _price() private view returns (uint256) {
        return _spot(0) / 20;
    }

    /// 20 % up or down in eight hours, a prime price.
    function _expire(bool up) private returns (uint256 settlement) {
        prices[0] = prices[0] * (up ? int120(12) : int120(8)) / 10 + 7;
        _untilSettled(soon);
        return settlementPrices.settlementPrice(0, uint64(soon));
    }

    // --- settlement

    /// What is due counts before it is applied: nothing that was proven without it says anything.
    function test_isHealthy_endsWithAFinalSettlement() public {
        _trade(first, second, CALL, LOT, _price());
        while (vm.getBlockTimestamp() + 1 hours <= soon) {
            _tick();
            if (vm.getBlockTimestamp() + SETTLEMENT_WINDOW > soon) settlementPrices.record(0, uint64(soon));
        }
        vm.warp(soon - EPOCH_INTERVAL - 1);
        _epoch();
        bytes32[] memory open = new bytes32[](2);
        (open[0], open[1]) = first < second ? (first, second) : (second, first);
        house.proveHealth(first, _rich());
        house.proveHealth(second, _rich());
        house.solvency(open);
        vm.warp(soon);
        assertTrue(house.isHealthy(first, Clearing.LEVEL_INITIAL), "expired, its price is not final");
        vm.warp(soon + 1);
        assertFalse(house.isHealthy(first, Clearing.LEVEL_INITIAL));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.HealthNotProven.selector, open[0]));
        house.solvency(open);
        house.settle(first);
        assertTrue(house.isHealthy(first, Clearing.LEVEL_INITIAL), "free");
    }

    function testFuzz_settle_paysWhatTheOtherSideOwes(bool up, bool longFirst, uint256 lot) public {
        lot = bound(lot, 1, 1e9);
        _trade(first, second, CALL, lot, _price());
        _trade(third, first, PUT, lot, _price());
        int256 total = _cash(first) + _cash(second) + _cash(third);
        (int256 long, int256 short) = (_cash(first), _cash(second));
        uint256 strike = listings.listing(CALL).strike;
        uint256 settlement = _expire(up);

        uint256 payoff = up ? settlement - strike : 0;
        int256 paid = int256(lot * payoff / 1e12);
        int256 owed = int256((lot * payoff + 1e12 - 1) / 1e12);
        uint256 putPayoff = up ? 0 : strike - settlement;
        int256 putOwed = int256((lot * putPayoff + 1e12 - 1) / 1e12);
        // what the house says is due before anybody settles is what settling gives
        assertEq(_cash(first), long + paid - putOwed);
        assertEq(_cash(second), short - owed);

        house.settle(longFirst ? first : second);
        assertGt(house.openInterest(CALL), 0, "one side still holds it");
        vm.expectPartialRevert(IListings.SeriesHeld.selector);
        listings.retire(CALL);
        house.settle(longFirst ? second : first);
        house.settle(third);
        assertEq(_cash(first), long + paid - putOwed);
        assertEq(_cash(second), short - owed);
        assertFalse(house.accountWords(first).hasPositions());
        assertEq(house.openInterest(CALL), 0);

        int256 dust = owed - paid;
        assertEq(house.unsettled(CALL), dust, "what rounding took, 0 or 1");
        int256 putDust = house.unsettled(PUT);
        int256 before = _cash(backstop);
        house.sweep(CALL);
        house.sweep(PUT);
        assertEq(_cash(backstop), before + dust + putDust);
        assertEq(_cash(first) + _cash(second) + _cash(third) + dust + putDust, total);
        listings.retire(CALL);
    }

    function test_settle_waitsForTheFinalPrice() public {
        _trade(first, second, CALL, LOT, _price());
        uint32 version = house.version(first);
        house.settle(first);
        assertEq(house.version(first), version, "not expired");
        vm.warp(soon + 1);
        house.settle(first);
        assertEq(house.version(first), version, "no price yet");
        assertEq(_quantity(first, CALL), int256(LOT));
    }

    /// Whatever is done to an account, what is due comes first: the freed account withdraws without a proof.
    function test_withdraw_settlesFirst() public {
        _trade(first, second, CALL, LOT, _price());
        _expire(true);
        uint256 cash = uint256(_cash(first));
        marginVerifier.refuseAll();
        vm.prank(alice);
        house.withdraw(first, CASH_LANE, cash, EID, bytes32("receiver"), "", _rich());
        assertEq(_cash(first), 0);
    }

    /// In whatever order they were opened, by a trade or a slice, the soonest is not missed; the others stay.
    function test_settle_findsTheSoonestOfSeveral() public {
        _trade(first, second, FAR_CALL, LOT, _price());
        _trade(first, second, CALL, LOT, _price());
        _trade(third, _account(alice, 9), FAR_CALL, LOT, _price());
        vm.prank(liquidation);
        house.moveSlice(second, third, 500_000);
        _expire(true);
        bytes32[3] memory accounts = [first, second, third];
        for (uint256 i; i < 3; ++i) {
            house.settle(accounts[i]);
            assertEq(_quantity(accounts[i], CALL), 0);
            assertTrue(_quantity(accounts[i], FAR_CALL) != 0);
        }
        assertEq(house.openInterest(CALL), 0);

        uint256 later = listings.listing(FAR_CALL).expiry;
        vm.warp(later - SETTLEMENT_WINDOW);
        _untilSettled(later);
        for (uint256 i; i < 3; ++i) {
            house.settle(accounts[i]);
            assertEq(_quantity(accounts[i], FAR_CALL), 0);
        }
    }

    function test_sweep_takesNothingThatIsOwed() public {
        _trade(first, second, CALL, LOT, _price());
        _expire(true);
        house.settle(second);
        int256 before = _cash(backstop);
        house.sweep(CALL);
        assertEq(_cash(backstop), before);
        assertGt(house.unsettled(CALL), 0);
    }

    // --- funding

    /// A premium of 1 % that lasts an hour: longs pay, shorts get, to the last unit but for rounding.
    function test_funding_isPaidBetweenTheSides() public {
        _deposit(first, CASH_LANE, 1e13);
        _trade(first, second, PERPETUAL, LOT, _spot(0) * 101 / 100);
        _trade(first, third, PERPETUAL, LOT / 3, _spot(0) * 101 / 100);
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        int256 total = _cash(first) + _cash(second) + _cash(third);
        int256 long = _cash(first);
        _epoch();
        int256 index = riskArrays.fundingIndex(PERPETUAL);
        assertGt(index, 0);

        int256 held = int256(LOT + LOT / 3);
        assertEq(_cash(first), long - (held * index + 1e12 - 1) / 1e12, "due, and rounded up");
        uint32 version = house.version(first);
        house.settle(first);
        assertEq(house.version(first), version + 1);
        assertEq(_cash(first), long - (held * index + 1e12 - 1) / 1e12);
        house.settle(first);
        assertEq(house.version(first), version + 1, "paid once");
        house.settle(second);
        house.settle(third);
        int256 left = house.unsettled(PERPETUAL);
        assertEq(_cash(first) + _cash(second) + _cash(third) + left, total);
        assertGe(left, 0);
        assertLe(left, 3);
    }

    /// Nobody pays for a time in which it held nothing, whether it opens by a trade or takes over a slice.
    function test_funding_beginsWhenAPositionDoes() public {
        _deposit(first, CASH_LANE, 1e13);
        _trade(first, second, PERPETUAL, LOT, _spot(0) * 101 / 100);
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        _epoch();
        assertGt(riskArrays.fundingIndex(PERPETUAL), 0);
        _trade(third, first, PERPETUAL, 10, _spot(0));
        bytes32 fresh = _account(bob, 99);
        vm.prank(liquidation);
        house.moveSlice(second, fresh, 500_000);
        (uint32 version, uint32 freshVersion) = (house.version(third), house.version(fresh));
        house.settle(third);
        house.settle(fresh);
        assertEq(house.version(third), version, "nothing was due");
        assertEq(house.version(fresh), freshVersion, "nothing was due");

        int256 index = riskArrays.fundingIndex(PERPETUAL);
        _epoch();
        assertEq(riskArrays.fundingIndex(PERPETUAL), index, "no premium any more");
        house.settle(third);
        house.settle(fresh);
        assertEq(house.version(third), version, "nothing of before");
        assertEq(house.version(fresh), freshVersion, "nothing of before");
    }

    // --- liquidation

    function testFuzz_moveSlice_movesTheShareOfEverything(uint256 share) public {
        share = bound(share, 0, Protocol.PPM);
        _trade(first, second, CALL, LOT, _price());
        _trade(second, first, PUT, 7, _price());
        _trade(first, second, FAR_CALL, 1_000_003, _price());
        _deposit(first, 0, 5e6 + 1);
        _deposit(first, 11, 3);
        uint256[10] memory before = house.accountWords(first);
        bytes32 fresh = _account(makeAddr("bidder"), 0);
        vm.prank(liquidation);
        house.moveSlice(first, fresh, share);
        uint256[10] memory left = house.accountWords(first);
        uint256[10] memory moved = house.accountWords(fresh);

        assertEq(moved.cash(), before.cash() * int256(share) / 1e6);
        assertEq(left.cash() + moved.cash(), before.cash());
        for (uint256 series; series < 64; ++series) {
            int256 had = before.quantityOf(series);
            assertEq(moved.quantityOf(series), had * int256(share) / 1e6);
            assertEq(left.quantityOf(series) + moved.quantityOf(series), had);
        }
        for (uint256 lane; lane < 12; ++lane) {
            assertEq(moved.balance(lane), before.balance(lane) * share / 1e6);
            assertEq(left.balance(lane) + moved.balance(lane), before.balance(lane));
        }
        if (share == Protocol.PPM) assertEq(abi.encode(moved), abi.encode(before));
        assertEq(house.openInterest(CALL), 2 * LOT);
    }

    /// Whatever an account holds, one that was never used can take it: sixteen positions, and every amount at its end.
    function test_moveSlice_ofTheFullestAccount() public {
        _fill16(first);
        uint256 room = AccountWords.LARGEST - uint256(_cash(first));
        vm.prank(liquidation);
        house.moveCash(second, first, room);
        for (uint256 lane; lane < 12; ++lane) {
            _deposit(first, lane, AccountWords.LARGEST);
        }
        uint256[10] memory before = house.accountWords(first);
        bytes32 fresh = _account(makeAddr("bidder"), 0);
        vm.prank(liquidation);
        uint256 gas = gasleft();
        house.moveSlice(first, fresh, Protocol.PPM);
        emit log_named_uint("gas of moving all of 16 positions and 12 balances", gas - gasleft());
        assertEq(abi.encode(house.accountWords(fresh)), abi.encode(before));
        assertTrue(house.isHealthy(first, 1), "nothing is left");
        vm.prank(liquidation);
        house.moveSlice(fresh, first, 999_999);
    }

    /// Sixteen options of one expiry, all settled at once by whoever comes.
    function test_settle_ofSixteenExpired() public {
        _fill16(first);
        prices[1] = prices[1] * 12 / 10;
        prices[2] = prices[2] * 12 / 10;
        _untilSettled(soon);
        for (uint256 i; i < SETTLEMENT_COUNT; ++i) {
            _tick();
            settlementPrices.record(2, uint64(soon));
        }
        uint256 gas = gasleft();
        house.settle(first);
        emit log_named_uint("gas of settling 16 positions", gas - gasleft());
        assertFalse(house.accountWords(first).hasPositions());
    }

    function test_moveSlice_revertsWhenTheTakerCannotHoldIt() public {
        _fill16(first);
        _trade(second, _account(alice, 2), CALL, 1, _price());
        vm.expectRevert(AccountWords.TooManyPositions.selector);
        vm.prank(liquidation);
        house.moveSlice(first, second, 500_000);
    }

    function test_moveCollateral_movesWhatIsThere() public {
        _deposit(first, 3, 7e6);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotLiquidation.selector, address(this)));
        house.moveCollateral(first, second, 3, 1);
        vm.startPrank(liquidation);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CollateralMissing.selector, first, 3, 7e6 + 1, 7e6)
        );
        house.moveCollateral(first, second, 3, 7e6 + 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsEqual.selector, first));
        house.moveCollateral(first, first, 3, 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.LaneUnknown.selector, 13));
        house.moveCollateral(first, second, 13, 1);
        vm.expectEmit(address(house));
        emit IClearingHouse.CollateralMoved(first, second, 3, 7e6);
        house.moveCollateral(first, second, 3, 7e6);
        assertEq(_balance(first, 3), 0);
        assertEq(_balance(second, 3), 7e6);
    }

    function test_moveCash_movesBelowZero() public {
        vm.startPrank(liquidation);
        house.moveCash(first, second, 3e12);
        assertEq(_cash(first), -2e12);
        assertEq(_cash(second), 4e12);
        uint256 most = AccountWords.LARGEST;
        vm.expectRevert(abi.encodeWithSelector(AccountWords.CashOutOfRange.selector, -2e12 - int256(most)));
        house.moveCash(first, second, most);
        vm.expectPartialRevert(AccountWords.CashOutOfRange.selector);
        house.moveCash(first, second, most + 1);
    }

    /// A share of a loss comes to the backstop while the backstop itself is giving or taking.
    function test_move_ofTheBackstopKeepsSharesOfLosses() public {
        int256 total = _cash(first) + _cash(second) + _cash(third) + _cash(backstop);
        bytes32[3] memory accounts = [first, second, third];
        vm.startPrank(liquidation);
        for (uint256 i; i < 3; ++i) {
            uint256 shared = lossBook.shareOut(3e10);
            assertEq(shared, 3e10);
            if (i == 0) house.moveCash(backstop, first, 1e9);
            if (i == 1) house.moveCash(second, backstop, 1e9);
            if (i == 2) house.moveSlice(backstop, third, 500_000);
            for (uint256 k; k < 3; ++k) {
                house.settle(accounts[k]);
            }
            assertEq(_cash(first) + _cash(second) + _cash(third) + _cash(backstop), total);
            assertLe(lossBook.pending(), 3, "all shares have come to the backstop");
        }
    }

    function test_move_revertsWhenNotLiquidationOrNotTwo() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotLiquidation.selector, alice));
        house.moveSlice(second, first, 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotLiquidation.selector, alice));
        house.moveCash(second, first, 1);
        vm.stopPrank();
        vm.startPrank(liquidation);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsEqual.selector, first));
        house.moveSlice(first, first, 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsEqual.selector, first));
        house.moveCash(first, first, 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PartOutOfRange.selector, 1_000_001, 1_000_000));
        house.moveSlice(first, second, 1_000_001);
    }

    /// Settlement that does not fit an account's cash does not hold it up, and is not lost.
    function test_settle_keepsWhatDoesNotFit() public {
        _trade(first, second, CALL, LOT, _price());
        uint256 room = AccountWords.LARGEST - uint256(_cash(first));
        vm.prank(liquidation);
        house.moveCash(second, first, room);
        _expire(true);
        house.settle(first);
        assertEq(_cash(first), int256(AccountWords.LARGEST));
        assertEq(house.unsettled(CALL), 0);
        assertEq(house.openInterest(CALL), LOT);
    }

    /// Eight places of each of arrays 1 and 2.
    function _fill16(bytes32 account) private {
        _listArray(2, 2);
        for (uint256 array = 1; array < 3; ++array) {
            for (uint256 place; place < 8; ++place) {
                _listOption(array, place, Clearing.KIND_CALL, soon, _spot(array));
            }
        }
        _epoch();
        for (uint256 array = 1; array < 3; ++array) {
            for (uint256 place; place < 8; ++place) {
                bytes32 other = _account(bob, uint96(100 + 16 * array + place));
                if (place % 2 == 0) _trade(account, other, array * 16 + place, 1e6 + place, 1e12);
                else _trade(other, account, array * 16 + place, 1e6 + place, 1e12);
            }
        }
    }
}
