// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CREATE3} from "solady/utils/CREATE3.sol";

/// @title Contracts whose address depends on who deploys them and on a salt, and on nothing else
/// @notice The same deployer gets the same addresses on every chain, whatever the constructors are given. What each contract was
/// made from is kept here, so that a deployment that was cut off is continued from what the chain says.
///
/// ASSUMPTIONS  The factory itself is made by the public CREATE2 deployer with salt 0, so that it is where its code says.
/// ROLES        None. Salts are bound to the caller: nobody takes a place that another deployer counts on.
/// LIMIT        A constructor that reads `msg.sender` sees a proxy of one use; contracts that own themselves by that cannot be
///              made here.
contract Create3Factory {
    event ContractDeployed(
        address indexed deployed, address indexed deployer, bytes32 indexed salt, bytes32 initCodeHash
    );

    /// @notice Keccak-256 of code and constructor arguments of a contract made here; 0 for every other address.
    mapping(address deployed => bytes32) public initCodeHash;

    /// @notice Makes a contract. Reverts when its constructor does, and when the caller has used the salt.
    /// @param initCode code, then encoded constructor arguments
    function deploy(bytes32 salt, bytes calldata initCode) external returns (address deployed) {
        deployed = CREATE3.deployDeterministic(initCode, boundSalt(msg.sender, salt));
        initCodeHash[deployed] = keccak256(initCode);
        emit ContractDeployed(deployed, msg.sender, salt, keccak256(initCode));
    }

    /// @notice Where a deployer's contract of this salt is, or will be.
    function addressOf(address deployer, bytes32 salt) external view returns (address) {
        return CREATE3.predictDeterministicAddress(boundSalt(deployer, salt));
    }

    function boundSalt(address deployer, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(deployer, salt));
    }
}
