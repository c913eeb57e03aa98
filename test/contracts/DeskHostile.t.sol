// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {DeskAuction, IDeskAuctions} from "../../contracts/interfaces/IDeskAuctions.sol";
import {IExchange, Side} from "../../contracts/interfaces/IExchange.sol";
import {IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {IVaultDesk} from "../../contracts/interfaces/IVaultDesk.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {DeskFixture} from "./DeskFixture.sol";

/// @notice What somebody may try against a vault's desk, and what is left to holders where the house stands still.
contract DeskHostileTest is DeskFixture {
    using AccountWords for uint256[10];

    address private dave = makeAddr("dave");
    bytes32 private fourth;

    function setUp() public {
        _deployDesk();
        _fundShare();
        fourth = _account(dave, 3);
        vm.prank(dave);
        cash.approve(address(desk), type(uint256).max);
        vm.prank(dave);
        exchange.expectSlice(fourth, deskAccount);
    }

    /// A perpetual in the account, and no auction that runs.
    function _traded() private {
        _tradeDesk(0);
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH);
        _newEpoch(true);
    }

    /// @return units that dave has of a tenth of the shares
    function _redeemToDave() private returns (uint256 units) {
        vm.prank(alice);
        units = vault.redeem(100_000e18, dave)[UNITS];
    }

    function _leaveAll() private {
        uint256 units = desk.balanceOf(dave);
        vm.prank(dave);
        desk.leave(units, fourth, _rich(), _rich());
    }

    /// {ppm of a dollar} of cash and the perpetual of lane 0 at the present price
    function _worth(bytes32 who) private view returns (int256) {
        uint256[10] memory words = house.accountWords(who);
        return words.cash() + words.quantityOf(0) * int256(_spot(0)) / 1e12;
    }

    // --- a house that stands still

    /// The feed of what the account holds is dead: everything waits but redeeming, which pays in kind, and minting.
    function test_deadFeed_stopsAllButRedeemingAndMinting() public {
        _traded();
        uint256 units = _redeemToDave();
        (int120 price, int120 none) = (prices[0], 0);
        prices[0] = none;
        _newEpoch(true);
        bytes memory halted = abi.encodeWithSelector(IRiskArrays.ArrayIsHalted.selector, epoch, 0);
        vm.expectRevert(halted);
        desk.fund(12, 20_000e6, _nothingShown());
        vm.expectRevert(halted);
        desk.enter(1_000e6, 0, dave);
        vm.expectRevert(halted);
        trades.open(0);
        vm.expectRevert(halted);
        trades.open(16);
        vm.prank(dave);
        vm.expectRevert(halted);
        desk.leave(units, fourth, _rich(), _rich());

        vm.prank(alice);
        uint256[14] memory amounts = vault.redeem(100_000e18, alice);
        assertEq(amounts[12], 75_000e6);
        assertEq(desk.balanceOf(alice), 25_000e18);
        vm.startPrank(alice);
        desk.approve(address(vault), type(uint256).max);
        cash.approve(address(vault), type(uint256).max);
        vault.mint(100_000e18, alice);
        vm.stopPrank();
        assertEq(desk.balanceOf(alice), 0);

        // units are what they were: with the feed they turn into a part of the account again
        prices[0] = price;
        _newEpoch(true);
        _leaveAll();
        assertGt(house.accountWords(fourth).quantityOf(0), 0);
    }

    /// Where the account owes nothing neither feeds, epochs nor proofs hold up the whole way out.
    function test_deadFeed_letsUnitsOfAFreeAccountLeave() public {
        _redeemToDave();
        prices[0] = 0;
        vm.warp(vm.getBlockTimestamp() + 10 * MAX_ARRAY_AGE);
        publisher.publish(prices);
        marginVerifier.refuseAll();
        _leaveAll();
        MarginProof memory none;
        vm.prank(dave);
        house.withdraw(fourth, CASH_LANE, 25_000e6, EID, toBytes32(dave), "", none);
        assertEq(cash.balanceOf(dave), 75_000e6 + 25_000e6);
    }

    /// Who leaves an account whose debt is called bears a part of it, under its clock.
    function test_calledDebt_letsUnitsLeaveAndGoesWithThem() public {
        _traded();
        _redeemToDave();
        vm.prank(liquidation);
        house.moveCash(deskAccount, second, 400_000e6);
        auctions.callDebt(deskAccount, epoch, provenWords);
        uint64 calledAt = auctions.debtCalledAt(deskAccount);
        _newEpoch(true);
        _leaveAll();
        assertGt(house.accountWords(fourth).quantityOf(0), 0);
        assertEq(auctions.debtCalledAt(fourth), calledAt);
        assertLt(calledAt, vm.getBlockTimestamp());
    }

    /// With a stale epoch the account only waits; what a holder gets for shares is the same.
    function test_staleEpoch_stopsFillsAndUnitsOfAnAccountThatOwes() public {
        _tradeDesk(0);
        uint256 units = _redeemToDave();
        vm.warp(vm.getBlockTimestamp() + MAX_ARRAY_AGE);
        publisher.publish(prices);
        Side memory taker = _against(0, true, 1);
        vm.expectPartialRevert(IVaultDesk.EpochStale.selector);
        trades.fill(0, 1, 1, taker, _healthy());
        vm.prank(dave);
        vm.expectPartialRevert(IClearingHouse.ArraysTooOld.selector);
        desk.leave(units, fourth, _rich(), _rich());
        assertEq(_redeemToDave(), units);
    }

    // --- liquidation

    /// While the account is sold off, shares are redeemed as ever, and every unit loses the same. What is left of it leaves later.
    function test_liquidation_goesOnWhileHoldersLeave() public {
        _traded();
        int256 equity = _equity(deskAccount);
        (uint256 scenario,) = _worst(deskAccount);
        (, uint256 requirement) = engine.marginIn(deskAccount, 0, scenario, epoch, provenWords);
        vm.prank(address(auctions));
        house.moveCash(deskAccount, second, uint256(equity) - requirement * 9 / 10);
        uint256 auction = _start(deskAccount);
        uint256 basket = vault.balances()[12];
        _bring(third, CASH_LANE, 10_000_000e6);

        uint256 units = _redeemToDave();
        assertEq(vault.balances()[12], basket * 9 / 10);
        vm.prank(dave);
        vm.expectRevert(abi.encodeWithSelector(IExchange.AccountLiquidated.selector, deskAccount));
        desk.leave(units, fourth, _rich(), _rich());
        int256 held = _quantityOf(0);
        vm.warp(vm.getBlockTimestamp() + 5 minutes);
        (uint256 sold,) = _bid(auction, 0, 1e6, 1e15);
        assertGt(sold, 0);
        assertLt(_quantityOf(0), held);
        assertEq(_redeemToDave(), units);
        assertEq(vault.balances()[12], basket * 8 / 10);
        assertEq(desk.valueOf(desk.balanceOf(dave)), desk.valueOf(desk.totalSupply()) / 5);

        auctions.stop(auction, epoch, provenWords);
        int256 all = _worth(deskAccount);
        int256 quantity = _quantityOf(0);
        _leaveAll();
        assertEq(house.accountWords(fourth).quantityOf(0), quantity / 5);
        assertApproxEqAbs(_worth(fourth), all / 5, 1e6);
        assertApproxEqAbs(_worth(fourth) + _worth(deskAccount), all, 1);
    }

    // --- prices of units

    /// Nobody gains by standing around what the vault brings: before it and after it in one transaction.
    function testFuzz_sandwich_ofMarginGainsNothing(uint256 amount, uint256 moved, bool up) public {
        amount = bound(amount, 100e6, 2_000_000e6);
        _traded();
        _move(0, up ? bound(moved, 1_050_000, 1_140_000) : bound(moved, 860_000, 950_000));
        _refreshFacts();
        _newEpoch(true);
        _redeemToDave();
        uint256 had = desk.valueOf(desk.balanceOf(dave));
        cash.mint(dave, amount);
        vm.prank(dave);
        desk.enter(amount, 0, dave);
        uint256 due = vault.totalValue() / 1e12 * SHARE / 1e6;
        uint256 held = desk.valueOf(vault.balances()[UNITS]) / 1e12;
        if (held * 10 < due * 9) desk.fund(12, due - held, _nothingShown());
        else if (held * 10 > due * 11) _giveBack(held - due - 1);
        _leaveAll();
        assertLe(_worth(fourth), int256(amount + had / 1e12));
    }

    /// Whoever is long has paid for it: there may be no cash that could come back.
    function _giveBack(uint256 part) private {
        int256 lying = _cash(deskAccount);
        if (lying < int256(part)) vm.expectPartialRevert(IClearingHouse.CashMissing.selector);
        desk.giveBack(12, part, _healthy());
    }

    /// While a perpetual settles, part of what it pays is known: whoever enters then pays the price range more.
    function test_enter_paysForWhatAnEndingPerpetualHides() public {
        _traded();
        uint256 before = desk.read().uncertainty;
        vm.prank(governor);
        uint64 end = listings.giveNotice(0);
        assertEq(desk.read().uncertainty, before);
        vm.warp(end - SETTLEMENT_WINDOW);
        publisher.publish(prices);
        uint256 step = riskArrays.epochAt(riskArrays.currentNumber()).steps[0];
        uint256 wide = 3 * step * uint256(_quantityOf(0)) * _spot(0) / 1e18;
        assertApproxEqAbs(desk.read().uncertainty, before + wide, 3);
    }

    /// What has ended and is not settled has no live price, and units none with it.
    function test_units_haveNoPriceBetweenEndAndSettlement() public {
        _traded();
        _redeemToDave();
        vm.prank(governor);
        uint64 end = listings.giveNotice(0);
        vm.warp(end - 2 hours - 3 * EPOCH_INTERVAL);
        _refreshFacts();
        _newEpoch(true);
        vm.warp(end - 1);
        publisher.publish(prices);
        cash.mint(dave, 2_000e6);
        vm.prank(dave);
        desk.enter(1_000e6, 0, dave);
        vm.warp(end);
        publisher.publish(prices);
        vm.prank(dave);
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.FundingNotEnded.selector, 0));
        desk.enter(1_000e6, 0, dave);
        riskArrays.endFunding(0);
        bytes memory ended = abi.encodeWithSelector(IVaultDesk.SeriesEnded.selector, 0, uint256(end));
        vm.prank(dave);
        vm.expectRevert(ended);
        desk.enter(1_000e6, 0, dave);
        uint256 snapshot = vm.snapshotState();
        uint256 half = uint256(_deskEquity()) / 2;
        vm.prank(address(auctions));
        house.moveCash(deskAccount, second, half);
        vm.expectRevert(ended);
        desk.fund(12, half / 2, _nothingShown());
        vm.revertToState(snapshot);
        vm.prank(address(auctions));
        house.moveCash(second, deskAccount, half);
        vm.expectRevert(ended);
        desk.giveBack(12, half / 4, _healthy());
    }

    /// Gifts to desk, vault and auctions are nobody's and price nothing.
    function test_gifts_toTheContractsPriceNothing() public {
        _traded();
        _redeemToDave();
        uint256 value = vault.totalValue();
        uint256 unit = desk.valueOf(1e18);
        address[3] memory all = [address(desk), address(vault), address(trades)];
        for (uint256 i; i < 3; ++i) {
            cash.mint(all[i], 1_000_000e6);
            tokens[0].mint(all[i], 1e12);
        }
        assertEq(vault.totalValue(), value);
        assertEq(desk.valueOf(1e18), unit);
        cash.mint(dave, 1_000e6);
        vm.prank(dave);
        uint256 units = desk.enter(1_000e6, 0, dave);
        assertLe(desk.valueOf(units), 1_000e18);
        _leaveAll();
        assertEq(cash.balanceOf(address(desk)), 1_000_000e6);
    }

    // --- prices of fills

    /// Whatever somebody makes of the live price in the block of a fill, the desk pays no more than the range above the proven
    /// mark, nor above the live one.
    function testFuzz_fill_atAManipulatedPriceCostsTheRange(uint256 moved, uint256 when) public {
        _openDesk(0);
        DeskAuction memory auction = trades.auctionOf(0);
        vm.warp(auction.startTime + bound(when, 0, DESK_LENGTH - 1));
        _move(0, bound(moved, 900_000, 1_100_000));
        publisher.publish(prices);
        uint256 price = trades.auctionPrice(0);
        uint256 quantity = auction.least;
        Side memory taker = _against(0, true, quantity);
        int256 before = _cash(deskAccount);
        try trades.fill(0, quantity, price, taker, _healthy()) {
            uint256 paid = uint256(before - _cash(deskAccount));
            uint256 live = _spot(0);
            uint256 fair = live < auction.mark ? live : auction.mark;
            uint256 most = quantity * fair / 1e12 * (1e6 + auction.range) / 1e6;
            assertLe(paid, most * (1e6 + TRADE_FEE) / 1e6 + 3);
        } catch (bytes memory reason) {
            bytes4 why = bytes4(reason);
            assertTrue(
                why == IDeskAuctions.PriceMoved.selector || why == IRiskArrays.SpotMoved.selector
                    || why == IRiskArrays.PriceDeviates.selector || why == IDeskAuctions.NothingLeft.selector
            );
        }
    }

    /// A price that is held for the block of an opening makes no gap that the fill's own moment does not have.
    function test_open_atAManipulatedPriceTradesTheGapOfTheFill() public {
        _traded();
        (, uint256 gap) = trades.gapOf(0);
        _move(0, 990_000);
        publisher.publish(prices);
        _openDesk(0);
        uint256 left = trades.auctionOf(0).left;
        _move(0, 1_000_000 * uint256(100) / 99);
        publisher.publish(prices);
        (, uint256 true_) = trades.gapOf(0);
        assertApproxEqRel(true_, gap, 0.001e18);
        if (left > true_) {
            uint256 price = _priceNow(0);
            Side memory taker = _against(0, true, left);
            vm.expectPartialRevert(IDeskAuctions.NothingLeft.selector);
            trades.fill(0, left, price, taker, _healthy());
        }
    }
}
