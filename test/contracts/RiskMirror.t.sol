// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {OAppReceiver} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/OAppReceiver.sol";
import {Origin} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {Vm} from "forge-std/Test.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IRiskMirror} from "../../contracts/interfaces/IRiskMirror.sol";
import {IRiskState, RiskState} from "../../contracts/interfaces/IRiskState.sol";
import {RiskMessage} from "../../contracts/libraries/RiskMessage.sol";
import {LocalDVN, IVerificationReceiver} from "../../contracts/local/LocalDVN.sol";
import {LocalExecutor} from "../../contracts/local/LocalExecutor.sol";
import {RiskMirror} from "../../contracts/sync/RiskMirror.sol";
import {IUln302, LayerZeroPath} from "./LayerZeroPath.sol";

contract RiskMirrorTest is LayerZeroPath {
    uint32 private constant HUB = 1;
    uint32 private constant SPOKE = 2;
    /// What `deploy` enforces for messages to mirrors.
    uint128 private constant RECEIVE_GAS = 250_000;
    uint256 private constant FIRST_WORD = 18;
    uint256 private constant WORDS = 12;

    Node private hub;
    Node private spoke;
    RiskMirror private mirror;

    function setUp() public {
        hub = deployNode(HUB, _one(SPOKE));
        spoke = deployNode(SPOKE, _one(HUB));
        mirror = new RiskMirror(address(spoke.endpoint), address(this));
        mirror.setPeer(HUB, toBytes32(address(this)));
        vm.deal(address(this), 1e6 ether);
    }

    receive() external payable {}

    function _one(uint32 eid) private pure returns (uint32[] memory eids) {
        eids = new uint32[](1);
        eids[0] = eid;
    }

    function _state(uint64 index, uint256 seed) private pure returns (RiskState memory state) {
        state.index = index;
        state.endTime = uint64(bound(uint256(keccak256(abi.encode(seed, "time"))), 1, type(uint64).max));
        state.windowCommitment = uint256(keccak256(abi.encode(seed, 0))) % Protocol.FIELD_MODULUS;
        for (uint256 i; i < 4; ++i) {
            state.covarianceCommitments[i] =
                uint256(keccak256(abi.encode(seed, 1, i))) % Protocol.FIELD_MODULUS;
        }
        state.volatilities = uint256(keccak256(abi.encode(seed, 2))) % Protocol.WORD_LIMIT;
        for (uint256 i; i < 6; ++i) {
            state.correlations[i] = uint256(keccak256(abi.encode(seed, 3, i))) % Protocol.WORD_LIMIT;
        }
    }

    /// @dev from PacketSent to lzReceive, through LayerZero's own contracts
    function _carry(bytes memory message) private returns (Vm.Log[] memory) {
        Packet memory packet = sendRaw(hub, SPOKE, address(mirror), message, RECEIVE_GAS);
        verifyAndCommit(spoke, packet);
        vm.recordLogs();
        execute(spoke, packet, RECEIVE_GAS);
        return vm.getRecordedLogs();
    }

    function _emitted(Vm.Log[] memory logs, bytes32 selector) private view returns (uint256 count) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter == address(mirror) && logs[i].topics[0] == selector) ++count;
        }
    }

    function testFuzz_encode_decodesToTheSame(uint64 index, uint256 seed) public view {
        RiskState memory state = _state(index == 0 ? 1 : index, seed);
        bytes memory message = RiskMessage.encode(state);
        assertEq(message.length, RiskMessage.LENGTH);
        (bool understood, RiskState memory read) = this.decode(message);
        assertTrue(understood);
        assertEq(keccak256(abi.encode(read)), keccak256(abi.encode(state)));
    }

    function decode(bytes calldata message) external pure returns (bool, RiskState memory) {
        return RiskMessage.decode(message);
    }

    /// Whatever the order of arrival, the newest index is the latest, and exactly the states that were newer on arrival
    /// are accepted.
    function testFuzz_receive_appliesNewerIgnoresStale(uint8[12] memory indices, uint256 seed) public {
        uint64 latest;
        for (uint256 i; i < indices.length; ++i) {
            RiskState memory state = _state(uint64(indices[i]) + 1, uint256(keccak256(abi.encode(seed, i))));
            Vm.Log[] memory logs = _carry(RiskMessage.encode(state));
            if (state.index > latest) {
                latest = state.index;
                assertEq(_emitted(logs, IRiskState.RiskStateAccepted.selector), 1);
                assertEq(
                    keccak256(abi.encode(mirror.riskState(latest))),
                    keccak256(abi.encode(state)),
                    "an accepted state is kept whole"
                );
            } else {
                assertEq(_emitted(logs, IRiskMirror.StaleRiskStateIgnored.selector), 1);
                assertEq(_emitted(logs, IRiskState.RiskStateAccepted.selector), 0);
            }
            assertEq(mirror.latestIndex(), latest);
        }
    }

    /// No bytes from the peer make the receiver revert.
    function testFuzz_receive_ignoresWhatItDoesNotUnderstand(bytes memory message) public {
        if (message.length > 9_000) return;
        vm.assume(message.length != RiskMessage.LENGTH);
        assertEq(_emitted(_carry(message), IRiskMirror.MessageIgnored.selector), 1);
        assertEq(mirror.latestIndex(), 0);
    }

    function testFuzz_receive_ignoresOtherVersionsAndKinds(uint8 version, uint8 kind) public {
        vm.assume(version != RiskMessage.VERSION || kind != RiskMessage.KIND_RISK_STATE);
        bytes memory message = RiskMessage.encode(_state(240, 1));
        message[0] = bytes1(version);
        message[1] = bytes1(kind);
        assertEq(_emitted(_carry(message), IRiskMirror.MessageIgnored.selector), 1);
        assertEq(mirror.latestIndex(), 0);
    }

    /// Each word is refused from its limit up, and taken one below it.
    function testFuzz_receive_ignoresWordsOutOfRange(uint256 place, uint256 above) public {
        place = bound(place, 0, WORDS - 1);
        uint256 limit = place < 5 ? Protocol.FIELD_MODULUS : Protocol.WORD_LIMIT;
        bytes memory message = RiskMessage.encode(_state(240, 1));
        _put(message, place, bound(above, limit, type(uint256).max));
        assertEq(_emitted(_carry(message), IRiskMirror.MessageIgnored.selector), 1);
        assertEq(mirror.latestIndex(), 0);
        _put(message, place, limit);
        assertEq(_emitted(_carry(message), IRiskMirror.MessageIgnored.selector), 1);
        _put(message, place, limit - 1);
        assertEq(_emitted(_carry(message), IRiskState.RiskStateAccepted.selector), 1);
        assertEq(mirror.latestIndex(), 240);
    }

    function _put(bytes memory message, uint256 place, uint256 value) private pure {
        uint256 offset = 0x20 + FIRST_WORD + 32 * place;
        assembly ("memory-safe") {
            mstore(add(message, offset), value)
        }
    }

    function test_receive_ignoresIndexZeroAndTimeZero() public {
        RiskState memory state = _state(0, 1);
        assertEq(_emitted(_carry(RiskMessage.encode(state)), IRiskMirror.MessageIgnored.selector), 1);
        state = _state(240, 1);
        state.endTime = 0;
        assertEq(_emitted(_carry(RiskMessage.encode(state)), IRiskMirror.MessageIgnored.selector), 1);
        assertEq(mirror.latestIndex(), 0);
    }

    /// Every receive, the first and the ninth alike, costs less than half of what the enforced options give it.
    function test_receive_costsLessThanHalfTheEnforcedGas() public {
        for (uint64 i = 1; i <= 9; ++i) {
            bytes memory message = RiskMessage.encode(_state(240 + i, i));
            Packet memory packet = sendRaw(hub, SPOKE, address(mirror), message, RECEIVE_GAS);
            verifyAndCommit(spoke, packet);
            vm.cool(address(mirror));
            execute(spoke, packet, RECEIVE_GAS / 2);
            assertEq(mirror.latestIndex(), 240 + i);
        }
    }

    function test_receive_keepsTheLastEightStates() public {
        for (uint64 i = 1; i <= 9; ++i) {
            _carry(RiskMessage.encode(_state(i, i)));
        }
        vm.expectRevert(abi.encodeWithSelector(IRiskState.RiskStateUnknown.selector, 1));
        mirror.riskState(1);
        (uint256 commitment, uint64 endTime) = mirror.covarianceCommitment(2, 3);
        assertEq(commitment, _state(2, 2).covarianceCommitments[3]);
        assertEq(endTime, _state(2, 2).endTime);
        assertEq(mirror.volatilities(9), _state(9, 9).volatilities);
        assertEq(mirror.correlations(9)[5], _state(9, 9).correlations[5]);
    }

    function test_lzReceive_revertsWhenCallerNotEndpoint() public {
        vm.expectRevert(abi.encodeWithSelector(OAppReceiver.OnlyEndpoint.selector, address(this)));
        mirror.lzReceive(Origin(HUB, toBytes32(address(this)), 1), 0, "", address(0), "");
    }

    function test_commit_revertsWhenSenderNotPeer() public {
        mirror.setPeer(HUB, toBytes32(makeAddr("beacon")));
        Packet memory packet =
            sendRaw(hub, SPOKE, address(mirror), RiskMessage.encode(_state(240, 1)), RECEIVE_GAS);
        spoke.dvn
            .verify(
                IVerificationReceiver(spoke.receiveLibrary), packet.header, packet.payloadHash, CONFIRMATIONS
            );
        vm.expectRevert(bytes4(keccak256("LZ_PathNotInitializable()")));
        IUln302(spoke.receiveLibrary).commitVerification(packet.header, packet.payloadHash);
    }

    function test_verify_revertsWhenCallerNotOperator() public {
        vm.prank(makeAddr("stranger"));
        vm.expectRevert(abi.encodeWithSelector(LocalDVN.CallerNotOperator.selector, makeAddr("stranger")));
        spoke.dvn.verify(IVerificationReceiver(spoke.receiveLibrary), "", 0, CONFIRMATIONS);
    }

    function test_execute_revertsWhenGasBelowOptions() public {
        Packet memory packet =
            sendRaw(hub, SPOKE, address(mirror), RiskMessage.encode(_state(240, 1)), RECEIVE_GAS);
        verifyAndCommit(spoke, packet);
        vm.expectPartialRevert(LocalExecutor.GasBelowOptions.selector);
        spoke.executor.execute{gas: RECEIVE_GAS}(
            spoke.endpoint, packet.origin, packet.receiver, packet.guid, packet.message, RECEIVE_GAS
        );
        execute(spoke, packet, RECEIVE_GAS);
        assertEq(mirror.latestIndex(), 240);
    }

    function testFuzz_getFee_refusesOptionsCutShort(uint256 length) public {
        bytes memory whole = abi.encodePacked(uint8(1), uint16(17), uint8(1), uint128(1));
        length = bound(length, 1, whole.length - 1);
        bytes memory cut = new bytes(length);
        for (uint256 i; i < length; ++i) {
            cut[i] = whole[i];
        }
        vm.expectRevert(abi.encodeWithSelector(LocalExecutor.OptionsNotUnderstood.selector, cut));
        spoke.executor.getFee(HUB, address(this), 0, cut);
    }

    function testFuzz_getFee_addsUpGasAndValue(uint64 first, uint64 second, uint64 value) public view {
        vm.assume(uint256(first) + second > 0);
        bytes memory options = abi.encodePacked(
            uint8(1),
            uint16(17),
            uint8(1),
            uint128(first),
            uint8(1),
            uint16(33),
            uint8(1),
            uint128(second),
            uint128(value)
        );
        uint256 fee = spoke.executor.getFee(HUB, address(this), 0, options);
        assertEq(fee, EXECUTOR_FEE + (uint256(first) + second) * EXECUTOR_GAS_PRICE + value);
    }
}
