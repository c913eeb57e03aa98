// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {Health, IClearingHouse, Solvency, SolvencyProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {ExpiryHandler} from "./ExpiryHandler.sol";
import {Figures} from "./ModelVerifier.sol";

/// @notice Proofs of several accounts at once, and what the house says of all that are open (Q-4, Q-5).
abstract contract SolvencyHandler is ExpiryHandler {
    using AccountWords for uint256[10];
    using Numbers for uint256;

    uint256 private constant PLACES = Protocol.SOLVENCY_RESULTS_LENGTH;

    /// Open accounts first, others where there are fewer than are asked for; with a prover who may make them look worse.
    function proveSolvency(uint256 which, uint256 understated) external {
        _wake(understated / 3);
        uint256[] memory chosen = _ascending(_choose(which));
        (uint256[] memory statement, Figures[] memory found) = _statementOf(chosen, understated % 3 * 1e6);
        SolvencyProof memory proof;
        proof.commitment = model.proveSolvency(statement, _pricedWords(riskArrays.currentNumber()));
        for (uint256 i; i < PLACES; ++i) {
            proof.results[i] = statement[Protocol.SOLVENCY_RESULTS_OFFSET + i];
        }
        proof.totals = statement[Protocol.SOLVENCY_TOTALS_OFFSET];
        uint256[10][] memory expected = _frame();
        if (_isYoung()) _requireNoLie(chosen, proof);
        try house.proveSolvency(_namesOf(chosen), proof) {
            assertTrue(_isYoung(), "Q-4: the epoch is young");
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), IClearingHouse.ArraysTooOld.selector, "Q-4: refused for nothing else");
            assertFalse(_isYoung(), "Q-4: anybody proves what is so");
            _skip(bytes4(reason));
        }
        _requireFrame(expected);
        for (uint256 k; k < chosen.length; ++k) {
            _requireKept(chosen[k], found[k]);
        }
        _count("proveSolvency");
    }

    /// One to four accounts.
    function _choose(uint256 which) private view returns (uint256[] memory chosen) {
        chosen = new uint256[](1 + which % PLACES);
        uint256 taken;
        uint256 at;
        for (uint256 k; at < chosen.length; ++k) {
            uint256 i = (which / PLACES + k) % ACCOUNTS;
            bool fits = k < ACCOUNTS ? !_storedWords(i).owesNothing() : true;
            if (!fits || (taken >> i) & 1 == 1) continue;
            taken |= 1 << i;
            chosen[at++] = i;
        }
    }

    /// The same, by name.
    function _ascending(uint256[] memory chosen) private view returns (uint256[] memory) {
        for (uint256 k = 1; k < chosen.length; ++k) {
            for (uint256 j = k; j > 0 && accounts[chosen[j]] < accounts[chosen[j - 1]]; --j) {
                (chosen[j], chosen[j - 1]) = (chosen[j - 1], chosen[j]);
            }
        }
        return chosen;
    }

    function _namesOf(uint256[] memory chosen) private view returns (bytes32[] memory names) {
        names = new bytes32[](chosen.length);
        for (uint256 k; k < chosen.length; ++k) {
            names[k] = accounts[chosen[k]];
        }
    }

    /// Q-1, Q-3: what is so of these accounts after what is due to all of them, which brings the backstop their shares of losses.
    function _statementOf(uint256[] memory chosen, uint256 understated)
        private
        view
        returns (uint256[] memory statement, Figures[] memory found)
    {
        statement = new uint256[](Protocol.SOLVENCY_LENGTH);
        found = new Figures[](chosen.length);
        uint256 shares;
        for (uint256 k; k < chosen.length; ++k) {
            shares += _share(chosen[k]);
        }
        int256[4] memory totals;
        for (uint256 k; k < PLACES; ++k) {
            uint256[10] memory words_ = AccountWords.empty();
            if (k < chosen.length) words_ = house.accountWords(accounts[chosen[k]]);
            if (k < chosen.length && chosen[k] == BACKSTOP) words_.addCash(int256(shares));
            uint256[] memory single = _statementWith(words_);
            for (uint256 w; w < words_.length; ++w) {
                statement[10 * k + w] = words_[w];
            }
            if (k == 0) _placeFacts(statement, single);
            uint256[][4] memory arrayWords = _pricedWords(riskArrays.currentNumber());
            Figures memory its = model.figures(model.factsOf(single, arrayWords), words_, arrayWords);
            if (k < chosen.length) found[k] = Figures(its.equity, its.requirements);
            its.equity -= int256(understated);
            statement[Protocol.SOLVENCY_RESULTS_OFFSET + k] =
                _result(its.equity, its.requirements[0], its.requirements[1]);
            _add(totals, its);
        }
        statement[Protocol.SOLVENCY_TOTALS_OFFSET] = model.totalsOf(totals);
    }

    function _placeFacts(uint256[] memory statement, uint256[] memory single) private pure {
        uint256 from = Protocol.MARGIN_COLLATERAL_PRICES_OFFSET;
        for (uint256 w; from + w < Protocol.MARGIN_RESULT_OFFSET; ++w) {
            statement[Protocol.SOLVENCY_COLLATERAL_PRICES_OFFSET + w] = single[from + w];
        }
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            statement[Protocol.SOLVENCY_ARRAY_COMMITMENTS_OFFSET + array] =
                single[Protocol.MARGIN_ARRAY_COMMITMENTS_OFFSET + array];
        }
    }

    /// Q-3: equity, both requirements, and what those lack who owe more than they have.
    function _add(int256[4] memory totals, Figures memory its) private pure {
        totals[0] += its.equity;
        totals[1] += int256(its.requirements[0]);
        totals[2] += int256(its.requirements[1]);
        if (its.equity < 0) totals[3] -= its.equity;
    }

    /// Whatever is said beyond what the model confirms has no proof; nor has one account in the place of another.
    function _requireNoLie(uint256[] memory chosen, SolvencyProof memory proof) private {
        bytes32[] memory names = _namesOf(chosen);
        uint256 result = proof.results[0];
        proof.results[0] = _result(1e17, 0, 0);
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(names, proof);
        proof.results[0] = result;
        ++proof.totals;
        vm.expectRevert(Statement.StatementNotProven.selector);
        house.proveSolvency(names, proof);
        --proof.totals;
        if (names.length == 1) return;
        names[0] = names[1];
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountsNotAscending.selector, names[1]));
        house.proveSolvency(names, proof);
    }

    /// Q-4, H-2.3: figures of the account as it is now, on the side that lets nobody gain.
    function _requireKept(uint256 i, Figures memory found) internal view {
        Health memory proven = house.health(accounts[i]);
        assertEq(proven.version, house.version(accounts[i]), "H-2.3, Q-4: of the account as it is");
        assertEq(proven.epoch, riskArrays.currentNumber(), "H-2.3, Q-4: over the current epoch");
        assertLe(proven.equity, found.equity, "H-2.3, Q-4: at most the true equity");
        assertGe(proven.maintenanceMargin, found.requirements[0], "H-2.3, Q-4: at least the true maintenance");
        assertGe(proven.initialMargin, found.requirements[1], "H-2.3, Q-4: at least the true initial margin");
    }

    // --- what must hold after each step

    /// Q-5, Q-6: where the house gives totals, they are those of all open accounts, by the current epoch, and hide no debt.
    function requireSolvencySound() external view {
        uint256 count;
        uint256[] memory open_ = new uint256[](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            if (!_storedWords(i).owesNothing()) open_[count++] = i;
        }
        assertEq(house.openAccounts(), count, "H-2.7: open accounts are those that are not free");
        assembly ("memory-safe") {
            mstore(open_, count)
        }
        bytes32[] memory names = _namesOf(_ascending(open_));
        try house.solvency(names) returns (Solvency memory total) {
            _requireTotals(open_, total);
        } catch {
            return;
        }
        if (count == 0) return;
        assembly ("memory-safe") {
            mstore(names, sub(count, 1))
        }
        try house.solvency(names) {
            revert("Q-5: nobody is left out");
        } catch {}
    }

    function _requireTotals(uint256[] memory open_, Solvency memory total) private view {
        assertTrue(_isYoung(), "Q-5: the epoch is young");
        assertEq(total.epoch, riskArrays.currentNumber(), "Q-5: over the current epoch");
        assertEq(total.backstopCash, _stored(BACKSTOP), "Q-5: the backstop's cash");
        int256[4] memory totals;
        for (uint256 k; k < open_.length; ++k) {
            assertEq(_share(open_[k]), 0, "Q-5: no share of a loss is left");
            Figures memory its = _wanted(_storedWords(open_[k]));
            _requireKept(open_[k], its);
            _add(totals, its);
        }
        assertLe(total.equity, totals[0], "Q-6: at most the true equity");
        assertGe(int256(total.maintenanceMargin), totals[1], "Q-6: at least the true maintenance");
        assertGe(int256(total.initialMargin), totals[2], "Q-6: at least the true initial margin");
        assertGe(int256(total.shortfall), totals[3], "Q-6: no debt is hidden");
    }
}
