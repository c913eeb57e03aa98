// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MarginVerifier} from "../../contracts/generated/MarginVerifier.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Side} from "../../contracts/interfaces/IExchange.sol";
import {Proof} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {HouseFixture} from "./HouseFixture.sol";

/// @notice Gas of the house over four arrays, for an account of sixteen positions, twelve balances and four perpetuals, each
/// call a transaction of its own. AcceptAnyVerifier costs next to nothing: the limits leave room for a real verifier.
/// forge-config: default.isolate = true
contract ClearingHouseGasTest is HouseFixture {
    /// {gas} of the real verifier: what it takes does not depend on the points
    uint256 private verifierGas;
    uint256 private constant LOT = 1e6;

    function setUp() public {
        MarginVerifier real = new MarginVerifier();
        Proof memory none;
        uint256 gas = gasleft();
        real.verifyProof(none.a, none.b, none.c, [uint256(1), 2, 3]);
        // AcceptAnyVerifier reads two cold slots instead
        verifierGas = gas - gasleft() - 4_200;
        assertGt(verifierGas, 190_000, "it got as far as the pairing");
        _deployHouse();
        _listArray(2, 2);
        _listArray(3, 0);
        for (uint256 array = 1; array < 4; ++array) {
            _listPerpetual(array);
        }
        for (uint256 place = 3; place < 15; ++place) {
            _listOption(place % 4, place, Clearing.KIND_PUT, soon, _spot(place % 4 % 3));
        }
        _listOption(1, 1, Clearing.KIND_PUT, soon, _spot(1));
        _epoch();
        for (uint256 lane; lane < 12; ++lane) {
            _deposit(first, lane, 123_456_789_012);
        }
        _deposit(first, CASH_LANE, 1e15);
        _deposit(second, CASH_LANE, 1e15);
        for (uint256 array; array < 4; ++array) {
            _trade(first, _account(bob, uint96(10 + array)), 16 * array, LOT, _spot(array % 3) * 101 / 100);
        }
        for (uint256 place = 3; place < 15; ++place) {
            bytes32 other = _account(bob, uint96(20 + place));
            _trade(other, first, place % 4 * 16 + place, LOT + place, 1e12);
        }
    }

    function _figure(string memory name, uint256 limit) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("gas", name, used);
        assertLe(used, limit, name);
    }

    /// No zero bytes: calldata at its dearest.
    function _fullProof() private pure returns (MarginProof memory proof) {
        proof = _rich();
        (proof.greeks, proof.commitment) =
        ([proof.result, proof.result, proof.result], Protocol.FIELD_MODULUS - 1);
        uint256 full = type(uint256).max;
        proof.proof = Proof([full, full], [[full, full], [full, full]], [full, full]);
    }

    /// Verification is at most 300,000 gas whatever the account holds, all of the transaction counted.
    function test_proveHealth() public {
        house.proveHealth(first, _fullProof());
        _figure("proveHealth of 16 positions, without the verifier", 300_000 - verifierGas);
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        _epoch();
        house.keepFacts();
        _figure("keepFacts", 215_000);
        house.settle(first);
        _figure("settle the funding of four perpetuals, first", 250_000);
        house.proveHealth(first, _fullProof());
        _figure("proveHealth of 16 positions in another epoch, without the verifier", 300_000 - verifierGas);
    }

    function test_trade() public {
        Side memory maker = _sideOf(first, 21, true, LOT, 1e12 + 1);
        Side memory taker = _sideOf(second, 21, false, LOT, 1e12);
        (maker.proof, taker.proof) = (_fullProof(), _fullProof());
        exchange.trade(maker, taker, LOT / 2);
        _figure("trade, first of an account, without the verifier", 650_000);
        (maker.proof, taker.proof) = (_fullProof(), _fullProof());
        exchange.trade(maker, taker, LOT / 2);
        _figure("trade, without the verifier", 650_000);
    }

    function test_withdraw() public {
        vm.prank(alice);
        house.withdraw(first, 3, 1, EID, bytes32("receiver"), "", _fullProof());
        _figure("withdraw collateral, without the verifier and the hub", 450_000 - verifierGas);
        vm.prank(alice);
        house.withdraw(first, CASH_LANE, 1, EID, bytes32("receiver"), "", _fullProof());
        _figure("withdraw cash, without the verifier and the hub", 450_000 - verifierGas);
        MarginProof memory none;
        bytes32 free = _account(alice, 99);
        _deposit(free, CASH_LANE, 10);
        _figure("deposit into a new account", 150_000);
        vm.prank(alice);
        house.withdraw(free, CASH_LANE, 5, EID, bytes32("receiver"), "", none);
        _figure("withdraw without a proof, without the hub", 100_000);
    }

    function test_moveSlice() public {
        vm.prank(liquidation);
        house.moveSlice(first, _account(alice, 5), 100_000);
        _figure("move a tenth of 16 positions and 12 balances to a new account", 650_000);
        vm.prank(liquidation);
        house.moveSlice(first, _account(alice, 5), 100_000);
        _figure("move a tenth of 16 positions and 12 balances", 400_000);
    }

    function test_snapshot() public {
        vm.warp(vm.getBlockTimestamp() + EPOCH_INTERVAL);
        publisher.publish(prices);
        terms.snapshot(riskArrays.beginEpoch());
        _figure("snapshot of collateral, first", 400_000);
        vm.warp(vm.getBlockTimestamp() + EPOCH_INTERVAL);
        publisher.publish(prices);
        terms.snapshot(riskArrays.beginEpoch());
        _figure("snapshot of collateral", 250_000);
    }
}
