// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IRiskState, RiskState} from "../../contracts/interfaces/IRiskState.sol";
import {RiskStates} from "../../contracts/libraries/RiskStates.sol";

/// @title A source of risk states that need no proof: for tests of what carries them
/// @notice The oracle's ring with an open door. What the oracle accepts is tested where it is proven.
contract RiskStateFixture is IRiskState {
    using RiskStates for RiskStates.Ring;

    RiskStates.Ring private _ring;

    constructor() {
        _ring.prepare();
    }

    function accept(RiskState memory state) external returns (bool) {
        return _ring.accept(state);
    }

    function latestIndex() external view returns (uint64) {
        return _ring.latestIndex;
    }

    function riskState(uint64 index) external view returns (RiskState memory) {
        return _ring.find(index);
    }

    function covarianceCommitment(uint64 index, uint256 decayIndex) external view returns (uint256, uint64) {
        return _ring.covarianceCommitment(index, decayIndex);
    }

    function volatilities(uint64 index) external view returns (uint256) {
        return _ring.find(index).volatilities;
    }

    function correlations(uint64 index) external view returns (uint256[6] memory) {
        return _ring.find(index).correlations;
    }
}
