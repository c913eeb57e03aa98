// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../generated/Protocol.sol";
import {Transfer} from "../interfaces/ICollateralPath.sol";
import {AccountWords} from "./AccountWords.sol";

/// @title Transfers of collateral as bytes between chains
/// @notice One fixed layout, 83 bytes, big endian: version u8, kind u8, id u64, lane u8, amount u64, target, sender (32 bytes
/// each).
/// @dev Decoding is total: whatever the bytes, it answers and never reverts, so that no message can block a path.
library TransferMessage {
    uint8 internal constant VERSION = 1;
    /// A transfer, to be done once.
    uint8 internal constant KIND_TRANSFER = 1;
    /// A transfer that the sender of the message has never sent.
    uint8 internal constant KIND_DENIAL = 2;

    uint256 internal constant LENGTH = 83;

    function encode(uint8 kind, Transfer memory transfer) internal pure returns (bytes memory) {
        return abi.encodePacked(
            VERSION,
            kind,
            transfer.id,
            uint8(transfer.lane),
            uint64(transfer.amount),
            transfer.target,
            transfer.sender
        );
    }

    /// @return kind 0 where the message is not understood: the length, version or kind is another, the number or amount is 0
    /// or the lane or amount above its range. The transfer is then empty
    function decode(bytes calldata message) internal pure returns (uint8 kind, Transfer memory transfer) {
        if (message.length != LENGTH || uint8(message[0]) != VERSION) return (0, transfer);
        uint8 said = uint8(message[1]);
        Transfer memory read = Transfer({
            id: uint64(bytes8(message[2:10])),
            lane: uint8(message[10]),
            amount: uint64(bytes8(message[11:19])),
            target: bytes32(message[19:51]),
            sender: bytes32(message[51:83])
        });
        bool understood = (said == KIND_TRANSFER || said == KIND_DENIAL) && read.id != 0
            && read.lane <= Protocol.LANE_COUNT && isAmount(read.amount);
        if (understood) (kind, transfer) = (said, read);
    }

    function hash(Transfer memory transfer) internal pure returns (bytes32) {
        return keccak256(encode(KIND_TRANSFER, transfer));
    }

    function isAmount(uint256 amount) internal pure returns (bool) {
        return amount != 0 && amount <= AccountWords.LARGEST;
    }
}
