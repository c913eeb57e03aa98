// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {LossBook} from "../../contracts/clearing/LossBook.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {ILossBook} from "../../contracts/interfaces/ILossBook.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";

/// Rules L-8 and L-9, with this contract as house and liquidation: six accounts, and losses among their changes.
contract LossBookTest is Test {
    uint256 private constant ACCOUNTS = 6;

    LossBook private book = new LossBook(address(this), address(this));
    /// {ppm of a dollar} as stored
    int256[6] private cash;
    uint256 private taken;
    uint256 private shared;

    function _bear(uint256 i) private {
        uint256 owed = book.owed(bytes32(i), cash[i]);
        uint256 share = book.take(bytes32(i), cash[i]);
        assertEq(share, owed);
        cash[i] -= int256(share);
        taken += share;
        assertEq(book.owed(bytes32(i), cash[i]), 0);
    }

    function _set(uint256 i, int256 next) private {
        _bear(i);
        book.count(bytes32(i), cash[i], next);
        cash[i] = next;
    }

    function testFuzz_shares_coverLosses(uint256 seed) public {
        for (uint256 step; step < 60; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 i = seed % ACCOUNTS;
            if (seed >> 8 & 3 == 0) {
                shared += book.shareOut(uint256(uint64(seed >> 16)) % (seed >> 90 & 1 == 0 ? 1e9 : 1e15));
            } else {
                int256 size = int256(uint256(uint64(seed >> 16)) % (seed >> 91 & 1 == 0 ? 1e6 : 1 << 58));
                _set(i, seed >> 92 & 7 == 0 ? -size : size);
            }
            int256 positive;
            for (uint256 k; k < ACCOUNTS; ++k) {
                if (cash[k] > 0) positive += cash[k] - int256(book.owed(bytes32(k), cash[k]));
            }
            // at least the true sum, and by no more than what rounding took
            assertGe(int256(book.positive()), positive);
            assertLe(int256(book.positive()), positive + int256(2 * (step + 1) * ACCOUNTS));
        }
        for (uint256 i; i < ACCOUNTS; ++i) {
            _bear(i);
        }
        assertGe(taken, shared);
        assertLe(taken, shared + 60 * ACCOUNTS);
        assertEq(book.pending(), int256(shared) - int256(taken));
    }

    /// Who leaves at once, and who stays until others have gone, bear the same of each dollar.
    function test_take_isTheSameForWhoeverLeaves() public {
        for (uint256 i; i < 3; ++i) {
            _set(i, 1_000e6);
        }
        assertEq(book.shareOut(300e6), 300e6);
        _bear(0);
        assertApproxEqAbs(cash[0], 900e6, 1);
        _set(0, 0);
        // new cash is not touched by what was before
        _set(3, 500e6);
        vm.warp(block.timestamp + 1 days);
        _bear(1);
        assertEq(cash[1], 900e6 - 1);
        _bear(3);
        assertEq(cash[3], 500e6);
        // and bears what comes
        book.shareOut(230e6);
        _bear(3);
        assertApproxEqAbs(cash[3], 450e6, 2);
        _bear(2);
        assertApproxEqAbs(cash[2], 810e6, 2);
    }

    function test_shareOut_takesHalfAtMost() public {
        assertEq(book.shareOut(1e6), 0);
        _set(0, 1_000e6);
        assertEq(book.shareOut(type(uint128).max), 500e6);
        _bear(0);
        assertApproxEqAbs(cash[0], 500e6, 3);
        for (uint256 i; i < 80; ++i) {
            book.shareOut(1e30);
            _set(0, 1_000e6);
        }
        // not for ever
        assertEq(book.shareOut(1e6), 0);
    }

    function test_relief_fallsOverTheRamp() public {
        _set(0, 1_000e6);
        book.shareOut(100e6);
        _bear(0);
        assertApproxEqAbs(book.relief(0), 100e6, 3);
        vm.warp(block.timestamp + 3 minutes);
        assertApproxEqAbs(book.relief(0), 80e6, 3);
        // another one, borne a minute after it
        book.shareOut(90e6);
        vm.warp(block.timestamp + 1 minutes);
        _bear(0);
        assertApproxEqAbs(book.relief(0), 163_333_333, 90e6 / 15 + 2);
        vm.warp(block.timestamp + 14 minutes);
        assertEq(book.relief(0), 0);
    }

    function test_revertsWhenNotHouseOrLiquidation() public {
        vm.startPrank(makeAddr("nobody"));
        vm.expectRevert(abi.encodeWithSelector(ILossBook.NotLiquidation.selector, makeAddr("nobody")));
        book.shareOut(1);
        vm.expectRevert(abi.encodeWithSelector(ILossBook.NotHouse.selector, makeAddr("nobody")));
        book.take(0, 1);
        vm.expectRevert(abi.encodeWithSelector(ILossBook.NotHouse.selector, makeAddr("nobody")));
        book.count(0, 1, 2);
        vm.expectRevert(ILossBook.AddressZero.selector);
        new LossBook(address(0), address(1));
    }
}

