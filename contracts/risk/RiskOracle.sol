// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../generated/Protocol.sol";
import {IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";
import {IObservationLog} from "../interfaces/IObservationLog.sol";
import {IRiskOracle} from "../interfaces/IRiskOracle.sol";
import {IRiskState, RiskState} from "../interfaces/IRiskState.sol";
import {HeadChain} from "../libraries/HeadChain.sol";
import {RiskStates} from "../libraries/RiskStates.sol";
import {Statement} from "../libraries/Statement.sol";
import {KeyPolicy} from "../proofs/KeyPolicy.sol";

/// @title Proven volatilities, correlations and covariance commitments of the hub's observations
/// @notice A public good: any contract may read it, and anyone may move it forward with a proof.
///
/// ASSUMPTIONS  The log's words are what was observed. The verifier's circuit proves rules C-1 to C-5 of the covariance
///              statement, and its key is sound (KeyPolicy refuses development keys where value may live).
/// LIVENESS     Whoever has the log's events can prove and accept. Windows may be skipped; they only need to move forward.
/// ROUNDING     Volatilities and correlations are rounded down, in the circuit.
/// ROLES        None. Neither the log nor the verifier can be changed.
contract RiskOracle is IRiskOracle {
    using RiskStates for RiskStates.Ring;

    /// @inheritdoc IRiskOracle
    IObservationLog public immutable log;
    /// @inheritdoc IRiskOracle
    IGroth16Verifier public immutable verifier;

    RiskStates.Ring private ring;

    constructor(IObservationLog log_, IGroth16Verifier verifier_) {
        KeyPolicy.requireAllowed(verifier_);
        log = log_;
        verifier = verifier_;
        ring.prepare();
    }

    /// @inheritdoc IRiskOracle
    function accept(uint64 index, uint256[] calldata words, uint256 commitment, Proof calldata proof)
        external
    {
        require(
            words.length == Protocol.COVARIANCE_LENGTH,
            WordCountWrong(words.length, Protocol.COVARIANCE_LENGTH)
        );
        require(ring.isNewer(index), WindowNotNewer(index, ring.latestIndex));
        require(index >= Protocol.WINDOW_LENGTH, WindowTooShort(index));

        bytes32 start = log.head(index - uint64(Protocol.WINDOW_LENGTH));
        bytes32 end = HeadChain.replay(start, words, Protocol.COVARIANCE_OBSERVATIONS_LENGTH);
        require(end == log.head(index), WindowNotInLog(index));

        Statement.verify(
            verifier,
            Protocol.DOMAIN_COVARIANCE_STATEMENT,
            words,
            Protocol.COVARIANCE_LANE_WORDS,
            commitment,
            proof
        );

        ring.accept(_stateOf(index, words));
    }

    /// @inheritdoc IRiskState
    function latestIndex() external view returns (uint64) {
        return ring.latestIndex;
    }

    /// @inheritdoc IRiskState
    function riskState(uint64 index) external view returns (RiskState memory) {
        return ring.find(index);
    }

    /// @inheritdoc IRiskState
    function covarianceCommitment(uint64 index, uint256 decayIndex)
        external
        view
        returns (uint256 commitment, uint64 endTime)
    {
        return ring.covarianceCommitment(index, decayIndex);
    }

    /// @inheritdoc IRiskState
    function volatilities(uint64 index) external view returns (uint256) {
        return ring.find(index).volatilities;
    }

    /// @inheritdoc IRiskState
    function correlations(uint64 index) external view returns (uint256[6] memory) {
        return ring.find(index).correlations;
    }

    /// @dev What the statement's words say, with the time that the log says.
    function _stateOf(uint64 index, uint256[] calldata words) private view returns (RiskState memory state) {
        state.index = index;
        state.endTime = log.timestampOf(index);
        state.volatilities = words[Protocol.COVARIANCE_VOLATILITIES_OFFSET];
        for (uint256 i; i < Protocol.COVARIANCE_CORRELATIONS_LENGTH; ++i) {
            state.correlations[i] = words[Protocol.COVARIANCE_CORRELATIONS_OFFSET + i];
        }
        state.windowCommitment = words[Protocol.COVARIANCE_WINDOW_COMMITMENT_OFFSET];
        for (uint256 i; i < Protocol.COVARIANCE_COVARIANCE_COMMITMENTS_LENGTH; ++i) {
            state.covarianceCommitments[i] = words[Protocol.COVARIANCE_COVARIANCE_COMMITMENTS_OFFSET + i];
        }
    }
}
