// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidation, Purchase} from "../../contracts/interfaces/ILiquidation.sol";
import {IMarginEngine} from "../../contracts/interfaces/IMarginEngine.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// Rule L-12. Prices are about 1,000, 2,000 and 3,000 dollars; a token of lane 2 is a dollar without an array.
contract DebtSaleTest is LiquidationFixture {
    using AccountWords for uint256[10];

    /// {ppm of a token}
    uint256 private constant TOKEN = 1e6;
    uint256 private constant NOTICE = 12 hours;
    uint256 private constant SALE = 4 hours;
    uint256 private constant NO_LIMIT = type(uint256).max;

    /// {s}
    uint256 private calledAt;

    /// alice owes bob 10,000 dollars and has a hundred tokens of 1,000
    function setUp() public {
        _deployLiquidation();
        _fund(second, 200_000);
        _fund(third, 200_000);
        _deposit(first, 0, 100 * TOKEN);
        _owe(first, 10_000 * DOLLAR);
    }

    function _owe(bytes32 account, uint256 amount) private {
        vm.prank(liquidation);
        house.moveCash(account, second, amount);
    }

    function _call() private {
        auctions.callDebt(first, epoch, provenWords);
        calledAt = vm.getBlockTimestamp();
    }

    /// A young epoch at a time, which is at least three hours ahead.
    function _epochAt(uint256 time) private {
        vm.warp(time - 2 hours - EPOCH_INTERVAL);
        _refreshFacts();
        _newEpoch(true);
        vm.warp(time);
    }

    /// @param into {s} of the sale
    function _openSale(uint256 into) private {
        _call();
        _epochAt(calledAt + NOTICE + into);
    }

    function _purchase(uint256 lane, uint256 amount) private view returns (Purchase memory) {
        return Purchase(first, third, lane, epoch, amount, NO_LIMIT);
    }

    function _buy(uint256 lane, uint256 amount) private returns (uint256 sold, uint256 paid) {
        Purchase memory offer = _purchase(lane, amount);
        vm.prank(carol);
        return auctions.buyCollateral(offer, provenWords);
    }

    function _refuse(Purchase memory offer, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(carol);
        auctions.buyCollateral(offer, provenWords);
    }

    /// {ppt of a dollar} {ppm}
    function _priceOf(uint256 lane) private view returns (uint256 price, uint256 haircut) {
        (, price, haircut) = engine.debtOf(first, lane, epoch, provenWords);
    }

    /// {ppm of a dollar} what the account has above its maintenance requirement
    function _spare() private view returns (int256) {
        (int256 equity, uint256 requirement) =
            engine.fullMargin(first, Clearing.LEVEL_MAINTENANCE, epoch, provenWords);
        return equity - int256(requirement);
    }

    // --- notice

    function test_callDebt_opensASaleAfterItsNotice() public {
        assertEq(auctions.debtCalledAt(first), 0);
        _refuse(_purchase(0, TOKEN), abi.encodeWithSelector(ILiquidation.SaleNotOpen.selector, 0));
        vm.expectEmit(address(auctions));
        emit ILiquidation.DebtCalled(first, 10_000 * DOLLAR, uint64(vm.getBlockTimestamp() + NOTICE));
        _call();
        assertEq(auctions.debtCalledAt(first), calledAt);
        uint256 opensAt = calledAt + NOTICE;
        bytes memory closed = abi.encodeWithSelector(ILiquidation.SaleNotOpen.selector, opensAt);
        _epochAt(opensAt - 1);
        _refuse(_purchase(0, TOKEN), closed);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.DebtCalledBefore.selector, calledAt));
        auctions.callDebt(first, epoch, provenWords);
        _newEpoch(true);
        _buy(0, TOKEN);
        _epochAt(opensAt + SALE);
        _refuse(_purchase(0, TOKEN), closed);
        // what is still owed may be called again
        _call();
    }

    /// However little, so that no number of accounts owes what cannot be called.
    function test_callDebt_revertsWhenNothingIsOwed() public {
        vm.startPrank(liquidation);
        house.moveCash(second, first, 10_000 * DOLLAR);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NothingOwed.selector, first));
        auctions.callDebt(first, epoch, provenWords);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NothingOwed.selector, second));
        auctions.callDebt(second, epoch, provenWords);
        house.moveCash(first, second, 1);
        vm.stopPrank();
        auctions.callDebt(first, epoch, provenWords);
    }

    /// Nobody begins an epoch to choose between its price and the one of before.
    function test_debts_areOfTheNewestEpochAlone() public {
        (uint64 old, uint256[][4] memory oldWords) = (epoch, provenWords);
        _newEpoch(false);
        bytes memory notNewest = abi.encodeWithSelector(IMarginEngine.EpochNotNewest.selector, old, epoch);
        engine.debtOf(first, 0, old, oldWords);
        vm.expectRevert(notNewest);
        auctions.callDebt(first, old, oldWords);
        auctions.callDebt(first, epoch, factWords);
        calledAt = vm.getBlockTimestamp();
        _epochAt(calledAt + NOTICE + SALE / 2);
        Purchase memory offer = _purchase(0, TOKEN);
        oldWords = provenWords;
        _newEpoch(false);
        vm.expectRevert(abi.encodeWithSelector(IMarginEngine.EpochNotNewest.selector, offer.epoch, epoch));
        vm.prank(carol);
        auctions.buyCollateral(offer, oldWords);
        offer.epoch = epoch;
        vm.prank(carol);
        auctions.buyCollateral(offer, factWords);
    }

    function _giveAll(bytes32 from, bytes32 to) private {
        vm.prank(carol);
        exchange.expectSlice(to, from);
        vm.prank(address(bytes20(from)));
        exchange.giveSlice(from, to, 1, 1, _rich(), _rich());
    }

    /// A debt that leaves in front of its call is called by that, and has no other clock wherever it goes on to.
    function test_giveSlice_callsADebtThatHopsBeforeItsCall() public {
        (bytes32 fresh, bytes32 last) = (_account(carol, 9), _account(carol, 10));
        calledAt = vm.getBlockTimestamp();
        vm.prank(carol);
        exchange.expectSlice(fresh, first);
        vm.expectEmit(address(auctions));
        emit ILiquidation.CallCarried(first, fresh, uint64(calledAt));
        vm.prank(alice);
        exchange.giveSlice(first, fresh, 1, 1, _rich(), _rich());
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.DebtCalledBefore.selector, calledAt));
        auctions.callDebt(fresh, epoch, provenWords);
        _epochAt(calledAt + NOTICE - 1);
        _giveAll(fresh, last);
        assertEq(auctions.debtCalledAt(last), calledAt);
        _epochAt(calledAt + NOTICE + SALE / 2);
        Purchase memory offer = Purchase(last, third, 0, epoch, TOKEN, NO_LIMIT);
        vm.prank(carol);
        auctions.buyCollateral(offer, provenWords);
        assertTrue(house.accountWords(first).isEmpty());
    }

    /// What is for sale does not leap away in front of who buys it.
    function test_giveSlice_revertsDuringTheSale() public {
        bytes32 fresh = _account(carol, 9);
        _call();
        vm.prank(carol);
        exchange.expectSlice(fresh, first);
        bytes memory forSale = abi.encodeWithSelector(ILiquidation.CollateralForSale.selector, first);
        for (uint256 i; i < 2; ++i) {
            _epochAt(calledAt + NOTICE + i * (SALE - 1));
            vm.prank(alice);
            vm.expectRevert(forSale);
            exchange.giveSlice(first, fresh, 1, 2, _rich(), _rich());
        }
    }

    /// Nobody is locked in by a notice, and nobody leaves it behind.
    function test_giveSlice_carriesTheClockOfACall() public {
        bytes32 fresh = _account(carol, 9);
        _call();
        _epochAt(calledAt + NOTICE - 1 hours);
        _giveAll(first, fresh);
        assertEq(auctions.debtCalledAt(fresh), calledAt);
        assertTrue(auctions.isCalled(fresh));
        _epochAt(calledAt + NOTICE);
        vm.prank(carol);
        auctions.buyCollateral(Purchase(fresh, third, 0, epoch, TOKEN, NO_LIMIT), provenWords);
    }

    /// Once its sale is over there is no clock to carry: where it goes the debt is called anew.
    function test_giveSlice_beginsAClockWhereTheLastIsOver() public {
        bytes32 fresh = _account(carol, 9);
        _call();
        _epochAt(calledAt + NOTICE + SALE);
        _giveAll(first, fresh);
        assertEq(auctions.debtCalledAt(fresh), vm.getBlockTimestamp());
    }

    /// Who has paid takes all there is to an account that nobody has called.
    function test_giveSlice_ofWhatIsFreeCarriesNoClock() public {
        bytes32 fresh = _account(carol, 9);
        _call();
        _deposit(first, CASH_LANE, 10_000 * DOLLAR);
        _giveAll(first, fresh);
        assertFalse(auctions.isCalled(fresh));
        assertTrue(house.accountWords(first).isEmpty());
    }

    function test_carryCall_isTheExchangesAlone() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NotExchange.selector, alice));
        auctions.carryCall(first, second);
    }

    function test_callDebt_revertsWhenBackstop() public {
        vm.expectRevert(ILiquidation.BackstopAccount.selector);
        auctions.callDebt(backstop, epoch, provenWords);
    }

    /// The other side of a perpetual is no debt: dollars are owed for what it is worth less.
    function test_callDebt_ofAPositionIsWhatItDoesNotCover() public {
        bytes32 long = _account(alice, 1);
        _deposit(long, 0, 100 * TOKEN);
        _trade(long, second, PERPETUAL, 100 * CONTRACT, _spot(0));
        assertLt(_cash(long), -80_000 * int256(DOLLAR));
        (uint256 debt,,) = engine.debtOf(long, 0, epoch, provenWords);
        assertLt(debt, 100 * DOLLAR, "the fee");
        _move(0, 950_000);
        _newEpoch(true);
        (debt,,) = engine.debtOf(long, 0, epoch, provenWords);
        (int256 equity,) = engine.fullMargin(long, 0, epoch, provenWords);
        uint256 value = 100 * TOKEN * _spot(0) / 1e12;
        assertEq(debt, uint256(int256(value) - equity));
        assertGt(debt, 4_000 * DOLLAR);
        (debt,,) = engine.debtOf(long, 0, epoch, factWords);
        assertEq(debt, uint256(int256(value) - equity));
    }

    /// What a position has lost is owed, whatever cash there is: the account sold on to somebody who paid with dollars that he owes
    /// himself, and of both nothing could be called.
    function test_callDebt_ofALossIsOwedThoughThereIsCash() public {
        bytes32 short = _account(alice, 1);
        _deposit(short, 0, 100 * TOKEN);
        _trade(second, short, PERPETUAL, 100 * CONTRACT, _spot(0));
        _move(0, 1_100_000);
        _newEpoch(true);
        (uint256 debt,,) = engine.debtOf(short, 0, epoch, provenWords);
        (int256 equity,) = engine.fullMargin(short, 0, epoch, provenWords);
        uint256 value = 100 * TOKEN * _spot(0) / 1e12;
        assertGt(_cash(short), 0);
        assertEq(int256(debt), int256(value) - equity);
        assertGt(debt, 8_000 * DOLLAR);

        auctions.callDebt(short, epoch, provenWords);
        calledAt = vm.getBlockTimestamp();
        _epochAt(calledAt + NOTICE + SALE / 2);
        vm.prank(carol);
        (, uint256 paid) =
            auctions.buyCollateral(Purchase(short, third, 0, epoch, 100 * TOKEN, NO_LIMIT), provenWords);
        assertGe(paid, debt * 9 / 10);
        (debt,,) = engine.debtOf(short, 0, epoch, provenWords);
        assertEq(debt, 0);
    }

    // --- price

    function test_buyCollateral_fallsByTheHaircutFromAboveToBelow() public {
        _openSale(0);
        (uint256 price, uint256 haircut) = _priceOf(0);
        assertGt(haircut, 50_000);
        (, uint256 paid) = _buy(0, TOKEN);
        assertApproxEqAbs(paid, price * (1e6 + haircut) / 1e12, 1);
        _epochAt(calledAt + NOTICE + SALE * 3 / 4);
        (price, haircut) = _priceOf(0);
        (, paid) = _buy(0, TOKEN);
        assertApproxEqAbs(paid, price * (1e6 + haircut - 2 * haircut * 3 / 4) / 1e12, 1);
    }

    function test_buyCollateral_paysTheDebtAndNoMore() public {
        _openSale(0);
        (uint256 price, uint256 haircut) = _priceOf(0);
        uint256 unit = (price * (1e6 + haircut) + 1e6 - 1) / 1e6;
        int256 buyerCash = _cash(third);
        int256 before = _cash(first);
        assertFalse(house.accountWords(first).owesNothing());
        uint256 open = house.openAccounts();
        (uint256 sold, uint256 paid) = _buy(0, 100 * TOKEN);
        assertEq(sold, (uint256(-before) * 1e12 + unit - 1) / unit);
        assertEq(_cash(first), before + int256(paid));
        assertGe(_cash(first), 0);
        assertLt(_cash(first), int256(unit / 1e12 + 1), "a last ppm of a token");
        assertEq(_cash(third), buyerCash - int256(paid));
        assertEq(_balance(third, 0), sold);
        assertEq(_balance(first, 0), 100 * TOKEN - sold);
        assertEq(house.openAccounts(), open - 1, "the debtor is free");
        _refuse(_purchase(0, TOKEN), abi.encodeWithSelector(ILiquidation.NothingToSell.selector, first, 0));
    }

    /// The dollars that a winner was promised are there, and come out.
    function test_buyCollateral_bringsTheDollarsThatWereOwed() public {
        int256 owed = _cash(second);
        assertEq(_held(), owed + _cash(third) - 10_000 * int256(DOLLAR));
        _openSale(SALE / 2);
        _buy(0, 100 * TOKEN);
        assertGe(_held(), owed + _cash(third));
        assertEq(_allCash(), _held());
    }

    function test_buyCollateral_revertsAboveItsLimit() public {
        _openSale(0);
        (uint256 price, uint256 haircut) = _priceOf(0);
        uint256 unit = (price * (1e6 + haircut) + 1e6 - 1) / 1e6;
        Purchase memory offer = _purchase(0, TOKEN);
        offer.limit = unit - 1;
        _refuse(offer, abi.encodeWithSelector(ILiquidation.PriceAboveLimit.selector, unit, unit - 1));
        offer.limit = unit;
        vm.prank(carol);
        auctions.buyCollateral(offer, provenWords);
    }

    // --- what is refused

    function test_buyCollateral_revertsForWhatIsTooSmallOrNotThere() public {
        _deposit(first, 1, TOKEN / 100);
        _openSale(SALE / 2);
        uint256 tooSmall = TOKEN / 20;
        vm.expectPartialRevert(ILiquidation.PurchaseTooSmall.selector);
        vm.prank(carol);
        auctions.buyCollateral(_purchase(0, tooSmall), provenWords);
        _refuse(_purchase(2, TOKEN), abi.encodeWithSelector(ILiquidation.NothingToSell.selector, first, 2));
        _refuse(_purchase(12, TOKEN), abi.encodeWithSelector(IClearingHouse.LaneUnknown.selector, 12));
        // all there is, however little
        (uint256 sold,) = _buy(1, TOKEN);
        assertEq(sold, TOKEN / 100);
    }

    function test_buyCollateral_revertsWhenTheSourceIsSilent() public {
        _deposit(first, 2, 20_000 * TOKEN);
        _call();
        moody.set(0, false);
        _epochAt(calledAt + NOTICE + SALE / 2);
        _refuse(_purchase(2, TOKEN), abi.encodeWithSelector(ILiquidation.LaneSilent.selector, 2));
        _buy(0, TOKEN);
    }

    function test_buyCollateral_ofAFreeOwnersAccountOnly() public {
        _openSale(SALE / 2);
        Purchase memory offer = _purchase(0, 2 * TOKEN);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NotOwner.selector, bob, third));
        vm.prank(bob);
        auctions.buyCollateral(offer, provenWords);
        offer.buyer = _account(carol, 9);
        _refuse(offer, abi.encodeWithSelector(ILiquidation.BuyerNotFree.selector, offer.buyer));
        offer.buyer = first;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsEqual.selector, first));
        vm.prank(alice);
        auctions.buyCollateral(offer, provenWords);
        offer.buyer = backstop;
        vm.expectRevert(ILiquidation.BackstopAccount.selector);
        vm.prank(address(bytes20(backstop)));
        auctions.buyCollateral(offer, provenWords);
    }

    /// Tokens that hedge a short are sold no further than the position allows; others pay the debt.
    function test_buyCollateral_leavesTheMaintenanceRequirement() public {
        _deposit(first, 2, 30_000 * TOKEN);
        _openSale(SALE / 2);
        _trade(second, first, PERPETUAL, 100 * CONTRACT, _spot(0));
        _owe(first, uint256(_spare()) - 300 * DOLLAR);
        assertLt(_cash(first), -5_000 * int256(DOLLAR));
        Purchase memory offer = _purchase(0, 100 * TOKEN);
        vm.expectPartialRevert(ILiquidation.AccountShort.selector);
        vm.prank(carol);
        auctions.buyCollateral(offer, provenWords);
        (, uint256 paid) = _buy(2, 30_000 * TOKEN);
        assertGt(paid, 5_000 * DOLLAR);
        assertGe(_cash(first), 0);
        assertGe(_spare(), 300 * int256(DOLLAR));
    }

    // --- any state

    /// Nobody is less healthy by a sale, at no time of it; nothing is created or lost, and the debt pays for what is sold.
    /// forge-config: default.fuzz.runs = 48
    function testFuzz_buyCollateral_neverCostsHealth(uint256 seed) public {
        uint256 debt = 200 * DOLLAR + (seed & 0xffffffffff) % (60_000 * DOLLAR);
        _deposit(first, 1, 1 + (seed >> 40) % (20 * TOKEN));
        _deposit(first, 2, 1 + (seed >> 80) % (5_000 * TOKEN));
        if (debt > 10_000 * DOLLAR) _owe(first, debt - 10_000 * DOLLAR);
        _openSale((seed >> 120) % SALE);
        int256 spare = _spare();
        vm.assume(spare >= 0);
        for (uint256 i; i < 4; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            uint256 lane = draw % 3;
            uint256 there = _balance(first, lane);
            int256 owed = -_cash(first);
            Purchase memory offer = _purchase(lane, (draw >> 8) % (2 * there + 1));
            vm.prank(carol);
            try auctions.buyCollateral(offer, provenWords) returns (uint256 sold, uint256 paid) {
                assertGt(sold, 0);
                assertGt(owed, 0);
                assertEq(_cash(first), int256(paid) - owed);
                // {ppm of a dollar} a ppm of a token is less than a cent
                assertLt(_cash(first), 10_000);
                assertEq(_balance(first, lane), there - sold);
                int256 left = _spare();
                // three floors of values, and one of each sum
                assertGe(left + 8, spare, "L-12: no sale costs health");
                spare = left;
            } catch (bytes memory reason) {
                bytes4 refusal = bytes4(reason);
                assertTrue(
                    refusal == ILiquidation.PurchaseTooSmall.selector
                        || refusal == ILiquidation.NothingToSell.selector,
                    "only for what is asked"
                );
            }
        }
        assertEq(_allCash(), _held());
        for (uint256 lane; lane < 3; ++lane) {
            assertEq(
                _balance(first, lane) + _balance(second, lane) + _balance(third, lane),
                hub.credited(lane) - hub.released(lane)
            );
        }
    }
}
