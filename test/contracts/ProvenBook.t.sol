// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {IClearingHouse, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {ProvenBookFixture} from "./ProvenBookFixture.sol";

/// @notice Real margin proofs before the house itself.
contract ProvenBookTest is ProvenBookFixture {
    function setUp() public {
        _holdBooks();
    }

    /// What `npm run vectors:book` reads.
    function test_book_isWritten() public {
        _writeBook("build/proven-book.json");
    }

    function test_proveHealth_takesTheRealProofs() public {
        _acceptBook();
        for (uint256 book; book < 3; ++book) {
            assertFalse(house.isHealthy(_book(book), Clearing.LEVEL_INITIAL));
            house.proveHealth(_book(book), _proofOf(book));
            assertTrue(house.isHealthy(_book(book), Clearing.LEVEL_INITIAL));
        }
    }

    /// The proven equity and requirements are those that the chain computes from the same words.
    function test_proof_saysWhatSolidityComputes() public {
        _acceptBook();
        for (uint256 book; book < 3; ++book) {
            house.proveHealth(_book(book), _proofOf(book));
            for (uint256 level; level < 2; ++level) {
                (int256 equity, uint256 requirement) = engine.fullMargin(_book(book), level, epoch, factWords);
                assertEq(house.health(_book(book)).equity, equity);
                uint256 proven = level == 0
                    ? house.health(_book(book)).maintenanceMargin
                    : house.health(_book(book)).initialMargin;
                assertEq(proven, requirement);
            }
        }
    }

    function test_proveHealth_refusesTheProofOfAnotherAccount() public {
        _acceptBook();
        MarginProof memory other = _proofOf(1);
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveHealth(_book(0), other);
    }

    function test_proveHealth_refusesAfterADeposit() public {
        _acceptBook();
        _fund(_book(2), 1);
        MarginProof memory late = _proofOf(2);
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveHealth(_book(2), late);
    }
}
