// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CollateralPath} from "../../contracts/clearing/CollateralPath.sol";
import {ICollateralPath, Transfer} from "../../contracts/interfaces/ICollateralPath.sol";
import {Bid, ILiquidation} from "../../contracts/interfaces/ILiquidation.sol";
import {IMarginEngine} from "../../contracts/interfaces/IMarginEngine.sol";
import {CollateralFixture} from "./CollateralFixture.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// What was once possible, and must not be again.
contract ClearingReviewTest is CollateralFixture {
    address private thief = makeAddr("thief");
    bytes32 private account;

    function setUp() public {
        _deployCollateral();
        vm.deal(thief, 1e30);
        account = house.accountOf(thief, 0);
        _deposit(1, aliceAccount, CASH, LIMIT / 2);
    }

    /// A transfer of the next number is denied before it is sent. The denial, which was true when it was sent, comes after the
    /// transfer: the other end forgets that it was done, and does it again when it is sent again.
    function test_deny_ofADepositBeforeItIsSent() public {
        Transfer memory next = _transferTo(2, CASH, 100e6, account);
        Packet memory denial = _deny(gates[1], HUB_EID, next);
        Packet memory deposit = _send(1, thief, account, CASH, 100e6)[0];
        deliver(nodes[0], denial, deposit);
        assertEq(_balance(account, CASH), 100e6);
        _resendAll(gates[1], HUB_EID, next, 0);
        assertEq(_balance(account, CASH), 100e6);
    }

    /// The same on the way out would pay twice what was withdrawn once.
    function test_deny_ofAPaymentBeforeItIsSent() public {
        _deposit(1, account, CASH, 100e6);
        Transfer memory next = _payment(1, CASH, 100e6, thief);
        Packet memory denial = _deny(hub, 2, next);
        Packet memory payment = _withdraw(account, CASH, 100e6, 1, thief)[0];
        deliver(nodes[1], denial, payment);
        assertEq(_token(1, CASH).balanceOf(thief), 100e6);
        _resendAll(hub, 2, next, 1);
        assertEq(_token(1, CASH).balanceOf(thief), 100e6);
        assertEq(gates[1].escrow(CASH), LIMIT / 2);
    }

    /// However many numbers have been denied beforehand, a transfer takes the next that has not.
    function test_send_passesDeniedNumbers() public {
        for (uint64 id = 2; id < 5; ++id) {
            deliver(nodes[0], _deny(gates[1], HUB_EID, _transferTo(id, CASH, 100e6, account)), DEPOSIT_GAS);
        }
        deliver(nodes[0], _send(1, thief, account, CASH, 100e6)[0], DEPOSIT_GAS);
        assertEq(_balance(account, CASH), 100e6);
        assertEq(gates[1].lastSent(HUB_EID), 5);
    }

    function _deny(CollateralPath path, uint32 eid, Transfer memory transfer)
        private
        returns (Packet memory)
    {
        vm.recordLogs();
        vm.prank(thief);
        path.deny{value: 1 ether}(eid, transfer, "");
        return sentPackets()[0];
    }

    /// Both are verified, and the one that was sent first is executed last.
    function deliver(Node memory node, Packet memory sentFirst, Packet memory sentLast) private {
        verifyAndCommit(node, sentFirst);
        verifyAndCommit(node, sentLast);
        execute(node, sentLast, DEPOSIT_GAS);
        execute(node, sentFirst, DEPOSIT_GAS);
    }

    function _resendAll(CollateralPath path, uint32 eid, Transfer memory transfer, uint256 to) private {
        for (uint256 i; i < 3; ++i) {
            vm.recordLogs();
            vm.prank(thief);
            try path.resend{value: 1 ether}(eid, transfer, "") {
                deliver(nodes[to], sentPackets()[0], DEPOSIT_GAS);
            } catch (bytes memory reason) {
                assertEq(bytes4(reason), ICollateralPath.TransferNotSent.selector);
            }
            ++transfer.id;
        }
    }
}

