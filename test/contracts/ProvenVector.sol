// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IGroth16Verifier, Proof} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";

/// @notice Whole numbers as the vectors write them: decimal strings, which no reader rounds.
abstract contract VectorNumbers is Test {
    function _uints(string memory json, string memory key) internal pure returns (uint256[] memory values) {
        string[] memory texts = vm.parseJsonStringArray(json, key);
        values = new uint256[](texts.length);
        for (uint256 i; i < texts.length; ++i) {
            values[i] = vm.parseUint(texts[i]);
        }
    }

    function _uint(string memory json, string memory key) internal pure returns (uint256) {
        return vm.parseUint(vm.parseJsonString(json, key));
    }
}

/// @notice A statement of test/vectors with its proof.
abstract contract ProvenVector is VectorNumbers {
    struct Proven {
        uint256[] words;
        uint256 commitment;
        uint256 challenge;
        uint256 evaluation;
        Proof proof;
    }

    /// @param key of the statement in the file, empty where it is the whole of it
    function _read(string memory json, string memory key) internal pure returns (Proven memory proven) {
        proven.words = _uints(json, string.concat(key, ".words"));
        proven.commitment = _uint(json, string.concat(key, ".commitment"));
        proven.challenge = _uint(json, string.concat(key, ".challenge"));
        proven.evaluation = _uint(json, string.concat(key, ".evaluation"));
        uint256[] memory p = _uints(json, string.concat(key, ".proof"));
        proven.proof = Proof([p[0], p[1]], [[p[2], p[3]], [p[4], p[5]]], [p[6], p[7]]);
    }

    function _inputs(Proven memory proven) internal pure returns (uint256[3] memory) {
        return [proven.commitment, proven.challenge, proven.evaluation];
    }

    function _verify(IGroth16Verifier circuit, Proof memory proof, uint256[3] memory inputs)
        internal
        view
        returns (bool)
    {
        return circuit.verifyProof(proof.a, proof.b, proof.c, inputs);
    }

    function _assertStatement(uint256 kind, Proven memory proven) internal pure {
        uint256 z = Statement.challenge(kind, proven.words, proven.commitment);
        assertEq(z, proven.challenge);
        assertEq(Statement.evaluate(proven.words, z), proven.evaluation);
    }

    /// Each public input is one below r; the same number plus r is another word of calldata for the same field element.
    function _assertRefusesPlusR(IGroth16Verifier circuit, Proven memory proven) internal view {
        assertTrue(_verify(circuit, proven.proof, _inputs(proven)));
        for (uint256 i; i < 3; ++i) {
            uint256[3] memory inputs = _inputs(proven);
            inputs[i] += Protocol.FIELD_MODULUS;
            assertFalse(_verify(circuit, proven.proof, inputs));
        }
    }
}

/// @notice One proven statement, the only one of its file, before its real verifier.
abstract contract RealVerifierTest is ProvenVector {
    IGroth16Verifier internal verifier;
    uint256 internal domain;
    Proven internal proven;

    function _read(string memory file, uint256 domain_, IGroth16Verifier verifier_) internal {
        (proven, domain, verifier) = (_read(vm.readFile(file), ""), domain_, verifier_);
    }

    function test_statement_equalsTypeScript() public view {
        _assertStatement(domain, proven);
    }

    function test_verify_acceptsTheProof() public view {
        uint256[3] memory inputs = _inputs(proven);
        Proof memory proof = proven.proof;
        uint256 before = gasleft();
        assertTrue(_verify(verifier, proof, inputs));
        assertLt(before - gasleft(), 300_000);
    }

    function test_verify_refusesPublicInputsPlusR() public view {
        _assertRefusesPlusR(verifier, proven);
    }

    function testFuzz_verify_refusesOtherPublicInputs(uint256 place, uint256 other) public view {
        place = bound(place, 0, 2);
        other = bound(other, 0, Protocol.FIELD_MODULUS - 1);
        uint256[3] memory inputs = _inputs(proven);
        vm.assume(other != inputs[place]);
        inputs[place] = other;
        assertFalse(_verify(verifier, proven.proof, inputs));
    }

    /// One bit of the words moved: the contract's evaluation is then another.
    function _assertRefusesMoved(uint256 place, uint256 bit) internal view {
        uint256[] memory moved = proven.words;
        moved[place] ^= 1 << bit;
        uint256 z = Statement.challenge(domain, moved, proven.commitment);
        assertFalse(_verify(verifier, proven.proof, [proven.commitment, z, Statement.evaluate(moved, z)]));
    }
}
