// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    ILayerZeroEndpointV2,
    MessagingParams,
    Origin
} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";
import {Test, Vm} from "forge-std/Test.sol";
import {IVerificationReceiver, LocalDVN} from "../../contracts/local/LocalDVN.sol";
import {LocalExecutor} from "../../contracts/local/LocalExecutor.sol";

struct UlnConfig {
    uint64 confirmations;
    uint8 requiredDVNCount;
    uint8 optionalDVNCount;
    uint8 optionalDVNThreshold;
    address[] requiredDVNs;
    address[] optionalDVNs;
}

struct UlnConfigOfEid {
    uint32 eid;
    UlnConfig config;
}

struct ExecutorConfig {
    uint32 maxMessageSize;
    address executor;
}

struct ExecutorConfigOfEid {
    uint32 eid;
    ExecutorConfig config;
}

interface IUln302 {
    function setDefaultUlnConfigs(UlnConfigOfEid[] calldata params) external;
    function setDefaultExecutorConfigs(ExecutorConfigOfEid[] calldata params) external;
    function commitVerification(bytes calldata packetHeader, bytes32 payloadHash) external;
}

/// @title LayerZero's own contracts in a test, from the code in its npm packages
/// @notice Two or more chains in one machine: each has its endpoint, libraries and workers. This contract operates the verifiers.
abstract contract LayerZeroPath is Test {
    struct Node {
        uint32 eid;
        ILayerZeroEndpointV2 endpoint;
        address sendLibrary;
        address receiveLibrary;
        LocalDVN dvn;
        LocalExecutor executor;
    }

    struct Packet {
        Origin origin;
        address receiver;
        bytes32 guid;
        bytes message;
        bytes header;
        bytes32 payloadHash;
    }

    uint64 internal constant CONFIRMATIONS = 1;
    uint256 internal constant VERIFIER_FEE = 1e13;
    uint256 internal constant EXECUTOR_FEE = 2e13;
    uint256 internal constant EXECUTOR_GAS_PRICE = 1e9;
    bytes32 private constant PACKET_SENT = keccak256("PacketSent(bytes,bytes,address)");
    string private constant PACKAGES = "node_modules/@layerzerolabs/";

    function deployNode(uint32 eid, uint32[] memory remoteEids) internal returns (Node memory node) {
        node.eid = eid;
        node.endpoint = ILayerZeroEndpointV2(
            _create(
                "lz-evm-protocol-v2/artifacts/contracts/EndpointV2.sol/EndpointV2.json",
                abi.encode(eid, address(this))
            )
        );
        string memory uln = "lz-evm-messagelib-v2/artifacts/contracts/uln/uln302/";
        node.sendLibrary = _create(
            string.concat(uln, "SendUln302.sol/SendUln302.json"), abi.encode(node.endpoint, 100_000, 0)
        );
        node.receiveLibrary =
            _create(string.concat(uln, "ReceiveUln302.sol/ReceiveUln302.json"), abi.encode(node.endpoint));
        node.dvn = new LocalDVN(address(this), VERIFIER_FEE);
        node.executor = new LocalExecutor(EXECUTOR_FEE, EXECUTOR_GAS_PRICE);
        node.endpoint.registerLibrary(node.sendLibrary);
        node.endpoint.registerLibrary(node.receiveLibrary);
        for (uint256 i; i < remoteEids.length; ++i) {
            _support(node, remoteEids[i]);
        }
    }

    function _support(Node memory node, uint32 remoteEid) private {
        address[] memory verifiers = new address[](1);
        verifiers[0] = address(node.dvn);
        UlnConfigOfEid[] memory uln = new UlnConfigOfEid[](1);
        uln[0] = UlnConfigOfEid(remoteEid, UlnConfig(CONFIRMATIONS, 1, 0, 0, verifiers, new address[](0)));
        ExecutorConfigOfEid[] memory executor = new ExecutorConfigOfEid[](1);
        executor[0] = ExecutorConfigOfEid(remoteEid, ExecutorConfig(10_000, address(node.executor)));
        IUln302(node.sendLibrary).setDefaultUlnConfigs(uln);
        IUln302(node.sendLibrary).setDefaultExecutorConfigs(executor);
        IUln302(node.receiveLibrary).setDefaultUlnConfigs(uln);
        node.endpoint.setDefaultSendLibrary(remoteEid, node.sendLibrary);
        node.endpoint.setDefaultReceiveLibrary(remoteEid, node.receiveLibrary, 0);
    }

    /// @notice Type 3 options with one receive option.
    function receiveOptions(uint128 gas) internal pure returns (bytes memory) {
        return abi.encodePacked(uint16(3), uint8(1), uint16(17), uint8(1), gas);
    }

    function toBytes32(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    /// @notice Packets sent since the logs were last read. `vm.recordLogs` must be on.
    function sentPackets() internal returns (Packet[] memory packets) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        packets = new Packet[](logs.length);
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != PACKET_SENT) continue;
            (bytes memory encoded,,) = abi.decode(logs[i].data, (bytes, bytes, address));
            packets[count++] = this.readPacket(encoded);
        }
        assembly ("memory-safe") {
            mstore(packets, count)
        }
    }

    /// @dev external so that the bytes can be sliced as calldata
    function readPacket(bytes calldata encoded) external pure returns (Packet memory packet) {
        packet.origin = Origin({
            srcEid: uint32(bytes4(encoded[9:13])),
            sender: bytes32(encoded[13:45]),
            nonce: uint64(bytes8(encoded[1:9]))
        });
        packet.receiver = address(uint160(uint256(bytes32(encoded[49:81]))));
        packet.guid = bytes32(encoded[81:113]);
        packet.message = encoded[113:];
        packet.header = encoded[:81];
        packet.payloadHash = keccak256(encoded[81:]);
    }

    function verifyAndCommit(Node memory node, Packet memory packet) internal {
        node.dvn
            .verify(
                IVerificationReceiver(node.receiveLibrary), packet.header, packet.payloadHash, CONFIRMATIONS
            );
        IUln302(node.receiveLibrary).commitVerification(packet.header, packet.payloadHash);
    }

    function execute(Node memory node, Packet memory packet, uint256 gasLimit) internal {
        node.executor
            .execute(node.endpoint, packet.origin, packet.receiver, packet.guid, packet.message, gasLimit);
    }

    function deliver(Node memory node, Packet memory packet, uint256 gasLimit) internal {
        verifyAndCommit(node, packet);
        execute(node, packet, gasLimit);
    }

    /// @notice Sends any bytes from this contract, as a peer of the receiver would.
    function sendRaw(Node memory source, uint32 dstEid, address receiver, bytes memory message, uint128 gas)
        internal
        returns (Packet memory)
    {
        MessagingParams memory params =
            MessagingParams(dstEid, toBytes32(receiver), message, receiveOptions(gas), false);
        uint256 fee = source.endpoint.quote(params, address(this)).nativeFee;
        vm.recordLogs();
        source.endpoint.send{value: fee}(params, address(this));
        return sentPackets()[0];
    }

    function _create(string memory artifact, bytes memory args) private returns (address created) {
        string memory json = vm.readFile(string.concat(PACKAGES, artifact));
        bytes memory code = bytes.concat(vm.parseJsonBytes(json, ".bytecode"), args);
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
        }
        require(created != address(0), string.concat("not created: ", artifact));
    }
}
