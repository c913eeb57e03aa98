// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../../contracts/generated/Protocol.sol";
import {DeskAuction, IDeskAuctions} from "../../contracts/interfaces/IDeskAuctions.sol";
import {Side} from "../../contracts/interfaces/IExchange.sol";
import {IRiskArrays} from "../../contracts/interfaces/IRiskArrays.sol";
import {IVaultDesk} from "../../contracts/interfaces/IVaultDesk.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {DeskFixture} from "./DeskFixture.sol";

contract DeskAuctionsTest is DeskFixture {
    using Lanes for uint256;

    function setUp() public {
        _deployDesk();
        _fundShare();
    }

    // --- what is due

    /// D-5: nothing is in lanes yet, so all of 150 % · 40 % is lacking.
    function test_gapOf_isWhatTheBasketLacks() public view {
        (bool buying, uint256 gap) = trades.gapOf(0);
        assertTrue(buying);
        assertApproxEqAbs(gap, uint256(600_000e6) * 1e12 / _spot(0), 1);
    }

    function test_gapOf_countsTheBasket() public {
        _buySpot(0);
        (bool buying, uint256 gap) = trades.gapOf(0);
        uint256 spotPart = vault.balances()[0] / 1e2;
        assertTrue(buying);
        assertApproxEqAbs(gap + spotPart, vault.totalValue() / 1e12 * 600_000 / 1e6 * 1e12 / _spot(0), 2);
        // spot is bought up to the desk's share: 40 % of 75 %
        assertApproxEqRel(spotPart * _spot(0) / 1e12, 300_000e6, 0.02e18);
    }

    /// A rebalance of the vault: bob sells a lane to it at the mark.
    function _buySpot(uint256 lane) private {
        _enrich(bob);
        uint64 id = _openAndWarmUp();
        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH / 2);
        publisher.publish(prices);
        vm.prank(bob);
        vault.bid(id, lane, type(uint128).max, 0, bob);
        _newEpoch(true);
    }

    /// Redeemers take their part of what is hedged and of the hedge: what the desk should hold for all units stays.
    function test_gapOf_staysWhenSharesAreRedeemed() public {
        _tradeDesk(0);
        (, uint256 before) = trades.gapOf(16);
        vm.prank(alice);
        vault.redeem(300_000e18, alice);
        (bool buying, uint256 gap) = trades.gapOf(16);
        assertTrue(buying);
        assertApproxEqAbs(gap, before, 2);
        (, uint256 traded) = trades.gapOf(0);
        assertApproxEqAbs(traded * _spot(0) / 1e12, 100_000e6, 1_000e6); // beyond the largest trade
    }

    function test_gapOf_turnsWhenTheLaneHasDriftedUp() public {
        for (uint256 i; i < 2; ++i) {
            _tradeDesk(0);
            vm.warp(vm.getBlockTimestamp() + DESK_LENGTH);
            _newEpoch(true);
        }
        // lane 0 gains, the others do not: it has more than its weight of the value
        _move(0, 1_150_000);
        _newEpoch(true);
        (bool buying, uint256 gap) = trades.gapOf(0);
        assertFalse(buying);
        assertGt(gap * _spot(0) / 1e12, 10_000e6);
        _tradeDesk(0);
        (, gap) = trades.gapOf(0);
        assertLt(gap * _spot(0) / 1e12, 10_000e6);
    }

    function test_open_revertsForOtherSeries() public {
        for (uint256 i; i < 2; ++i) {
            uint256 series = [uint256(7), 64][i];
            vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.SeriesNotTraded.selector, series));
            trades.open(series);
        }
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.ArrayNotInEpoch.selector, 3, 3));
        trades.open(48);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.OptionNotMarked.selector, CALL));
        trades.open(CALL);
    }

    function test_open_revertsWithinTheBand() public {
        _tradeDesk(16);
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH);
        _newEpoch(true);
        vm.expectPartialRevert(IDeskAuctions.GapWithinBand.selector);
        trades.open(16);
    }

    function test_open_revertsWhileOneRuns() public {
        trades.open(0);
        uint256 end = vm.getBlockTimestamp() + DESK_WARM_UP + DESK_LENGTH;
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.AuctionRunning.selector, end));
        trades.open(0);
        trades.open(16);
    }

    function test_open_revertsUnderAnotherMandate() public {
        vm.prank(governor);
        vault.scheduleMandate(_leveraged(2));
        vm.warp(vm.getBlockTimestamp() + MANDATE_DELAY);
        vault.applyMandate();
        _refreshFacts();
        _newEpoch(true);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.AllocationOutdated.selector, 1, 2));
        trades.open(0);
        _allocate(_weights(400_000, 300_000, 300_000), EXPOSURE);
        trades.open(0);
    }

    function test_open_tradesAtMostTheMandatesLargest() public {
        trades.open(0);
        // 50 % of the value, where 60 % is lacking
        assertEq(trades.auctionOf(0).left, uint256(500_000e6) * 1e12 / _spot(0));
    }

    /// The live price has left the mark by more than the range: whoever opened now would only keep others from it.
    function test_open_revertsWhenTheMarketHasLeftTheMark() public {
        _move(0, 1_020_000);
        publisher.publish(prices);
        vm.expectPartialRevert(IDeskAuctions.PriceMoved.selector);
        trades.open(0);
        _newEpoch(true);
        trades.open(0);
    }

    // --- prices

    function testFuzz_price_risesWhereTheDeskBuys(uint256 early, uint256 late) public {
        _openDesk(0);
        DeskAuction memory auction = trades.auctionOf(0);
        early = bound(early, 0, DESK_LENGTH - 1);
        late = bound(late, early, DESK_LENGTH - 1);
        vm.warp(auction.startTime + early);
        uint256 first = trades.auctionPrice(0);
        vm.warp(auction.startTime + late);
        assertGe(trades.auctionPrice(0), first);
        assertGe(first, uint256(auction.mark) * (1e6 - auction.range) / 1e6);
        assertLe(trades.auctionPrice(0), uint256(auction.mark) * (1e6 + auction.range) / 1e6);
    }

    /// Proofs are of a price that is known before; from then on the auction's is no better for the taker.
    function test_fill_isAtAPriceThatTheAuctionHasReached() public {
        _openDesk(0);
        vm.warp(vm.getBlockTimestamp() + 5 minutes);
        uint256 price = trades.auctionPrice(0);
        Side memory taker = _against(0, true, 100e6);
        vm.warp(vm.getBlockTimestamp() - 1);
        uint256 offered = trades.auctionPrice(0);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.PriceNotReached.selector, price, offered));
        trades.fill(0, 100e6, price, taker, _healthy());
        vm.warp(vm.getBlockTimestamp() + 7 minutes);
        int256 before = _cash(deskAccount);
        trades.fill(0, 100e6, price, taker, _healthy());
        assertGe(before - _cash(deskAccount), int256(price * 100e6 / 1e12));
        assertLe(before - _cash(deskAccount), int256(price * 100e6 / 1e12 * 1_000_301 / 1e6));
    }

    function test_fill_isAtTheDesksPriceWhateverTheOrderSays() public {
        _openDesk(0);
        int256 before = _cash(deskAccount);
        uint256 price = trades.auctionPrice(0);
        _fillDesk(0, 100e6);
        uint256 paid = price * 100e6 / 1e12;
        uint256 fee = (paid * TRADE_FEE + 1e6 - 1) / 1e6;
        assertEq(before - _cash(deskAccount), int256(paid + fee));
    }

    /// D-7: no fill at a price that is further than the range from the present one in the taker's favour.
    function test_fill_revertsWhenTheMarketFell() public {
        _openDesk(0);
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH * 3 / 4);
        _move(0, 985_000);
        publisher.publish(prices);
        uint256 price = _priceNow(0);
        Side memory taker = _against(0, true, 100e6);
        vm.expectPartialRevert(IDeskAuctions.PriceMoved.selector);
        trades.fill(0, 100e6, price, taker, _healthy());
    }

    function test_fill_revertsOutsideItsTime() public {
        trades.open(0);
        uint256 price = _priceNow(0);
        Side memory taker = _against(0, true, 100e6);
        vm.expectPartialRevert(IDeskAuctions.BiddingClosed.selector);
        trades.fill(0, 100e6, price, taker, _healthy());
        vm.warp(vm.getBlockTimestamp() + DESK_WARM_UP + DESK_LENGTH);
        publisher.publish(prices);
        vm.expectPartialRevert(IDeskAuctions.BiddingClosed.selector);
        trades.fill(0, 100e6, price, taker, _healthy());
    }

    function test_fill_revertsBeyondWhatIsLeft() public {
        _openDesk(0);
        uint256 left = trades.auctionOf(0).left;
        uint256 price = _priceNow(0);
        Side memory taker = _against(0, true, left + 1);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.NothingLeft.selector, left));
        trades.fill(0, left + 1, price, taker, _healthy());
        _fillDesk(0, left);
        taker = _against(0, true, 1);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.NothingLeft.selector, 0));
        trades.fill(0, 1, price, taker, _healthy());
    }

    function test_fill_revertsWhenTooSmall() public {
        _openDesk(0);
        uint256 least = trades.auctionOf(0).least;
        uint256 price = _priceNow(0);
        Side memory taker = _against(0, true, least);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.FillTooSmall.selector, least - 1, least));
        trades.fill(0, least - 1, price, taker, _healthy());
        trades.fill(0, least, price, taker, _healthy());
    }

    /// What the vault bought in the meantime is not bought twice.
    function test_fill_followsTheGapOfNow() public {
        _openDesk(0);
        _allocateLess();
        (bool buying,) = trades.gapOf(0);
        assertTrue(buying);
        uint256 quantity = trades.auctionOf(0).left;
        uint256 price = _priceNow(0);
        Side memory taker = _against(0, true, quantity);
        vm.expectPartialRevert(IDeskAuctions.NothingLeft.selector);
        trades.fill(0, quantity, price, taker, _healthy());
    }

    function _allocateLess() private {
        vault.allocate(riskIndex, _weights(200_000, 400_000, 400_000), _calmer(), 1, _anyProof());
    }

    function _calmer() private pure returns (uint256 portfolio) {
        return portfolio.put(Protocol.PORTFOLIO_VOLATILITY, 3_999).put(Protocol.PORTFOLIO_EXPOSURE, EXPOSURE);
    }

    // --- health

    function test_fill_revertsWhenMarginIsShortOfTheDesksHealth() public {
        _openDesk(0);
        uint256 price = _priceNow(0);
        Side memory taker = _against(0, true, 100e6);
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.HealthTooLow.selector, 1_299_999, 1_300_000));
        trades.fill(0, 100e6, price, taker, _proof(1_299_999, 1, 1e6));
        trades.fill(0, 100e6, price, taker, _proof(1_300_000, 1, 1e6));
    }

    /// Who is short of health may still get rid of a position, by the house's own rule.
    function test_fill_asksForLessHealthWhereAPositionShrinks() public {
        _tradeDesk(0);
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH);
        _newEpoch(true);
        vault.allocate(riskIndex, _weights(0, 500_000, 500_000), _calmer(), 1, _anyProof());
        _openDesk(0);
        uint256 least = trades.auctionOf(0).least;
        uint256 price = _priceNow(0);
        Side memory taker = _against(0, false, least);
        trades.fill(0, least, price, taker, _proof(1e6, 1, 1e6));
    }

    // --- the guardian

    function test_stop_blocksTheSeriesForADay() public {
        trades.open(0);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.NotGuardian.selector, address(this)));
        trades.stop(0);
        vm.prank(guardian);
        trades.stop(0);
        uint256 until = vm.getBlockTimestamp() + trades.STOP_DURATION();
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.AuctionBlocked.selector, until));
        trades.open(0);
        trades.open(16);
    }

    function test_enter_waitsForRunningAuctions() public {
        trades.open(0);
        vm.expectRevert(IVaultDesk.AuctionRuns.selector);
        desk.enter(1_000e6, 0, bob);
    }
}
