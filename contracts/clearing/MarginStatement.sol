// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {SSTORE2} from "solady/utils/SSTORE2.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {Health, IClearingHouse, MarginProof, SolvencyProof} from "../interfaces/IClearingHouse.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IMarginTerms} from "../interfaces/IMarginTerms.sol";
import {IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {AccountWords} from "../libraries/AccountWords.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Numbers} from "../libraries/Numbers.sol";
import {Statement} from "../libraries/Statement.sol";

/// @title The margin statement of an account: all words but `result` and `greeks` are the chain's own
library MarginStatement {
    using AccountWords for uint256[10];
    using Lanes for uint256;
    using Numbers for uint256;

    /// @notice Where the words that the statements of an epoch share are kept.
    /// @param words address whose code holds them: a read of it costs a fifth of reading them where they come from
    /// @param epoch 0 before the first
    /// @param time {s} of the epoch's facts
    struct Kept {
        address words;
        uint32 epoch;
        uint40 time;
    }

    /// @param epoch 0 until they have been read
    /// @param near bit a is set where array a's price has been found near the epoch's
    /// @param words collateralPrices to jointStates, then arrayCommitments
    struct Facts {
        uint32 epoch;
        uint8 near;
        bytes words;
    }

    uint256 private constant PRICES_PER_WORD = 3;
    // Of the shared words
    uint256 private constant FIRST = Protocol.MARGIN_COLLATERAL_PRICES_OFFSET;
    uint256 private constant HAIRCUTS = Protocol.MARGIN_COLLATERAL_HAIRCUTS_OFFSET - FIRST;
    uint256 private constant ARRAYS = Protocol.MARGIN_COLLATERAL_ARRAYS_OFFSET - FIRST;

    /// @notice Reads the words of the current epoch, and keeps them where nobody has yet. Reverts with ArraysTooOld, or where
    /// collateral has no snapshot of it.
    function read(
        Facts memory facts,
        Kept storage kept,
        IRiskArrays arrays,
        IMarginTerms terms,
        uint256 maxAge
    ) internal {
        Kept memory latest = kept;
        if (latest.epoch != arrays.currentNumber()) {
            uint64 number;
            uint64 time;
            (number, time, facts.words) = gather(arrays, terms);
            // an epoch is a minute at least, and a time fits 40 bits
            latest = Kept(SSTORE2.write(facts.words), uint32(number), uint40(time));
            (kept.words, kept.epoch, kept.time) = (latest.words, latest.epoch, latest.time);
        } else if (latest.epoch != 0) {
            facts.words = SSTORE2.read(latest.words);
        }
        require(isYoung(latest, maxAge), IClearingHouse.ArraysTooOld(latest.time, maxAge));
        facts.epoch = latest.epoch;
    }

    /// @notice The words from where they come from.
    function gather(IRiskArrays arrays, IMarginTerms terms)
        internal
        view
        returns (uint64 number, uint64 time, bytes memory shared)
    {
        uint256[3] memory jointStates;
        uint256[4] memory arrayCommitments;
        (number, time, jointStates, arrayCommitments) = arrays.marginFacts();
        shared = abi.encodePacked(terms.facts(), jointStates, arrayCommitments);
    }

    function isYoung(Kept memory latest, uint256 maxAge) internal view returns (bool) {
        return latest.epoch != 0 && block.timestamp - latest.time <= maxAge;
    }

    /// @param shared as gathered
    /// @param account stripped
    function words(bytes memory shared, uint256[10] memory account, uint256 result, uint256[3] memory greeks)
        internal
        pure
        returns (uint256[] memory statement)
    {
        statement = new uint256[](Protocol.MARGIN_LENGTH);
        uint256 prices = Protocol.MARGIN_COLLATERAL_PRICES_OFFSET;
        uint256 resultAt = Protocol.MARGIN_RESULT_OFFSET;
        uint256 commitments = Protocol.MARGIN_ARRAY_COMMITMENTS_OFFSET;
        uint256 count = Protocol.MARGIN_ARRAY_COMMITMENTS_LENGTH;
        assembly ("memory-safe") {
            let to := add(statement, 0x20)
            let from := add(shared, 0x20)
            let most := shl(5, sub(resultAt, prices))
            mcopy(to, account, shl(5, prices))
            mcopy(add(to, shl(5, prices)), from, most)
            mcopy(add(to, shl(5, commitments)), add(from, most), shl(5, count))
        }
        statement[resultAt] = result;
        for (uint256 i; i < 3; ++i) {
            statement[Protocol.MARGIN_GREEKS_OFFSET + i] = greeks[i];
        }
    }

    /// @notice Reverts unless the proof holds of the account over the epoch.
    function verify(
        Facts memory facts,
        uint256[10] memory account,
        IGroth16Verifier verifier,
        MarginProof calldata proof
    ) internal view {
        Statement.verify(
            verifier,
            Protocol.DOMAIN_MARGIN_STATEMENT,
            words(facts.words, account, proof.result, proof.greeks),
            Protocol.MARGIN_LANE_WORDS,
            proof.commitment,
            proof.proof
        );
    }

    /// @notice The words of several accounts, in whose places nobody stands yet: `place` puts them there.
    function solvencyWords(bytes memory shared, SolvencyProof calldata proof)
        internal
        pure
        returns (uint256[] memory statement)
    {
        statement = new uint256[](Protocol.SOLVENCY_LENGTH);
        uint256 prices = Protocol.SOLVENCY_COLLATERAL_PRICES_OFFSET;
        uint256 resultsAt = Protocol.SOLVENCY_RESULTS_OFFSET;
        uint256 commitments = Protocol.SOLVENCY_ARRAY_COMMITMENTS_OFFSET;
        uint256 count = Protocol.SOLVENCY_ARRAY_COMMITMENTS_LENGTH;
        assembly ("memory-safe") {
            let to := add(statement, 0x20)
            let from := add(shared, 0x20)
            let most := shl(5, sub(resultsAt, prices))
            mcopy(add(to, shl(5, prices)), from, most)
            mcopy(add(to, shl(5, commitments)), add(from, most), shl(5, count))
        }
        for (uint256 i; i < Protocol.SOLVENCY_RESULTS_LENGTH; ++i) {
            statement[resultsAt + i] = proof.results[i];
        }
        statement[Protocol.SOLVENCY_TOTALS_OFFSET] = proof.totals;
    }

    /// @param account stripped
    function place(uint256[] memory statement, uint256 at, uint256[10] memory account) internal pure {
        assembly ("memory-safe") {
            mcopy(add(add(statement, 0x20), mul(at, 0x140)), account, 0x140)
        }
    }

    /// @notice What a proven result says. Its level and flag are for readers of one number, and not looked at.
    function figures(uint256 result) internal pure returns (Health memory proven) {
        uint256 mask = (1 << 63) - 1;
        // three triples of 63 bits, the first one signed
        proven.equity = int64(int256(result & mask) - (1 << 62));
        proven.maintenanceMargin =
            uint64((result >> (Protocol.LANE_BITS * Clearing.MARGIN_RESULT_MAINTENANCE_MARGIN)) & mask);
        proven.initialMargin =
            uint64((result >> (Protocol.LANE_BITS * Clearing.MARGIN_RESULT_INITIAL_MARGIN)) & mask);
    }

    /// @notice Reverts unless the prices that an account's margin hangs on are those of now (H-2.6).
    function requireNear(Facts memory facts, IRiskArrays arrays, uint256[10] memory account) internal view {
        uint256 asked = arraysOf(account, facts.words) & ~uint256(facts.near);
        if (asked == 0) return;
        arrays.requireSpotsNear(asked);
        facts.near |= uint8(asked);
    }

    /// @notice Bit a is set where the account has anything in array a: a position, or collateral that counts and is its
    /// underlying.
    function arraysOf(uint256[10] memory account, bytes memory shared) internal pure returns (uint256 which) {
        which = account.arraysHeld();
        (uint256 haircuts, uint256 underlyings) = (_word(shared, HAIRCUTS), _word(shared, ARRAYS));
        unchecked {
            for (uint256 lane; underlyings != 0; ++lane) {
                uint256 array = underlyings & (Protocol.LANE_LIMIT - 1);
                underlyings >>= Protocol.LANE_BITS;
                if (array == 0 || account.balance(lane) == 0 || haircuts.get(lane) >= Protocol.PPM) continue;
                which |= 1 << (array - 1);
            }
        }
    }

    function _word(bytes memory shared, uint256 at) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(shared, 0x20), shl(5, at)))
        }
    }

    /// @notice {ppm of a dollar} what collateral adds to equity: Σ of the balances' values, each rounded down (G-6).
    function collateralValue(uint256[10] memory account, bytes memory shared)
        internal
        pure
        returns (uint256 value)
    {
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            uint256 balance = account.balance(lane);
            if (balance == 0) continue;
            // collateralPrices come first
            uint256 word = _word(shared, lane / PRICES_PER_WORD);
            uint256 price = word.read(Clearing.QUAD_LANES * (lane % PRICES_PER_WORD), Clearing.QUAD_LANES);
            // {ppm of a dollar} = {ppm of a token} * {ppt of a dollar} / {ppt}
            value += balance * price / Clearing.PPT;
        }
    }
}
