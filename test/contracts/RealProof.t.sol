// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {CovarianceVerifier} from "../../contracts/generated/CovarianceVerifier.sol";
import {ParityVerifier} from "../../contracts/generated/ParityVerifier.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IGroth16Verifier} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {IParityVault, MandateWords, VaultConfig} from "../../contracts/interfaces/IParityVault.sol";
import {IRiskOracle} from "../../contracts/interfaces/IRiskOracle.sol";
import {RiskState} from "../../contracts/interfaces/IRiskState.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {KeyPolicy} from "../../contracts/proofs/KeyPolicy.sol";
import {RiskOracle} from "../../contracts/risk/RiskOracle.sol";
import {ParityVault} from "../../contracts/vault/ParityVault.sol";
import {Fixture} from "./Fixture.sol";
import {ProvenVector} from "./ProvenVector.sol";

/// @notice One epoch of test/vectors/epoch.json, with the real verifiers: prices through the log, the proof of their risk
/// state, and the proof of an allocation with a binding cap.
contract RealProofTest is Fixture, ProvenVector {
    using Lanes for uint256;

    Proven private covariance;
    Proven private parity;
    uint64 private index;

    function setUp() public {
        string memory json = vm.readFile("test/vectors/epoch.json");
        covariance = _read(json, ".covariance");
        parity = _read(json, ".parity");
        uint256 assets = vm.parseJsonUint(json, ".assets");
        uint256[] memory answers = _uints(json, ".answers");

        _deployFacts(assets);
        for (uint256 row; row < answers.length / assets; ++row) {
            for (uint256 i; i < assets; ++i) {
                prices[i] = int120(int256(answers[row * assets + i]));
            }
            _tick();
        }
        index = observationLog.index();
        oracle = new RiskOracle(observationLog, new CovarianceVerifier());
        _deployTokens();
        vault = _vault(MandateWords(parity.words[0], parity.words[1], parity.words[2]));
    }

    function _vault(MandateWords memory mandate) private returns (ParityVault) {
        VaultConfig memory config = _config();
        config.verifier = new ParityVerifier();
        return new ParityVault(config, mandate);
    }

    function _accept() private {
        oracle.accept(index, covariance.words, covariance.commitment, covariance.proof);
    }

    function _allocateProven() private {
        vault.allocate(index, parity.words[3], parity.words[4], parity.commitment, parity.proof);
    }

    // --- shared vectors

    function test_log_observesTheWordsOfTypeScript() public view {
        uint256 start = words.length - Protocol.WINDOW_LENGTH;
        for (uint256 i; i < Protocol.WINDOW_LENGTH; ++i) {
            assertEq(words[start + i], covariance.words[i]);
        }
    }

    function test_statement_equalsTypeScript() public view {
        _assertStatement(Protocol.DOMAIN_COVARIANCE_STATEMENT, covariance);
        _assertStatement(Protocol.DOMAIN_PARITY_STATEMENT, parity);
    }

    // --- covariance

    function test_accept_storesTheProvenState() public {
        _accept();
        RiskState memory state = oracle.riskState(index);
        assertEq(state.index, index);
        assertEq(state.endTime, vm.getBlockTimestamp());
        assertEq(state.volatilities, covariance.words[Protocol.COVARIANCE_VOLATILITIES_OFFSET]);
        assertEq(state.windowCommitment, covariance.words[Protocol.COVARIANCE_WINDOW_COMMITMENT_OFFSET]);
        assertEq(state.covarianceCommitments[2], parity.words[5], "the allocation is of this state");
    }

    function testFuzz_accept_revertsWhenWordTampered(uint256 place, uint256 bit) public {
        place = bound(place, 0, covariance.words.length - 1);
        bit = bound(bit, 0, 250);
        covariance.words[place] ^= 1 << bit;
        if (covariance.words[place] >= Protocol.FIELD_MODULUS) covariance.words[place] >>= 4;
        vm.expectRevert(
            place < Protocol.WINDOW_LENGTH
                ? abi.encodeWithSelector(IRiskOracle.WindowNotInLog.selector, index)
                : abi.encodeWithSelector(Statement.StatementNotProven.selector)
        );
        _accept();
    }

    function test_accept_revertsWhenWindowIsAnother() public {
        prices[0] += 1e8;
        _tick();
        vm.expectRevert(abi.encodeWithSelector(IRiskOracle.WindowNotInLog.selector, index + 1));
        oracle.accept(index + 1, covariance.words, covariance.commitment, covariance.proof);
    }

    function testFuzz_accept_revertsWhenCommitmentTampered(uint256 commitment) public {
        commitment = bound(commitment, 0, Protocol.FIELD_MODULUS - 1);
        vm.assume(commitment != covariance.commitment);
        vm.expectRevert(Statement.StatementNotProven.selector);
        oracle.accept(index, covariance.words, commitment, covariance.proof);
    }

    function test_accept_revertsWhenProofIsOfParity() public {
        vm.expectRevert(Statement.StatementNotProven.selector);
        oracle.accept(index, covariance.words, covariance.commitment, parity.proof);
    }

    // --- parity

    function test_allocate_storesTheProvenWeights() public {
        _accept();
        _allocateProven();
        assertEq(vault.allocation().weights, parity.words[3]);
        assertEq(vault.allocation().exposure, parity.words[4].get(Protocol.PORTFOLIO_EXPOSURE));
        assertEq(parity.words[3].get(0), 240_000, "the first asset stands at its cap");
    }

    /// One ppm from one lane to another: sums, caps and budgets still hold, so only the proof refuses it.
    function testFuzz_allocate_revertsWhenWeightsTampered(uint256 from, uint256 to) public {
        _accept();
        from = bound(from, 0, 4);
        to = bound(to, 1, 4);
        vm.assume(from != to);
        uint256 weights = parity.words[3];
        weights = weights - (1 << (Protocol.LANE_BITS * from)) + (1 << (Protocol.LANE_BITS * to));
        vm.expectRevert(Statement.StatementNotProven.selector);
        vault.allocate(index, weights, parity.words[4], parity.commitment, parity.proof);
    }

    function testFuzz_allocate_revertsWhenPortfolioTampered(uint256 volatility, uint256 exposure) public {
        _accept();
        uint256 portfolio = uint256(0).put(Protocol.PORTFOLIO_VOLATILITY, bound(volatility, 0, 2 ** 21 - 1))
            .put(Protocol.PORTFOLIO_EXPOSURE, bound(exposure, 0, 1e6));
        vm.assume(portfolio != parity.words[4]);
        vm.expectRevert(Statement.StatementNotProven.selector);
        vault.allocate(index, parity.words[3], portfolio, parity.commitment, parity.proof);
    }

    function test_allocate_revertsWhenMandateIsAnother() public {
        _accept();
        uint256 terms = parity.words[0] + (1 << (Protocol.LANE_BITS * Protocol.TERM_VERSION));
        vault = _vault(MandateWords(terms, parity.words[1], parity.words[2]));
        vm.expectRevert(Statement.StatementNotProven.selector);
        _allocateProven();
    }

    function test_allocate_sameProofForManyVaults() public {
        _accept();
        _allocateProven();
        vault = _vault(MandateWords(parity.words[0], parity.words[1], parity.words[2]));
        _allocateProven();
    }

    function test_allocate_revertsWhenReplayed() public {
        _accept();
        _allocateProven();
        vm.expectRevert(abi.encodeWithSelector(IParityVault.AllocationNotNewer.selector, index, index));
        _allocateProven();
    }

    // --- verifiers

    function test_verifiers_refuseAnyInputPlusR() public {
        _assertRefusesPlusR(new CovarianceVerifier(), covariance);
        _assertRefusesPlusR(new ParityVerifier(), parity);
    }

    function test_verifiers_areOfDevelopmentKeys() public {
        assertTrue(new CovarianceVerifier().developmentKey());
        assertTrue(new ParityVerifier().developmentKey());
        vm.chainId(1);
        IGroth16Verifier circuit = new CovarianceVerifier();
        vm.expectRevert(abi.encodeWithSelector(KeyPolicy.DevelopmentKeyRefused.selector, 1));
        new RiskOracle(observationLog, circuit);
    }
}
