// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {DeskReading, IVaultDesk} from "../../contracts/interfaces/IVaultDesk.sol";
import {
    DeskAuction,
    IDeskAuctions,
    OptionMark,
    Protection
} from "../../contracts/interfaces/IDeskAuctions.sol";
import {Side} from "../../contracts/interfaces/IExchange.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {ArrayWords} from "../../contracts/libraries/ArrayWords.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {DeskFixture} from "./DeskFixture.sol";

/// @notice D-11 to D-13. Arrays are priced as in the margin tests; gamma and vega, of which only the circuit knows the true ones, are
/// 2 % and 0.12 % of an option.
contract DeskOptionsTest is DeskFixture {
    using AccountWords for uint256[10];
    using Numbers for uint256;

    int256 private constant GAMMA = 2e10;
    int256 private constant VEGA = 1.2e9;
    uint256 private constant FAR_PUT = 3;
    uint256 private constant FAR_CALL_OF_0 = 4;

    function setUp() public {
        _deployDesk();
        _listOption(0, FAR_PUT, Clearing.KIND_PUT, soon + 20 days, _spot(0));
        _newEpoch(true);
        _fundShare();
    }

    function _priced(uint256[19] memory facts) internal pure override returns (uint256[] memory statement) {
        statement = super._priced(facts);
        for (uint256 place; place < 16; ++place) {
            if (ArrayWords.unpackTerms(facts[3 + place]).kind == Clearing.KIND_PERPETUAL) continue;
            _put(statement, place, Clearing.FIGURE_GAMMA, GAMMA);
            _put(statement, place, Clearing.FIGURE_VEGA, VEGA);
        }
    }

    function _put(uint256[] memory statement, uint256 place, uint256 figure, int256 value) private pure {
        uint256 at = 19 + 6 * place + (31 + figure) / 6;
        uint256 shift = Protocol.LANE_BITS * Clearing.PAIR_LANES * ((31 + figure) % 6);
        // the offset of a value of 0 stands there
        statement[at] = uint256(int256(statement[at]) + value * int256(1 << shift));
    }

    function _ask(uint32 gamma, uint32 vega, uint32 premium) private {
        vm.prank(governor);
        trades.scheduleProtection(Protection(gamma, vega, premium));
        vm.warp(vm.getBlockTimestamp() + MANDATE_DELAY);
        trades.applyProtection();
        _refreshFacts();
        _allocate(_weights(400_000, 300_000, 300_000), EXPOSURE);
        _newEpoch(true);
    }

    function _mark() private {
        trades.markOptions(0, 1 << FAR_PUT, provenWords[0]);
    }

    /// Asks for 1 % of gamma and 0.06 % of vega, and buys what an auction brings of it.
    function _protect() private returns (uint256 bought) {
        _ask(10_000, 600, 30_000);
        _mark();
        bought = _buy(FAR_PUT);
    }

    function _buy(uint256 series) private returns (uint256 bought) {
        _openDesk(series);
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH / 2);
        publisher.publish(prices);
        bought = trades.auctionOf(series).left;
        _fillDesk(series, bought);
    }

    // --- what is asked

    function test_gap_isNothingWhereNothingIsAsked() public {
        _mark();
        (, uint256 gap) = trades.gapOf(FAR_PUT);
        assertEq(gap, 0);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.GapWithinBand.selector, 0, 0));
        trades.open(FAR_PUT);
    }

    function test_scheduleProtection_isTheGovernorsWithinBoundsAndLater() public {
        Protection memory asked = Protection(10_000, 600, 30_000);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.NotGovernor.selector, address(this)));
        trades.scheduleProtection(asked);
        vm.startPrank(governor);
        vm.expectPartialRevert(IDeskAuctions.ParameterOutOfBounds.selector);
        trades.scheduleProtection(Protection(50_001, 600, 30_000));
        vm.expectPartialRevert(IDeskAuctions.ParameterOutOfBounds.selector);
        trades.scheduleProtection(Protection(10_000, 10_001, 30_000));
        vm.expectPartialRevert(IDeskAuctions.ParameterOutOfBounds.selector);
        trades.scheduleProtection(Protection(10_000, 600, 50_001));
        trades.scheduleProtection(asked);
        vm.stopPrank();
        uint64 readyAt = uint64(vm.getBlockTimestamp()) + MANDATE_DELAY;
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.NotReady.selector, readyAt));
        trades.applyProtection();
        vm.warp(readyAt);
        trades.applyProtection();
        (Protection memory now_,,) = trades.protection();
        assertEq(now_.gamma, 10_000);
        vm.expectRevert(IDeskAuctions.NothingScheduled.selector);
        trades.applyProtection();
    }

    /// D-12: so many that neither gamma nor vega passes what is asked of 600,000 dollars of the lane.
    function test_gap_bringsGammaAndVegaToWhatIsAsked() public {
        _ask(10_000, 600, 30_000);
        _mark();
        (bool buying, uint256 gap) = trades.gapOf(FAR_PUT);
        assertTrue(buying);
        OptionMark memory mark = trades.optionMark(FAR_PUT);
        assertEq(mark.spot, _spot(0));
        uint256 exposed = vault.totalValue() / 1e12 * 600_000 / 1e6;
        // {ppm of a contract} of 1 % of delta per 1 %, and of 6 dollars in 10,000 a point
        uint256 byGamma = exposed * 10_000 / 1e8 * 1e32 / (mark.spot * uint256(uint64(mark.gamma)) * 1e6);
        uint256 byVega = exposed * 600 / 1e6 * 1e24 / (mark.spot * uint256(uint64(mark.vega)));
        assertApproxEqAbs(gap, byGamma < byVega ? byGamma : byVega, 2);
    }

    // --- marks

    function test_markOptions_takesTheProvenWordsOfTheCurrentEpochAlone() public {
        uint256[] memory words = provenWords[0];
        words[30] += 1;
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.WordsDiffer.selector, 0));
        trades.markOptions(0, 1 << FAR_PUT, words);
        words = provenWords[0];
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.SeriesNotTraded.selector, 0));
        trades.markOptions(0, 1, words);
        _newEpoch(true);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.WordsDiffer.selector, 0));
        trades.markOptions(0, 1 << FAR_PUT, words);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.OptionNotMarked.selector, FAR_PUT));
        trades.gapOf(FAR_PUT);
        _mark();
        trades.gapOf(FAR_PUT);
    }

    /// A put at the money is worth what its call is, less what the forward is above the strike: C + K − F.
    function test_markOptions_pricesPutsByParity() public {
        _mark();
        trades.markOptions(0, 1 << CALL | 1 << PUT, provenWords[0]);
        OptionMark memory call = trades.optionMark(CALL);
        OptionMark memory put = trades.optionMark(PUT);
        int256 forward =
            int256(_spot(0)) * (1e6 + ArrayWords.unpackTerms(provenWords[0][3 + PUT]).basis) / 1e6;
        int256 strike = int256(ArrayWords.unpackTerms(provenWords[0][3 + PUT]).strike);
        assertApproxEqAbs(
            int256(uint256(put.price)), int256(uint256(call.price)) + strike - forward, _spot(0) / 1e9
        );
        assertGt(put.price, 0);
        assertLt(put.delta, 0);
    }

    /// Until the new epoch's words are shown an option has no mark: units have no price, and redeeming asks for none.
    function test_unmarked_nothingIsPricedAndRedeemingGoesOn() public {
        _protect();
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH);
        _newEpoch(true);
        bytes memory unmarked = abi.encodeWithSelector(IDeskAuctions.OptionNotMarked.selector, FAR_PUT);
        vm.expectRevert(unmarked);
        desk.read();
        vm.expectRevert(unmarked);
        vault.openRebalance();
        vm.expectRevert(unmarked);
        desk.enter(1_000e6, 0, bob);
        vm.prank(alice);
        vault.redeem(1_000e18, alice);
        _mark();
        desk.read();
        vault.openRebalance();
    }

    // --- trading

    function test_protect_buysUpToWhatIsAskedAndHedgesItsDelta() public {
        (, uint256 before) = trades.gapOf(0);
        uint256 bought = _protect();
        assertEq(_quantityOf(FAR_PUT), int256(bought));
        (bool buying, uint256 gap) = trades.gapOf(FAR_PUT);
        assertTrue(gap < bought / 100 || !buying);
        // puts are short of the underlying: more perpetuals are lacking by their delta
        OptionMark memory mark = trades.optionMark(FAR_PUT);
        int256 delta = int256(bought) * mark.delta / 1e12;
        assertLt(delta, 0);
        DeskReading memory reading = desk.read();
        assertEq(reading.deltas[0], delta);
        (, uint256 afterwards) = trades.gapOf(0);
        assertApproxEqRel(afterwards, before + uint256(-delta), 0.02e18);
        // what was paid is what they are worth, but for the fee
        assertApproxEqRel(uint256(reading.equity), 250_000e6, 0.005e18);
        assertGt(reading.uncertainty, 0);
    }

    function test_fill_revertsBeyondTheBudgetOfPremiums() public {
        _ask(10_000, 600, 100);
        _mark();
        _openDesk(FAR_PUT);
        publisher.publish(prices);
        uint256 quantity = trades.auctionOf(FAR_PUT).left;
        uint256 price = _priceNow(FAR_PUT);
        Side memory taker = _against(FAR_PUT, true, quantity);
        vm.expectPartialRevert(IDeskAuctions.PremiumBeyondBudget.selector);
        trades.fill(FAR_PUT, quantity, price, taker, _healthy());
    }

    /// A call brings gamma and vega as a put does, and its delta takes perpetuals' place.
    function test_protect_withACall() public {
        _listOption(0, FAR_CALL_OF_0, Clearing.KIND_CALL, soon + 20 days, _spot(0) * 11 / 10);
        _ask(10_000, 600, 30_000);
        trades.markOptions(0, 1 << FAR_CALL_OF_0, provenWords[0]);
        (, uint256 before) = trades.gapOf(0);
        uint256 bought = _buy(FAR_CALL_OF_0);
        int256 delta = int256(bought) * trades.optionMark(FAR_CALL_OF_0).delta / 1e12;
        assertGt(delta, 0);
        assertEq(desk.read().deltas[0], delta);
        (, uint256 afterwards) = trades.gapOf(0);
        assertApproxEqRel(afterwards, before - uint256(delta), 0.02e18);
    }

    /// Any part of an auction is taken, none that passes what is asked of gamma or vega.
    function testFuzz_fill_neverPassesWhatIsAsked(uint256 quantity) public {
        _ask(10_000, 600, 30_000);
        _mark();
        (, uint256 gap) = trades.gapOf(FAR_PUT);
        _openDesk(FAR_PUT);
        uint256 left = trades.auctionOf(FAR_PUT).left;
        uint256 least = trades.auctionOf(FAR_PUT).least;
        quantity = bound(quantity, least, left * 2);
        uint256 price = _priceNow(FAR_PUT);
        Side memory taker = _against(FAR_PUT, true, quantity);
        if (quantity > left) vm.expectPartialRevert(IDeskAuctions.NothingLeft.selector);
        trades.fill(FAR_PUT, quantity, price, taker, _healthy());
        if (quantity > left) return;
        assertLe(quantity, gap);
        (bool buying, uint256 afterwards) = trades.gapOf(FAR_PUT);
        // what the premium takes of the value is less than a thousandth
        assertTrue(buying || afterwards == 0);
        assertApproxEqRel(afterwards + quantity, gap, 0.005e18);
    }

    /// Two series are auctioned for the same lack; once one has brought it, a fill of the other would leave the account worse.
    function test_fill_revertsWhereItWouldLeaveTheBandWorse() public {
        _listOption(0, FAR_CALL_OF_0, Clearing.KIND_CALL, soon + 20 days, _spot(0));
        _ask(10_000, 600, 30_000);
        trades.markOptions(0, 1 << FAR_PUT | 1 << FAR_CALL_OF_0, provenWords[0]);
        trades.open(FAR_CALL_OF_0);
        uint256 bought = _buy(FAR_PUT);
        uint256 quantity = trades.auctionOf(FAR_CALL_OF_0).left;
        assertGt(quantity, bought / 2);
        uint256 price = _priceNow(FAR_CALL_OF_0);
        Side memory taker = _against(FAR_CALL_OF_0, true, quantity);
        vm.expectPartialRevert(IDeskAuctions.NothingLeft.selector);
        trades.fill(FAR_CALL_OF_0, quantity, price, taker, _healthy());
        // nor a small part of it, which would add to what is enough
        quantity = trades.auctionOf(FAR_CALL_OF_0).least;
        taker = _against(FAR_CALL_OF_0, true, quantity);
        vm.expectPartialRevert(IDeskAuctions.NothingLeft.selector);
        trades.fill(FAR_CALL_OF_0, quantity, price, taker, _healthy());
    }

    /// The same margin: an option that the desk buys leaves it its health, proven.
    function test_fill_revertsWhenMarginIsShortOfTheDesksHealth() public {
        _ask(10_000, 600, 30_000);
        _mark();
        _openDesk(FAR_PUT);
        uint256 quantity = trades.auctionOf(FAR_PUT).least;
        uint256 price = _priceNow(FAR_PUT);
        Side memory taker = _against(FAR_PUT, true, quantity);
        vm.expectRevert(abi.encodeWithSelector(IVaultDesk.HealthTooLow.selector, 1_299_999, 1_300_000));
        trades.fill(FAR_PUT, quantity, price, taker, _proof(1_299_999, 1, 1e6));
        marginVerifier.refuseAll();
        vm.expectRevert(Statement.StatementNotProven.selector);
        trades.fill(FAR_PUT, quantity, price, taker, _healthy());
    }

    /// What expires within a week is not bought.
    function test_open_revertsForWhatExpiresSoon() public {
        _listOption(0, 4, Clearing.KIND_PUT, vm.getBlockTimestamp() + MANDATE_DELAY + 5 days, _spot(0));
        _ask(10_000, 600, 30_000);
        trades.markOptions(0, 1 << 4, provenWords[0]);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.SeriesNotTraded.selector, 4));
        trades.open(4);
    }

    /// Four places are for perpetuals: twelve options of whatever size keep no hedge out.
    function test_gap_leavesPlacesForPerpetuals() public {
        bytes32 fifth = _account(alice, 5);
        _bring(fifth, CASH_LANE, 1_000e6);
        for (uint256 place = 4; place < 16; ++place) {
            _listOption(0, place, Clearing.KIND_CALL, soon + 20 days, _spot(0) * (80 + 5 * place) / 100);
        }
        _ask(10_000, 600, 30_000);
        for (uint256 place = 4; place < 16; ++place) {
            if (place == 15) _hand(fifth, true);
            _trade(fifth, second, place, 1_000, _spot(0) / 50);
        }
        _hand(fifth, false);
        trades.markOptions(0, 0xfff8, provenWords[0]);
        vm.expectRevert(abi.encodeWithSelector(IDeskAuctions.OptionPlacesTaken.selector, 12));
        trades.gapOf(FAR_PUT);
        // of those it has it may buy more
        (bool buying, uint256 gap) = trades.gapOf(4);
        assertTrue(buying && gap != 0);
    }

    /// What an account has got becomes the desk's.
    /// @param room whether one more option has a place after that
    function _hand(bytes32 account, bool room) private {
        vm.prank(address(auctions));
        house.moveSlice(account, deskAccount, 1e6);
        if (!room) return;
        trades.markOptions(0, 0xfff8, provenWords[0]);
        (bool buying, uint256 gap) = trades.gapOf(FAR_PUT);
        assertTrue(buying && gap != 0);
    }

    function test_sells_whatItHoldsAndNothingShort() public {
        uint256 bought = _protect();
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH);
        _ask(0, 0, 0);
        trades.markOptions(0, 1 << FAR_PUT, provenWords[0]);
        (bool buying, uint256 gap) = trades.gapOf(FAR_PUT);
        assertFalse(buying);
        assertEq(gap, bought);
        _openDesk(FAR_PUT);
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH / 2);
        publisher.publish(prices);
        uint256 price = _priceNow(FAR_PUT);
        Side memory taker = _against(FAR_PUT, false, bought + 1);
        vm.expectPartialRevert(IDeskAuctions.NothingLeft.selector);
        trades.fill(FAR_PUT, bought + 1, price, taker, _healthy());
        _fillDesk(FAR_PUT, bought);
        assertEq(_quantityOf(FAR_PUT), 0);
        // and another series, of which it has none
        _listOption(0, 5, Clearing.KIND_CALL, soon + 20 days, _spot(0));
        _newEpoch(true);
        trades.markOptions(0, 1 << 5, provenWords[0]);
        (, gap) = trades.gapOf(5);
        assertEq(gap, 0);
    }

    /// One above what is asked, the other below: no option brings both nearer.
    function test_gap_isNothingWhereGammaAndVegaDisagree() public {
        _protect();
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH);
        _ask(1_000, 5_000, 30_000);
        _mark();
        (, uint256 gap) = trades.gapOf(FAR_PUT);
        assertEq(gap, 0);
    }

    // --- prices

    function test_auction_isAboutTheMarkWithinWhatItMayBeOffBy() public {
        _ask(10_000, 600, 30_000);
        _mark();
        trades.open(FAR_PUT);
        DeskAuction memory auction = trades.auctionOf(FAR_PUT);
        OptionMark memory mark = trades.optionMark(FAR_PUT);
        assertEq(auction.mark, mark.price);
        // |delta| · 1.06 % and two points of vega, of a price of some 5 % of spot
        uint256 wide = uint256(uint64(-mark.delta)) * 10_606 / 1e6 + 2 * uint256(uint64(mark.vega));
        assertApproxEqRel(auction.range, wide * _spot(0) / 1e12 * 1e6 / mark.price, 0.01e18);
    }

    /// The underlying rose, so the put is worth less: at the price of before nobody may sell it to the desk.
    function test_fill_revertsWhenTheOptionIsWorthLess() public {
        _ask(10_000, 600, 30_000);
        _mark();
        _openDesk(FAR_PUT);
        vm.warp(vm.getBlockTimestamp() + DESK_LENGTH - 1);
        _move(0, 1_020_000);
        publisher.publish(prices);
        uint256 quantity = trades.auctionOf(FAR_PUT).least;
        uint256 price = _priceNow(FAR_PUT);
        Side memory taker = _against(FAR_PUT, true, quantity);
        vm.expectPartialRevert(IDeskAuctions.PriceMoved.selector);
        trades.fill(FAR_PUT, quantity, price, taker, _healthy());
    }

    /// Near its end what an option pays is partly known, and its mark does not know it.
    function test_uncertainty_growsWhileAnOptionSettles() public {
        trades.markOptions(0, 1 << PUT | 1 << FAR_PUT, provenWords[0]);
        (, uint256 far,) = trades.optionValue(FAR_PUT, _spot(0), 10_906);
        uint256 price;
        uint256 wide;
        vm.warp(soon - SETTLEMENT_WINDOW + 1);
        publisher.publish(prices);
        _reportAll();
        _newEpoch(true);
        trades.markOptions(0, 1 << PUT, provenWords[0]);
        (price, wide,) = trades.optionValue(PUT, _spot(0), 10_906);
        assertGt(wide, far + _spot(0) * 14 / 100);
    }
}
