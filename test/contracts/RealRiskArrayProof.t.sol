// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {RiskArrayVerifier} from "../../contracts/generated/RiskArrayVerifier.sol";
import {RealVerifierTest} from "./ProvenVector.sol";

/// @notice The full array of test/vectors/risk-array-proof.json, sixteen series, before the real verifier.
contract RealRiskArrayProofTest is RealVerifierTest {
    function setUp() public {
        _read(
            "test/vectors/risk-array-proof.json",
            Protocol.DOMAIN_RISK_ARRAY_STATEMENT,
            new RiskArrayVerifier()
        );
        assertEq(proven.words.length, Protocol.RISK_ARRAY_LENGTH);
        assertEq(proven.words[Protocol.RISK_ARRAY_STATE_SET_OFFSET], Clearing.STATE_SET);
    }

    /// One value of one series, one part in 10¹² of the spot.
    function testFuzz_verify_refusesValuesMovedByOne(uint256 word, uint256 pair) public view {
        word = bound(word, 0, Protocol.RISK_ARRAY_SERIES_VALUES_LENGTH - 1);
        _assertRefusesMoved(Protocol.RISK_ARRAY_SERIES_VALUES_OFFSET + word, 42 * bound(pair, 0, 5));
    }
}
