// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A Groth16 proof in the order the precompiles read it (the coordinates of b are swapped, as snarkjs exports).
struct Proof {
    uint256[2] a;
    uint256[2][2] b;
    uint256[2] c;
}

/// @title Verifier of one circuit, whatever the circuit: three public inputs
interface IGroth16Verifier {
    /// @param publicInputs commitment C, challenge z, evaluation y
    /// @return whether the proof holds. False is an answer, not an error: callers must look at it
    function verifyProof(
        uint256[2] calldata a,
        uint256[2][2] calldata b,
        uint256[2] calldata c,
        uint256[3] calldata publicInputs
    ) external view returns (bool);

    /// @return whether somebody may know the key's trapdoor: keys made on one machine, for local chains and testnets
    function developmentKey() external view returns (bool);

    /// @return hash of the verification key
    function keyHash() external view returns (bytes32);
}
