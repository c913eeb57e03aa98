// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILayerZeroDVN} from "@layerzerolabs/lz-evm-messagelib-v2/contracts/uln/interfaces/ILayerZeroDVN.sol";

/// @notice The one function of a receive library a verifier calls.
interface IVerificationReceiver {
    function verify(bytes calldata packetHeader, bytes32 payloadHash, uint64 confirmations) external;
}

/// @title LocalDVN
/// @notice Sits in the verifier's seat of LayerZero V2 on local chains: on the source chain it is assigned jobs and
/// paid for them, on the destination chain its operator says which payloads it saw.
///
/// ASSUMPTIONS  One operator is believed without a quorum: for local chains only. The receive library counts a
/// verification for `msg.sender`, so this contract, not its operator, is what a receive configuration names.
/// ROLES        operator: may verify any packet, also a wrong one. It holds no funds; fees stay in the send library.
contract LocalDVN is ILayerZeroDVN {
    /// @notice Thrown when someone other than the operator verifies.
    error CallerNotOperator(address caller);

    /// @notice Thrown when a job arrives with value: libraries keep the fees, a verifier is sent none.
    error JobWithValue(uint256 value);

    event JobAssigned(
        uint32 indexed dstEid, bytes32 indexed payloadHash, uint64 confirmations, address sender
    );

    address public immutable operator;
    /// @notice {wei} per packet.
    uint256 public immutable flatFee;

    constructor(address operator_, uint256 flatFee_) {
        operator = operator_;
        flatFee = flatFee_;
    }

    /// @inheritdoc ILayerZeroDVN
    function assignJob(AssignJobParam calldata job, bytes calldata) external payable returns (uint256 fee) {
        require(msg.value == 0, JobWithValue(msg.value));
        emit JobAssigned(job.dstEid, job.payloadHash, job.confirmations, job.sender);
        return flatFee;
    }

    /// @inheritdoc ILayerZeroDVN
    function getFee(uint32, uint64, address, bytes calldata) external view returns (uint256 fee) {
        return flatFee;
    }

    /// @notice Tells a receive library that this verifier saw a payload with so many confirmations.
    function verify(
        IVerificationReceiver receiveLibrary,
        bytes calldata packetHeader,
        bytes32 payloadHash,
        uint64 confirmations
    ) external {
        require(msg.sender == operator, CallerNotOperator(msg.sender));
        receiveLibrary.verify(packetHeader, payloadHash, confirmations);
    }
}
