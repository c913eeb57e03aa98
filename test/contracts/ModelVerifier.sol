// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IGroth16Verifier} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {ArrayWords} from "../../contracts/libraries/ArrayWords.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {Book, MarginFacts, ScenarioMargin} from "../../contracts/libraries/ScenarioMargin.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";

/// @notice What the model says of an account.
/// @param equity {ppm of a dollar}
/// @param requirements {ppm of a dollar} of both levels, maintenance first
struct Figures {
    int256 equity;
    uint256[2] requirements;
}

/// @title A verifier that accepts the margin and solvency statements whose results the model confirms
/// @notice Why it exists: forge cannot make a proof, and with a verifier that accepts anything a fuzz would wander among accounts
/// that no prover could have let through. This one holds a statement true where ScenarioMargin, which agrees with the circuit bit
/// for bit (test/vectors/margin.json), finds at least this equity and at most these requirements over the very arrays that it
/// names. It does what the circuit proves, with keccak in the place of the sponge; the real verifier and real proofs have
/// their own tests.
contract ModelVerifier is IGroth16Verifier {
    using ArrayWords for uint256[];
    using Lanes for uint256;
    using Numbers for uint256;

    bool public constant developmentKey = true;
    mapping(bytes32 publicInputs => bool) private known;

    error NotWhatTheModelSays();

    function keyHash() external pure returns (bytes32) {
        return keccak256("no key");
    }

    function verifyProof(
        uint256[2] calldata,
        uint256[2][2] calldata,
        uint256[2] calldata,
        uint256[3] calldata inputs
    ) external view returns (bool) {
        return known[keccak256(abi.encode(inputs))];
    }

    /// @notice What stands in the place of the sponge over an array's words.
    function commitmentOf(uint256[] memory words) public pure returns (uint256 commitment) {
        uint256 at = Protocol.RISK_ARRAY_ARRAY_COMMITMENT_OFFSET;
        uint256 said = words[at];
        words[at] = 0;
        commitment = uint256(keccak256(abi.encode(words))) % Protocol.FIELD_MODULUS;
        words[at] = said;
    }

    /// @notice From now on the statement is proven. Reverts where it is false.
    /// @param words of the statement
    /// @param arrayWords 116 of each array that the statement names
    function prove(uint256[] calldata words, uint256[][4] calldata arrayWords)
        external
        returns (uint256 commitment)
    {
        _check(words, arrayWords);
        return _know(Protocol.DOMAIN_MARGIN_STATEMENT, words);
    }

    /// @notice The same of several accounts: each of them has a margin statement that is true, and they come to the totals (Q-3).
    function proveSolvency(uint256[] calldata words, uint256[][4] calldata arrayWords)
        external
        returns (uint256 commitment)
    {
        int256[4] memory totals;
        uint256[] memory single = new uint256[](Protocol.MARGIN_LENGTH);
        uint256 prices = Protocol.MARGIN_COLLATERAL_PRICES_OFFSET;
        for (uint256 w; prices + w < Protocol.MARGIN_RESULT_OFFSET; ++w) {
            single[prices + w] = words[Protocol.SOLVENCY_COLLATERAL_PRICES_OFFSET + w];
        }
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            single[Protocol.MARGIN_ARRAY_COMMITMENTS_OFFSET + array] =
                words[Protocol.SOLVENCY_ARRAY_COMMITMENTS_OFFSET + array];
        }
        for (uint256 i; i < Protocol.SOLVENCY_RESULTS_LENGTH; ++i) {
            for (uint256 w; w < prices; ++w) {
                single[w] = words[prices * i + w];
            }
            uint256 said = words[Protocol.SOLVENCY_RESULTS_OFFSET + i];
            single[Protocol.MARGIN_RESULT_OFFSET] = said;
            this.check(single, arrayWords);
            int256 equity = said.readSigned(Clearing.MARGIN_RESULT_EQUITY, Clearing.TRIPLE_LANES);
            totals[0] += equity;
            totals[1] += int256(said.read(Clearing.MARGIN_RESULT_MAINTENANCE_MARGIN, Clearing.TRIPLE_LANES));
            totals[2] += int256(said.read(Clearing.MARGIN_RESULT_INITIAL_MARGIN, Clearing.TRIPLE_LANES));
            if (equity < 0) totals[3] -= equity;
        }
        require(words[Protocol.SOLVENCY_TOTALS_OFFSET] == totalsOf(totals), NotWhatTheModelSays());
        return _know(Protocol.DOMAIN_SOLVENCY_STATEMENT, words);
    }

    /// @param totals {ppm of a dollar} equity, maintenance and initial margin, shortfall
    function totalsOf(int256[4] memory totals) public pure returns (uint256 word) {
        uint256 triple = Clearing.TRIPLE_LANES;
        word = word.placeSigned(Clearing.SOLVENCY_TOTALS_EQUITY, triple, totals[0]);
        word = word.place(Clearing.SOLVENCY_TOTALS_MAINTENANCE_MARGIN, triple, uint256(totals[1]));
        word = word.place(Clearing.SOLVENCY_TOTALS_INITIAL_MARGIN, triple, uint256(totals[2]));
        word = word.place(Clearing.SOLVENCY_TOTALS_SHORTFALL, triple, uint256(totals[3]));
    }

    function _know(uint256 domain, uint256[] calldata words) private returns (uint256 commitment) {
        commitment = uint256(keccak256(abi.encode(domain, words))) % Protocol.FIELD_MODULUS;
        uint256 z = Statement.challenge(domain, words, commitment);
        uint256[3] memory inputs = [commitment, z, Statement.evaluate(words, z)];
        known[keccak256(abi.encode(inputs))] = true;
    }

    /// @notice Reverts where a margin statement is false.
    function check(uint256[] calldata words, uint256[][4] calldata arrayWords) external pure {
        _check(words, arrayWords);
    }

    function _check(uint256[] calldata words, uint256[][4] calldata arrayWords) private pure {
        uint256[10] memory account;
        for (uint256 i; i < account.length; ++i) {
            account[i] = words[i];
        }
        Figures memory found = figures(factsOf(words, arrayWords), account, arrayWords);
        uint256 said = words[Protocol.MARGIN_RESULT_OFFSET];
        int256 equity = said.readSigned(Clearing.MARGIN_RESULT_EQUITY, Clearing.TRIPLE_LANES);
        uint256 maintenance = said.read(Clearing.MARGIN_RESULT_MAINTENANCE_MARGIN, Clearing.TRIPLE_LANES);
        uint256 initial = said.read(Clearing.MARGIN_RESULT_INITIAL_MARGIN, Clearing.TRIPLE_LANES);
        bool bounded = equity <= found.equity && maintenance >= found.requirements[0]
            && initial >= found.requirements[1];
        // no level is named healthy
        bool silent = said >> (Protocol.LANE_BITS * Clearing.MARGIN_RESULT_LEVEL) == 0;
        require(bounded && silent, NotWhatTheModelSays());
    }

    /// @notice The facts of a statement, from its words and the arrays behind its commitments.
    function factsOf(uint256[] calldata words, uint256[][4] calldata arrayWords)
        public
        pure
        returns (MarginFacts memory facts)
    {
        for (uint256 i; i < facts.terms.length; ++i) {
            facts.terms[i] = words[Protocol.MARGIN_COLLATERAL_PRICES_OFFSET + i];
        }
        for (uint256 i; i < facts.jointStates.length; ++i) {
            facts.jointStates[i] = words[Protocol.MARGIN_JOINT_STATES_OFFSET + i];
        }
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            facts.leaders[array] = array;
            uint256 commitment = words[Protocol.MARGIN_ARRAY_COMMITMENTS_OFFSET + array];
            if (commitment == 0) continue;
            require(commitmentOf(arrayWords[array]) == commitment, NotWhatTheModelSays());
            addArray(facts, array, arrayWords[array].spot(), arrayWords[array].step());
            uint256 underlying = arrayWords[array].underlying();
            for (uint256 first; first < array; ++first) {
                if ((facts.arrays >> first) & 1 == 0) continue;
                if (arrayWords[first].underlying() != underlying) continue;
                facts.leaders[array] = first;
                break;
            }
        }
    }

    function addArray(MarginFacts memory facts, uint256 array, uint256 spot, uint256 step) internal pure {
        facts.arrays |= 1 << array;
        (facts.spots[array], facts.steps[array]) = (spot, step);
    }

    /// @notice An account in its worst scenario.
    function figures(MarginFacts memory facts, uint256[10] memory account, uint256[][4] calldata arrayWords)
        public
        pure
        returns (Figures memory found)
    {
        Book memory book = ScenarioMargin.read(facts, account, arrayWords);
        found.equity = book.equity;
        uint256 loss = ScenarioMargin.worstLoss(facts, book, arrayWords);
        for (uint256 level; level < 2; ++level) {
            found.requirements[level] = ScenarioMargin.requirement(facts, book, level, loss);
        }
    }

    /// @return worst number of a scenario with the greatest loss
    function worstOf(MarginFacts memory facts, uint256[10] memory account, uint256[][4] calldata arrayWords)
        external
        pure
        returns (uint256 worst)
    {
        Book memory book = ScenarioMargin.read(facts, account, arrayWords);
        uint256 loss;
        for (uint256 scenario; scenario < Clearing.SCENARIO_COUNT; ++scenario) {
            uint256 here = ScenarioMargin.lossIn(facts, book, arrayWords, scenario);
            if (here > loss) (worst, loss) = (scenario, here);
        }
        require(loss == ScenarioMargin.worstLoss(facts, book, arrayWords), NotWhatTheModelSays());
    }
}
