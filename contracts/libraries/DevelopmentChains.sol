// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Chains where nothing of value lives
/// @notice Development keys and local tokens are welcome on these and refused on every other.
library DevelopmentChains {
    /// @notice anvil's and ganache's default ids, and the ids that the local demo gives its chains.
    function isLocal(uint256 chainId) internal pure returns (bool) {
        return chainId == 31_337 || chainId == 1_337 || (chainId >= 31_338 && chainId <= 31_399);
    }

    /// @notice Sepolia, Base Sepolia, Arbitrum Sepolia, OP Sepolia.
    function isListedTestnet(uint256 chainId) internal pure returns (bool) {
        return chainId == 11_155_111 || chainId == 84_532 || chainId == 421_614 || chainId == 11_155_420;
    }

    function isListed(uint256 chainId) internal pure returns (bool) {
        return isLocal(chainId) || isListedTestnet(chainId);
    }
}
