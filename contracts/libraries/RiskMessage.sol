// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../generated/Protocol.sol";
import {RiskState} from "../interfaces/IRiskState.sol";

/// @title Risk states as bytes between chains
/// @notice One fixed layout, 402 bytes, big endian: version u8, kind u8, index u64, endTime u64, windowCommitment,
/// 4 covarianceCommitments, volatilities, 6 correlations (32 bytes each).
/// @dev Decoding is total: whatever the bytes, it answers and never reverts, so that no message can block a path.
library RiskMessage {
    uint8 internal constant VERSION = 1;
    /// What a message carries. Receivers pass over kinds they do not know.
    uint8 internal constant KIND_RISK_STATE = 1;

    uint256 internal constant LENGTH = 402;
    uint256 private constant DECAYS_OFFSET = 50;
    uint256 private constant VOLATILITIES_OFFSET = 178;
    uint256 private constant CORRELATIONS_OFFSET = 210;

    function encode(RiskState memory state) internal pure returns (bytes memory) {
        return abi.encodePacked(
            VERSION,
            KIND_RISK_STATE,
            state.index,
            state.endTime,
            state.windowCommitment,
            state.covarianceCommitments,
            state.volatilities,
            state.correlations
        );
    }

    /// @return understood false where the length, version or kind is another, an index or time is 0, a commitment is not
    /// a field element or a word has bits above its lanes. The state is then empty
    function decode(bytes calldata message) internal pure returns (bool understood, RiskState memory state) {
        if (message.length != LENGTH) return (false, state);
        if (uint8(message[0]) != VERSION || uint8(message[1]) != KIND_RISK_STATE) return (false, state);
        RiskState memory read;
        read.index = uint64(bytes8(message[2:10]));
        read.endTime = uint64(bytes8(message[10:18]));
        read.windowCommitment = _word(message, 18);
        understood = read.index != 0 && read.endTime != 0 && read.windowCommitment < Protocol.FIELD_MODULUS;
        for (uint256 decay; decay < Protocol.DECAY_COUNT; ++decay) {
            read.covarianceCommitments[decay] = _word(message, DECAYS_OFFSET + 32 * decay);
            understood = understood && read.covarianceCommitments[decay] < Protocol.FIELD_MODULUS;
        }
        read.volatilities = _word(message, VOLATILITIES_OFFSET);
        understood = understood && read.volatilities < Protocol.WORD_LIMIT;
        for (uint256 place; place < 6; ++place) {
            read.correlations[place] = _word(message, CORRELATIONS_OFFSET + 32 * place);
            understood = understood && read.correlations[place] < Protocol.WORD_LIMIT;
        }
        if (understood) state = read;
    }

    function _word(bytes calldata message, uint256 offset) private pure returns (uint256) {
        return uint256(bytes32(message[offset:offset + 32]));
    }
}
