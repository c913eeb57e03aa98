// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {Health, IClearingHouse, MarginProof} from "../interfaces/IClearingHouse.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IMarginTerms} from "../interfaces/IMarginTerms.sol";
import {IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {AccountWords} from "../libraries/AccountWords.sol";
import {Numbers} from "../libraries/Numbers.sol";
import {Statement} from "../libraries/Statement.sol";

/// @title The margin statement of an account: all words but `result` and `greeks` are the chain's own
library MarginStatement {
    using AccountWords for uint256[10];
    using Numbers for uint256;

    /// @notice What the statements of an epoch share.
    /// @param epoch 0 until it has been read
    /// @param terms words collateralPrices to marginTerms
    struct Facts {
        uint64 epoch;
        uint256[8] terms;
        uint256[3] jointStates;
        uint256[4] arrayCommitments;
    }

    uint256 private constant PRICES_PER_WORD = Protocol.LANE_COUNT / Clearing.QUAD_LANES;

    /// @notice Reads the current epoch. Reverts with ArraysTooOld, or where collateral has no snapshot of it.
    function read(Facts memory facts, IRiskArrays arrays, IMarginTerms terms, uint256 maxAge) internal view {
        uint64 time;
        (facts.epoch, time, facts.jointStates, facts.arrayCommitments) = arrays.marginFacts();
        require(isYoung(facts.epoch, time, maxAge), IClearingHouse.ArraysTooOld(time, maxAge));
        facts.terms = terms.facts();
    }

    function isYoung(uint64 epoch, uint64 time, uint256 maxAge) internal view returns (bool) {
        return epoch != 0 && block.timestamp - time <= maxAge;
    }

    function words(Facts memory facts, uint256[10] memory account, uint256 result, uint256[3] memory greeks)
        internal
        pure
        returns (uint256[] memory statement)
    {
        statement = new uint256[](Protocol.MARGIN_LENGTH);
        for (uint256 i; i < account.length; ++i) {
            statement[Protocol.MARGIN_POSITIONS_OFFSET + i] = account[i];
        }
        for (uint256 i; i < facts.terms.length; ++i) {
            statement[Protocol.MARGIN_COLLATERAL_PRICES_OFFSET + i] = facts.terms[i];
        }
        for (uint256 i; i < facts.jointStates.length; ++i) {
            statement[Protocol.MARGIN_JOINT_STATES_OFFSET + i] = facts.jointStates[i];
            statement[Protocol.MARGIN_GREEKS_OFFSET + i] = greeks[i];
        }
        statement[Protocol.MARGIN_RESULT_OFFSET] = result;
        for (uint256 i; i < facts.arrayCommitments.length; ++i) {
            statement[Protocol.MARGIN_ARRAY_COMMITMENTS_OFFSET + i] = facts.arrayCommitments[i];
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
            words(facts, account, proof.result, proof.greeks),
            Protocol.MARGIN_LANE_WORDS,
            proof.commitment,
            proof.proof
        );
    }

    /// @notice What a proven result says. Its level and flag are for readers of one number, and not looked at.
    function figures(uint256 result) internal pure returns (Health memory proven) {
        uint256 triple = Clearing.TRIPLE_LANES;
        // a triple has 63 bits
        proven.equity = int64(result.readSigned(Clearing.MARGIN_RESULT_EQUITY, triple));
        proven.maintenanceMargin = uint64(result.read(Clearing.MARGIN_RESULT_MAINTENANCE_MARGIN, triple));
        proven.initialMargin = uint64(result.read(Clearing.MARGIN_RESULT_INITIAL_MARGIN, triple));
    }

    /// @notice {ppm of a dollar} what collateral adds to equity: Σ of the balances' values, each rounded down (G-6).
    function collateralValue(uint256[10] memory account, uint256[8] memory terms)
        internal
        pure
        returns (uint256 value)
    {
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            uint256 balance = account.balance(lane);
            if (balance == 0) continue;
            uint256 price = terms[lane
                    / PRICES_PER_WORD].read(
                Clearing.QUAD_LANES * (lane % PRICES_PER_WORD), Clearing.QUAD_LANES
            );
            // {ppm of a dollar} = {ppm of a token} * {ppt of a dollar} / {ppt}
            value += balance * price / Clearing.PPT;
        }
    }
}
