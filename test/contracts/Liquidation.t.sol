// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Liquidation} from "../../contracts/clearing/Liquidation.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Bid, ILiquidation, LiquidationAuction} from "../../contracts/interfaces/ILiquidation.sol";
import {IMarginEngine} from "../../contracts/interfaces/IMarginEngine.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {ScenarioMargin} from "../../contracts/libraries/ScenarioMargin.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// Rules L-1 to L-7. Prices are about 1,000, 2,000 and 3,000 dollars.
contract LiquidationTest is LiquidationFixture {
    using AccountWords for uint256[10];

    uint256 private constant SOLVENT = 0;
    uint256 private constant INSOLVENT = 1;

    function setUp() public {
        _deployLiquidation();
        // alice is long a hundred perpetuals at spot with a seventh of their value; bob is short them
        _fund(first, 15_000);
        _openingSpot = _spot(0);
        _fund(second, 1_000_000);
        _fund(third, 1_000_000);
        _trade(first, second, PERPETUAL, 100 * CONTRACT, _spot(0));
        _newEpoch(true);
    }

    /// Between nothing and the maintenance requirement.
    function _makeShort() private {
        _move(0, 940_000);
        _newEpoch(true);
        assertGt(_equity(first), 0);
    }

    function _makeInsolvent() private {
        _move(0, 820_000);
        _newEpoch(true);
        assertLt(_equity(first), 0);
    }

    // --- start

    function test_start_byOneScenario() public {
        _makeShort();
        (uint256 scenario, int256 excess) = _worst(first);
        assertLt(excess, 0);
        uint256 auction = auctions.start(first, scenario, epoch, provenWords);
        LiquidationAuction memory found = auctions.auctionAt(auction);
        assertEq(found.account, first);
        assertEq(found.insolventAt, 0);
        assertEq(auctions.auctionOf(first), auction);
    }

    function test_start_revertsWhenHealthyInTheScenario() public {
        (, int256 excess) = _worst(first);
        assertGe(excess, 0);
        for (uint256 s; s < 185; ++s) {
            (int256 equity, uint256 requirement) = auctions.assess(first, s, epoch, provenWords);
            vm.expectRevert(abi.encodeWithSelector(ILiquidation.AccountHealthy.selector, equity, requirement));
            auctions.start(first, s, epoch, provenWords);
        }
        _makeShort();
        // up, a long loses nothing
        (int256 rich, uint256 little) = auctions.assess(first, 20, epoch, provenWords);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AccountHealthy.selector, rich, little));
        auctions.start(first, 20, epoch, provenWords);
    }

    function test_start_revertsWhenScenarioUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(ScenarioMargin.ScenarioUnknown.selector, 185));
        auctions.start(first, 185, epoch, provenWords);
    }

    function test_start_revertsWhenRunning() public {
        _makeShort();
        uint256 auction = _start(first);
        (uint256 scenario,) = _worst(first);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionRunning.selector, auction));
        auctions.start(first, scenario, epoch, provenWords);
    }

    function test_start_againWhenItsTimeHasRun() public {
        _makeShort();
        uint256 auction = _start(first);
        vm.warp(vm.getBlockTimestamp() + auctions.LIFE());
        _newEpoch(true);
        (uint256 scenario,) = _worst(first);
        assertEq(auctions.start(first, scenario, epoch, provenWords), auction + 1);
    }

    function test_start_revertsWhenBackstop() public {
        vm.expectRevert(ILiquidation.BackstopAccount.selector);
        auctions.start(backstop, 0, epoch, provenWords);
    }

    // --- facts

    function test_facts_pricedOnChainAreTheProvenOnes() public {
        _trade(first, second, CALL, 3 * CONTRACT, 50e12);
        _trade(first, second, PUT, 2 * CONTRACT, 50e12);
        _trade(second, first, FAR_CALL, 4 * CONTRACT, 80e12);
        _newEpoch(true);
        bytes32[2] memory accounts = [first, second];
        for (uint256 i; i < 2; ++i) {
            for (uint256 scenario; scenario < 185; ++scenario) {
                (int256 equity, uint256 requirement) =
                    auctions.assess(accounts[i], scenario, epoch, provenWords);
                (int256 priced, uint256 required) = auctions.assess(accounts[i], scenario, epoch, factWords);
                assertEq(equity, priced);
                assertEq(requirement, required);
            }
            for (uint256 level; level < 2; ++level) {
                (int256 equity, uint256 requirement) =
                    engine.fullMargin(accounts[i], level, epoch, provenWords);
                (int256 priced, uint256 required) = engine.fullMargin(accounts[i], level, epoch, factWords);
                assertEq(equity, priced);
                assertEq(requirement, required);
            }
        }
    }

    /// Nobody proves, and a crash is liquidated all the same.
    function test_facts_ofAnUnprovenEpoch() public {
        _move(0, 940_000);
        _newEpoch(false);
        auctions.start(first, 0, epoch, factWords);
        vm.expectRevert(abi.encodeWithSelector(IMarginEngine.WordsDiffer.selector, 0));
        auctions.assess(first, 0, epoch, provenWords);
    }

    function test_facts_revertWhenNotTheNewest() public {
        uint64 old = epoch;
        uint256[][4] memory oldWords = provenWords;
        _newEpoch(false);
        // for a while what is current counts as well
        auctions.assess(first, 0, old, oldWords);
        vm.warp(vm.getBlockTimestamp() + engine.GRACE());
        vm.expectRevert(abi.encodeWithSelector(IMarginEngine.EpochNotNewest.selector, old, epoch));
        auctions.assess(first, 0, old, oldWords);
    }

    function test_facts_revertWhenTooOld() public {
        vm.warp(vm.getBlockTimestamp() + MAX_ARRAY_AGE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMarginEngine.EpochTooOld.selector, epoch, MAX_ARRAY_AGE + 1, uint256(MAX_ARRAY_AGE)
            )
        );
        auctions.assess(first, 0, epoch, provenWords);
    }

    function test_facts_revertWhenWordsDiffer() public {
        uint256[][4] memory words = provenWords;
        words[0][60] ^= 1;
        vm.expectRevert(abi.encodeWithSelector(IMarginEngine.WordsDiffer.selector, 0));
        auctions.assess(first, 0, epoch, words);
        words = factWords;
        words[1][7] ^= 1;
        vm.expectRevert(abi.encodeWithSelector(IMarginEngine.WordsDiffer.selector, 1));
        auctions.assess(first, 0, epoch, words);
        words[1] = new uint256[](18);
        vm.expectRevert(abi.encodeWithSelector(IMarginEngine.WordCountWrong.selector, 1, 18));
        auctions.assess(first, 0, epoch, words);
        // only of arrays with positions are they needed
        words[1] = new uint256[](0);
        auctions.assess(first, 0, epoch, words);
        words[0] = new uint256[](0);
        vm.expectRevert(abi.encodeWithSelector(ScenarioMargin.ArrayWordsMissing.selector, 0));
        auctions.assess(first, 0, epoch, words);
    }

    // --- the solvent phase

    function test_bid_sellsDownToTheTarget() public {
        _makeShort();
        uint256 auction = _start(first);
        vm.warp(vm.getBlockTimestamp() + 5 minutes);
        (int256 equity,) = engine.fullMargin(first, 0, epoch, provenWords);
        int256 before = _allCash();
        (uint256 share, int256 paid) = _bid(auction, SOLVENT, 1e6, 1e12);
        assertLt(share, 1e6);
        assertEq(_allCash(), before);
        (int256 afterwards, uint256 requirement) = engine.fullMargin(first, 0, epoch, provenWords);
        // the buffer, and not much more
        assertGe(afterwards * 10, int256(requirement * 11));
        assertLt(afterwards * 10, int256(requirement * 11) + 10e6);
        // a discount of a tenth, and the penalty
        int256 value = equity * int256(share) / 1e6;
        assertApproxEqAbs(paid, value * 90 / 100, 1e4);
        assertApproxEqAbs(equity - afterwards, value * 11 / 100, 1e4);
        assertApproxEqAbs(_cash(backstop), value / 100 + 2 * _tradeFees(), 1e4);
        auctions.stop(auction, epoch, provenWords);
        assertTrue(auctions.auctionAt(auction).over);
    }

    function _tradeFees() private view returns (int256) {
        return int256(100 * uint256(int256(1e6)) * _openingSpot / 1e12 * TRADE_FEE / 1e6);
    }

    uint256 private _openingSpot;

    function test_discount_growsToAll() public view {
        assertEq(auctions.discountAfter(0), 0);
        assertEq(auctions.discountAfter(5 minutes), 100_000);
        assertEq(auctions.discountAfter(15 minutes), 300_000);
        assertEq(auctions.discountAfter(60 minutes - 1), 999_740);
        assertEq(auctions.discountAfter(60 minutes), 1_000_000);
        uint256 last;
        for (uint256 t; t < 61 minutes; t += 13) {
            assertGe(auctions.discountAfter(t), last);
            last = auctions.discountAfter(t);
        }
    }

    function test_bid_recoversAndThenNothingIsSold() public {
        _makeShort();
        uint256 auction = _start(first);
        _bid(auction, SOLVENT, 1e6, 1e12);
        (uint256 scenario,) = _worst(first);
        Bid memory offer = Bid(auction, SOLVENT, third, scenario, epoch, 1e6, 1e12);
        (int256 equity, uint256 requirement) = auctions.assess(first, scenario, epoch, provenWords);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AccountHealthy.selector, equity, requirement));
        vm.prank(carol);
        auctions.bid(offer, provenWords);
    }

    /// What the owner does in front of a bid changes its price, and the bid's limit decides.
    function test_bid_survivesDepositsInFrontOfIt() public {
        _makeShort();
        uint256 auction = _start(first);
        Bid memory offer = _offer(auction, SOLVENT, 1e6, 1e12);
        _deposit(first, CASH_LANE, 1);
        _deposit(first, 0, 1);
        hub.deliver(third, CASH_LANE, 1, makeAddr("griefer"));
        hub.deliver(third, 3, 7, makeAddr("griefer"));
        house.settle(first);
        vm.prank(carol);
        (uint256 share,) = auctions.bid(offer, provenWords);
        assertGt(share, 0);
    }

    function test_bid_revertsWhenLimitPassed() public {
        _makeShort();
        uint256 auction = _start(first);
        Bid memory offer = _offer(auction, SOLVENT, 1e6, 1e12);
        uint256 snapshot = vm.snapshotState();
        vm.prank(carol);
        (uint256 share, int256 paid) = auctions.bid(offer, provenWords);
        vm.revertToState(snapshot);
        // the limit is for all that was asked for
        offer.limit = paid * 1e6 / int256(share);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.LimitPassed.selector, paid, offer.limit));
        vm.prank(carol);
        auctions.bid(offer, provenWords);
        ++offer.limit;
        vm.prank(carol);
        auctions.bid(offer, provenWords);
    }

    function test_bid_revertsWhenNotTheOwnerOrOneself() public {
        _makeShort();
        uint256 auction = _start(first);
        Bid memory offer = _offer(auction, SOLVENT, 1e6, 1e12);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NotOwner.selector, alice, third));
        vm.prank(alice);
        auctions.bid(offer, provenWords);
        offer.bidder = _account(alice, 99);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.SelfLiquidation.selector, alice));
        vm.prank(alice);
        auctions.bid(offer, provenWords);
        offer.bidder = backstop;
        vm.expectRevert(ILiquidation.BackstopAccount.selector);
        vm.prank(makeAddr("backstop"));
        auctions.bid(offer, provenWords);
    }

    function test_bid_revertsWhenSliceTooSmall() public {
        _makeShort();
        uint256 auction = _start(first);
        vm.expectPartialRevert(ILiquidation.SliceTooSmall.selector);
        this.bidOf(auction, SOLVENT, 100, 1e12);
        vm.expectPartialRevert(ILiquidation.SliceTooSmall.selector);
        this.bidOf(auction, SOLVENT, 0, 1e12);
        (uint256 share,) = _bid(auction, SOLVENT, 50_000, 1e12);
        assertEq(share, 50_000);
    }

    function bidOf(uint256 auction, uint256 phase, uint256 share, int256 limit) external {
        _bid(auction, phase, share, limit);
    }

    function test_bid_revertsWhenTheBidderCannotCarryIt() public {
        bytes32 poor = _account(makeAddr("dave"), 0);
        _makeShort();
        uint256 auction = _start(first);
        Bid memory offer = _offer(auction, SOLVENT, 1e6, 1e12);
        offer.bidder = poor;
        vm.expectPartialRevert(ILiquidation.BidderUnhealthy.selector);
        vm.prank(makeAddr("dave"));
        auctions.bid(offer, provenWords);
        // what it needs, found by the view
        _fund(poor, 60_000);
        vm.prank(makeAddr("dave"));
        auctions.bid(offer, provenWords);
        (int256 equity, uint256 requirement) = engine.fullMargin(poor, 1, epoch, provenWords);
        assertGe(equity, int256(requirement));
    }

    function test_bid_revertsWhenOver() public {
        _makeShort();
        uint256 auction = _start(first);
        Bid memory offer = _offer(auction, SOLVENT, 1e6, 1e12);
        offer.auction = auction + 1;
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionOver.selector, auction + 1));
        vm.prank(carol);
        auctions.bid(offer, provenWords);
        offer.auction = 0;
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionOver.selector, 0));
        vm.prank(carol);
        auctions.bid(offer, provenWords);
        offer.auction = auction;
        vm.warp(vm.getBlockTimestamp() + auctions.LIFE());
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionOver.selector, auction));
        vm.prank(carol);
        auctions.bid(offer, provenWords);
        auctions.stop(auction, epoch, provenWords);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionOver.selector, auction));
        auctions.stop(auction, epoch, provenWords);
    }

    function test_bid_revertsInAnotherPhase() public {
        _makeShort();
        uint256 auction = _start(first);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.PhaseDiffers.selector, SOLVENT));
        this.bidOf(auction, INSOLVENT, 1e6, 1e12);
        _move(0, 860_000);
        _newEpoch(true);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.PhaseDiffers.selector, INSOLVENT));
        this.bidOf(auction, SOLVENT, 1e6, 1e12);
    }

    /// A small account is not left behind as dust.
    function test_bid_closesDustWhole() public {
        bytes32 small = _account(alice, 8);
        _fund(small, 25);
        _trade(small, second, PERPETUAL, CONTRACT / 5, _spot(0));
        _makeShort();
        uint256 auction = _start(small);
        (uint256 share,) = _bid(auction, SOLVENT, 1e6, 1e12);
        assertEq(share, 1e6);
        assertTrue(auctions.auctionAt(auction).over);
        assertEq(_quantity(small, PERPETUAL), 0);
        assertGt(_cash(small), 0);
    }

    /// The owner of both accounts loses the penalty, at any time and for any share.
    function testFuzz_selfLiquidation_losesThePenalty(uint256 elapsed, uint256 share) public {
        _makeShort();
        uint256 auction = _start(first);
        _passConfirmed(auction, bound(elapsed, 0, 48 minutes));
        int256 before = _equity(first) + _equity(third);
        int256 backstopBefore = _cash(backstop);
        _bid(auction, SOLVENT, bound(share, 50_000, 1e6), 1e12);
        int256 lost = before - _equity(first) - _equity(third);
        assertGt(lost, 0);
        // equity of each rounds down
        assertApproxEqAbs(lost, _cash(backstop) - backstopBefore, 30);
    }

    /// {s} of one epoch, in which somebody confirms as often as it takes
    function _passConfirmed(uint256 auction, uint256 elapsed) private {
        for (; elapsed >= 16 minutes; elapsed -= 16 minutes) {
            vm.warp(vm.getBlockTimestamp() + 16 minutes);
            _confirm(auction);
        }
        vm.warp(vm.getBlockTimestamp() + elapsed);
    }

    // --- stop

    function test_stop_revertsWhenNotRecovered() public {
        _makeShort();
        uint256 auction = _start(first);
        vm.expectPartialRevert(ILiquidation.AccountNotRecovered.selector);
        auctions.stop(auction, epoch, provenWords);
        _fund(first, 20_000);
        auctions.stop(auction, epoch, provenWords);
        (int256 equity, uint256 requirement) = auctions.assess(first, 0, epoch, provenWords);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AccountHealthy.selector, equity, requirement));
        auctions.start(first, 0, epoch, provenWords);
    }

    // --- the insolvent phase

    function test_bid_backstopPaysMoreWithTime() public {
        _makeInsolvent();
        _fund(backstop, 100_000);
        uint256 auction = _start(first);
        assertEq(auctions.auctionAt(auction).insolventAt, vm.getBlockTimestamp());
        int256 debt = -_equity(first);
        uint256 snapshot = vm.snapshotState();
        int256 last = 1;
        for (uint256 t; t <= 20 minutes; t += 5 minutes) {
            vm.warp(vm.getBlockTimestamp() + (t == 0 ? 0 : 5 minutes));
            if (t == 10 minutes) _confirm(auction);
            uint256 inner = vm.snapshotState();
            (uint256 share, int256 paid) = _bid(auction, INSOLVENT, 1e6, 0);
            assertEq(share, 1e6);
            if (t == 0) assertEq(paid, 0);
            else if (t <= 15 minutes) assertLt(paid, last);
            else assertEq(paid, last);
            last = paid;
            vm.revertToState(inner);
        }
        vm.revertToState(snapshot);
        assertLt(last, -debt);
        // at most a tenth of the requirement beyond the debt
        (, uint256 requirement) = engine.fullMargin(first, 0, epoch, provenWords);
        assertLe(-last, debt + int256(requirement / 10));
    }

    function test_bid_receivesAtLeastItsLimit() public {
        _makeInsolvent();
        _fund(backstop, 100_000);
        uint256 auction = _start(first);
        vm.warp(vm.getBlockTimestamp() + 5 minutes);
        vm.expectPartialRevert(ILiquidation.LimitPassed.selector);
        this.bidOf(auction, INSOLVENT, 1e6, -50_000e6);
        (, int256 paid) = _bid(auction, INSOLVENT, 1e6, -500e6);
        assertLe(paid, -500e6);
    }

    function test_confirm_startsTheInsolventClockOnce() public {
        _makeShort();
        uint256 auction = _start(first);
        _confirm(auction);
        assertEq(auctions.auctionAt(auction).insolventAt, 0);
        _move(0, 860_000);
        _newEpoch(true);
        _fund(backstop, 100_000);
        (, int256 paid) = _tryBid(auction);
        assertEq(paid, 0);
        _confirm(auction);
        uint256 since = vm.getBlockTimestamp();
        vm.warp(since + 5 minutes);
        _confirm(auction);
        assertEq(auctions.auctionAt(auction).insolventAt, since);
        (, paid) = _tryBid(auction);
        assertLt(paid, 0);
    }

    function _confirm(uint256 auction) private {
        (uint256 scenario,) = _worst(auctions.auctionAt(auction).account);
        auctions.confirm(auction, scenario, epoch, provenWords);
    }

    function _tryBid(uint256 auction) private returns (uint256 share, int256 paid) {
        uint256 snapshot = vm.snapshotState();
        (share, paid) = _bid(auction, INSOLVENT, 1e6, 0);
        vm.revertToState(snapshot);
    }

    /// Nobody bid for an hour: the slice is free, and then the backstop adds to it.
    function test_bid_afterTheSolventPhaseRanOut() public {
        _makeShort();
        _fund(backstop, 100_000);
        uint256 auction = _start(first);
        uint256 end = vm.getBlockTimestamp() + SOLVENT_TIME;
        while (vm.getBlockTimestamp() + 15 minutes < end) {
            vm.warp(vm.getBlockTimestamp() + 15 minutes - EPOCH_INTERVAL);
            _newEpoch(true);
            _confirm(auction);
        }
        vm.warp(end);
        (uint256 share, int256 paid) = _tryBid(auction);
        assertEq(share, 1e6);
        assertEq(paid, 0);
    }

    function test_writeOff_ofADebtWithNothingElse() public {
        _makeInsolvent();
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoBareDebt.selector, first));
        auctions.writeOff(first);
        // closed at the market, what is left is a debt
        _trade(second, first, PERPETUAL, 100 * CONTRACT, _spot(0));
        assertLt(_cash(first), 0);
        int256 before = _allCash();
        int256 debt = -_cash(first);
        int256 others = _cash(second) + _cash(third);
        auctions.writeOff(first);
        assertEq(_cash(first), 0);
        assertEq(_allCash(), before);
        assertApproxEqAbs(others - _cash(second) - _cash(third), debt, 100e6);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.NoBareDebt.selector, first));
        auctions.writeOff(first);
        vm.expectRevert(ILiquidation.BackstopAccount.selector);
        auctions.writeOff(backstop);
    }

    /// An expired series that waits for its price stands above the perpetual, whose funding is paid once all the same.
    function test_settle_paysFundingOnceBesideAnExpiredSeries() public {
        _trade(first, second, PERPETUAL, CONTRACT, _spot(0) * 103 / 100);
        _trade(first, second, PUT, CONTRACT, 1e12);
        uint256 held = house.openInterest(PERPETUAL);
        vm.warp(soon + 1);
        _refreshFacts();
        _newEpoch(true);
        assertNotEq(riskArrays.fundingIndex(PERPETUAL), 0);
        house.settle(first);
        int256 cash = _cash(first);
        house.settle(first);
        assertEq(_cash(first), cash);
        assertEq(house.openInterest(PERPETUAL), held);
    }

    // --- making

    function test_constructor_refusesAnotherHouse() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.HouseDiffers.selector, liquidation));
        new Liquidation(house, lossBook, engine);
    }

    // --- totality

    /// Whatever an account holds, at whatever price: nothing but what it says of its health.
    function testFuzz_start_isTotal(uint256 seed) public {
        uint256 draws = seed;
        uint256[4] memory series = [PERPETUAL, CALL, PUT, FAR_CALL];
        for (uint256 i; i < 4; ++i) {
            draws = uint256(keccak256(abi.encode(draws)));
            uint256 quantity = 1 + (draws % 3 == 0 ? draws >> 8 & 0xff : uint40(draws >> 8));
            uint256 price = draws % 7 == 0 ? 0 : uint256(uint48(draws >> 64));
            (bytes32 buyer, bytes32 seller) = draws % 2 == 0 ? (first, second) : (second, first);
            _trade(buyer, seller, series[i], quantity, price);
        }
        if (draws % 3 == 0) _deposit(first, draws >> 200 & 1, uint48(draws >> 90));
        if (draws % 5 == 0) vm.warp(soon + (draws >> 128 & 0xfff));
        for (uint256 lane; lane < 3; ++lane) {
            _move(lane, 830_000 + uint256(keccak256(abi.encode(draws, lane))) % 340_000);
        }
        if (draws % 5 == 0) _refreshFacts();
        _newEpoch(draws % 2 == 0);
        uint256[][4] memory given = draws % 2 == 0 ? provenWords : factWords;
        bytes32[2] memory accounts = [first, second];
        for (uint256 i; i < 2; ++i) {
            uint256 scenario = uint256(keccak256(abi.encode(draws, i))) % 185;
            house.settle(accounts[i]);
            (int256 equity, uint256 requirement) = auctions.assess(accounts[i], scenario, epoch, given);
            (int256 fullEquity, uint256 worst) = engine.fullMargin(accounts[i], 0, epoch, given);
            // what is not counted of a shared loss yet
            assertEq(equity, fullEquity + int256(lossBook.relief(accounts[i])));
            assertLe(requirement, worst);
            if (equity >= int256(requirement)) {
                vm.expectRevert(
                    abi.encodeWithSelector(ILiquidation.AccountHealthy.selector, equity, requirement)
                );
                auctions.start(accounts[i], scenario, epoch, given);
            } else {
                uint256 auction = auctions.start(accounts[i], scenario, epoch, given);
                _takeAll(auction, scenario, given);
            }
        }
        assertEq(_allCash(), _held());
    }

    function _takeAll(uint256 auction, uint256 scenario, uint256[][4] memory given) private {
        vm.warp(vm.getBlockTimestamp() + 16 minutes);
        Bid memory offer = Bid(
            auction, _equityOf(auction, given) < 0 ? INSOLVENT : SOLVENT, third, scenario, epoch, 1e6, 1e18
        );
        // as much as it takes
        _deposit(third, CASH_LANE, 1e18);
        vm.prank(carol);
        auctions.bid(offer, given);
    }

    function _equityOf(uint256 auction, uint256[][4] memory given) private view returns (int256 equity) {
        (equity,) = engine.fullMargin(auctions.auctionAt(auction).account, 0, epoch, given);
    }
}
