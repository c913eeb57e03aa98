// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    ILayerZeroExecutor
} from "@layerzerolabs/lz-evm-messagelib-v2/contracts/interfaces/ILayerZeroExecutor.sol";
import {
    ILayerZeroEndpointV2,
    Origin
} from "@layerzerolabs/lz-evm-protocol-v2/contracts/interfaces/ILayerZeroEndpointV2.sol";

/// @title LocalExecutor
/// @notice Sits in the executor's seat of LayerZero V2 on local chains: quotes and takes jobs on the source chain,
/// delivers verified packets on the destination chain with exactly the gas the sender's options paid for.
///
/// ASSUMPTIONS  `execute` is permissionless, as the endpoint's `lzReceive` is: the endpoint only accepts verified
/// payloads. Like the public executors it refuses jobs without receive gas, so options that pass here pass there.
/// LIVENESS     A receiver that reverts makes `execute` revert with its reason; the packet stays executable.
contract LocalExecutor is ILayerZeroExecutor {
    /// @notice Thrown when the options of a job give the receiver no gas.
    error ReceiveGasMissing(bytes options);

    /// @notice Thrown when the options of a job are cut short, or ask for something this executor does not do.
    error OptionsNotUnderstood(bytes options);

    /// @notice Thrown when the gas left cannot cover what the options promise the receiver.
    error GasBelowOptions(uint256 gasLeft, uint256 gasPromised);

    event JobAssigned(uint32 indexed dstEid, address indexed sender, uint256 messageSize, bytes options);
    event PacketExecuted(bytes32 indexed guid, address indexed receiver, uint256 gasUsed);

    uint8 private constant EXECUTOR_WORKER = 1;
    uint8 private constant OPTION_RECEIVE = 1;
    /// @dev worker id, size, type
    uint256 private constant OPTION_HEAD = 4;

    /// @notice {wei} per packet.
    uint256 public immutable flatFee;
    /// @notice {wei/gas} charged for the gas in the options.
    uint256 public immutable gasPrice;

    constructor(uint256 flatFee_, uint256 gasPrice_) {
        flatFee = flatFee_;
        gasPrice = gasPrice_;
    }

    /// @inheritdoc ILayerZeroExecutor
    function assignJob(uint32 dstEid, address sender, uint256 messageSize, bytes calldata options)
        external
        returns (uint256 price)
    {
        emit JobAssigned(dstEid, sender, messageSize, options);
        return _price(options);
    }

    /// @inheritdoc ILayerZeroExecutor
    function getFee(uint32, address, uint256, bytes calldata options) external view returns (uint256 price) {
        return _price(options);
    }

    /// @notice Delivers one verified packet.
    /// @param gasLimit {gas} what the sender's options promised the receiver
    function execute(
        ILayerZeroEndpointV2 endpoint,
        Origin calldata origin,
        address receiver,
        bytes32 guid,
        bytes calldata message,
        uint256 gasLimit
    ) external payable {
        // The EVM forwards at most 63/64 of what is left: without this a low outer limit would starve the receiver.
        require(gasleft() * 63 / 64 > gasLimit, GasBelowOptions(gasleft(), gasLimit));
        uint256 gasBefore = gasleft();
        endpoint.lzReceive{value: msg.value, gas: gasLimit}(origin, receiver, guid, message, "");
        emit PacketExecuted(guid, receiver, gasBefore - gasleft());
    }

    /// @dev {wei} = {wei} + {gas} * {wei/gas} + {wei}. Options of one worker: {id u8, size u16, type u8, data}*, where size counts
    /// type and data, and a receive option is gas u128 [value u128]. Several receive options add up.
    function _price(bytes calldata options) private view returns (uint256 price) {
        uint256 gasPromised;
        uint256 value;
        uint256 cursor;
        while (cursor < options.length) {
            require(options.length >= cursor + OPTION_HEAD, OptionsNotUnderstood(options));
            uint256 size = uint16(bytes2(options[cursor + 1:cursor + 3]));
            bool understood = uint8(options[cursor]) == EXECUTOR_WORKER
                && uint8(options[cursor + 3]) == OPTION_RECEIVE && (size == 17 || size == 33)
                && options.length >= cursor + 3 + size;
            require(understood, OptionsNotUnderstood(options));
            uint256 data = cursor + OPTION_HEAD;
            gasPromised += uint128(bytes16(options[data:data + 16]));
            if (size == 33) value += uint128(bytes16(options[data + 16:data + 32]));
            cursor += 3 + size;
        }
        require(gasPromised > 0, ReceiveGasMissing(options));
        return flatFee + gasPromised * gasPrice + value;
    }
}
