// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {ProvenBookFixture} from "./ProvenBookFixture.sol";

/// @notice Gas of one account's margin over all scenarios: proven, with real proofs, and computed in Solidity, each a transaction
/// of its own, calldata included. What `npm run bench` compares.
/// forge-config: default.isolate = true
contract GasMarginTest is ProvenBookFixture {
    function setUp() public {
        _holdBooks();
        _acceptBook();
        house.keepFacts();
    }

    function _figure(string memory name, uint256 limit) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("gas", name, used);
        assertLe(used, limit, name);
    }

    function _options(uint256 book, string memory name) private pure returns (string memory) {
        string memory counted = _options(book) == 1 ? " option, " : " options, ";
        return string.concat("margin: ", vm.toString(_options(book)), counted, name);
    }

    function test_proven() public {
        for (uint256 book; book < 3; ++book) {
            house.proveHealth(_book(book), _proofOf(book));
            _figure(_options(book, "proven"), 300_000);
        }
    }

    /// Of one, four and sixteen options, and whom they traded with.
    function test_solvency() public {
        house.proveSolvency(_openAccounts(), _proofOfAll());
        _figure("solvency: four accounts in one proof", 450_000);
        vm.snapshotValue(
            "gas", "solvency: each of four accounts in one proof", vm.lastCallGas().gasTotalUsed / 4
        );
        house.solvency(_openAccounts());
        // every account is looked through for what is due and not applied yet
        _figure("solvency: read of four accounts, as a transaction", 160_000);
    }

    function test_computed() public {
        for (uint256 book; book < 3; ++book) {
            engine.fullMargin(_book(book), Clearing.LEVEL_INITIAL, epoch, provenWords);
            _figure(_options(book, "computed from proven arrays"), 2_000_000);
            engine.fullMargin(_book(book), Clearing.LEVEL_INITIAL, epoch, factWords);
            _figure(_options(book, "priced and computed"), 4_000_000);
        }
    }
}
