// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../generated/Protocol.sol";
import {IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";

/// @title How a proof is tied to words that a contract knows
/// @notice The circuit commits to its words s with C = Sponge(s). The contract derives z from its own words and C, and
/// evaluates y = Σ s[i]·zⁱ; the proof shows that the circuit's words give the same y. C fixes the circuit's words before z
/// exists, so two different arrays agree at z with probability at most n / r: z must depend on C.
/// @dev LIVENESS a proof with a point off the curve costs its sender nearly all the gas sent, since the precompiles take it:
/// simulate before sending.
/// ASSUMPTIONS the caller knows or recomputes every word; words that arrive from outside are checked here: a lane word
/// below 2²⁵², a commitment word and C below r, so that no word has a second representation.
library Statement {
    /// @notice Thrown when a word of lanes has bits above its twelve lanes.
    error WordOutOfRange(uint256 position);
    /// @notice Thrown when a commitment is not below r. The statement's own commitment has the position after the words.
    error CommitmentOutOfRange(uint256 position);
    /// @notice Thrown when the verifier does not accept the proof for these words.
    error StatementNotProven();

    uint256 private constant R = Protocol.FIELD_MODULUS;

    /// @notice z = uint256(keccak256(abi.encode(kind, words, commitment))) mod r.
    /// @param kind the statement's domain number
    function challenge(uint256 kind, uint256[] memory words, uint256 commitment)
        internal
        pure
        returns (uint256 z)
    {
        uint256 r = R;
        assembly ("memory-safe") {
            // abi.encode(uint256, uint256[], uint256) beyond the free memory pointer, which stays where it is:
            // kind, offset of the array, commitment, length, words
            let buffer := mload(0x40)
            let count := mload(words)
            mstore(buffer, kind)
            mstore(add(buffer, 0x20), 0x60)
            mstore(add(buffer, 0x40), commitment)
            mcopy(add(buffer, 0x60), words, shl(5, add(count, 1)))
            z := mod(keccak256(buffer, shl(5, add(count, 4))), r)
        }
    }

    /// @notice y = Σ words[i]·zⁱ mod r, by Horner from the last word down: about 50 gas a word.
    function evaluate(uint256[] memory words, uint256 z) internal pure returns (uint256 y) {
        uint256 r = R;
        assembly ("memory-safe") {
            for { let at := add(words, shl(5, mload(words))) } gt(at, words) { at := sub(at, 0x20) } {
                y := addmod(mulmod(y, z, r), mload(at), r)
            }
        }
    }

    /// @notice Reverts when a word has a second representation. Lane words come first.
    function requireInRange(uint256[] memory words, uint256 laneWords, uint256 commitment) internal pure {
        bool fine;
        uint256 r = R;
        assembly ("memory-safe") {
            let at := add(words, 0x20)
            let middle := add(at, shl(5, laneWords))
            let end := add(at, shl(5, mload(words)))
            // any bit above the lanes of any word stays in `high`
            let high := 0
            for {} lt(at, middle) { at := add(at, 0x20) } { high := or(high, mload(at)) }
            fine := and(iszero(shr(252, high)), lt(commitment, r))
            for {} lt(at, end) { at := add(at, 0x20) } { fine := and(fine, lt(mload(at), r)) }
        }
        if (fine) return;
        // which one it was, slowly
        for (uint256 i; i < words.length; ++i) {
            if (i < laneWords) require(words[i] < Protocol.WORD_LIMIT, WordOutOfRange(i));
            else require(words[i] < R, CommitmentOutOfRange(i));
        }
        revert CommitmentOutOfRange(words.length);
    }

    /// @notice Reverts unless the proof holds for exactly these words.
    /// @param laneWords how many words, from the first, are packed lanes; at most words.length
    function verify(
        IGroth16Verifier verifier,
        uint256 kind,
        uint256[] memory words,
        uint256 laneWords,
        uint256 commitment,
        Proof calldata proof
    ) internal view {
        requireInRange(words, laneWords, commitment);
        uint256 z = challenge(kind, words, commitment);
        uint256[3] memory publicInputs = [commitment, z, evaluate(words, z)];
        require(verifier.verifyProof(proof.a, proof.b, proof.c, publicInputs), StatementNotProven());
    }
}
