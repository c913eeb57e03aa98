// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IGroth16Verifier, Proof} from "./IGroth16Verifier.sol";
import {IObservationLog} from "./IObservationLog.sol";
import {IRiskState} from "./IRiskState.sol";

/// @title Where risk states are proven, on the hub
interface IRiskOracle is IRiskState {
    /// @notice Thrown when the words are not exactly those of a covariance statement.
    error WordCountWrong(uint256 count, uint256 expected);
    /// @notice Thrown when the window does not end after the latest accepted one.
    error WindowNotNewer(uint64 index, uint64 latest);
    /// @notice Thrown when the window would begin before the log's first observation.
    error WindowTooShort(uint64 index);
    /// @notice Thrown when the first 240 words are not the log's words up to `index`.
    error WindowNotInLog(uint64 index);

    /// @notice Accepts the risk state of the window that ends at `index`. Anyone; needs nothing but the proof.
    /// @param words the statement: 240 observations, oldest first, volatilities, 6 correlations, windowCommitment,
    /// 4 covarianceCommitments
    /// @param commitment C, the sponge of the words, which the proof vouches for
    function accept(uint64 index, uint256[] calldata words, uint256 commitment, Proof calldata proof) external;

    function log() external view returns (IObservationLog);

    function verifier() external view returns (IGroth16Verifier);
}
