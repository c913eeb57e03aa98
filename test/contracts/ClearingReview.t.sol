// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CollateralPath} from "../../contracts/clearing/CollateralPath.sol";
import {ICollateralPath, Transfer} from "../../contracts/interfaces/ICollateralPath.sol";
import {CollateralFixture} from "./CollateralFixture.sol";

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
