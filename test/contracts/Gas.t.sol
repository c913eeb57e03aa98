// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../../contracts/generated/Protocol.sol";
import {Proof} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Fixture} from "./Fixture.sol";

/// @notice Gas of each step with twelve assets, each call a transaction of its own: base cost, calldata and cold storage
/// are in the figures. AcceptAnyVerifier costs next to nothing, so the figures of `accept` and `allocate` lack the
/// pairing check of a real verifier, and the limits here leave room for it.
/// forge-config: default.isolate = true
contract GasTest is Fixture {
    using Lanes for uint256;

    /// {gas} a Groth16 verifier with three public inputs
    uint256 private constant VERIFIER = 203_000;

    function setUp() public {
        _deployFacts(12);
        _observeWindow();
        _deployTokens();
        _deployVault();
        _seedCash(1_000_000);
        _enrich(bob);
    }

    function _figure(string memory name, uint256 limit) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("gas", name, used);
        assertLe(used, limit, name);
    }

    function _equalWeights() private pure returns (uint256 weights) {
        for (uint256 lane; lane < 12; ++lane) {
            weights = weights.put(lane, 83_333 + (lane < 4 ? 1 : 0));
        }
    }

    function test_observe() public {
        for (uint256 t; t < 4; ++t) {
            vm.warp(vm.getBlockTimestamp() + INTERVAL);
            _movePrices();
            publisher.publish(prices);
            // every fourth one takes a new slot for timestamps
            bool newSlot = observationLog.observe() % 4 == 0;
            _figure(newSlot ? "observe, new slot of timestamps" : "observe", 300_000);
        }
    }

    function test_accept() public {
        uint256[] memory statement = _covarianceWords(_volatilities(10_000));
        oracle.accept(observationLog.index(), statement, Protocol.FIELD_MODULUS - 1, _fullProof());
        _figure("accept, first, without the verifier", 540_000 - VERIFIER);
        _movePrices();
        _tick();
        statement = _covarianceWords(_volatilities(11_000));
        oracle.accept(observationLog.index(), statement, Protocol.FIELD_MODULUS - 1, _fullProof());
        _figure("accept, without the verifier", 540_000 - VERIFIER);
    }

    function _fullProof() private pure returns (Proof memory proof) {
        uint256 any = Protocol.FIELD_MODULUS - 1;
        return Proof([any, any], [[any, any], [any, any]], [any, any]);
    }

    function test_vault() public {
        _acceptRiskState(_volatilities(10_000));
        vault.allocate(
            oracle.latestIndex(),
            _equalWeights(),
            _portfolio(900_000),
            Protocol.FIELD_MODULUS - 1,
            _fullProof()
        );
        _figure("allocate, first, without the verifier", 300_000 - VERIFIER);
        _tick();
        _acceptRiskState(_volatilities(10_000));
        vault.allocate(
            oracle.latestIndex(),
            _equalWeights(),
            _portfolio(900_000),
            Protocol.FIELD_MODULUS - 1,
            _fullProof()
        );
        _figure("allocate, without the verifier", 300_000 - VERIFIER);

        uint64 id = vault.openRebalance();
        _figure("openRebalance, first", 900_000);
        vm.warp(vm.getBlockTimestamp() + WARM_UP);
        vm.prank(bob);
        vault.bid(id, 0, type(uint128).max, 0, bob);
        _figure("bid, vault buys, first of its lane", 250_000);
        for (uint256 lane = 1; lane < 12; ++lane) {
            vm.prank(bob);
            vault.bid(id, lane, type(uint128).max, 0, bob);
        }
        vm.prank(bob);
        vault.mint(1e20, bob);
        _figure("mint", 900_000);
        vm.prank(bob);
        vault.redeem(0.5e20, bob);
        _figure("redeem", 900_000);

        vm.warp(vm.getBlockTimestamp() + AUCTION_LENGTH);
        _movePrices();
        for (uint256 i; i < 12; ++i) {
            prices[i] = i % 2 == 0 ? prices[i] * 2 : prices[i];
        }
        publisher.publish(prices);
        id = vault.openRebalance();
        _figure("openRebalance", 500_000);
        vm.warp(vm.getBlockTimestamp() + WARM_UP);
        vm.prank(bob);
        vault.bid(id, 0, type(uint128).max, type(uint256).max, bob);
        _figure("bid, vault sells", 250_000);
    }
}
