// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {Proof} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {HeadChain} from "../../contracts/libraries/HeadChain.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {AcceptAnyVerifier} from "./AcceptAnyVerifier.sol";

contract StatementCaller {
    AcceptAnyVerifier public immutable verifier = new AcceptAnyVerifier();

    function verify(uint256 kind, uint256[] calldata words, uint256 laneWords, uint256 commitment)
        external
        view
    {
        Proof calldata proof;
        assembly {
            proof := 0x04 // any calldata is a proof to a verifier that does not look
        }
        Statement.verify(verifier, kind, words, laneWords, commitment, proof);
    }

    function replay(bytes32 head, uint256[] calldata words, uint256 count) external pure returns (bytes32) {
        return HeadChain.replay(head, words, count);
    }
}

contract StatementTest is Test {
    uint256 private constant R = Protocol.FIELD_MODULUS;
    StatementCaller private lib = new StatementCaller();

    // --- what the assembly must equal, written plainly

    function plainChallenge(uint256 kind, uint256[] memory words, uint256 commitment)
        private
        pure
        returns (uint256)
    {
        return uint256(keccak256(abi.encode(kind, words, commitment))) % R;
    }

    function plainEvaluation(uint256[] memory words, uint256 z) private pure returns (uint256 y) {
        uint256 power = 1;
        for (uint256 i; i < words.length; ++i) {
            y = addmod(y, mulmod(words[i], power, R), R);
            power = mulmod(power, z, R);
        }
    }

    function lanesOnly(uint256[] memory words) private pure {
        for (uint256 i; i < words.length; ++i) {
            words[i] %= Protocol.WORD_LIMIT;
        }
    }

    // --- tests

    function testFuzz_challenge_equalsPlain(uint256 kind, uint256[] memory words, uint256 commitment)
        public
        pure
    {
        uint256 before = freeMemory();
        assertEq(Statement.challenge(kind, words, commitment), plainChallenge(kind, words, commitment));
        assertGe(freeMemory(), before, "memory only grows");
    }

    function testFuzz_evaluate_equalsPlain(uint256[] memory words, uint256 z) public pure {
        z %= R;
        assertEq(Statement.evaluate(words, z), plainEvaluation(words, z));
    }

    function test_evaluate_ofNoWordsIsZero() public pure {
        assertEq(Statement.evaluate(new uint256[](0), 7), 0);
    }

    function testFuzz_tamperedWordChangesBoth(
        uint256[] memory words,
        uint256 position,
        uint256 other,
        uint256 commitment
    ) public pure {
        vm.assume(words.length != 0);
        lanesOnly(words);
        position %= words.length;
        other %= Protocol.WORD_LIMIT;
        vm.assume(other != words[position]);
        uint256 z = Statement.challenge(1, words, commitment);
        uint256 y = Statement.evaluate(words, z);
        words[position] = other;
        assertNotEq(Statement.challenge(1, words, commitment), z, "the challenge depends on every word");
        if (position == 0 || z != 0) {
            assertNotEq(
                Statement.evaluate(words, z),
                y,
                "at the old challenge one changed word changes the evaluation"
            );
        }
    }

    function testFuzz_challenge_dependsOnKindLengthAndCommitment(uint256[] memory words, uint256 commitment)
        public
        pure
    {
        uint256 z = Statement.challenge(1, words, commitment);
        assertNotEq(Statement.challenge(2, words, commitment), z);
        assertNotEq(Statement.challenge(1, words, commitment ^ 1), z);
        uint256[] memory longer = new uint256[](words.length + 1);
        for (uint256 i; i < words.length; ++i) {
            longer[i] = words[i];
        }
        assertNotEq(Statement.challenge(1, longer, commitment), z, "a zero word more is another statement");
    }

    function testFuzz_verify_callsWithThreeInputs(uint256[] memory words, uint256 commitment) public {
        lanesOnly(words);
        commitment = bound(commitment, 1, R - 1);
        uint256 z = plainChallenge(5, words, commitment);
        lib.verifier().expect([commitment, z, plainEvaluation(words, z)]);
        lib.verify(5, words, words.length, commitment);

        lib.verifier().expect([commitment, z, addmod(plainEvaluation(words, z), 1, R)]);
        vm.expectRevert(Statement.StatementNotProven.selector);
        lib.verify(5, words, words.length, commitment);
    }

    function test_verify_revertsWhenVerifierSaysFalse() public {
        lib.verifier().refuseAll();
        vm.expectRevert(Statement.StatementNotProven.selector);
        lib.verify(1, new uint256[](3), 3, 1);
    }

    function testFuzz_verify_revertsWhenLaneWordOutOfRange(
        uint256[] memory words,
        uint256 position,
        uint256 word
    ) public {
        vm.assume(words.length != 0);
        lanesOnly(words);
        position %= words.length;
        words[position] = bound(word, Protocol.WORD_LIMIT, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(Statement.WordOutOfRange.selector, position));
        lib.verify(1, words, words.length, 1);
    }

    function testFuzz_verify_revertsWhenCommitmentWordOutOfRange(
        uint256[] memory words,
        uint256 laneWords,
        uint256 position,
        uint256 word
    ) public {
        vm.assume(words.length != 0);
        lanesOnly(words);
        laneWords = bound(laneWords, 0, words.length - 1);
        position = bound(position, laneWords, words.length - 1);
        words[position] = bound(word, R, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(Statement.CommitmentOutOfRange.selector, position));
        lib.verify(1, words, laneWords, 1);
    }

    function testFuzz_verify_acceptsCommitmentWordBelowR(uint256 word) public view {
        uint256[] memory words = new uint256[](2);
        words[1] = bound(word, 0, R - 1);
        lib.verify(1, words, 1, 1);
    }

    function testFuzz_verify_revertsWhenCommitmentOutOfRange(uint256 commitment) public {
        commitment = bound(commitment, R, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(Statement.CommitmentOutOfRange.selector, 4));
        lib.verify(1, new uint256[](4), 2, commitment);
    }

    function testFuzz_replay_equalsPlain(bytes32 head, uint256[] memory words, uint256 count) public view {
        count = bound(count, 0, words.length);
        bytes32 expected = head;
        for (uint256 i; i < count; ++i) {
            expected = keccak256(abi.encodePacked(expected, words[i]));
        }
        assertEq(lib.replay(head, words, count), expected);
    }

    function freeMemory() private pure returns (uint256 pointer) {
        assembly {
            pointer := mload(0x40)
        }
    }
}
