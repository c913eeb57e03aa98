// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IParityVault, MandateWords} from "../../contracts/interfaces/IParityVault.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Mandate} from "../../contracts/libraries/Mandate.sol";

contract MandateTest is Test {
    using Lanes for uint256;

    /// called from outside, so that reverts can be expected
    function validate(MandateWords memory mandate, uint256 usedLanes, uint256 version) external pure {
        Mandate.validate(mandate, usedLanes, version, Protocol.PPM);
    }

    function requireWithin(MandateWords memory mandate, uint256 weights, uint256 exposure) external pure {
        Mandate.requireWithin(mandate, weights, exposure);
    }

    function _good() private pure returns (MandateWords memory mandate) {
        uint256[12] memory terms =
            [uint256(3), 1, 100_000, 900_000, 5_000, 10, 10_000, 1e6, 50_000, 200_000, 0, 0];
        mandate.terms = Lanes.pack(terms);
        mandate.budgets = mandate.budgets.put(0, 600_000).put(1, 400_000);
        mandate.caps = mandate.caps.put(0, 500_000).put(1, 500_000);
    }

    /// A word with one lane replaced.
    function _with(uint256 word, uint256 lane, uint256 value) private pure returns (uint256) {
        uint256[12] memory lanes = Lanes.unpack(word);
        lanes[lane] = value;
        return Lanes.pack(lanes);
    }

    function test_validate_acceptsAGoodOne() public view {
        this.validate(_good(), 3, 2);
    }

    function testFuzz_validate_revertsWhenTermOutOfBounds(uint256 term, uint256 value) public {
        uint256[12] memory minimum = [uint256(0), 0, 0, 0, 1, 1, 100, 1, 1, 1, 0, 0];
        uint256 largest = Protocol.LANE_LIMIT - 1;
        uint256[12] memory maximum =
            [uint256(0), 3, 1e6, 1e6, largest, 1_000, 250_000, largest, 200_000, 1e6, 0, 0];
        term = bound(term, 1, 11);
        value = bound(value, 0, largest);
        MandateWords memory mandate = _good();
        mandate.terms = _with(mandate.terms, term, value);
        if (value < minimum[term] || value > maximum[term]) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    Mandate.TermOutOfBounds.selector, term, value, minimum[term], maximum[term]
                )
            );
        }
        this.validate(mandate, 3, 2);
    }

    function test_validate_atTheEdgesOfTheTerms() public {
        testFuzz_validate_revertsWhenTermOutOfBounds(1, 3);
        testFuzz_validate_revertsWhenTermOutOfBounds(1, 4);
        testFuzz_validate_revertsWhenTermOutOfBounds(5, 0);
        testFuzz_validate_revertsWhenTermOutOfBounds(5, 1_000);
        testFuzz_validate_revertsWhenTermOutOfBounds(5, 1_001);
        testFuzz_validate_revertsWhenTermOutOfBounds(6, 99);
        testFuzz_validate_revertsWhenTermOutOfBounds(6, 100);
        testFuzz_validate_revertsWhenTermOutOfBounds(8, 200_000);
        testFuzz_validate_revertsWhenTermOutOfBounds(8, 200_001);
        testFuzz_validate_revertsWhenTermOutOfBounds(10, 1);
        testFuzz_validate_revertsWhenTermOutOfBounds(11, 1);
    }

    function testFuzz_validate_revertsWhenVersionNotNewer(uint256 current) public {
        current = bound(current, 0, Protocol.LANE_LIMIT - 1);
        if (current >= 3) {
            vm.expectRevert(abi.encodeWithSelector(Mandate.VersionNotNewer.selector, 3, current));
        }
        this.validate(_good(), 3, current);
    }

    function testFuzz_validate_revertsWhenWordOutOfRange(uint256 which, uint256 bit) public {
        bit = bound(bit, 252, 255);
        MandateWords memory mandate = _good();
        uint256 word;
        if (which % 3 == 0) word = mandate.terms |= 1 << bit;
        else if (which % 3 == 1) word = mandate.budgets |= 1 << bit;
        else word = mandate.caps |= 1 << bit;
        vm.expectRevert(abi.encodeWithSelector(Mandate.MandateWordOutOfRange.selector, word));
        this.validate(mandate, 3, 2);
    }

    function test_validate_revertsWhenBudgetsWrong() public {
        MandateWords memory mandate = _good();
        mandate.budgets = _with(mandate.budgets, 1, 400_001);
        vm.expectRevert(abi.encodeWithSelector(Mandate.BudgetsNotWhole.selector, 1_000_001));
        this.validate(mandate, 3, 2);
        vm.expectRevert(abi.encodeWithSelector(Mandate.BudgetWithoutToken.selector, 1));
        this.validate(_good(), 1, 2);
    }

    function test_validate_revertsWhenBudgetBelowTolerances() public {
        MandateWords memory mandate = _good();
        uint256 minimum = 100 * ((mandate.terms >> (21 * Protocol.TERM_TOLERANCE)) & (2 ** 21 - 1));
        mandate.budgets = _with(_with(mandate.budgets, 0, 1e6 - minimum), 1, minimum);
        mandate.caps = _with(_with(mandate.caps, 0, 1e6), 1, 1e6);
        this.validate(mandate, 3, 2);
        mandate.budgets = _with(_with(mandate.budgets, 0, 1e6 - minimum + 1), 1, minimum - 1);
        vm.expectRevert(
            abi.encodeWithSelector(Mandate.BudgetBelowTolerances.selector, 1, minimum - 1, minimum)
        );
        this.validate(mandate, 3, 2);
    }

    function test_validate_revertsWhenCapsWrong() public {
        MandateWords memory mandate = _good();
        mandate.caps = _with(mandate.caps, 1, 499_999);
        vm.expectRevert(abi.encodeWithSelector(Mandate.CapsTooTight.selector, 999_999));
        this.validate(mandate, 3, 2);
        mandate.caps = _with(mandate.caps, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(Mandate.CapOutOfBounds.selector, 1, 0));
        this.validate(mandate, 3, 2);
        mandate.caps = _with(mandate.caps, 1, 1_000_001);
        vm.expectRevert(abi.encodeWithSelector(Mandate.CapOutOfBounds.selector, 1, 1_000_001));
        this.validate(mandate, 3, 2);
        // a cap of a lane without a budget makes no room
        mandate = _good();
        mandate.caps = _with(_with(mandate.caps, 1, 400_000), 2, 1_000_000);
        vm.expectRevert(abi.encodeWithSelector(Mandate.CapsTooTight.selector, 900_000));
        this.validate(mandate, 3, 2);
    }

    function test_requireWithin() public {
        uint256 none;
        MandateWords memory mandate = _good();
        this.requireWithin(mandate, none.put(0, 500_000).put(1, 500_000), 900_000);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.WeightNotAllowed.selector, 0, 500_001));
        this.requireWithin(mandate, none.put(0, 500_001).put(1, 499_999), 900_000);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.WeightsNotWhole.selector, 999_999));
        this.requireWithin(mandate, none.put(0, 500_000).put(1, 499_999), 900_000);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.WeightNotAllowed.selector, 2, 1));
        this.requireWithin(mandate, none.put(0, 500_000).put(1, 499_999).put(2, 1), 900_000);
        vm.expectRevert(abi.encodeWithSelector(IParityVault.ExposureAboveMaximum.selector, 900_001, 900_000));
        this.requireWithin(mandate, none.put(0, 500_000).put(1, 500_000), 900_001);
    }
}