/// Rules L-8 to L-10 through the house: an account whose loss nobody covers.
contract SharedLossTest is LiquidationFixture {
    bytes32 private fourth;
    bytes32 private leaver;

    function setUp() public {
        _deployLiquidation();
        (fourth, leaver) = (_account(bob, 44), _account(alice, 55));
        _fund(first, 15_000);
        _fund(second, 60_000);
        _fund(third, 500_000);
        _fund(fourth, 100_000);
        _fund(leaver, 100_000);
        _trade(first, second, PERPETUAL, 100 * CONTRACT, _spot(0));
    }

    function _sum() private returns (int256 total) {
        house.settle(fourth);
        house.settle(leaver);
        return _allCash() + _cash(fourth) + _cash(leaver);
    }

    /// Alice is below 0 by thousands of dollars, the backstop has hardly anything, and carol takes it over.
    function _loseIt() private returns (uint256 paid) {
        _move(0, 820_000);
        _newEpoch(true);
        uint256 auction = _start(first);
        vm.warp(vm.getBlockTimestamp() + 15 minutes);
        (, int256 negative) = _bid(auction, 1, 1e6, 0);
        assertLt(negative, -1_000e6);
        return uint256(-negative);
    }

    function test_loss_isBorneByAllInProportion() public {
        int256 before = _sum();
        assertEq(before, _held());
        int256 bobs = _cash(second);
        _loseIt();
        assertGt(lossBook.pending(), 0);
        int256 share = 100_000e6 - _cash(fourth);
        assertGt(share, 0);
        assertApproxEqRel(uint256((bobs - _cash(second)) * 100_000e6 / bobs), uint256(share), 1e12);
        // leaves without a proof, and has borne as much as whoever stays
        uint256 all = uint256(_cash(leaver));
        vm.prank(alice);
        house.withdraw(leaver, CASH_LANE, all, EID, bytes32(uint256(1)), "", _rich());
        assertEq(hub.released(CASH_LANE), 100_000e6 - uint256(share));
        vm.warp(vm.getBlockTimestamp() + 1 days);
        assertEq(100_000e6 - _cash(fourth), share);
        assertEq(_sum(), _held());
        assertLe(lossBook.pending(), 0);
        // all shares together are the loss
        assertGe(_cash(backstop), 0);
        assertLt(_cash(backstop), 20);
    }

    /// A loss that all share starts nobody's auction, until fifteen minutes have gone.
    function test_loss_startsNoAuctionAtOnce() public {
        _move(0, 820_000);
        _newEpoch(true);
        // bob's other account is a little above its requirement
        bytes32 tight = _account(bob, 45);
        _fund(tight, 100_000);
        _trade(leaver, tight, PERPETUAL, 100 * CONTRACT, _spot(0));
        _newEpoch(true);
        (int256 equity, uint256 requirement) = engine.fullMargin(tight, 0, epoch, provenWords);
        _withdrawCash(tight, uint256(equity) - requirement - 50e6);
        (, int256 excess) = _worst(tight);
        assertApproxEqAbs(excess, 50e6, 1);

        uint256 auction = _start(first);
        vm.warp(vm.getBlockTimestamp() + 15 minutes);
        _bid(auction, 1, 1e6, 0);
        (equity, requirement) = engine.fullMargin(tight, 0, epoch, provenWords);
        assertLt(equity, int256(requirement));
        (uint256 scenario,) = _worst(tight);
        vm.expectPartialRevert(bytes4(keccak256("AccountHealthy(int256,uint256)")));
        auctions.start(tight, scenario, epoch, provenWords);
        vm.warp(vm.getBlockTimestamp() + 15 minutes);
        _newEpoch(true);
        auctions.start(tight, scenario, epoch, provenWords);
    }

    function _withdrawCash(bytes32 account, uint256 amount) private {
        vm.prank(address(bytes20(account)));
        house.withdraw(account, CASH_LANE, amount, EID, bytes32(uint256(1)), "", _rich());
    }

    function test_isHealthy_notByAProofOfBefore() public {
        _newEpoch(true);
        house.proveHealth(second, _rich());
        assertTrue(house.isHealthy(second, Clearing.LEVEL_INITIAL));
        _move(0, 820_000);
        _newEpoch(true);
        house.proveHealth(second, _rich());
        uint256 auction = _start(first);
        vm.warp(vm.getBlockTimestamp() + 15 minutes);
        assertTrue(house.isHealthy(second, Clearing.LEVEL_INITIAL));
        _bid(auction, 1, 1e6, 0);
        assertFalse(house.isHealthy(second, Clearing.LEVEL_INITIAL));
        house.proveHealth(second, _rich());
        assertTrue(house.isHealthy(second, Clearing.LEVEL_INITIAL));
    }

    /// Fees and penalties that come in later are the backstop's, and pay before anyone is asked again.
    function test_payment_fromTheBackstopFirst() public {
        _fund(backstop, 200_000);
        _loseIt();
        assertEq(lossBook.pending(), 0);
        assertEq(lossBook.lastLossAt(), 0);
        assertEq(_cash(fourth), 100_000e6);
        assertEq(_sum(), _held());
    }
}
