// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {SolvencyVerifier} from "../../contracts/generated/SolvencyVerifier.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {RealVerifierTest} from "./ProvenVector.sol";

/// @notice The accounts of test/vectors/solvency-proof.json, three and a place that is not used, before the real verifier.
contract RealSolvencyProofTest is RealVerifierTest {
    using Numbers for uint256;

    uint256 private constant PLACES = Protocol.SOLVENCY_RESULTS_LENGTH;

    function setUp() public {
        _read("test/vectors/solvency-proof.json", Protocol.DOMAIN_SOLVENCY_STATEMENT, new SolvencyVerifier());
        assertEq(proven.words.length, Protocol.SOLVENCY_LENGTH);
    }

    function testFuzz_verify_refusesTamperedWords(uint256 place, uint256 bit) public view {
        _assertRefusesMoved(bound(place, 0, proven.words.length - 1), bound(bit, 0, 251));
    }

    /// The first account is that of the other vector, over the same market; whoever stands beside it changes nothing of it.
    function test_firstAccount_isThatOfTheMarginProof() public view {
        uint256[] memory margin = _uints(vm.readFile("test/vectors/margin-proof.json"), ".words");
        uint256 length = Protocol.MARGIN_COLLATERAL_PRICES_OFFSET;
        uint256 market = Protocol.MARGIN_RESULT_OFFSET - length;
        for (uint256 i; i < length; ++i) {
            assertEq(proven.words[i], margin[i]);
        }
        for (uint256 i; i < market; ++i) {
            assertEq(proven.words[Protocol.SOLVENCY_COLLATERAL_PRICES_OFFSET + i], margin[length + i]);
        }
        assertEq(proven.words[Protocol.SOLVENCY_RESULTS_OFFSET], margin[Protocol.MARGIN_RESULT_OFFSET]);
        for (uint256 i; i < 4; ++i) {
            assertEq(
                proven.words[Protocol.SOLVENCY_ARRAY_COMMITMENTS_OFFSET + i],
                margin[Protocol.MARGIN_ARRAY_COMMITMENTS_OFFSET + i]
            );
        }
    }

    function test_totals_areSumsOfResults() public view {
        uint256 lanes = Clearing.TRIPLE_LANES;
        int256 equity;
        uint256[2] memory requirements;
        uint256 shortfall;
        for (uint256 i; i < PLACES; ++i) {
            uint256 said = proven.words[Protocol.SOLVENCY_RESULTS_OFFSET + i];
            int256 its = int256(said.read(Clearing.MARGIN_RESULT_EQUITY, lanes)) - (1 << 62);
            equity += its;
            if (its < 0) shortfall += uint256(-its);
            requirements[0] += said.read(Clearing.MARGIN_RESULT_MAINTENANCE_MARGIN, lanes);
            requirements[1] += said.read(Clearing.MARGIN_RESULT_INITIAL_MARGIN, lanes);
        }
        uint256 totals = proven.words[Protocol.SOLVENCY_TOTALS_OFFSET];
        assertEq(int256(totals.read(Clearing.SOLVENCY_TOTALS_EQUITY, lanes)) - (1 << 62), equity);
        assertEq(totals.read(Clearing.SOLVENCY_TOTALS_MAINTENANCE_MARGIN, lanes), requirements[0]);
        assertEq(totals.read(Clearing.SOLVENCY_TOTALS_INITIAL_MARGIN, lanes), requirements[1]);
        assertEq(totals.read(Clearing.SOLVENCY_TOTALS_SHORTFALL, lanes), shortfall);
        assertGt(shortfall, 0, "one of the vector's accounts owes more than it has");
    }
}
