// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ICollateralPath} from "./ICollateralPath.sol";

/// @title Where collateral comes in and goes out on one chain
interface ICollateralGate is ICollateralPath {
    /// @param amount {ppm of a token}
    event Deposited(
        bytes32 indexed account, uint256 indexed lane, uint256 amount, address indexed depositor, uint64 id
    );
    event Paid(address indexed receiver, uint256 indexed lane, uint256 amount, uint64 id);
    /// @notice The token refused a payment, which waits for its receiver to claim.
    event PaymentKept(address indexed receiver, uint256 indexed lane, uint256 amount, uint64 id);
    event Claimed(address indexed receiver, uint256 indexed lane, uint256 amount, address to);

    /// @notice Thrown when a token has fewer than 6 decimals, or more than 30.
    error DecimalsOutOfBounds(address token, uint256 decimals);
    error NotTheHubsChain(uint32 eid);
    /// @notice Thrown when no token of the lane is taken on this chain.
    error LaneWithoutToken(uint256 lane);
    /// @notice Thrown when the account has no owner.
    error AccountInvalid(bytes32 account);
    error NothingClaimable(address receiver, uint256 lane);

    /// @notice Brings tokens to an account. What is less than 1 ppm of a token is not taken. Value is what the message to the
    /// hub costs, see `quote`; what is left of it comes back.
    /// @param account owner in the high 160 bits, number in the low 96. Its owner's own deposit counts as it arrives;
    /// anybody else's waits until the owner accepts it
    /// @param amount {token units}
    /// @return id number of the transfer
    function deposit(bytes32 account, uint256 lane, uint256 amount, bytes calldata options)
        external
        payable
        returns (uint64 id);

    /// @notice Pays what a token refused before. Only the receiver, to any address.
    function claim(uint256 lane, address to) external returns (uint256 amount);

    /// @return {ppm of a token} that have come in and have neither been paid nor are claimable
    function escrow(uint256 lane) external view returns (uint256);

    /// @return {ppm of a token}
    function claimable(address receiver, uint256 lane) external view returns (uint256);

    /// @return token of the lane; 0 where there is none
    /// @return unit {token units per ppm of a token}
    function tokenOf(uint256 lane) external view returns (address token, uint256 unit);

    /// @return endpoint of the hub's chain
    function hubEid() external view returns (uint32);
}
