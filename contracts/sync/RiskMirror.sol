// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {OAppReceiver, Origin} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/OAppReceiver.sol";
import {OAppCore} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/OAppCore.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IRiskMirror} from "../interfaces/IRiskMirror.sol";
import {IRiskState, RiskState} from "../interfaces/IRiskState.sol";
import {RiskMessage} from "../libraries/RiskMessage.sol";
import {RiskStates} from "../libraries/RiskStates.sol";

/// @title RiskMirror
/// @notice On a spoke: keeps the risk states the hub's beacon sends, and reads like the hub's oracle.
///
/// ASSUMPTIONS  The endpoint, the verifiers configured for it and the peer say truly what the hub accepted: the proof itself was
///              checked on the hub. Vaults check their own proof against the commitment kept here.
/// LIVENESS     Unordered: a newer state is applied, an older one ignored. Receiving never reverts for what a message says, so
///              no message can hold up those behind it.
/// ROLES        owner: peer and delegate. At worst it cuts this spoke off, or names a peer that lies; it sits behind the timelock.
contract RiskMirror is IRiskMirror, OAppReceiver {
    using RiskStates for RiskStates.Ring;

    RiskStates.Ring private _ring;

    constructor(address endpoint_, address owner_) OAppCore(endpoint_, owner_) Ownable(owner_) {
        _ring.prepare();
    }

    /// @dev Endpoint and peer are checked by the base contract.
    function _lzReceive(Origin calldata origin, bytes32 guid, bytes calldata message, address, bytes calldata)
        internal
        override
    {
        (bool understood, RiskState memory state) = RiskMessage.decode(message);
        if (!understood) {
            emit MessageIgnored(guid, origin.srcEid, keccak256(message));
        } else if (!_ring.accept(state)) {
            emit StaleRiskStateIgnored(guid, state.index, _ring.latestIndex);
        }
    }

    /// @inheritdoc IRiskState
    function latestIndex() external view returns (uint64) {
        return _ring.latestIndex;
    }

    /// @inheritdoc IRiskState
    function riskState(uint64 index) external view returns (RiskState memory) {
        return _ring.find(index);
    }

    /// @inheritdoc IRiskState
    function covarianceCommitment(uint64 index, uint256 decayIndex)
        external
        view
        returns (uint256 commitment, uint64 endTime)
    {
        return _ring.covarianceCommitment(index, decayIndex);
    }

    /// @inheritdoc IRiskState
    function volatilities(uint64 index) external view returns (uint256) {
        return _ring.find(index).volatilities;
    }

    /// @inheritdoc IRiskState
    function correlations(uint64 index) external view returns (uint256[6] memory) {
        return _ring.find(index).correlations;
    }
}
