// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {CollateralHub} from "../../contracts/clearing/CollateralHub.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {ICollateralHub} from "../../contracts/interfaces/ICollateralHub.sol";
import {ICollateralPath, Transfer} from "../../contracts/interfaces/ICollateralPath.sol";
import {CollateralFixture} from "./CollateralFixture.sol";

contract CollateralHubTest is CollateralFixture {
    function setUp() public {
        _deployCollateral();
    }

    function test_release_onlyTheHouse() public {
        _deposit(1, aliceAccount, CASH, 1e6);
        vm.expectRevert(abi.encodeWithSelector(ICollateralHub.NotHouse.selector, alice));
        vm.prank(alice);
        hub.release(2, CASH, 1e6, toBytes32(alice), "", alice);
    }

    /// What lies on one chain cannot be paid on another, and the account keeps what could not be paid.
    function test_release_revertsWhenLessLiesThere() public {
        _deposit(1, aliceAccount, CASH, 6e6);
        _deposit(2, aliceAccount, CASH, 4e6);
        MarginProof memory none;
        vm.expectRevert(abi.encodeWithSelector(ICollateralHub.EscrowMissing.selector, 3, CASH, 5e6, 4e6));
        vm.prank(alice);
        house.withdraw{value: 1 ether}(aliceAccount, CASH, 5e6, 3, toBytes32(alice), "", none);
        assertEq(_balance(aliceAccount, CASH), 10e6);
        deliver(nodes[2], _withdraw(aliceAccount, CASH, 4e6, 2, alice)[0], PAYMENT_GAS);
        deliver(nodes[1], _withdraw(aliceAccount, CASH, 6e6, 1, alice)[0], PAYMENT_GAS);
        assertEq(_token(1, CASH).balanceOf(alice) + _token(2, CASH).balanceOf(alice), 10e6);
    }

    function testFuzz_release_revertsWhenReceiverIsNoAddress(bytes32 receiver) public {
        _deposit(1, aliceAccount, CASH, 1e6);
        receiver |= bytes32(uint256(1) << (160 + uint256(receiver) % 96));
        _refused(receiver);
        _refused(0);
    }

    function _refused(bytes32 receiver) private {
        MarginProof memory none;
        vm.expectRevert(abi.encodeWithSelector(ICollateralHub.ReceiverNotAddress.selector, receiver));
        vm.prank(alice);
        house.withdraw{value: 1 ether}(aliceAccount, CASH, 1e6, 2, receiver, "", none);
    }

    function test_release_returnsWhatIsLeftOfTheValue() public {
        _deposit(1, aliceAccount, CASH, 2e6);
        uint256 fee = hub.quote(2, "");
        uint256 before = alice.balance;
        MarginProof memory none;
        vm.startPrank(alice);
        house.withdraw{value: fee + 5}(aliceAccount, CASH, 1e6, 2, toBytes32(alice), "", none);
        assertEq(before - alice.balance, fee);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.FeeAboveValue.selector, fee, fee - 1));
        house.withdraw{value: fee - 1}(aliceAccount, CASH, 1e6, 2, toBytes32(alice), "", none);
        vm.stopPrank();
        assertEq(address(hub).balance + address(house).balance, 0);
        _deposit(0, aliceAccount, CASH, 1e6);
        before = alice.balance;
        vm.prank(alice);
        house.withdraw{value: 9}(aliceAccount, CASH, 1e6, HUB_EID, toBytes32(alice), "", none);
        assertEq(alice.balance, before);
    }

    /// A deposit that the house refuses is counted, kept, and credited when somebody tries again; once.
    function test_credit_isKeptWhenTheHouseRefuses() public {
        bytes memory call = abi.encodeWithSelector(IClearingHouse.credit.selector);
        vm.mockCallRevert(address(house), call, "gone");
        _deposit(1, aliceAccount, CASH, 3e6);
        Transfer memory transfer = _transferTo(1, CASH, 3e6, aliceAccount);
        assertEq(hub.uncredited(2, 1), 3e6);
        assertEq(hub.held(2, CASH), 0, "nobody can withdraw it");
        vm.expectRevert(bytes("gone"));
        hub.retry(2, transfer);
        vm.clearMockedCalls();

        transfer.target = bobAccount;
        vm.expectRevert(abi.encodeWithSelector(ICollateralHub.NothingUncredited.selector, 2, 1));
        hub.retry(2, transfer);
        transfer.target = aliceAccount;
        vm.prank(bob);
        hub.retry(2, transfer);
        assertEq(_balance(aliceAccount, CASH), 3e6);
        assertEq(hub.held(2, CASH), 3e6);
        assertEq(hub.uncredited(2, 1), 0);
        vm.expectRevert(abi.encodeWithSelector(ICollateralHub.NothingUncredited.selector, 2, 1));
        hub.retry(2, transfer);
    }

    /// A denied deposit that the house has not taken is forgotten with all that was counted for it.
    function test_deny_forgetsWhatWasNotCredited() public {
        vm.mockCallRevert(address(house), abi.encodeWithSelector(IClearingHouse.credit.selector), "gone");
        Transfer memory forged = _transferTo(1, CASH, LIMIT + 5, bobAccount);
        _forgeTransfer(1, 0, forged);
        assertEq(hub.uncredited(2, 1), LIMIT);
        vm.clearMockedCalls();
        // the true deposit under that number; its place at the endpoint is taken
        _send(1, alice, aliceAccount, CASH, 1e6);
        vm.recordLogs();
        vm.prank(bob);
        gates[1].deny{value: 1 ether}(HUB_EID, forged, "");
        deliver(nodes[0], sentPackets()[0], DEPOSIT_GAS);
        assertEq(hub.uncredited(2, 1), 0);
        vm.expectRevert(abi.encodeWithSelector(ICollateralHub.NothingUncredited.selector, 2, 1));
        hub.retry(2, forged);
        uint256 fee = gates[1].quote(HUB_EID, "");
        vm.recordLogs();
        gates[1].resend{value: fee}(HUB_EID, _transferTo(1, CASH, 1e6, aliceAccount), "");
        Packet memory packet = sentPackets()[0];
        skip(1 days);
        deliver(nodes[0], packet, DEPOSIT_GAS);
        assertEq(_balance(aliceAccount, CASH), 1e6);
    }

    /// Whoever executes a deposit with too little gas reverts it; an honest execution credits it.
    function testFuzz_credit_cannotBeStarved(uint256 gas) public {
        Packet memory packet = _send(1, alice, aliceAccount, CASH, 1e6)[0];
        verifyAndCommit(nodes[0], packet);
        gas = bound(gas, 50_000, DEPOSIT_GAS);
        try nodes[0].endpoint.lzReceive{gas: gas}(
            packet.origin, packet.receiver, packet.guid, packet.message, ""
        ) {}
        catch {
            assertEq(hub.delivered(2, 1), 0);
            execute(nodes[0], packet, DEPOSIT_GAS);
        }
        assertEq(_balance(aliceAccount, CASH), 1e6);
        assertEq(hub.uncredited(2, 1), 0);
    }

    function test_setHouse_once() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralHub.HouseSetBefore.selector, house));
        hub.setHouse(house);
        CollateralHub other = new CollateralHub(address(nodes[0].endpoint), address(this));
        vm.expectRevert(ICollateralHub.HouseMissing.selector);
        other.openPath(2, toBytes32(alice), _limits());
        vm.expectRevert(abi.encodeWithSelector(ICollateralHub.HouseWithoutCode.selector, alice));
        other.setHouse(ClearingHouse(alice));
        vm.prank(alice);
        vm.expectPartialRevert(bytes4(keccak256("OwnableUnauthorizedAccount(address)")));
        other.setHouse(house);
    }
}
