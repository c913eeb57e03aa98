// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {Lanes} from "./Lanes.sol";
import {Numbers} from "./Numbers.sol";

/// @notice What `seriesTerms` says of one place.
/// @param kind Clearing.KIND_*
/// @param expirySlot 0 for perpetuals
/// @param basis {ppm}
/// @param volatility {ppt per √year}
/// @param secondsToExpiry {s}
/// @param strike {ppt of a dollar}
struct SeriesTerms {
    uint256 kind;
    uint256 expirySlot;
    int256 basis;
    uint256 volatility;
    uint256 secondsToExpiry;
    uint256 strike;
}

/// @title The words of a riskArray statement, read and written
/// @dev ASSUMPTIONS the caller has compared `hash(words)` with an accepted one, and so there are 116; places are below 16,
/// states below 31. Anything else reads a neighbour's values or panics.
library ArrayWords {
    using Lanes for uint256;
    using Numbers for uint256;

    /// Words that come from the contract, before the values that only the proof knows.
    uint256 internal constant FACT_WORDS = Protocol.RISK_ARRAY_SERIES_VALUES_OFFSET;
    uint256 private constant PAIRS_PER_WORD = 6;

    // --- identity

    /// @notice What RiskArrays keeps of accepted words.
    function hash(uint256[] calldata words) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(words));
    }

    /// @notice What RiskArrays keeps of an epoch's facts.
    function factsHash(uint256[] calldata words) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(words[:FACT_WORDS]));
    }

    // --- reading

    /// @notice {ppt of spot, per contract} what a long gains in a state (B-7), 0 to 30 in the order of A-2.
    function profit(uint256[] calldata words, uint256 place, uint256 state) internal pure returns (int256) {
        return _value(words, place, state);
    }

    /// @notice {ppt of spot} a call's value for both types (B-6), a perpetual's forward.
    function mark(uint256[] calldata words, uint256 place) internal pure returns (int256) {
        return _value(words, place, Clearing.STATE_COUNT + Clearing.FIGURE_MARK);
    }

    /// @notice {ppt of spot} that profits and marks are at most off (B-9).
    function errorBound(uint256[] calldata words, uint256 place) internal pure returns (int256) {
        return _value(words, place, Clearing.STATE_COUNT + Clearing.FIGURE_ERROR_BOUND);
    }

    /// @param figure Clearing.FIGURE_*
    function figureOf(uint256[] calldata words, uint256 place, uint256 figure)
        internal
        pure
        returns (int256)
    {
        return _value(words, place, Clearing.STATE_COUNT + figure);
    }

    function terms(uint256[] calldata words, uint256 place) internal pure returns (SeriesTerms memory) {
        return unpackTerms(words[Protocol.RISK_ARRAY_SERIES_TERMS_OFFSET + place]);
    }

    /// @notice {ppt of a dollar}
    function spot(uint256[] calldata words) internal pure returns (uint256) {
        return words[Protocol.RISK_ARRAY_MARKET_OFFSET].read(Clearing.MARKET_SPOT, Clearing.QUAD_LANES);
    }

    /// @notice {s}
    function time(uint256[] calldata words) internal pure returns (uint256) {
        return words[Protocol.RISK_ARRAY_MARKET_OFFSET].read(Clearing.MARKET_TIME, Clearing.PAIR_LANES);
    }

    /// @notice Lane of the observation log.
    function underlying(uint256[] calldata words) internal pure returns (uint256) {
        return words[Protocol.RISK_ARRAY_MARKET_OFFSET].get(Clearing.MARKET_UNDERLYING);
    }

    /// @notice {ppm} of spot between two levels.
    function step(uint256[] calldata words) internal pure returns (uint256) {
        return words[Protocol.RISK_ARRAY_SCENARIO_TERMS_OFFSET].get(Clearing.SCENARIO_TERM_STEP);
    }

    function unpackTerms(uint256 word) internal pure returns (SeriesTerms memory) {
        return SeriesTerms({
            kind: word.get(Clearing.SERIES_TERM_KIND),
            expirySlot: word.get(Clearing.SERIES_TERM_EXPIRY_SLOT),
            basis: word.getSigned(Clearing.SERIES_TERM_BASIS),
            volatility: word.read(Clearing.SERIES_TERM_VOLATILITY, Clearing.PAIR_LANES),
            secondsToExpiry: word.read(Clearing.SERIES_TERM_SECONDS, Clearing.PAIR_LANES),
            strike: word.read(Clearing.SERIES_TERM_STRIKE, Clearing.QUAD_LANES)
        });
    }

    // --- writing

    /// @notice Word `seriesTerms` of one place.
    function packTerms(SeriesTerms memory terms_) internal pure returns (uint256 word) {
        word = word.put(Clearing.SERIES_TERM_KIND, terms_.kind);
        word = word.put(Clearing.SERIES_TERM_EXPIRY_SLOT, terms_.expirySlot);
        word = word.putSigned(Clearing.SERIES_TERM_BASIS, terms_.basis);
        word = word.place(Clearing.SERIES_TERM_VOLATILITY, Clearing.PAIR_LANES, terms_.volatility);
        word = word.place(Clearing.SERIES_TERM_SECONDS, Clearing.PAIR_LANES, terms_.secondsToExpiry);
        return word.place(Clearing.SERIES_TERM_STRIKE, Clearing.QUAD_LANES, terms_.strike);
    }

    /// @notice Word `market`.
    function packMarket(uint256 spot_, uint256 time_, uint256 underlying_)
        internal
        pure
        returns (uint256 word)
    {
        word = word.place(Clearing.MARKET_SPOT, Clearing.QUAD_LANES, spot_);
        word = word.place(Clearing.MARKET_TIME, Clearing.PAIR_LANES, time_);
        return word.put(Clearing.MARKET_UNDERLYING, underlying_);
    }

    function _value(uint256[] calldata words, uint256 place, uint256 position) private pure returns (int256) {
        uint256 word = words[
            Protocol.RISK_ARRAY_SERIES_VALUES_OFFSET + Clearing.SERIES_VALUE_WORDS * place + position
                / PAIRS_PER_WORD
        ];
        return word.readSigned(Clearing.PAIR_LANES * (position % PAIRS_PER_WORD), Clearing.PAIR_LANES);
    }
}
