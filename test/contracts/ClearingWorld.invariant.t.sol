// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ActingHandler} from "./ActingHandler.sol";
import {DebtHandler} from "./DebtHandler.sol";

/// @notice Clearing as a whole over three chains, whatever is done in whatever order.
contract ClearingWorldInvariantTest is Test {
    DebtHandler private handler;

    bytes4[] private selectors;

    function setUp() public {
        handler = new DebtHandler();
        handler.open();
        targetContract(address(handler));
        // what moves clearing on several times, what disturbs transfers once: those have a fuzz of their own
        _target(handler.trade.selector, 10);
        _target(handler.bid.selector, 6);
        _target(handler.epochs.selector, 5);
        _target(handler.squeeze.selector, 4);
        _target(handler.withdraw.selector, 4);
        _target(bytes4(keccak256("execute(uint256,bool)")), 3);
        _target(handler.pass.selector, 3);
        _target(handler.deposit.selector, 4);
        _target(handler.expire.selector, 3);
        _target(handler.endPerpetual.selector, 1);
        bytes4[11] memory twice = [
            handler.rest.selector,
            handler.move.selector,
            handler.fail.selector,
            handler.start.selector,
            handler.confirm.selector,
            handler.stop.selector,
            handler.settle.selector,
            handler.proveHealth.selector,
            handler.proveSolvency.selector,
            handler.proveEpoch.selector,
            handler.collect.selector
        ];
        for (uint256 i; i < twice.length; ++i) {
            _target(twice[i], 2);
        }
        bytes4[18] memory once = [
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
            handler.scheduleLimit.selector,
            handler.applyLimit.selector,
            handler.sweep.selector,
            handler.list.selector,
            handler.retire.selector,
            handler.snapshot.selector,
            handler.changeMood.selector,
            handler.writeOff.selector
        ];
        for (uint256 i; i < once.length; ++i) {
            _target(once[i], 1);
        }
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function _target(bytes4 selector, uint256 times) private {
        for (uint256 i; i < times; ++i) {
            selectors.push(selector);
        }
    }

    /// forge-config: default.invariant.runs = 5
    /// forge-config: default.invariant.depth = 100
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: default.invariant.include-storage = false
    /// forge-config: default.invariant.include-push-bytes = false
    /// forge-config: default.invariant.shrink-run-limit = 200
    /// forge-config: deep.invariant.runs = 32
    /// forge-config: deep.invariant.depth = 256
    function invariant_clearingIsSound() public {
        handler.requireSound();
        handler.requireSolvencySound();
        uint256 seed = uint256(keccak256(abi.encode(vm.getBlockTimestamp(), handler.steps())));
        handler.requireMonotone(seed);
        handler.requireTotal(seed);
    }

    function afterInvariant() public {
        // a run in which nothing comes to pass says nothing
        if (handler.steps() >= 80) {
            uint256 acts = handler.done("trade") + handler.done("withdraw") + handler.done("bidSolvent")
                + handler.done("bidInsolvent") + handler.done("proveHealth") + handler.done("proveSolvency");
            assertGe(acts, 5, "people act");
        }
        handler.requireEnd();
    }

    /// Actions come to pass, and often: a way drawn from a seed, over the same actions as the fuzz with the same weights.
    function test_handler_succeedsOften() public {
        handler.beStrict();
        uint256 random = 4;
        for (uint256 i; i < 500; ++i) {
            random = uint256(keccak256(abi.encode(random)));
            bytes4 action = selectors[random % selectors.length];
            vm.resetGasMetering();
            // what takes a bool takes no other number
            if (!_act(action, random, type(uint256).max)) _act(action, random, 1);
            if (i % 4 == 0) handler.requireSound();
        }
        _requireAtLeast("trade", 15);
        _requireAtLeast("withdraw", 6);
        _requireAtLeast("deposit", 4);
        _requireAtLeast("execute", 5);
        _requireAtLeast("epochs", 10);
        _requireAtLeast("squeeze", 5);
        _requireAtLeast("rest", 3);
        _requireAtLeast("silent", 5);
        _requireAtLeast("oldReport", 1);
        _requireAtLeast("deadToken", 3);
        _requireAtLeast("oldRisk", 1);
        _requireAtLeast("refusedAsHalted", 3);
        _requireAtLeast("refusedByLimit", 2);
        _requireAtLeast("start", 8);
        _requireAtLeast("confirm", 1);
        _requireAtLeast("stop", 1);
        _requireAtLeast("bidSolvent", 6);
        _requireAtLeast("bidInsolvent", 1);
        _requireAtLeast("bidHalted", 3);
        _requireAtLeast("loss", 1);
        _requireAtLeast("call", 2);
        _requireAtLeast("sold", 1);
        _requireAtLeast("expire", 3);
        _requireAtLeast("paid", 6);
        _requireAtLeast("endPerpetual", 2);
        _requireAtLeast("proveHealth", 5);
        _requireAtLeast("proveSolvency", 5);
        assertEq(missing, "", "too rarely");
        handler.requireEnd();
    }

    /// With as many arguments as the longest takes. Reverts where it fails otherwise than because there is nothing to do.
    /// @return understood whether the arguments were
    function _act(bytes4 action, uint256 random, uint256 mask) private returns (bool understood) {
        bytes memory data = abi.encodePacked(action);
        for (uint256 i; i < 5; ++i) {
            data = bytes.concat(data, abi.encode((uint256(keccak256(abi.encode(random, i))) >> 128) & mask));
        }
        (bool came, bytes memory reason) = address(handler).call(data);
        if (came || bytes4(reason) == ActingHandler.NothingToDo.selector) return true;
        if (reason.length == 0 && mask != 1) return false;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// what has come to pass too rarely
    string private missing;

    function _requireAtLeast(string memory name, uint256 least) private {
        uint256 done = handler.done(bytes32(bytes(name)));
        emit log_named_uint(name, done);
        if (done < least) missing = string.concat(missing, name, " ");
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
        handler.requireSolvencySound();
        handler.requireMonotone(handler.steps());
        uint256 id = vm.snapshotState();
        handler.requireTotal(0);
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
        _goOnWithoutFeeds();
        _moveTransfers();
        string[39] memory names = [
            "deposit",
            "accept",
            "withdraw",
            "trade",
            "proveHealth",
            "proveSolvency",
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
            "rest",
            "squeeze",
            "proveEpoch",
            "snapshot",
            "silent",
            "oldReport",
            "oldRisk",
            "refusedAsHalted",
            "refusedAsMoved",
            "start",
            "confirm",
            "stop",
            "bidSolvent",
            "bidInsolvent",
            "bidHalted",
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

    /// A long whose position has lost more than it had dollars, but not its tokens.
    function test_handler_collects() public {
        handler.beStrict();
        _trade(3, 4, 0, 200e6);
        for (uint256 i; i < 6; ++i) {
            _moveSpot(1_120_000, true);
            _observe();
        }
        _epoch();
        // the keeper, all that is for sale, in the middle of the sale
        handler.collect(3, KEEPER, 0, 1 + 4 * (6 + (2 hours << 8)));
        assertEq(handler.done("call"), 1);
        assertEq(handler.done("sold"), 1);
        _check();
        handler.requireEnd();
    }

    function _tradeAndSellDown() private {
        _trade(0, 2, 0, 80e6);
        handler.proveHealth(0, 1);
        // what is proven of an account is not said of it any more once it has changed
        handler.deposit(0, 3, 1e6, 0, 2);
        handler.execute(handler.pendingCount() - 1, false);
        _check();
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
        handler.withdraw(0, 1, 1e6, 1, 1); // who is free needs none
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
        handler.fail(0, 0);
        handler.fail(0, 1);
        handler.changeMood(1, true);
        _epoch();
        _check();
    }

    /// A dead feed halts its arrays: no trade of who has anything in them, and liquidation all the same.
    function _goOnWithoutFeeds() private {
        handler.proveSolvency(3, 1);
        _trade(2, 3, 0, 100e6);
        _moveSpot(1_120_000, true);
        handler.trade(2 + 5 * 3, 0, 1e6, 1e6, 0); // of prices that have left the epoch behind
        _observe();
        handler.squeeze(2, 200_000, 12);
        _check();
        handler.fail(0, 0);
        handler.rest(1 hours, 0, 12);
        handler.trade(2 + 5 * 3, 0, 1e6, 1e6, 0);
        handler.bid(2, 0, 0, 4);
        _check();
        handler.rest(4 hours, 3, 12 + 16);
        handler.rest(20 hours, 4, 12 + 16);
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
