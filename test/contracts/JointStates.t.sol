// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {RiskState} from "../../contracts/interfaces/IRiskState.sol";
import {JointArray, JointStates} from "../../contracts/libraries/JointStates.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";

/// Rules J-1 and J-2: test/vectors/joint-states.json, and what must hold for any risk state.
contract JointStatesTest is Test {
    using Lanes for uint256;

    uint256 private constant CASES = 60;

    function test_wordsOf_areTypeScripts() public view {
        string memory json = vm.readFile("test/vectors/joint-states.json");
        for (uint256 i; i < CASES; ++i) {
            string memory at = string.concat(".cases[", vm.toString(i), "]");
            RiskState memory state;
            state.volatilities = vm.parseUint(vm.parseJsonString(json, string.concat(at, ".volatilities")));
            string[] memory correlations = vm.parseJsonStringArray(json, string.concat(at, ".correlations"));
            for (uint256 k; k < 6; ++k) {
                state.correlations[k] = vm.parseUint(correlations[k]);
            }
            string[] memory underlyings = vm.parseJsonStringArray(json, string.concat(at, ".underlyings"));
            string[] memory steps = vm.parseJsonStringArray(json, string.concat(at, ".steps"));
            JointArray[4] memory arrays;
            for (uint256 a; a < 4; ++a) {
                int256 underlying = vm.parseInt(underlyings[a]);
                if (underlying < 0) continue;
                arrays[a] = JointArray(true, uint256(underlying), vm.parseUint(steps[a]));
            }
            uint256 multiple = vm.parseUint(vm.parseJsonString(json, string.concat(at, ".multiple")));
            uint256[3] memory words = JointStates.wordsOf(arrays, state, multiple);
            string[] memory expected = vm.parseJsonStringArray(json, string.concat(at, ".words"));
            assertEq(expected.length, 3);
            for (uint256 k; k < 3; ++k) {
                assertEq(words[k], vm.parseUint(expected[k]), at);
            }
        }
    }

    /// Outwards: what an array moves in steps is at least what the formula says, and less than one step more.
    function testFuzz_stepsOf_roundsOutwards(int256 rho, uint256 sigma, uint256 multiple, uint256 step)
        public
        pure
    {
        rho = bound(rho, -1_000_000, 1_000_000);
        sigma = bound(sigma, 0, (1 << 21) - 1);
        multiple = bound(multiple, 1, 1e9);
        step = bound(step, 1, 200_000);
        uint256 steps = JointStates.stepsOf(rho, sigma, multiple, step);
        uint256 move = multiple * uint256(rho < 0 ? -rho : rho) * sigma;
        assertLe(steps, 3);
        if (steps < 3) assertGe(steps * step * 1e12, move);
        if (steps > 0) assertLt((steps - 1) * step * 1e12, move);
    }

    /// Each pair has its own lane, whichever comes first.
    function test_correlation_findsEveryPair() public pure {
        uint256[6] memory correlations;
        int256 number;
        for (uint256 i; i < 12; ++i) {
            for (uint256 j = i + 1; j < 12; ++j) {
                uint256 place = uint256(number);
                correlations[place / 12] = correlations[place / 12].putSigned(place % 12, 1000 * number + 1);
                ++number;
            }
        }
        assertEq(number, 66);
        number = 0;
        for (uint256 i; i < 12; ++i) {
            assertEq(JointStates.correlation(correlations, i, i), 1_000_000);
            for (uint256 j = i + 1; j < 12; ++j) {
                assertEq(JointStates.correlation(correlations, i, j), 1000 * number + 1);
                assertEq(JointStates.correlation(correlations, j, i), 1000 * number + 1);
                ++number;
            }
        }
    }
}
