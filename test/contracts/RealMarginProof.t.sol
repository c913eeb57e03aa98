// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {MarginVerifier} from "../../contracts/generated/MarginVerifier.sol";
import {Proof} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";

/// @notice The account of test/vectors/margin-proof.json, sixteen positions over four arrays, before the real verifier.
contract RealMarginProofTest is Test {
    MarginVerifier private verifier;
    uint256[] private words;
    uint256[3] private publicInputs;
    Proof private proof;

    function setUp() public {
        string memory json = vm.readFile("test/vectors/margin-proof.json");
        verifier = new MarginVerifier();
        words = _uints(json, ".words");
        publicInputs = [_uint(json, ".commitment"), _uint(json, ".challenge"), _uint(json, ".evaluation")];
        uint256[] memory p = _uints(json, ".proof");
        proof = Proof([p[0], p[1]], [[p[2], p[3]], [p[4], p[5]]], [p[6], p[7]]);
    }

    function _uints(string memory json, string memory key) private pure returns (uint256[] memory values) {
        string[] memory texts = vm.parseJsonStringArray(json, key);
        values = new uint256[](texts.length);
        for (uint256 i; i < texts.length; ++i) {
            values[i] = vm.parseUint(texts[i]);
        }
    }

    function _uint(string memory json, string memory key) private pure returns (uint256) {
        return vm.parseUint(vm.parseJsonString(json, key));
    }

    function _verify(uint256[3] memory inputs) private view returns (bool) {
        return verifier.verifyProof(proof.a, proof.b, proof.c, inputs);
    }

    function test_statement_equalsTypeScript() public view {
        assertEq(words.length, Protocol.MARGIN_LENGTH);
        uint256 z = Statement.challenge(Protocol.DOMAIN_MARGIN_STATEMENT, words, publicInputs[0]);
        assertEq(z, publicInputs[1]);
        assertEq(Statement.evaluate(words, z), publicInputs[2]);
    }

    function test_verify_acceptsTheProof() public view {
        uint256 before = gasleft();
        assertTrue(_verify(publicInputs));
        assertLt(before - gasleft(), 300_000);
    }

    function test_verify_refusesPublicInputsPlusR() public view {
        for (uint256 i; i < 3; ++i) {
            uint256[3] memory inputs = publicInputs;
            inputs[i] += Protocol.FIELD_MODULUS;
            assertFalse(_verify(inputs));
        }
    }

    function testFuzz_verify_refusesOtherPublicInputs(uint256 place, uint256 other) public view {
        place = bound(place, 0, 2);
        other = bound(other, 0, Protocol.FIELD_MODULUS - 1);
        vm.assume(other != publicInputs[place]);
        uint256[3] memory inputs = publicInputs;
        inputs[place] = other;
        assertFalse(_verify(inputs));
    }

    /// Any bit of any word: the contract's evaluation is then another.
    function testFuzz_verify_refusesTamperedWords(uint256 place, uint256 bit) public view {
        place = bound(place, 0, words.length - 1);
        bit = bound(bit, 0, 251);
        uint256[] memory moved = words;
        moved[place] ^= 1 << bit;
        uint256 z = Statement.challenge(Protocol.DOMAIN_MARGIN_STATEMENT, moved, publicInputs[0]);
        assertFalse(_verify([publicInputs[0], z, Statement.evaluate(moved, z)]));
    }

    function test_result_saysWhatTheModelSays() public view {
        uint256 said = words[Protocol.MARGIN_RESULT_OFFSET];
        string memory json = vm.readFile("test/vectors/margin.json");
        // the second account of the first market is this one
        assertEq(said, vm.parseUint(vm.parseJsonString(json, ".accounts[1].result")));
        assertEq((said >> (21 * Clearing.MARGIN_RESULT_LEVEL)) & 0x1fffff, Clearing.LEVEL_INITIAL);
        assertEq((said >> (21 * Clearing.MARGIN_RESULT_HEALTHY)) & 0x1fffff, 1);
    }
}
