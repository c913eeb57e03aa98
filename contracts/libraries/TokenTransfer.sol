// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Tokens in, exactly; tokens out, or not, but never stuck
/// @dev | token that                 | in                                | out                          |
///      |----------------------------|-----------------------------------|------------------------------|
///      | takes a fee on transfer    | refused: TransferNotExact         | cannot have come in          |
///      | returns nothing            | accepted                          | accepted                     |
///      | returns false, or reverts  | reverts                           | `tryPush` says so            |
///      | burns gas or floods memory | harms only who brings it          | `tryPush` bounds both        |
///      | rebases                    | not supported: the vault accounts for what moved, not for what balanceOf says |
library TokenTransfer {
    using SafeERC20 for IERC20;

    /// @notice Thrown when a token arrived in another amount than was sent.
    error TransferNotExact(address token, uint256 expected, uint256 received);

    /// {gas} a leg of a redemption may use. Tokens in use take 30,000 to 100,000.
    uint256 internal constant LEG_GAS = 300_000;

    /// @notice Takes exactly `amount` from `from`, or reverts.
    function pull(address token, address from, uint256 amount) internal {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(from, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        require(received == amount, TransferNotExact(token, amount, received));
    }

    /// @notice Pays `amount`, or reverts.
    function push(address token, address to, uint256 amount) internal {
        IERC20(token).safeTransfer(to, amount);
    }

    /// @notice Pays `amount` within LEG_GAS, or says that it did not.
    /// @return moved whether the token says that it moved: the call succeeded and returned nothing or true
    function tryPush(address token, address to, uint256 amount) internal returns (bool moved) {
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
        uint256 gasLimit = LEG_GAS;
        assembly ("memory-safe") {
            // at most one word of what comes back is copied, into the scratch space
            mstore(0x00, 0)
            let ok := call(gasLimit, token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            let said := or(and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1)), iszero(returndatasize()))
            moved := and(and(ok, said), gt(extcodesize(token), 0))
        }
    }
}
