// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ActingHandler} from "./ActingHandler.sol";
import {LiquidationHandler} from "./LiquidationHandler.sol";

/// @notice Clearing as a whole over three chains, whatever is done in whatever order.
contract ClearingWorldInvariantTest is Test {
    LiquidationHandler private handler;

    function setUp() public {
        handler = new LiquidationHandler();
        handler.open();
        targetContract(address(handler));
        // what moves clearing on several times, what disturbs transfers once: those have a fuzz of their own
        _target(handler.trade.selector, 7);
        _target(handler.epochs.selector, 6);
        _target(handler.bid.selector, 5);
        _target(handler.start.selector, 4);
        _target(handler.withdraw.selector, 4);
        _target(bytes4(keccak256("execute(uint256,bool)")), 3);
        _target(handler.pass.selector, 3);
        _target(handler.move.selector, 2);
        _target(handler.deposit.selector, 2);
        _target(handler.confirm.selector, 2);
        _target(handler.settle.selector, 2);
        _target(handler.snapshot.selector, 2);
        _target(handler.proveEpoch.selector, 2);
        bytes4[21] memory once = [
            handler.accept.selector,
            handler.starve.selector,
            handler.replay.selector,
            handler.resend.selector,
            handler.deny.selector,
            handler.denyAhead.selector,
            handler.process.selector,
            handler.retry.selector,
            handler.claim.selector,
            handler.breakToken.selector,
            handler.gift.selector,
            handler.scheduleLimit.selector,
            handler.applyLimit.selector,
            handler.proveHealth.selector,
            handler.sweep.selector,
            handler.list.selector,
            handler.retire.selector,
            handler.die.selector,
            handler.changeMood.selector,
            handler.stop.selector,
            handler.writeOff.selector
        ];
        for (uint256 i; i < once.length; ++i) {
            _target(once[i], 1);
        }
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    bytes4[] private selectors;

    function _target(bytes4 selector, uint256 times) private {
        for (uint256 i; i < times; ++i) {
            selectors.push(selector);
        }
    }

    /// forge-config: default.invariant.runs = 6
    /// forge-config: default.invariant.depth = 100
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: default.invariant.shrink-run-limit = 200
    /// forge-config: deep.invariant.runs = 64
    /// forge-config: deep.invariant.depth = 256
    function invariant_clearingIsSound() public {
        handler.requireSound();
        handler.requireMonotone(uint256(keccak256(abi.encode(vm.getBlockTimestamp(), handler.steps()))));
        handler.requireTotal();
    }

    function afterInvariant() public {
        handler.requireEnd();
    }

    uint256 private constant KEEPER = 5;

    /// {ppm} the price of array 0's underlying becomes so many times as much, or as little, by a tenth at the most
    function _moveSpot(uint256 ratio, bool down) private {
        handler.move(0, (ratio << 1) | (down ? 1 : 0), 1);
    }

    /// The next epoch, proven, with its snapshot.
    function _epoch() private {
        handler.epochs(0, 0, 121);
    }

    function _observe() private {
        handler.pass(1 hours, 10);
    }

    function _check() private {
        handler.requireSound();
        handler.requireMonotone(handler.steps());
        uint256 id = vm.snapshotState();
        handler.requireTotal();
        vm.revertToState(id);
    }

    /// Two that are not one owner's trade at about the mark: the first buys.
    function _trade(uint256 buyer, uint256 seller, uint256 series, uint256 lot) private {
        handler.trade(buyer + 5 * seller, series, lot, 1e6, 7);
        _check();
    }

    /// The handler is worth something: this way through it reaches everything.
    function test_handler_reachesEverything() public {
        handler.beStrict();
        _settleAndWriteOff();
        _withdrawTooMuch();
        _tradeAndSellDown();
        _loseMoreThanThereIs();
        _moveTransfers();
        string[30] memory names = [
            "deposit",
            "accept",
            "withdraw",
            "trade",
            "proveHealth",
            "settle",
            "sweep",
            "list",
            "retire",
            "move",
            "die",
            "revive",
            "changeMood",
            "pass",
            "epochs",
            "proveEpoch",
            "snapshot",
            "start",
            "confirm",
            "stop",
            "bidSolvent",
            "bidInsolvent",
            "loss",
            "writeOff",
            "execute",
            "starve",
            "replay",
            "resend",
            "deny",
            "denyAhead"
        ];
        for (uint256 i; i < names.length; ++i) {
            assertGt(handler.done(bytes32(bytes(names[i]))), 0, names[i]);
        }
        _check();
        handler.requireEnd();
    }

    function _tradeAndSellDown() private {
        _trade(0, 2, 0, 80e6);
        handler.proveHealth(0, 1);
        _moveSpot(1_120_000, true);
        _observe();
        _moveSpot(1_120_000, true);
        _observe();
        _moveSpot(1_120_000, true);
        _epoch();
        _check();
        handler.start(0, 1);
        handler.confirm(0, 1);
        handler.pass(60, 1);
        handler.bid(0, KEEPER, 200_000, 3);
        _check();
        handler.bid(0, 0, 0, 2);
        handler.stop(0, 1);
        _check();
    }

    /// A seller of a perpetual has dollars that the position may cost again; with tokens beside it they are not all its own.
    function _withdrawTooMuch() private {
        _trade(3, 0, 16, 2e6);
        vm.expectRevert(
            abi.encodeWithSelector(
                ActingHandler.NothingToDo.selector, bytes32(IClearingHouse.CashLent.selector)
            )
        );
        handler.withdraw(0, 0, 0, 0, 4);
        handler.withdraw(0, 0, 1e9, 0, 1);
    }

    function _loseMoreThanThereIs() private {
        _trade(1, 3, 0, 80e6);
        for (uint256 i; i < 4; ++i) {
            _moveSpot(1_120_000, true);
            _observe();
        }
        _epoch();
        handler.start(0, 1);
        handler.pass(10 minutes, 1);
        handler.bid(0, 0, 0, 2);
        assertEq(handler.done("loss"), 2);
        _check();
    }

    /// Options that expire far in the money, whose writer has nothing left.
    function _settleAndWriteOff() private {
        _trade(2, 4, 1, 200_000_001);
        handler.epochs(0, 0, 1 + 8 + 64); // the first array's proof only
        handler.proveEpoch(0);
        handler.epochs(0, 0, 1 + 56); // without a snapshot
        handler.snapshot(true);
        for (uint256 i; i < 8; ++i) {
            _moveSpot(1_120_000, false);
            _observe();
        }
        handler.settle(2);
        handler.settle(4);
        handler.writeOff(4);
        _check();
        handler.retire(1);
        handler.sweep(1);
        handler.list(0, 0, 100);
        handler.die(0, 0);
        handler.die(0, 1);
        handler.changeMood(1, true);
        _epoch();
        _check();
    }

    function _moveTransfers() private {
        handler.deposit(0, 3, 1e9, 1, 1);
        handler.deposit(0, 3, 1e9, 2, 5); // the keeper's, so it waits
        handler.resend(1, 0, false);
        handler.deny(1, 0, false, 5);
        handler.denyAhead(1, 0, false, 1);
        handler.starve(0, 30_000);
        while (handler.pendingCount() != 0) {
            handler.execute(0, false);
        }
        handler.replay(0);
        handler.accept(0, 3);
        handler.withdraw(3, 3, 1e6, 1, 1);
    }
}
