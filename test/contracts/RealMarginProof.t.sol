// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {MarginVerifier} from "../../contracts/generated/MarginVerifier.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {RealVerifierTest} from "./ProvenVector.sol";

/// @notice The account of test/vectors/margin-proof.json, sixteen positions over four arrays, before the real verifier.
contract RealMarginProofTest is RealVerifierTest {
    function setUp() public {
        _read("test/vectors/margin-proof.json", Protocol.DOMAIN_MARGIN_STATEMENT, new MarginVerifier());
        assertEq(proven.words.length, Protocol.MARGIN_LENGTH);
    }

    function testFuzz_verify_refusesTamperedWords(uint256 place, uint256 bit) public view {
        _assertRefusesMoved(bound(place, 0, proven.words.length - 1), bound(bit, 0, 251));
    }

    function test_result_saysWhatTheModelSays() public view {
        uint256 said = proven.words[Protocol.MARGIN_RESULT_OFFSET];
        // the second account of the first market is this one
        assertEq(said, _uint(vm.readFile("test/vectors/margin.json"), ".accounts[1].result"));
        assertEq((said >> (21 * Clearing.MARGIN_RESULT_LEVEL)) & 0x1fffff, Clearing.LEVEL_INITIAL);
        assertEq((said >> (21 * Clearing.MARGIN_RESULT_HEALTHY)) & 0x1fffff, 1);
    }
}
