// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice Proven risk facts of one window of observations.
/// @param index of the window's last observation
/// @param endTime {s} of that observation
/// @param windowCommitment sponge of the window's observations
/// @param covarianceCommitments one for each decay: sponge of its covariance triangle
/// @param volatilities lanes {ppm per observation}, rounded down, of the first decay
/// @param correlations signed lanes {ppm} of the pairs i < j, row major, twelve to a word, of the first decay
struct RiskState {
    uint64 index;
    uint64 endTime;
    uint256 windowCommitment;
    uint256[4] covarianceCommitments;
    uint256 volatilities;
    uint256[6] correlations;
}

/// @title Recent risk states by index
/// @notice The same on the hub, where states are proven, and on spokes, where they are mirrored. The last eight are kept,
/// so that a proof in flight survives the arrival of a newer state.
interface IRiskState {
    /// @notice A state became the latest one.
    event RiskStateAccepted(uint64 indexed index, uint64 endTime, uint256 windowCommitment);

    /// @notice Thrown when no state of that index is kept: it was never accepted here, or eight newer ones were.
    error RiskStateUnknown(uint64 index);
    /// @notice Thrown when asked for a decay that the menu does not have.
    error DecayUnknown(uint256 decayIndex);

    /// @return of the latest state, 0 before the first one
    function latestIndex() external view returns (uint64);

    /// @notice A whole state. Reverts with RiskStateUnknown.
    function riskState(uint64 index) external view returns (RiskState memory);

    /// @notice What an allocation leans on: the commitment of one decay's covariance triangle, and the state's age.
    function covarianceCommitment(uint64 index, uint256 decayIndex)
        external
        view
        returns (uint256 commitment, uint64 endTime);

    /// @return lanes {ppm per observation}
    function volatilities(uint64 index) external view returns (uint256);

    /// @return signed lanes {ppm}, pairs i < j row major
    function correlations(uint64 index) external view returns (uint256[6] memory);
}
