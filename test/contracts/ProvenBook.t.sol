// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {
    Health,
    IClearingHouse,
    MarginProof,
    Solvency,
    SolvencyProof
} from "../../contracts/interfaces/IClearingHouse.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {ProvenBookFixture} from "./ProvenBookFixture.sol";

/// @notice Real margin proofs before the house itself.
contract ProvenBookTest is ProvenBookFixture {
    using Numbers for uint256;

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

    /// All open accounts in one proof and one transaction: the totals of its event are those of the house.
    function test_proveSolvency_takesTheRealProofOfAllOpenAccounts() public {
        _acceptBook();
        bytes32[] memory accounts = _openAccounts();
        SolvencyProof memory proof = _proofOfAll();
        vm.expectEmit(address(house));
        emit IClearingHouse.SolvencyProven(epoch, accounts, proof.results, proof.totals, 0);
        house.proveSolvency(accounts, proof);
        Solvency memory total = house.solvency(accounts);
        uint256 triple = Clearing.TRIPLE_LANES;
        assertEq(total.equity, proof.totals.readSigned(Clearing.SOLVENCY_TOTALS_EQUITY, triple));
        assertEq(
            total.maintenanceMargin, proof.totals.read(Clearing.SOLVENCY_TOTALS_MAINTENANCE_MARGIN, triple)
        );
        assertEq(total.initialMargin, proof.totals.read(Clearing.SOLVENCY_TOTALS_INITIAL_MARGIN, triple));
        assertEq(total.shortfall, proof.totals.read(Clearing.SOLVENCY_TOTALS_SHORTFALL, triple));
        assertEq(total.shortfall, 0);
        // an account among others has the figures of its own proof, and those that the chain computes itself
        for (uint256 i; i < accounts.length; ++i) {
            assertTrue(house.isHealthy(accounts[i], Clearing.LEVEL_INITIAL));
            Health memory proven = house.health(accounts[i]);
            for (uint256 level; level < 2; ++level) {
                (int256 equity, uint256 requirement) = engine.fullMargin(accounts[i], level, epoch, factWords);
                assertEq(proven.equity, equity);
                assertEq(level == 0 ? proven.maintenanceMargin : proven.initialMargin, requirement);
            }
        }
    }

    function test_proveSolvency_refusesTheProofOfOthers() public {
        _acceptBook();
        bytes32[] memory accounts = _openAccounts();
        SolvencyProof memory proof = _proofOfAll();
        (bytes32 last, bytes32 nobody) = (accounts[3], _account(address(type(uint160).max), 0));
        accounts[3] = nobody;
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(accounts, proof);
        accounts[3] = last;
        proof.totals -= 1;
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(accounts, proof);
        proof.totals += 1;
        _fund(_book(1), 1);
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(accounts, proof);
    }
}
