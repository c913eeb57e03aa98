// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {DevelopmentChains} from "../libraries/DevelopmentChains.sol";

/// @title Which verification keys a chain may rely on
/// @notice Whoever knows the trapdoor of a key can prove anything. A development key's trapdoor is public, so constructors
/// that keep a verifier call this: such a key cannot guard value by mistake.
library KeyPolicy {
    /// @notice Thrown when a verifier with a development key is to be relied on where something of value may live.
    error DevelopmentKeyRefused(uint256 chainId);
    /// @notice Thrown when the verifier is an address without code.
    error VerifierWithoutCode(address verifier);

    function requireAllowed(IGroth16Verifier verifier) internal view {
        require(address(verifier).code.length != 0, VerifierWithoutCode(address(verifier)));
        require(
            !verifier.developmentKey() || DevelopmentChains.isListed(block.chainid),
            DevelopmentKeyRefused(block.chainid)
        );
    }
}
