// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IRiskState} from "./IRiskState.sol";

/// @title Sends the hub's newest risk state to the spokes
interface IRiskBeacon {
    /// @notice A risk state left for a spoke.
    event RiskStateBroadcast(uint64 indexed index, uint32 indexed dstEid, bytes32 guid, uint256 fee);

    /// @notice Thrown when the messages cost more than what was sent along.
    /// @param fee {wei} of the messages up to the one that is too much
    error FeeAboveValue(uint256 fee, uint256 value);
    /// @notice Thrown when the sender refuses what was sent too much.
    error RefundRefused(address receiver, uint256 amount);
    /// @notice Thrown when no spoke is named.
    error NoDestination();

    /// @notice Sends the newest risk state to each spoke. Anyone; the sender pays, and gets back what is too much.
    /// @param options type 3, added to the enforced ones: more gas for the receivers; may be empty
    function broadcast(uint32[] calldata dstEids, bytes calldata options) external payable;

    /// @return fee {wei} of a broadcast now
    function quote(uint32[] calldata dstEids, bytes calldata options) external view returns (uint256 fee);

    /// @notice Where the states come from.
    function riskOracle() external view returns (IRiskState);
}
