// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MarginVerifier} from "../../contracts/generated/MarginVerifier.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {SolvencyVerifier} from "../../contracts/generated/SolvencyVerifier.sol";
import {MarginProof, SolvencyProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";
import {ProvenVector} from "./ProvenVector.sol";

/// @notice Accounts of one, four and sixteen options over three arrays, and whom they traded with: all open accounts of the house.
/// Their arrays, margins and solvency are those of real proofs:
/// test/vectors/proven-book.json, made by `npm run vectors:book` from what `_writeBook` says of this very state. Trades on the
/// way there are taken without proofs; then the real verifier stands where AcceptAnyVerifier was.
abstract contract ProvenBookFixture is LiquidationFixture, ProvenVector {
    string private constant VECTOR = "test/vectors/proven-book.json";
    uint256 private constant BOOKS = 3;
    uint256 private constant ARRAYS = 3;

    function _options(uint256 book) internal pure returns (uint256) {
        return [uint256(1), 4, 16][book];
    }

    /// Alice's account of a book.
    function _book(uint256 book) internal view returns (bytes32) {
        return _account(alice, uint96(100 + book));
    }

    /// All open accounts, ascending.
    function _openAccounts() internal view returns (bytes32[] memory accounts) {
        accounts = new bytes32[](BOOKS + 1);
        uint256 after_ = second < _book(0) ? 1 : 0;
        for (uint256 book; book < BOOKS; ++book) {
            accounts[book + after_] = _book(book);
        }
        accounts[after_ == 1 ? 0 : BOOKS] = second;
    }

    /// The accounts, in an epoch that has begun and is not proven.
    function _holdBooks() internal {
        _deployLiquidation();
        for (uint256 place = 3; place < 10; ++place) {
            uint256 kind = place % 2 == 0 ? Clearing.KIND_CALL : Clearing.KIND_PUT;
            _listOption(0, place, kind, soon + (place % 3) * 10 days, _spot(0) * (80 + 5 * place) / 100);
        }
        for (uint256 place = 10; place < 15; ++place) {
            _listOption(1, place, Clearing.KIND_CALL, soon + 20 days, _spot(1) * (80 + 3 * place) / 100);
        }
        _listArray(2, 2);
        _listOption(2, 1, Clearing.KIND_CALL, soon + 20 days, _spot(2));
        _newEpoch(true);
        _fund(second, 10_000_000);
        for (uint256 book; book < BOOKS; ++book) {
            _fund(_book(book), 1_000_000);
            _deposit(_book(book), 0, 3e6);
            _deposit(_book(book), 1, 5e6);
            uint256 count;
            for (uint256 series; count < _options(book); ++series) {
                if (!listings.listing(series).listed || series == PERPETUAL) continue;
                uint256 quantity = (1 + count % 3) * CONTRACT;
                (bytes32 buyer, bytes32 seller) =
                    count % 2 == 0 ? (second, _book(book)) : (_book(book), second);
                _trade(buyer, seller, series, quantity, _spot(series / 16) / 50);
                ++count;
            }
        }
        _newEpoch(false);
    }

    /// The facts of every array, and the words that the house puts before the verifier.
    function _writeBook(string memory path) internal {
        string memory arrays;
        for (uint256 array; array < ARRAYS; ++array) {
            arrays = vm.serializeString("arrays", vm.toString(array), _texts(factWords[array]));
        }
        for (uint256 array; array < ARRAYS; ++array) {
            riskArrays.accept(epoch, array, provenWords[array], 1, _anyProof());
        }
        string memory accounts;
        for (uint256 book; book < BOOKS; ++book) {
            accounts =
                vm.serializeString("accounts", vm.toString(book), _texts(house.statementWords(_book(book))));
        }
        string memory open;
        bytes32[] memory all = _openAccounts();
        for (uint256 i; i < all.length; ++i) {
            open = vm.serializeString("open", vm.toString(i), _texts(house.statementWords(all[i])));
        }
        vm.serializeString("book", "open", open);
        vm.serializeString("book", "arrays", arrays);
        vm.writeJson(vm.serializeString("book", "accounts", accounts), path);
    }

    /// Makes the epoch current with the arrays of the vector, whose facts must be those of this state.
    function _acceptBook() internal {
        string memory json = vm.readFile(VECTOR);
        for (uint256 array; array < ARRAYS; ++array) {
            provenWords[array] = _uints(json, string.concat(".arrays[", vm.toString(array), "]"));
            riskArrays.accept(epoch, array, provenWords[array], 1, _anyProof());
        }
        vm.etch(address(marginVerifier), type(MarginVerifier).runtimeCode);
        vm.etch(address(solvencyVerifier), type(SolvencyVerifier).runtimeCode);
    }

    function _proofOf(uint256 book) internal view returns (MarginProof memory proof) {
        Proven memory proven = _read(vm.readFile(VECTOR), string.concat(".accounts[", vm.toString(book), "]"));
        proof.result = proven.words[Protocol.MARGIN_RESULT_OFFSET];
        for (uint256 i; i < 3; ++i) {
            proof.greeks[i] = proven.words[Protocol.MARGIN_GREEKS_OFFSET + i];
        }
        (proof.commitment, proof.proof) = (proven.commitment, proven.proof);
    }

    /// Of all open accounts.
    function _proofOfAll() internal view returns (SolvencyProof memory proof) {
        Proven memory proven = _read(vm.readFile(VECTOR), ".solvency");
        for (uint256 i; i < proof.results.length; ++i) {
            proof.results[i] = proven.words[Protocol.SOLVENCY_RESULTS_OFFSET + i];
        }
        proof.totals = proven.words[Protocol.SOLVENCY_TOTALS_OFFSET];
        (proof.commitment, proof.proof) = (proven.commitment, proven.proof);
    }

    /// Integers that JSON numbers do not hold.
    function _texts(uint256[] memory words) private pure returns (string memory text) {
        for (uint256 i; i < words.length; ++i) {
            text = string.concat(text, i == 0 ? "" : " ", vm.toString(words[i]));
        }
    }
}
