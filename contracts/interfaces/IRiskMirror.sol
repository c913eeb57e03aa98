// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IRiskState} from "./IRiskState.sol";

/// @title The hub's risk states on a spoke
interface IRiskMirror is IRiskState {
    /// @notice A state arrived and is not newer than the latest: nothing changed.
    event StaleRiskStateIgnored(bytes32 indexed guid, uint64 index, uint64 latestIndex);
    /// @notice A message arrived that is no risk state this contract can hold: nothing changed.
    event MessageIgnored(bytes32 indexed guid, uint32 indexed srcEid, bytes32 messageHash);
}
