// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title head[k + 1] = keccak256(abi.encodePacked(head[k], word))
library HeadChain {
    /// @notice The head after one more word.
    function append(bytes32 head, uint256 word) internal pure returns (bytes32 next) {
        assembly ("memory-safe") {
            // both halves of the scratch space
            mstore(0x00, head)
            mstore(0x20, word)
            next := keccak256(0x00, 0x40)
        }
    }

    /// @notice The head after the first `count` words.
    /// @dev The caller checks that there are as many. About 80 gas a word.
    function replay(bytes32 head, uint256[] calldata words, uint256 count)
        internal
        pure
        returns (bytes32 last)
    {
        assembly ("memory-safe") {
            mstore(0x00, head)
            let end := add(words.offset, shl(5, count))
            for { let at := words.offset } lt(at, end) { at := add(at, 0x20) } {
                mstore(0x20, calldataload(at))
                mstore(0x00, keccak256(0x00, 0x40))
            }
            last := mload(0x00)
        }
    }
}
