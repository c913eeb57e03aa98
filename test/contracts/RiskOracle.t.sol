// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IGroth16Verifier} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {IObservationLog} from "../../contracts/interfaces/IObservationLog.sol";
import {IRiskOracle} from "../../contracts/interfaces/IRiskOracle.sol";
import {IRiskState, RiskState} from "../../contracts/interfaces/IRiskState.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {KeyPolicy} from "../../contracts/proofs/KeyPolicy.sol";
import {RiskOracle} from "../../contracts/risk/RiskOracle.sol";
import {AcceptAnyVerifier} from "./AcceptAnyVerifier.sol";
import {Fixture} from "./Fixture.sol";

contract RiskOracleTest is Fixture {
    uint64 private index;

    function setUp() public {
        _deployFacts(2);
        _observeWindow();
        _movePrices();
        _tick();
        index = observationLog.index();
    }

    function test_accept_storesWhatTheWordsSay() public {
        uint256[] memory statement = _covarianceWords(_volatilities(7_000));
        vm.expectEmit(address(oracle));
        emit IRiskState.RiskStateAccepted(index, uint64(vm.getBlockTimestamp()), statement[247]);
        oracle.accept(index, statement, 1, _anyProof());

        RiskState memory state = oracle.riskState(index);
        assertEq(oracle.latestIndex(), index);
        assertEq(state.index, index);
        assertEq(state.endTime, observationLog.timestampOf(index));
        assertEq(state.volatilities, _volatilities(7_000));
        assertEq(oracle.volatilities(index), _volatilities(7_000));
        assertEq(state.windowCommitment, statement[247]);
        for (uint256 i; i < 6; ++i) {
            assertEq(state.correlations[i], statement[241 + i]);
            assertEq(oracle.correlations(index)[i], statement[241 + i]);
        }
        for (uint256 decay; decay < 4; ++decay) {
            assertEq(state.covarianceCommitments[decay], statement[248 + decay]);
            (uint256 commitment, uint64 endTime) = oracle.covarianceCommitment(index, decay);
            assertEq(commitment, statement[248 + decay]);
            assertEq(endTime, state.endTime);
        }
    }

    function test_accept_passesKindAndAllWords() public {
        uint256[] memory statement = _covarianceWords(1);
        uint256 z = uint256(
                keccak256(abi.encode(Protocol.DOMAIN_COVARIANCE_STATEMENT, statement, uint256(9)))
            ) % Protocol.FIELD_MODULUS;
        verifier.expect([uint256(9), z, Statement.evaluate(statement, z)]);
        oracle.accept(index, statement, 9, _anyProof());
    }

    function test_accept_revertsWhenNotProven() public {
        verifier.refuseAll();
        uint256[] memory statement = _covarianceWords(1);
        vm.expectRevert(Statement.StatementNotProven.selector);
        oracle.accept(index, statement, 1, _anyProof());
    }

    function testFuzz_accept_revertsWhenWordCountWrong(uint256 count) public {
        count = bound(count, 0, 600);
        vm.assume(count != 252);
        vm.expectRevert(abi.encodeWithSelector(IRiskOracle.WordCountWrong.selector, count, 252));
        oracle.accept(index, new uint256[](count), 1, _anyProof());
    }

    function testFuzz_accept_revertsWhenWindowNotInLog(uint256 position, uint256 word) public {
        uint256[] memory statement = _covarianceWords(1);
        position = bound(position, 0, 239);
        vm.assume(word != statement[position]);
        statement[position] = word;
        vm.expectRevert(abi.encodeWithSelector(IRiskOracle.WindowNotInLog.selector, index));
        oracle.accept(index, statement, 1, _anyProof());
    }

    function test_accept_revertsWhenWindowIsAnother() public {
        uint256[] memory statement = _covarianceWords(1);
        vm.expectRevert(abi.encodeWithSelector(IRiskOracle.WindowNotInLog.selector, index - 1));
        oracle.accept(index - 1, statement, 1, _anyProof());
    }

    function test_accept_revertsWhenWindowTooShort() public {
        uint256[] memory statement = _covarianceWords(1);
        vm.expectRevert(abi.encodeWithSelector(IRiskOracle.WindowTooShort.selector, 239));
        oracle.accept(239, statement, 1, _anyProof());
    }

    function test_accept_revertsWhenNotObserved() public {
        uint256[] memory statement = _covarianceWords(1);
        vm.expectRevert(abi.encodeWithSelector(IObservationLog.ObservationUnknown.selector, index + 1));
        oracle.accept(index + 1, statement, 1, _anyProof());
    }

    function test_accept_revertsWhenWindowNotNewer() public {
        uint256[] memory statement = _covarianceWords(1);
        oracle.accept(index, statement, 1, _anyProof());
        vm.expectRevert(abi.encodeWithSelector(IRiskOracle.WindowNotNewer.selector, index, index));
        oracle.accept(index, statement, 1, _anyProof());
        vm.expectRevert(abi.encodeWithSelector(IRiskOracle.WindowNotNewer.selector, index - 1, index));
        oracle.accept(index - 1, statement, 1, _anyProof());
    }

    function testFuzz_accept_revertsWhenWordOutOfRange(uint256 position, uint256 word) public {
        uint256[] memory statement = _covarianceWords(1);
        position = bound(position, 240, 251);
        bool lanes = position < 247;
        statement[position] =
            bound(word, lanes ? Protocol.WORD_LIMIT : Protocol.FIELD_MODULUS, type(uint256).max);
        vm.expectRevert(
            abi.encodeWithSelector(
                lanes ? Statement.WordOutOfRange.selector : Statement.CommitmentOutOfRange.selector, position
            )
        );
        oracle.accept(index, statement, 1, _anyProof());
    }

    function test_riskState_keepsTheLastEight() public {
        for (uint256 i; i < 10; ++i) {
            _acceptRiskState(1_000 + i);
            _tick();
        }
        for (uint64 i; i < 10; ++i) {
            if (i < 2) {
                vm.expectRevert(abi.encodeWithSelector(IRiskState.RiskStateUnknown.selector, index + i));
                oracle.riskState(index + i);
            } else {
                assertEq(oracle.riskState(index + i).volatilities, 1_000 + i);
                assertEq(oracle.volatilities(index + i), 1_000 + i);
            }
        }
    }

    function testFuzz_riskState_revertsWhenUnknown(uint64 other) public {
        _acceptRiskState(1);
        vm.assume(other != index);
        vm.expectRevert(abi.encodeWithSelector(IRiskState.RiskStateUnknown.selector, other));
        oracle.riskState(other);
        vm.expectRevert(abi.encodeWithSelector(IRiskState.RiskStateUnknown.selector, other));
        oracle.covarianceCommitment(other, 0);
    }

    function testFuzz_covarianceCommitment_revertsWhenDecayUnknown(uint256 decay) public {
        _acceptRiskState(1);
        decay = bound(decay, 4, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(IRiskState.DecayUnknown.selector, decay));
        oracle.covarianceCommitment(index, decay);
    }

    function test_constructor_revertsWhenDevelopmentKeyInEarnest() public {
        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(KeyPolicy.DevelopmentKeyRefused.selector, 1));
        new RiskOracle(observationLog, verifier);
        verifier.setDevelopmentKey(false);
        new RiskOracle(observationLog, verifier);
    }
}

