// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IMarginEngine} from "../interfaces/IMarginEngine.sol";
import {IMarginTerms} from "../interfaces/IMarginTerms.sol";
import {Epoch, IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {AccountWords} from "../libraries/AccountWords.sol";
import {ArrayWords} from "../libraries/ArrayWords.sol";
import {Book, MarginFacts, ScenarioMargin} from "../libraries/ScenarioMargin.sol";

/// @title Margins of accounts from an epoch's words, over one scenario or all
///
/// ASSUMPTIONS  What RiskArrays and MarginTerms snapshot for an epoch. A snapshot is the same whether or not somebody has proven
///              what follows from it, so an unproven one counts as well: only who would rather wait for a prover loses by that.
///              A live price is never read here: whoever could read it can begin an epoch with it.
/// LEVELS       The initial level is asked of who wants something, the maintenance level of who would be liquidated: so a token
///              whose source did not answer counts nothing for the one, and less and less for the other (H-2.5).
/// LIVENESS     Views only, and no storage. Nothing here reverts for what an account holds, only for the caller's words.
/// ROUNDING     Equity down, requirements up.
/// ROLES        None.
contract MarginEngine is IMarginEngine {
    using AccountWords for uint256[10];

    /// {s} for which the epoch before the newest one still counts
    uint256 public constant GRACE = 2 minutes;

    IClearingHouse public immutable house;
    IRiskArrays private immutable arrays;
    IMarginTerms private immutable terms;
    uint256 private immutable maxArrayAge;

    constructor(IClearingHouse house_) {
        require(address(house_) != address(0), AddressZero());
        (house, arrays, terms, maxArrayAge) = (house_, house_.arrays(), house_.terms(), house_.maxArrayAge());
    }

    /// @inheritdoc IMarginEngine
    function marginIn(
        bytes32 account,
        uint256 level,
        uint256 scenario,
        uint64 epoch,
        uint256[][4] calldata arrayWords
    ) external view returns (int256, uint256) {
        MarginFacts memory facts = _facts(level, epoch, arrayWords);
        Book memory book = ScenarioMargin.read(facts, house.accountWords(account), arrayWords);
        uint256 loss = ScenarioMargin.lossIn(facts, book, arrayWords, scenario);
        return (book.equity, ScenarioMargin.requirement(facts, book, level, loss));
    }

    /// @inheritdoc IMarginEngine
    function fullMargin(bytes32 account, uint256 level, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        view
        returns (int256, uint256)
    {
        return _full(_facts(level, epoch, arrayWords), house.accountWords(account), level, arrayWords);
    }

    /// @inheritdoc IMarginEngine
    function afterSlice(bytes32 account, bytes32 bidder, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        view
        returns (int256 equity, int256 worth, uint256 requirement)
    {
        MarginFacts memory facts = _facts(Clearing.LEVEL_INITIAL, epoch, arrayWords);
        // which haircuts are no part of
        equity = ScenarioMargin.read(facts, house.accountWords(account), arrayWords).equity;
        uint256[10] memory words = house.accountWords(bidder);
        (worth, requirement) = _full(facts, words, Clearing.LEVEL_INITIAL, arrayWords);
        worth -= words.cash();
    }

    /// @inheritdoc IMarginEngine
    function debtOf(bytes32 account, uint256 lane, uint64 epoch, uint256[][4] calldata arrayWords)
        external
        view
        returns (uint256 debt, uint256 price, uint256 haircut)
    {
        require(lane < Protocol.LANE_COUNT, IClearingHouse.LaneUnknown(lane));
        MarginFacts memory facts = _facts(Clearing.LEVEL_INITIAL, epoch, arrayWords);
        uint256[10] memory words = house.accountWords(account);
        for (uint256 i; i < Protocol.LANE_COUNT; ++i) {
            words.setBalance(i, 0);
        }
        // with cash above 0 too: that may be another's debt, of whom the dollars were lent
        int256 owned = ScenarioMargin.read(facts, words, arrayWords).equity;
        if (owned < 0) debt = uint256(-owned);
        (price, haircut) = ScenarioMargin.priceOf(facts, lane);
    }

    /// @inheritdoc IMarginEngine
    function requireNewest(uint64 epoch) public view {
        uint64 newest = arrays.latestNumber();
        require(epoch == newest, EpochNotNewest(epoch, newest));
    }

    // --- private

    function _full(
        MarginFacts memory facts,
        uint256[10] memory words,
        uint256 level,
        uint256[][4] calldata arrayWords
    ) private pure returns (int256, uint256) {
        Book memory book = ScenarioMargin.read(facts, words, arrayWords);
        uint256 loss = ScenarioMargin.worstLoss(facts, book, arrayWords);
        return (book.equity, ScenarioMargin.requirement(facts, book, level, loss));
    }

    /// @dev L-1: an epoch's facts, and that the words are of it.
    function _facts(uint256 level, uint64 epoch, uint256[][4] calldata arrayWords)
        private
        view
        returns (MarginFacts memory facts)
    {
        require(level <= Clearing.LEVEL_INITIAL, IClearingHouse.LevelUnknown(level));
        uint64 newest = arrays.latestNumber();
        require(
            epoch == newest
                || (epoch == arrays.currentNumber() && block.timestamp < arrays.epochAt(newest).time + GRACE),
            EpochNotNewest(epoch, newest)
        );
        Epoch memory found = arrays.epochAt(epoch);
        uint256 age = block.timestamp - found.time;
        require(age <= maxArrayAge, EpochTooOld(epoch, age, maxArrayAge));
        (facts.arrays, facts.jointStates) = (found.arrays, found.jointStates);
        facts.terms = level == Clearing.LEVEL_INITIAL ? terms.strictFactsAt(epoch) : terms.factsAt(epoch);
        uint256[4] memory underlyings;
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            facts.leaders[array] = array;
            _requireWords(array, found, arrayWords[array]);
            if ((found.arrays >> array) & 1 == 0) continue;
            (facts.spots[array], facts.steps[array]) = (found.spots[array], found.steps[array]);
            underlyings[array] = arrays.underlying(array) + 1;
            for (uint256 first; first < array; ++first) {
                if (underlyings[first] != underlyings[array]) continue;
                facts.leaders[array] = first;
                break;
            }
        }
    }

    function _requireWords(uint256 array, Epoch memory epoch, uint256[] calldata words) private pure {
        if (words.length == 0) return;
        bytes32 hash = ArrayWords.hash(words);
        if (words.length == Protocol.RISK_ARRAY_LENGTH) {
            require(hash == epoch.wordsHashes[array], WordsDiffer(array));
        } else {
            require(words.length == ArrayWords.FACT_WORDS, WordCountWrong(array, words.length));
            require(hash == epoch.factsHashes[array], WordsDiffer(array));
        }
    }
}
