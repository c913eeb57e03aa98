// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IOAppCore} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/interfaces/IOAppCore.sol";
import {
    EnforcedOptionParam
} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/interfaces/IOAppOptionsType3.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IRiskBeacon} from "../../contracts/interfaces/IRiskBeacon.sol";
import {IRiskState, RiskState} from "../../contracts/interfaces/IRiskState.sol";
import {LocalExecutor} from "../../contracts/local/LocalExecutor.sol";
import {RiskBeacon} from "../../contracts/sync/RiskBeacon.sol";
import {RiskMirror} from "../../contracts/sync/RiskMirror.sol";
import {LayerZeroPath} from "./LayerZeroPath.sol";
import {RiskStateFixture} from "./RiskStateFixture.sol";

contract RiskBeaconTest is LayerZeroPath {
    uint32 private constant HUB = 1;
    uint128 private constant RECEIVE_GAS = 250_000;

    Node private hub;
    Node[] private spokes;
    RiskMirror[] private mirrors;
    RiskStateFixture private oracle;
    RiskBeacon private beacon;
    uint32[] private eids;
    address private anyone = makeAddr("anyone");

    function setUp() public {
        eids = [uint32(2), uint32(3)];
        hub = deployNode(HUB, eids);
        oracle = new RiskStateFixture();
        beacon = new RiskBeacon(address(hub.endpoint), address(this), oracle);
        uint32[] memory toHub = new uint32[](1);
        toHub[0] = HUB;
        for (uint256 i; i < eids.length; ++i) {
            Node memory spoke = deployNode(eids[i], toHub);
            RiskMirror mirror = new RiskMirror(address(spoke.endpoint), address(this));
            mirror.setPeer(HUB, toBytes32(address(beacon)));
            beacon.setPeer(eids[i], toBytes32(address(mirror)));
            spokes.push(spoke);
            mirrors.push(mirror);
        }
        _enforce(receiveOptions(RECEIVE_GAS));
        vm.deal(anyone, 1000 ether);
    }

    function _enforce(bytes memory options) private {
        EnforcedOptionParam[] memory enforced = new EnforcedOptionParam[](eids.length);
        for (uint256 i; i < eids.length; ++i) {
            enforced[i] = EnforcedOptionParam(eids[i], beacon.MESSAGE_RISK_STATE(), options);
        }
        beacon.setEnforcedOptions(enforced);
    }

    function _state(uint64 index) private pure returns (RiskState memory state) {
        state.index = index;
        state.endTime = index * 3600;
        state.windowCommitment = uint256(keccak256(abi.encode(index))) >> 8;
        state.volatilities = index;
    }

    function _broadcast(uint256 value, bytes memory options) private returns (Packet[] memory) {
        vm.recordLogs();
        vm.prank(anyone);
        beacon.broadcast{value: value}(eids, options);
        return sentPackets();
    }

    function test_broadcast_bringsTheNewestStateToEverySpoke() public {
        oracle.accept(_state(240));
        oracle.accept(_state(264));
        Packet[] memory packets = _broadcast(beacon.quote(eids, ""), "");
        assertEq(packets.length, eids.length);
        for (uint256 i; i < eids.length; ++i) {
            deliver(spokes[i], packets[i], RECEIVE_GAS);
            assertEq(mirrors[i].latestIndex(), 264);
            assertEq(
                keccak256(abi.encode(mirrors[i].riskState(264))), keccak256(abi.encode(oracle.riskState(264)))
            );
        }
    }

    function test_broadcast_emitsWhatLeft() public {
        oracle.accept(_state(240));
        uint256 fee = beacon.quote(eids, "") / 2;
        vm.expectEmit(true, true, false, false, address(beacon));
        emit IRiskBeacon.RiskStateBroadcast(240, eids[0], 0, fee);
        vm.expectEmit(true, true, false, false, address(beacon));
        emit IRiskBeacon.RiskStateBroadcast(240, eids[1], 0, fee);
        vm.prank(anyone);
        beacon.broadcast{value: 2 * fee}(eids, "");
    }

    /// The sender pays the quote to the wei, whatever it sends along and whatever gas it adds; the beacon keeps nothing.
    function testFuzz_broadcast_refundsWhatIsTooMuch(uint64 excess, uint32 extraGas) public {
        oracle.accept(_state(240));
        bytes memory options = extraGas == 0 ? bytes("") : receiveOptions(extraGas);
        uint256 fee = beacon.quote(eids, options);
        uint256 perSpoke =
            VERIFIER_FEE + EXECUTOR_FEE + (uint256(RECEIVE_GAS) + extraGas) * EXECUTOR_GAS_PRICE;
        assertEq(fee, eids.length * perSpoke, "the fee is that of enforced and added gas together");
        uint256 before = anyone.balance;
        _broadcast(fee + excess, options);
        assertEq(before - anyone.balance, fee);
        assertEq(address(beacon).balance, 0);
    }

    function testFuzz_broadcast_revertsWhenValueBelowFee(uint256 missing) public {
        oracle.accept(_state(240));
        uint256 fee = beacon.quote(eids, "");
        missing = bound(missing, 1, fee);
        uint256 paidUpTo = missing > fee / 2 ? fee / 2 : fee;
        vm.expectRevert(abi.encodeWithSelector(IRiskBeacon.FeeAboveValue.selector, paidUpTo, fee - missing));
        vm.prank(anyone);
        beacon.broadcast{value: fee - missing}(eids, "");
    }

    function test_broadcast_revertsWhenNoDestination() public {
        oracle.accept(_state(240));
        vm.expectRevert(IRiskBeacon.NoDestination.selector);
        beacon.broadcast(new uint32[](0), "");
    }

    function test_broadcast_revertsBeforeTheFirstState() public {
        vm.expectRevert(abi.encodeWithSelector(IRiskState.RiskStateUnknown.selector, 0));
        beacon.broadcast{value: 1 ether}(eids, "");
    }

    function test_broadcast_revertsWhenPeerMissing() public {
        oracle.accept(_state(240));
        eids.push(4);
        vm.expectRevert(abi.encodeWithSelector(IOAppCore.NoPeer.selector, 4));
        beacon.broadcast{value: 1 ether}(eids, "");
    }

    function test_broadcast_revertsWhenNoGasIsConfigured() public {
        oracle.accept(_state(240));
        _enforce(hex"0003");
        vm.expectRevert(abi.encodeWithSelector(LocalExecutor.ReceiveGasMissing.selector, ""));
        beacon.broadcast{value: 1 ether}(eids, "");
    }

    function test_broadcast_revertsWhenRefundRefused() public {
        oracle.accept(_state(240));
        uint256 fee = beacon.quote(eids, "");
        RefusesRefund sender = new RefusesRefund();
        vm.deal(address(sender), fee + 1);
        sender.broadcast(beacon, eids, fee); // nothing to refund
        vm.deal(address(sender), fee + 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskBeacon.RefundRefused.selector, address(sender), 1));
        sender.broadcast(beacon, eids, fee + 1);
    }

    function test_setters_onlyOwner() public {
        vm.startPrank(anyone);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, anyone));
        beacon.setPeer(2, toBytes32(anyone));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, anyone));
        beacon.setEnforcedOptions(new EnforcedOptionParam[](0));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, anyone));
        beacon.setDelegate(anyone);
    }
}

/// @dev has no receive function
contract RefusesRefund {
    function broadcast(RiskBeacon beacon, uint32[] calldata eids, uint256 value) external {
        beacon.broadcast{value: value}(eids, "");
    }
}