contract KeyPolicyCaller {
    function requireAllowed(IGroth16Verifier verifier) external view {
        KeyPolicy.requireAllowed(verifier);
    }
}

contract KeyPolicyTest is Test {
    AcceptAnyVerifier private verifier = new AcceptAnyVerifier();
    KeyPolicyCaller private policy = new KeyPolicyCaller();

    function _isListed(uint64 chainId) private pure returns (bool) {
        return chainId == 1_337 || (chainId >= 31_337 && chainId <= 31_399) || chainId == 11_155_111
            || chainId == 84_532 || chainId == 421_614 || chainId == 11_155_420;
    }

    function testFuzz_developmentKey_onlyOnListedChains(uint64 chainId) public {
        chainId = uint64(bound(chainId, 1, type(uint64).max - 1));
        vm.chainId(chainId);
        if (!_isListed(chainId)) {
            vm.expectRevert(abi.encodeWithSelector(KeyPolicy.DevelopmentKeyRefused.selector, chainId));
        }
        policy.requireAllowed(verifier);
    }

    function test_developmentKey_atTheEdgesOfTheList() public {
        uint64[14] memory ids = [
            uint64(1_336),
            1_337,
            1_338,
            31_336,
            31_337,
            31_338,
            31_399,
            31_400,
            11_155_111,
            84_532,
            421_614,
            11_155_420,
            1,
            8_453
        ];
        for (uint256 i; i < ids.length; ++i) {
            testFuzz_developmentKey_onlyOnListedChains(ids[i]);
        }
    }

    function testFuzz_ceremonyKey_everywhere(uint64 chainId) public {
        vm.chainId(bound(chainId, 1, type(uint64).max - 1));
        verifier.setDevelopmentKey(false);
        policy.requireAllowed(verifier);
    }

    function test_revertsWhenVerifierWithoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(KeyPolicy.VerifierWithoutCode.selector, address(5)));
        policy.requireAllowed(IGroth16Verifier(address(5)));
    }
}
