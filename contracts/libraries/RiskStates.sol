// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IRiskState, RiskState} from "../interfaces/IRiskState.sol";

/// @title The last eight risk states, by index
/// @notice Kept by the oracle on the hub and by the mirror on a spoke, so that a vault reads the same on both.
/// @dev Every slot is written with something other than zero when the ring is prepared: accepting the first state then
/// costs what accepting a later one costs (a write over zero is 17,100 gas dearer), and gas limits of messages hold from
/// the first message on. A prepared state has index 0, and index 0 is never accepted.
library RiskStates {
    /// States kept. An epoch's states stay readable for seven epochs more.
    uint256 internal constant CAPACITY = 8;

    /// @param latestIndex of the newest state; 0 before the first
    /// @param newest place of the newest state in `states`
    struct Ring {
        uint64 latestIndex;
        uint64 newest;
        RiskState[8] states;
    }

    /// @notice Writes every slot. To be called once, by the constructor of the contract that keeps the ring.
    function prepare(Ring storage ring) internal {
        ring.newest = uint64(CAPACITY - 1);
        for (uint256 place; place < CAPACITY; ++place) {
            RiskState storage state = ring.states[place];
            state.endTime = 1;
            state.windowCommitment = 1;
            for (uint256 decay; decay < 4; ++decay) {
                state.covarianceCommitments[decay] = 1;
            }
            state.volatilities = 1;
            for (uint256 word; word < 6; ++word) {
                state.correlations[word] = 1;
            }
        }
    }

    /// @return whether a state of this index would be accepted
    function isNewer(Ring storage ring, uint64 index) internal view returns (bool) {
        return index > ring.latestIndex;
    }

    /// @notice Keeps a state in place of the oldest one if it is newer than all kept, and emits RiskStateAccepted.
    /// @return accepted false where the state is not newer, and then nothing has changed
    function accept(Ring storage ring, RiskState memory state) internal returns (bool accepted) {
        if (!isNewer(ring, state.index)) return false;
        uint256 place = (ring.newest + 1) % CAPACITY;
        ring.latestIndex = state.index;
        ring.newest = uint64(place);
        ring.states[place] = state;
        emit IRiskState.RiskStateAccepted(state.index, state.endTime, state.windowCommitment);
        return true;
    }

    /// @notice The state of an index, newest looked at first. Reverts with RiskStateUnknown.
    function find(Ring storage ring, uint64 index) internal view returns (RiskState storage) {
        require(index != 0, IRiskState.RiskStateUnknown(index));
        uint256 newest = ring.newest;
        for (uint256 age; age < CAPACITY; ++age) {
            RiskState storage state = ring.states[(newest + CAPACITY - age) % CAPACITY];
            if (state.index == index) return state;
        }
        revert IRiskState.RiskStateUnknown(index);
    }

    /// @notice A commitment and the age of its state. Reverts with DecayUnknown or RiskStateUnknown.
    function covarianceCommitment(Ring storage ring, uint64 index, uint256 decayIndex)
        internal
        view
        returns (uint256 commitment, uint64 endTime)
    {
        require(decayIndex < 4, IRiskState.DecayUnknown(decayIndex));
        RiskState storage state = find(ring, index);
        return (state.covarianceCommitments[decayIndex], state.endTime);
    }
}
