// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {Proof} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {RiskArraysFixture} from "./RiskArraysFixture.sol";

/// @notice Gas of an epoch with 64 series: four arrays of three underlyings, in each a perpetual and fifteen options of six
/// expiries. Each call a transaction of its own; AcceptAnyVerifier in the verifier's place, as in GasTest.
/// forge-config: default.isolate = true
contract GasRiskArraysTest is RiskArraysFixture {
    /// {gas} a Groth16 verifier with three public inputs
    uint256 private constant VERIFIER = 203_000;

    function setUp() public {
        _deployRiskArrays();
        uint256 expiry = vm.getBlockTimestamp() + 3 days;
        for (uint256 array; array < 4; ++array) {
            _listArray(array, array % 3);
            _listPerpetual(array);
            for (uint256 place = 1; place < 16; ++place) {
                uint256 kind = place % 2 == 0 ? Clearing.KIND_PUT : Clearing.KIND_CALL;
                uint256 strike = _spot(array % 3) * (70 + 4 * place) / 100;
                _listOption(array, place, kind, expiry + (place % 6) * 15 days, strike);
            }
        }
        for (uint256 i; i < 8; ++i) {
            _nextEpoch(); // every slot of the ring has been written
        }
    }

    function _figure(string memory name, uint256 limit) private {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("gas", name, used);
        assertLe(used, limit, name);
    }

    function test_beginEpoch_andAccept() public {
        vm.warp(vm.getBlockTimestamp() + EPOCH_INTERVAL);
        publisher.publish(prices);
        uint64 number = riskArrays.beginEpoch();
        _figure("beginEpoch, 64 series", 1_300_000);
        Proof memory proof;
        for (uint256 i; i < 2; ++i) {
            (proof.a[i], proof.b[0][i], proof.b[1][i], proof.c[i]) =
            (type(uint256).max, type(uint256).max, type(uint256).max, type(uint256).max);
        }
        for (uint256 array; array < 4; ++array) {
            uint256[] memory statement = _arrayWords(number, array);
            riskArrays.accept(number, array, statement, Protocol.FIELD_MODULUS - 1, proof);
            if (array == 0) _figure("accept an array, without the verifier", 380_000 - VERIFIER);
        }
        _figure("accept an array, the last of four, without the verifier", 440_000 - VERIFIER);
    }

    function test_recordTrade() public {
        uint256 spot = _spot(0);
        vm.prank(address(openInterest));
        riskArrays.recordTrade(0, spot, 1e6);
        _figure("recordTrade", 80_000);
    }

    function test_record() public {
        uint64 expiry = uint64(vm.getBlockTimestamp());
        settlementPrices.record(0, expiry);
        _figure("record a settlement price, first", 100_000);
        _tick();
        settlementPrices.record(0, expiry);
        _figure("record a settlement price", 80_000);
    }
}
