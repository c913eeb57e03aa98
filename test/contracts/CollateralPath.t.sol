// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {OAppReceiver} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/OAppReceiver.sol";
import {Origin} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Vm} from "forge-std/Test.sol";
import {CollateralPath} from "../../contracts/clearing/CollateralPath.sol";
import {ICollateralGate} from "../../contracts/interfaces/ICollateralGate.sol";
import {ICollateralPath, Transfer} from "../../contracts/interfaces/ICollateralPath.sol";
import {TransferMessage} from "../../contracts/libraries/TransferMessage.sol";
import {CollateralFixture} from "./CollateralFixture.sol";

contract CollateralPathTest is CollateralFixture {
    address private thief = makeAddr("thief");

    function setUp() public {
        _deployCollateral();
    }

    function _one(Transfer memory transfer) private pure returns (Transfer[] memory list) {
        list = new Transfer[](1);
        list[0] = transfer;
    }

    function _pay(uint64 id, uint256 amount) private {
        gates[1].process(HUB_EID, _one(_payment(id, CASH, amount, bob)));
    }

    function _paid(address who) private view returns (uint256) {
        return _token(1, CASH).balanceOf(who);
    }

    /// Fills a lane of the hub and the house slowly enough for the limit.
    function _fill(uint256 amount) private {
        for (uint256 left = amount; left != 0;) {
            uint256 part = left < LIMIT ? left : LIMIT;
            _deposit(1, aliceAccount, CASH, part);
            left -= part;
            vm.warp(vm.getBlockTimestamp() + 1 days);
        }
    }

    function _order(uint256 amount) private {
        deliver(nodes[1], _withdraw(aliceAccount, CASH, amount, 1, bob)[0], PAYMENT_GAS);
    }

    // --- limit and queue

    /// A day's limit goes at once, the rest as the bucket fills, in parts worth an eighth of it; never more.
    function test_limit_letsThroughADaysWorthAndThenAsItFills() public {
        _fill(3 * LIMIT);
        _order(3 * LIMIT);
        assertEq(_paid(bob), LIMIT);
        assertEq(gates[1].waiting(HUB_EID, 1).left, 2 * LIMIT);

        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.LimitReached.selector, 0, 2 * LIMIT));
        _pay(1, 3 * LIMIT);
        skip(3 hours - 1);
        uint256 filled = uint256(LIMIT) * (3 hours - 1) / 1 days;
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.LimitReached.selector, filled, 2 * LIMIT));
        _pay(1, 3 * LIMIT);
        skip(1);
        _pay(1, 3 * LIMIT);
        assertEq(_paid(bob), uint256(LIMIT) * 9 / 8);
        skip(10 days);
        _pay(1, 3 * LIMIT);
        assertEq(_paid(bob), uint256(LIMIT) * 17 / 8, "no more than a day's worth at once");
        skip(10 days);
        _pay(1, 3 * LIMIT);
        assertEq(_paid(bob), 3 * LIMIT);
        assertEq(gates[1].waiting(HUB_EID, 1).left, 0);
        skip(10 days);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.TransferNotNext.selector, HUB_EID, 1));
        _pay(1, 3 * LIMIT);
    }

    /// However small those behind are, they cannot overtake, so none can be starved.
    function test_queue_servesInTheOrderOfArrival() public {
        _fill(4 * LIMIT);
        _order(LIMIT);
        _order(LIMIT); // waits
        _order(1); // behind it
        skip(12 hours);
        _order(2);
        assertEq(_paid(bob), LIMIT, "half a bucket is there, but others came first");
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.TransferNotNext.selector, HUB_EID, 3));
        _pay(3, 1);
        assertEq(gates[1].nextWaiting(HUB_EID, CASH), 2);
        (uint256 limit, uint256 available, uint256 count) = gates[1].lanePath(HUB_EID, CASH);
        assertEq(limit, LIMIT);
        assertEq(available, LIMIT / 2);
        assertEq(count, 3);

        skip(12 hours);
        _pay(2, LIMIT);
        skip(1); // a bucket holds no more than a day's worth
        Transfer[] memory both = new Transfer[](2);
        (both[0], both[1]) = (_payment(3, CASH, 1, bob), _payment(4, CASH, 2, bob));
        gates[1].process(HUB_EID, both);
        assertEq(_paid(bob), 2 * LIMIT + 3);
        _order(5);
        assertEq(_paid(bob), 2 * LIMIT + 8, "an empty queue holds up nobody");
    }

    function test_process_revertsWhenWordsDiffer() public {
        _fill(2 * LIMIT);
        _order(LIMIT + 1);
        skip(1 days);
        Transfer memory other = _payment(1, CASH, LIMIT + 1, thief);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.TransferNotDelivered.selector, HUB_EID, 1));
        gates[1].process(HUB_EID, _one(other));
        // a lane that the layout would cut short to the true one
        other = _payment(1, CASH + 256, LIMIT + 1, bob);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.LaneUnknown.selector, CASH + 256));
        gates[1].process(HUB_EID, _one(other));
    }

    /// Whatever verifiers make a gate believe, in whatever time: a bucket, and what fills it, and never more than came in.
    function testFuzz_forgedPayments_takeAtMostTheLimit(uint256 seed) public {
        _fill(5 * LIMIT);
        uint256 start = vm.getBlockTimestamp();
        for (uint64 id = 1; id < 8; ++id) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 amount = id == 1 ? (1 << 62) - 1 : seed % (3 * LIMIT) + 1;
            _forgeTransfer(0, 1, _payment(id, CASH, amount, thief));
            skip(seed % 30 hours);
            try gates[1].process(HUB_EID, _one(_payment(1, CASH, (1 << 62) - 1, thief))) {} catch {}
            uint256 most = LIMIT + uint256(LIMIT) * (vm.getBlockTimestamp() - start) / 1 days;
            assertLe(_paid(thief), most < 5 * LIMIT ? most : 5 * LIMIT);
            assertEq(_paid(thief) + gates[1].escrow(CASH), 5 * LIMIT);
        }
        assertGe(_paid(thief), LIMIT);
    }

    /// Forged deposits are credited within the limit too.
    function test_forgedDeposits_areCreditedWithinTheLimit() public {
        bytes32 account = house.accountOf(thief, 0);
        _forgeTransfer(1, 0, _transferTo(1, CASH, (1 << 62) - 1, account));
        for (uint64 id = 2; id < 5; ++id) {
            _forgeTransfer(1, 0, _transferTo(id, CASH, 1e6, account));
        }
        assertEq(_balance(account, CASH), LIMIT);
        assertEq(hub.held(2, CASH), LIMIT);
        assertEq(house.version(account), 1);
        // and nobody can bring the rest drop by drop, which would change the account's version all the time
        skip(3 hours - 1);
        vm.expectPartialRevert(ICollateralPath.LimitReached.selector);
        hub.process(2, _one(_transferTo(1, CASH, (1 << 62) - 1, account)));
    }

    // --- once

    function test_transfers_arriveInAnyOrder() public {
        Packet memory first = _send(1, alice, aliceAccount, CASH, 1e6)[0];
        Packet memory second = _send(1, alice, aliceAccount, CASH, 2e6)[0];
        verifyAndCommit(nodes[0], first);
        deliver(nodes[0], second, DEPOSIT_GAS);
        assertEq(_balance(aliceAccount, CASH), 2e6);
        execute(nodes[0], first, DEPOSIT_GAS);
        assertEq(_balance(aliceAccount, CASH), 3e6);
    }

    function test_transfer_isDoneOnce() public {
        Packet memory packet = _send(1, alice, aliceAccount, CASH, 1e6)[0];
        deliver(nodes[0], packet, DEPOSIT_GAS);
        vm.expectRevert();
        nodes[0].endpoint.lzReceive(packet.origin, packet.receiver, packet.guid, packet.message, "");
        // by another message, with the same words and with others
        Transfer memory transfer = _transferTo(1, CASH, 1e6, aliceAccount);
        for (uint256 i; i < 2; ++i) {
            transfer.amount += 4e6 * i;
            vm.recordLogs();
            _forgeTransfer(1, 0, transfer);
            assertEq(_emitted(ICollateralPath.TransferIgnored.selector), 1);
        }
        assertEq(_balance(aliceAccount, CASH), 1e6);
        assertEq(hub.held(2, CASH), 1e6);
    }

    /// The same number on two paths is two transfers.
    function test_numbers_areOfAPath() public {
        _deposit(1, aliceAccount, CASH, 1e6);
        _deposit(2, aliceAccount, CASH, 2e6);
        _deposit(0, aliceAccount, CASH, 4e6);
        assertEq(_balance(aliceAccount, CASH), 7e6);
        assertEq(hub.held(1, CASH) * 100 + hub.held(2, CASH) * 10 + hub.held(3, CASH), 412e6);
    }

    // --- lost and forged messages

    function _resend(CollateralPath path, uint32 eid, Transfer memory transfer)
        private
        returns (Packet memory)
    {
        uint256 fee = path.quote(eid, "");
        vm.recordLogs();
        vm.prank(bob);
        path.resend{value: fee}(eid, transfer, "");
        return sentPackets()[0];
    }

    function _deny(CollateralPath path, uint32 eid, Transfer memory transfer)
        private
        returns (Packet memory)
    {
        vm.recordLogs();
        vm.prank(bob);
        path.deny{value: 1 ether}(eid, transfer, "");
        return sentPackets()[0];
    }

    function test_resend_bringsWhatWasLost() public {
        _send(1, alice, aliceAccount, CASH, 1e6); // and nobody ever verifies it
        Transfer memory transfer = _transferTo(1, CASH, 1e6, aliceAccount);
        Packet memory again = _resend(gates[1], HUB_EID, transfer);
        Packet memory twice = _resend(gates[1], HUB_EID, transfer);
        _skip(1); // else the endpoint would wait for it
        deliver(nodes[0], again, DEPOSIT_GAS);
        assertEq(_balance(aliceAccount, CASH), 1e6);
        deliver(nodes[0], twice, DEPOSIT_GAS);
        assertEq(_balance(aliceAccount, CASH), 1e6);
    }

    /// The hub's delegate is this contract.
    function _skip(uint64 nonce) private {
        (bool skipped,) = address(nodes[0].endpoint)
            .call(
                abi.encodeWithSignature(
                    "skip(address,uint32,bytes32,uint64)",
                    address(hub),
                    uint32(2),
                    toBytes32(address(gates[1])),
                    nonce
                )
            );
        assertTrue(skipped);
    }

    function test_resend_onlyWhatWasSent() public {
        _send(1, alice, aliceAccount, CASH, 1e6);
        Transfer memory transfer = _transferTo(1, CASH, 1e6 + 1, aliceAccount);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.TransferNotSent.selector, HUB_EID, 1));
        gates[1].resend(HUB_EID, transfer, "");
        transfer.id = 2;
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.TransferNotSent.selector, HUB_EID, 2));
        gates[1].resend(HUB_EID, transfer, "");
    }

    function test_deny_notWhatWasSent() public {
        _send(1, alice, aliceAccount, CASH, 1e6);
        Transfer memory transfer = _transferTo(1, CASH, 1e6, aliceAccount);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.TransferWasSent.selector, HUB_EID, 1));
        gates[1].deny(HUB_EID, transfer, "");
        transfer.lane += 256;
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.LaneUnknown.selector, CASH + 256));
        gates[1].deny(HUB_EID, transfer, "");
    }

    /// A forged payment that waits is dropped, those behind it go on, and the true one with its number is paid.
    function test_deny_dropsAForgedPaymentThatWaits() public {
        _fill(3 * LIMIT);
        Transfer memory forged = _payment(1, CASH, 3 * LIMIT, thief);
        _forgeTransfer(0, 1, forged);
        assertEq(_paid(thief), LIMIT);
        // the true first payment has lost its place at the endpoint; the second comes, and waits behind
        _withdraw(aliceAccount, CASH, 7e6, 1, bob);
        _order(5e6);
        skip(1 days);

        deliver(nodes[1], _deny(hub, 2, forged), PAYMENT_GAS);
        assertEq(gates[1].waiting(HUB_EID, 1).left, 0);
        assertEq(gates[1].nextWaiting(HUB_EID, CASH), 2);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.TransferNotDelivered.selector, HUB_EID, 1));
        gates[1].process(HUB_EID, _one(forged));
        _pay(2, 5e6);
        assertEq(_paid(bob), 5e6);
        deliver(nodes[1], _resend(hub, 2, _payment(1, CASH, 7e6, bob)), PAYMENT_GAS);
        assertEq(_paid(bob), 12e6);
        assertEq(_paid(thief), LIMIT);
        assertEq(gates[1].escrow(CASH), 2 * LIMIT - 12e6);
    }

    /// A denial of something else under the same number does nothing.
    function test_deny_meansTheWholeTransfer() public {
        _fill(2 * LIMIT);
        _order(LIMIT + 9);
        deliver(nodes[1], _deny(hub, 2, _payment(1, CASH, LIMIT + 8, bob)), PAYMENT_GAS);
        assertEq(gates[1].waiting(HUB_EID, 1).left, 9);
        skip(1 days);
        _pay(1, LIMIT + 9);
        assertEq(_paid(bob), LIMIT + 9);
    }

    // --- messages

    /// No bytes make either end revert, or do anything, but those of a transfer that can be done.
    function testFuzz_receive_ignoresWhatItDoesNotUnderstand(bytes calldata message, uint8 lane, uint8 kind)
        public
    {
        _ignored(1, 0, message);
        _ignored(0, 1, message);
        Transfer memory transfer = _payment(1, lane % 12 + 13, 1e6, bob);
        _ignored(0, 1, TransferMessage.encode(1, transfer));
        transfer.lane = 2; // no token
        _ignored(0, 1, TransferMessage.encode(1, transfer));
        transfer.lane = CASH;
        _ignored(0, 1, TransferMessage.encode(uint8(bound(kind, 3, 255)), transfer));
        _ignored(0, 1, bytes.concat(TransferMessage.encode(1, transfer), hex"00"));
        transfer.target = toBytes32(bob) | bytes32(uint256(1) << (160 + lane % 96));
        _ignored(0, 1, TransferMessage.encode(1, transfer));
        transfer.target = 0;
        _ignored(0, 1, TransferMessage.encode(1, transfer));
        transfer = _payment(0, CASH, 1e6, bob);
        _ignored(0, 1, TransferMessage.encode(1, transfer));
        transfer = _payment(1, CASH, 0, bob);
        _ignored(0, 1, TransferMessage.encode(1, transfer));
        transfer.amount = 1 << 62;
        _ignored(0, 1, TransferMessage.encode(1, transfer));
        assertEq(gates[1].delivered(HUB_EID, 1), 0);
    }

    function _ignored(uint256 from, uint256 to, bytes memory message) private {
        vm.recordLogs();
        _forge(from, to, message);
        assertEq(_emitted(ICollateralPath.MessageIgnored.selector), 1);
    }

    function _emitted(bytes32 selector) private returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == selector) ++count;
        }
    }

    function testFuzz_encode_roundTrips(uint64 id, uint8 lane, uint64 amount, bytes32 target, bytes32 sender)
        public
        view
    {
        Transfer memory transfer = Transfer(
            uint64(bound(id, 1, type(uint64).max)),
            bound(lane, 0, 12),
            bound(amount, 1, (1 << 62) - 1),
            target,
            sender
        );
        bytes memory message = TransferMessage.encode(TransferMessage.KIND_DENIAL, transfer);
        assertEq(message.length, TransferMessage.LENGTH);
        (uint8 kind, Transfer memory read) = this.decode(message);
        assertEq(kind, TransferMessage.KIND_DENIAL);
        assertEq(keccak256(abi.encode(read)), keccak256(abi.encode(transfer)));
    }

    function decode(bytes calldata message) external pure returns (uint8, Transfer memory) {
        return TransferMessage.decode(message);
    }

    function test_receive_onlyThroughItsPath() public {
        bytes memory message = TransferMessage.encode(1, _payment(1, CASH, 1e6, thief));
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(OAppReceiver.OnlyEndpoint.selector, thief));
        gates[1].lzReceive(Origin(HUB_EID, toBytes32(address(hub)), 1), 0, message, thief, "");
        for (uint256 chain; chain < CHAINS; ++chain) {
            vm.prank(thief);
            vm.expectRevert(abi.encodeWithSelector(ICollateralPath.NotLocalPeer.selector, thief));
            gates[chain].handOver(message);
        }
        // the hub's end of another chain's path is no local peer
        vm.prank(address(gates[1]));
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.NotLocalPeer.selector, gates[1]));
        hub.handOver(message);
    }

    // --- the owner

    function test_limits_lowerAtOnceRiseLater() public {
        _fill(2 * LIMIT);
        _order(2 * LIMIT);
        uint256 lower = LIMIT / 8;
        gates[1].lowerLimit(HUB_EID, CASH, lower);
        skip(1 days);
        _pay(1, 2 * LIMIT);
        assertEq(_paid(bob), LIMIT + lower, "what waits goes at the new rate");

        gates[1].scheduleLimit(HUB_EID, CASH, 64 * uint256(LIMIT));
        uint256 readyAt = vm.getBlockTimestamp() + 2 days;
        skip(2 days - 1);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.NotReady.selector, readyAt));
        gates[1].applyLimit(HUB_EID, CASH);
        skip(1);
        vm.prank(bob);
        gates[1].applyLimit(HUB_EID, CASH);
        vm.expectRevert(ICollateralPath.NothingScheduled.selector);
        gates[1].applyLimit(HUB_EID, CASH);
        uint256 left = LIMIT - lower;
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.LimitReached.selector, lower, left));
        _pay(1, 2 * LIMIT); // a higher limit fills nothing by itself
        skip(1 hours);
        _pay(1, 2 * LIMIT);
        assertEq(_paid(bob), 2 * LIMIT);
    }

    function test_limits_haveBounds() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateralPath.LimitOutOfBounds.selector, CASH, LIMIT / 8 - 1, LIMIT / 8, LIMIT
            )
        );
        hub.lowerLimit(2, CASH, LIMIT / 8 - 1);
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.LimitNotLower.selector, LIMIT, LIMIT));
        hub.lowerLimit(2, CASH, LIMIT);
        uint256 most = 64 * uint256(LIMIT);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralPath.LimitOutOfBounds.selector, CASH, most + 1, LIMIT / 8, most)
        );
        hub.scheduleLimit(2, CASH, most + 1);
        // lowering drops what was scheduled
        hub.scheduleLimit(2, CASH, most);
        hub.lowerLimit(2, CASH, LIMIT / 2);
        skip(3 days);
        vm.expectRevert(ICollateralPath.NothingScheduled.selector);
        hub.applyLimit(2, CASH);
    }

    function test_openPath_onceAndForEver() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.PathOpenedBefore.selector, 2));
        hub.openPath(2, toBytes32(thief), _limits());
        vm.expectRevert(abi.encodeWithSelector(ICollateralPath.PathOpenedBefore.selector, HUB_EID));
        gates[1].openPath(HUB_EID, toBytes32(thief), _limits());
        vm.expectRevert(abi.encodeWithSelector(ICollateralGate.NotTheHubsChain.selector, 9));
        gates[1].openPath(9, toBytes32(thief), _limits());
        vm.expectRevert(ICollateralPath.PeersAreFixed.selector);
        hub.setPeer(2, toBytes32(thief));
        vm.expectRevert(ICollateralPath.PeersAreFixed.selector);
        hub.setPeer(9, toBytes32(thief));
        vm.expectRevert(ICollateralPath.PeerZero.selector);
        hub.openPath(9, 0, _limits());
        uint64[13] memory limits = _limits();
        limits[4] = 7;
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralPath.LimitOutOfBounds.selector, 4, 7, 8, (1 << 62) - 1)
        );
        hub.openPath(9, toBytes32(thief), limits);
    }

    function test_owner_only() public {
        vm.startPrank(thief);
        bytes memory refused = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, thief);
        vm.expectRevert(refused);
        hub.openPath(9, toBytes32(thief), _limits());
        vm.expectRevert(refused);
        gates[1].openPath(HUB_EID, toBytes32(thief), _limits());
        vm.expectRevert(refused);
        gates[1].lowerLimit(HUB_EID, CASH, LIMIT / 2);
        vm.expectRevert(refused);
        gates[1].scheduleLimit(HUB_EID, CASH, LIMIT * 2);
        vm.expectRevert(refused);
        gates[1].setDelegate(thief);
        vm.stopPrank();
    }
}
