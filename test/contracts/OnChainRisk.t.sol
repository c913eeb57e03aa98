// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IObservationLog} from "../../contracts/interfaces/IObservationLog.sol";
import {MandateWords} from "../../contracts/interfaces/IParityVault.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {ICovarianceCommitments, OnChainParity, OnChainRiskOracle} from "./OnChainRisk.sol";

/// Knows one commitment, of now.
contract OneCommitment is ICovarianceCommitments {
    uint256 private immutable commitment;

    constructor(uint256 commitment_) {
        commitment = commitment_;
    }

    function covarianceCommitment(uint64, uint256) external view returns (uint256, uint64) {
        return (commitment, uint64(block.timestamp));
    }
}

/// @notice What the benchmark compares the proofs with must be right, or the ratio says nothing: it gives the integers of the
/// shared vectors, and it refuses what the circuit refuses.
contract OnChainRiskTest is Test {
    using Lanes for uint256;

    string private json;

    function _uints(string memory key) private view returns (uint256[] memory values) {
        string[] memory texts = vm.parseJsonStringArray(json, key);
        values = new uint256[](texts.length);
        for (uint256 i; i < texts.length; ++i) {
            values[i] = vm.parseUint(texts[i]);
        }
    }

    function _uint(string memory key) private view returns (uint256) {
        return vm.parseUint(vm.parseJsonString(json, key));
    }

    /// An entry of a triangle of twelve lanes.
    function _entry(uint256[20] memory triangle, uint256 i, uint256 j) private pure returns (int256) {
        uint256 place = i * 12 + j - i * (i + 1) / 2;
        return int256(triangle[place / 4] >> (64 * (place % 4)) & type(uint64).max) - 2 ** 63;
    }

    function test_figures_areThoseOfTheVectors() public {
        json = vm.readFile("test/vectors/risk-state.json");
        uint256 i;
        for (; vm.keyExistsJson(json, _key(i, "")); ++i) {
            _checkFigures(i);
        }
        assertGt(i, 5, "the file holds vectors");
    }

    function _key(uint256 i, string memory rest) private pure returns (string memory) {
        return string.concat(".cases[", vm.toString(i), "]", rest);
    }

    function _checkFigures(uint256 i) private {
        uint256[] memory observations = _uints(_key(i, ".observations"));
        uint256 assets = _uints(_key(i, ".volatilitiesPpm")).length;
        OnChainRiskOracle oracle = new OnChainRiskOracle(IObservationLog(address(0)), observations.length);
        (uint256[20][4] memory triangles, uint256 volatilities, uint256[6] memory correlations) =
            abi.decode(oracle.figures(observations), (uint256[20][4], uint256, uint256[6]));

        for (uint256 d; d < 4; ++d) {
            string[] memory entries =
                vm.parseJsonStringArray(json, _key(i, string.concat(".triangles[", vm.toString(d), "]")));
            uint256 place;
            for (uint256 a; a < assets; ++a) {
                for (uint256 b = a; b < assets; ++b) {
                    assertEq(_entry(triangles[d], a, b), vm.parseInt(entries[place++]), "C-2");
                }
            }
        }
        uint256[] memory each = _uints(_key(i, ".volatilitiesPpm"));
        string[] memory pairs = vm.parseJsonStringArray(json, _key(i, ".correlationsPpm"));
        uint256 pair;
        for (uint256 a; a < assets; ++a) {
            assertEq(volatilities.get(a), each[a], "C-4");
            for (uint256 b = a + 1; b < assets; ++b) {
                uint256 lane = a * 12 + b - (a + 1) * (a + 2) / 2;
                int256 correlation = Lanes.getSigned(correlations[lane / 12], lane % 12);
                assertEq(correlation, vm.parseInt(pairs[pair++]), "C-5");
            }
        }
    }

    function test_figures_refusesAnotherNumberOfWords() public {
        OnChainRiskOracle oracle = new OnChainRiskOracle(IObservationLog(address(0)), 8);
        vm.expectRevert("not a window");
        oracle.figures(new uint256[](7));
    }

    /// A case of twelve lanes, its triangle in 20 words.
    function _parity(uint256 i)
        private
        returns (OnChainParity parity, uint256[20] memory triangle, MandateWords memory mandate)
    {
        string[] memory entries = vm.parseJsonStringArray(json, _key(i, ".triangle"));
        for (uint256 place; place < 78; ++place) {
            triangle[place / 4] |= uint256(vm.parseInt(entries[place]) + 2 ** 63) << (64 * (place % 4));
        }
        mandate.terms = _uint(_key(i, ".mandate.terms"));
        mandate.budgets = _uint(_key(i, ".mandate.budgets"));
        mandate.caps = _uint(_key(i, ".mandate.caps"));
        OneCommitment state = new OneCommitment(uint256(keccak256(abi.encode(triangle))));
        parity = new OnChainParity(state, Protocol.WINDOW_LENGTH, 1 days, mandate);
    }

    function test_check_acceptsTheVectorsAndRefusesOnePpmMoved() public {
        json = vm.readFile("test/vectors/allocation.json");
        uint256 checked;
        for (uint256 i; vm.keyExistsJson(json, _key(i, "")); ++i) {
            if (_uints(_key(i, ".weightsPpm")).length != 12) continue;
            (OnChainParity parity, uint256[20] memory triangle, MandateWords memory mandate) = _parity(i);
            uint256 weights = _uint(_key(i, ".weights"));
            uint256 portfolio = _uint(_key(i, ".portfolio"));
            uint256 kappa = _uint(_key(i, ".kappa"));
            vm.expectRevert("not this portfolio");
            parity.check(1, weights, portfolio - (1 << 21), kappa, triangle);
            vm.expectRevert("not the triangle");
            triangle[3] ^= 1;
            parity.check(1, weights, portfolio, kappa, triangle);
            triangle[3] ^= 1;
            // 100 ppm from one lane to another are far past the tolerance
            if (weights.get(0) + 100 < mandate.caps.get(0) && weights != mandate.caps) {
                vm.expectRevert();
                parity.check(1, weights + 100 - (100 << 21), portfolio, kappa, triangle);
            }
            parity.check(1, weights, portfolio, kappa, triangle);
            assertEq(parity.allocation().weights, weights);
            ++checked;
        }
        assertGt(checked, 5, "the file holds vectors");
    }

    function test_solve_findsTheWeightsOfTheVectors() public {
        json = vm.readFile("test/vectors/allocation.json");
        uint256 solved;
        for (uint256 i; vm.keyExistsJson(json, _key(i, "")); ++i) {
            if (_uints(_key(i, ".weightsPpm")).length != 12) continue;
            (OnChainParity parity, uint256[20] memory triangle, MandateWords memory mandate) = _parity(i);
            // caps that bind are beyond what `solve` does
            uint256 expected = _uint(_key(i, ".weights"));
            bool open = true;
            for (uint256 lane; lane < 12; ++lane) {
                if (mandate.budgets.get(lane) != 0 && mandate.caps.get(lane) != Protocol.PPM) open = false;
            }
            if (!open) continue;
            parity.keep(1, triangle);
            (uint256 weights,) = parity.solve();
            for (uint256 lane; lane < 12; ++lane) {
                assertApproxEqAbs(weights.get(lane), expected.get(lane), 12, "the solution is unique");
            }
            assertEq(parity.allocation().weights, weights);
            // from the last weights on, it finds them again
            parity.keep(2, triangle);
            (uint256 again, uint256 sweeps) = parity.solve();
            assertLe(sweeps, 4, "whole ppm are close to the solution");
            for (uint256 lane; lane < 12; ++lane) {
                assertApproxEqAbs(again.get(lane), expected.get(lane), 12, "the solution is unique");
            }
            ++solved;
        }
        assertGt(solved, 3, "the file holds vectors");
    }
}