/// The price of an auction must not outlive the dip that it is for (L-2).
contract LiquidationReviewTest is LiquidationFixture {
    uint256 private constant SOLVENT = 0;
    uint256 private constant INSOLVENT = 1;

    uint256 private auction;

    function setUp() public {
        _deployLiquidation();
        _fund(second, 1_000_000);
        _fund(third, 1_000_000);
        _fund(first, 14_500);
        _trade(first, second, PERPETUAL, 100 * CONTRACT, _spot(0));
        _newEpoch(true);
        _dip(980_000);
        auction = _start(first);
    }

    function _dip(uint256 part) private {
        _move(0, part);
        _newEpoch(true);
        (, int256 excess) = _worst(first);
        assertLt(excess, 0);
    }

    /// Above the maintenance requirement, and less than a tenth above it.
    function _recover() private {
        _move(0, 1_020_000);
        _newEpoch(true);
        (int256 equity, uint256 requirement) = engine.fullMargin(first, 0, epoch, provenWords);
        assertGe(equity, int256(requirement));
        assertLt(equity * 10, int256(requirement * 11));
    }

    function _confirm() private {
        (uint256 scenario,) = _worst(first);
        auctions.confirm(auction, scenario, epoch, provenWords);
    }

    /// One dip starts an auction; an hour after the recovery another of a few dollars, and everything is free. Nobody has looked
    /// after the account in between.
    function test_bid_ofAnotherDipAnHourLater() public {
        _recover();
        for (uint256 i; i < 6; ++i) {
            _newEpoch(true);
        }
        _dip(978_000);
        (int256 equity,) = engine.fullMargin(first, 0, epoch, provenWords);
        Bid memory offer = _offer(auction, INSOLVENT, 1e6, 0);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionOver.selector, auction));
        vm.prank(carol);
        auctions.bid(offer, provenWords);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionOver.selector, auction));
        auctions.confirm(auction, offer.scenario, epoch, provenWords);
        // the new dip has a new auction, whose price is the value
        auction = _start(first);
        (uint256 share, int256 paid) = _bid(auction, SOLVENT, 1e6, 1e12);
        assertGe(paid, equity * int256(share) / 1e6);
    }

    /// However far its price has come: whoever has recovered is rid of the auction at once.
    function test_stop_ofWhoeverIsNotShort() public {
        vm.warp(vm.getBlockTimestamp() + 15 minutes);
        _confirm();
        _recover();
        auctions.stop(auction, epoch, provenWords);
        _dip(978_000);
        Bid memory offer = _offer(auction, SOLVENT, 1e6, 1e12);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionOver.selector, auction));
        vm.prank(carol);
        auctions.bid(offer, provenWords);
        assertEq(_start(first), auction + 1);
    }

    /// While nobody proves, the epoch of before the dip is current for two minutes of each new one.
    function test_stop_byAnEpochOfBeforeTheDip() public {
        _fund(first, 2_000);
        (uint64 old, uint256[][4] memory oldWords) = (epoch, provenWords);
        (int256 equity, uint256 requirement) = engine.fullMargin(first, 0, old, oldWords);
        assertGe(equity, int256(requirement));
        _move(0, 950_000);
        _newEpoch(false);
        engine.fullMargin(first, 0, old, oldWords);
        vm.expectRevert(abi.encodeWithSelector(IMarginEngine.EpochNotNewest.selector, old, epoch));
        auctions.stop(auction, old, oldWords);
        vm.expectPartialRevert(ILiquidation.AccountNotRecovered.selector);
        auctions.stop(auction, epoch, factWords);
    }

    function test_confirm_refusesOldEpochsAndHealthyAccounts() public {
        (uint64 old, uint256[][4] memory oldWords) = (epoch, provenWords);
        (uint256 scenario,) = _worst(first);
        _move(0, 1_020_000);
        _newEpoch(false);
        auctions.assess(first, scenario, old, oldWords);
        vm.expectRevert(abi.encodeWithSelector(IMarginEngine.EpochNotNewest.selector, old, epoch));
        auctions.confirm(auction, scenario, old, oldWords);
        vm.expectPartialRevert(ILiquidation.AccountHealthy.selector);
        auctions.confirm(auction, scenario, epoch, factWords);
    }

    /// Whoever stays short stays in the auction, and its price goes on from the start.
    function test_confirm_keepsThePrice() public {
        uint256 since = vm.getBlockTimestamp();
        for (uint256 i; i < 3; ++i) {
            vm.warp(vm.getBlockTimestamp() + auctions.LIFE() - 1 - EPOCH_INTERVAL);
            _newEpoch(true);
            _confirm();
        }
        assertEq(auctions.auctionAt(auction).startedAt, since);
        assertEq(auctions.auctionAt(auction).shownAt, vm.getBlockTimestamp());
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionRunning.selector, auction));
        auctions.start(first, 0, epoch, provenWords);
        (int256 equity,) = engine.fullMargin(first, 0, epoch, provenWords);
        (uint256 share, int256 paid) = _bid(auction, SOLVENT, 1e6, 1e12);
        uint256 discount = auctions.discountAfter(vm.getBlockTimestamp() - since);
        assertGt(discount, 990_000);
        assertApproxEqAbs(paid, equity * int256(share) / 1e6 * int256(1e6 - discount) / 1e6, 1e3);
    }

    /// A bid shows it too: what it leaves is sold for twenty minutes more.
    function test_bid_keepsThePrice() public {
        vm.warp(vm.getBlockTimestamp() + auctions.LIFE() - 1);
        _bid(auction, SOLVENT, 100_000, 1e12);
        vm.warp(vm.getBlockTimestamp() + auctions.LIFE() - 1);
        uint256 snapshot = vm.snapshotState();
        _bid(auction, SOLVENT, 100_000, 1e12);
        vm.revertToState(snapshot);
        vm.warp(vm.getBlockTimestamp() + 1);
        Bid memory offer = _offer(auction, SOLVENT, 100_000, 1e12);
        vm.expectRevert(abi.encodeWithSelector(ILiquidation.AuctionOver.selector, auction));
        vm.prank(carol);
        auctions.bid(offer, provenWords);
    }

    /// The backstop's payment grows from the last fall below 0, not from one that is past.
    function test_bid_ofAnotherInsolvency() public {
        _fund(backstop, 100_000);
        uint256 before = uint256(uint120(prices[0]));
        _dip(820_000);
        assertLt(_equity(first), 0);
        _confirm();
        assertEq(auctions.auctionAt(auction).insolventAt, vm.getBlockTimestamp());
        prices[0] = int120(int256(before));
        _newEpoch(true);
        assertGt(_equity(first), 0);
        _confirm();
        assertEq(auctions.auctionAt(auction).insolventAt, 0);
        _dip(820_000);
        (uint256 share, int256 paid) = _bid(auction, INSOLVENT, 500_000, 0);
        assertEq(share, 500_000);
        assertEq(paid, 0);
        assertEq(auctions.auctionAt(auction).insolventAt, vm.getBlockTimestamp());
    }
}
