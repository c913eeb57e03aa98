// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {AccountWords} from "./AccountWords.sol";
import {ArrayWords, SeriesTerms} from "./ArrayWords.sol";
import {Black76, Quote, StressState} from "./Black76.sol";
import {Lanes} from "./Lanes.sol";
import {Numbers} from "./Numbers.sol";
import {LoadedTables, PiecewisePolynomials} from "./PiecewisePolynomials.sol";

/// @notice What all accounts of an epoch are measured by.
/// @param arrays bit a is set where there is array a
/// @param spots {ppt of a dollar} of arrays that are there, and 0 of others; `steps` {ppm} too
/// @param leaders the first array of the same underlying, of arrays that are there; others lead themselves
/// @param jointStates words of the margin statement
/// @param terms words collateralPrices to marginTerms of the margin statement
struct MarginFacts {
    uint256 arrays;
    uint256[4] spots;
    uint256[4] steps;
    uint256[4] leaders;
    uint256[3] jointStates;
    uint256[8] terms;
}

/// @notice One position, and what does not depend on the scenario.
/// @param quantity {ppm of a contract}
/// @param worth {ppt of spot} as in G-5, without a put's strike
/// @param strike {ppt of a dollar} of a put, else 0
/// @param delta {ppt of a contract's forward}
/// @param quote what states are priced from, where the array's words say nothing of them
struct Holding {
    uint256 series;
    int256 quantity;
    uint256 kind;
    uint256 slot;
    int256 worth;
    int256 strike;
    int256 delta;
    int256 errorBound;
    Quote quote;
}

/// @notice An account, read.
/// @param credits {ppm of a dollar} of the collateral that moves with each array (G-3)
/// @param haircuts {ppm of a dollar}
/// @param equity {ppm of a dollar}
struct Book {
    Holding[] holdings;
    uint256[4] credits;
    uint256 haircuts;
    int256 equity;
    LoadedTables tables;
}

/// @notice What all arrays of one underlying hold together.
/// @param calls {ppm of a contract}
/// @param puts {ppm of a contract}
/// @param deltas {ppm of a contract * ppt} of each expiry slot
struct Exposure {
    int256 calls;
    int256 puts;
    int256[8] deltas;
}

/// @title An account against scenarios, bit for bit the margin circuit's rules (docs/clearing.md, G-3 to G-7)
/// @notice Of each array it takes either the 116 proven words, or the 19 fact words that they begin with: then it prices
/// itself, and arrives at the same integers.
///
/// ASSUMPTIONS  Words are those of one epoch: the caller has compared their hashes. Positions are in arrays that are there.
/// LIVENESS     Nothing reverts for what an account holds. The caller's words can be missing, which has a named error.
/// ROUNDING     Equity down, requirements up.
/// @dev Unchecked throughout: G-9 shows that every sum fits 255 bits for any words.
library ScenarioMargin {
    using AccountWords for uint256[10];
    using ArrayWords for uint256[];
    using Lanes for uint256;
    using Numbers for uint256;

    /// @notice Thrown when the account has positions in an array whose words were not given.
    error ArrayWordsMissing(uint256 array);
    /// @notice Thrown when a number is that of no scenario.
    error ScenarioUnknown(uint256 scenario);

    uint256 private constant LANES = Protocol.LANE_COUNT;
    uint256 private constant SHOCKS = Clearing.VOLATILITY_SHOCK_COUNT;
    uint256 private constant ARRAYS = Clearing.ARRAY_COUNT;
    uint256 private constant STATES = Clearing.STATE_COUNT;
    uint256 private constant REGULAR_STATES = (2 * Clearing.SPOT_STEPS + 1) * SHOCKS;
    uint256 private constant SKEW_STATES = REGULAR_STATES + Clearing.TAIL_COUNT;
    int256 private constant PPM = int256(Protocol.PPM);
    int256 private constant PPT = int256(Clearing.PPT);
    /// {10⁻³⁰ dollar} in {ppm of a dollar}
    int256 private constant DOLLAR_PPM = PPT * PPT;
    /// {10⁻³⁶ dollar} in {ppm of a dollar}
    uint256 private constant CHARGE_UNIT = Protocol.PPM * Clearing.PPT * Clearing.PPT;

    uint256 private constant PAIRS_PER_WORD = Protocol.LANE_COUNT / Clearing.PAIR_LANES;
    uint256 private constant PAIR_BITS = Protocol.LANE_BITS * Clearing.PAIR_LANES;
    uint256 private constant PAIR_MASK = (1 << PAIR_BITS) - 1;
    int256 private constant PAIR_OFFSET = int256(1 << (PAIR_BITS - 1));

    // Of `terms`
    uint256 private constant PRICES_PER_WORD = Protocol.LANE_COUNT / Clearing.QUAD_LANES;
    uint256 private constant FIRST = Protocol.MARGIN_COLLATERAL_PRICES_OFFSET;
    uint256 private constant HAIRCUTS = Protocol.MARGIN_COLLATERAL_HAIRCUTS_OFFSET - FIRST;
    uint256 private constant SLOPES = Protocol.MARGIN_COLLATERAL_SLOPES_OFFSET - FIRST;
    uint256 private constant COLLATERAL_ARRAYS = Protocol.MARGIN_COLLATERAL_ARRAYS_OFFSET - FIRST;
    uint256 private constant TERMS = Protocol.MARGIN_MARGIN_TERMS_OFFSET - FIRST;

    // --- reading an account

    /// @notice Reads an account. Reverts only with ArrayWordsMissing.
    /// @param words of the account
    /// @param arrayWords of each array, of those without positions none are needed
    function read(MarginFacts memory facts, uint256[10] memory words, uint256[][4] calldata arrayWords)
        internal
        pure
        returns (Book memory book)
    {
        unchecked {
            uint256 count;
            while (count < AccountWords.PLACES) {
                (bool held,,) = words.positionAt(count);
                if (!held) break;
                ++count;
            }
            book.holdings = new Holding[](count);
            book.tables = PiecewisePolynomials.load();
            for (uint256 i; i < count; ++i) {
                (, uint256 series, int256 quantity) = words.positionAt(i);
                _readSeries(book, book.holdings[i], series, arrayWords[series / Clearing.SERIES_PER_ARRAY]);
                book.holdings[i].quantity = quantity;
            }
        }
        _readCollateral(facts, book, words);
        book.equity = _equity(facts, book, words);
    }

    function _readSeries(Book memory book, Holding memory holding, uint256 series, uint256[] calldata words)
        private
        pure
    {
        require(words.length != 0, ArrayWordsMissing(series / Clearing.SERIES_PER_ARRAY));
        uint256 place = series % Clearing.SERIES_PER_ARRAY;
        SeriesTerms memory terms = words.terms(place);
        (holding.series, holding.kind, holding.slot) = (series, terms.kind, terms.expirySlot);
        if (words.length == Protocol.RISK_ARRAY_LENGTH) {
            holding.worth = words.mark(place);
            holding.delta = words.figureOf(place, Clearing.FIGURE_DELTA);
            holding.errorBound = words.errorBound(place);
        } else {
            Quote memory quote = Black76.quote(book.tables, terms, words.spot());
            (holding.worth, holding.delta) = (quote.mark, quote.delta);
            (holding.errorBound, holding.quote) = (int256(quote.errorBound), quote);
        }
        if (terms.kind == Clearing.KIND_PUT) {
            holding.strike = int256(terms.strike);
            // {ppt of spot} = {ppm} * {ppm of spot}
            holding.worth -= PPM * (PPM + terms.basis);
        }
    }

    /// @notice A token of collateral.
    /// @param lane below 12
    /// @return price {ppt of a dollar}
    /// @return haircut {ppm} at most 10⁶
    function priceOf(MarginFacts memory facts, uint256 lane)
        internal
        pure
        returns (uint256 price, uint256 haircut)
    {
        price = _price(facts, lane);
        haircut =
            price == 0 ? Protocol.PPM : FixedPointMathLib.min(facts.terms[HAIRCUTS].get(lane), Protocol.PPM);
    }

    /// @dev G-6.
    function _readCollateral(MarginFacts memory facts, Book memory book, uint256[10] memory words)
        private
        pure
    {
        unchecked {
            for (uint256 lane; lane < LANES; ++lane) {
                uint256 value = _value(facts, words, lane);
                if (value == 0) continue;
                uint256 haircut = facts.terms[HAIRCUTS].get(lane);
                uint256 kept = haircut > Protocol.PPM ? 0 : Protocol.PPM - haircut;
                // {ppm of a dollar}, rounded down
                uint256 credit = value * kept * Clearing.PPT
                    / (Protocol.PPM * Clearing.PPT + facts.terms[SLOPES].get(lane) * value);
                book.haircuts += value - credit;
                uint256 array = facts.terms[COLLATERAL_ARRAYS].get(lane);
                if (array != 0 && array <= ARRAYS) book.credits[array - 1] += credit;
            }
        }
    }

    /// @dev {ppm of a dollar} = {ppm of a token} * {ppt of a dollar} / {ppt}, rounded down.
    function _value(MarginFacts memory facts, uint256[10] memory words, uint256 lane)
        private
        pure
        returns (uint256)
    {
        unchecked {
            uint256 balance = words.balance(lane);
            return balance == 0 ? 0 : balance * _price(facts, lane) / Clearing.PPT;
        }
    }

    function _price(MarginFacts memory facts, uint256 lane) private pure returns (uint256) {
        unchecked {
            uint256 shift = Protocol.LANE_BITS * Clearing.QUAD_LANES * (lane % PRICES_PER_WORD);
            return (facts.terms[lane / PRICES_PER_WORD] >> shift)
                & ((1 << (Protocol.LANE_BITS * Clearing.QUAD_LANES)) - 1);
        }
    }

    /// @dev {ppm of a dollar} G-5, rounded down.
    function _equity(MarginFacts memory facts, Book memory book, uint256[10] memory words)
        private
        pure
        returns (int256 equity)
    {
        unchecked {
            // {10⁻³⁰ dollar}
            int256 worth;
            for (uint256 i; i < book.holdings.length; ++i) {
                Holding memory holding = book.holdings[i];
                int256 spot = int256(facts.spots[holding.series / Clearing.SERIES_PER_ARRAY]);
                worth += holding.quantity * (spot * holding.worth + PPT * holding.strike);
            }
            equity = words.cash() + worth / DOLLAR_PPM;
            if (worth % DOLLAR_PPM < 0) --equity;
            for (uint256 lane; lane < LANES; ++lane) {
                equity += int256(_value(facts, words, lane));
            }
        }
    }

    // --- scenarios

    /// @notice {10⁻³⁰ dollar} loss in one scenario (G-4).
    function lossIn(
        MarginFacts memory facts,
        Book memory book,
        uint256[][4] calldata arrayWords,
        uint256 scenario
    ) internal pure returns (uint256) {
        require(scenario < Clearing.SCENARIO_COUNT, ScenarioUnknown(scenario));
        int256 profit;
        unchecked {
            for (uint256 array; array < ARRAYS; ++array) {
                uint256 state = _stateOf(facts, scenario, array);
                if (state != STATES) profit += _profit(facts, book, arrayWords[array], array, state);
            }
        }
        return profit < 0 ? uint256(-profit) : 0;
    }

    /// @notice {10⁻³⁰ dollar} the greatest loss over all scenarios. It needs no proof, and 31 states of every position.
    function worstLoss(MarginFacts memory facts, Book memory book, uint256[][4] calldata arrayWords)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            // of arrays that are not there, 0
            int256[31][4] memory profits = _profits(facts, book, arrayWords);
            int256 least;
            for (uint256 state; state < STATES; ++state) {
                // of all kin by their leader, and of all
                int256[4] memory alone;
                int256 together;
                for (uint256 array; array < ARRAYS; ++array) {
                    int256 profit = profits[array][state];
                    if (profit == 0) continue;
                    alone[facts.leaders[array]] += profit;
                    together += profit;
                }
                if (together < least) least = together;
                for (uint256 array; array < ARRAYS; ++array) {
                    if (alone[array] < least) least = alone[array];
                }
            }
            // rows of `jointStates`, the last two along the diagonals
            for (uint256 row; row < 2 * ARRAYS + 2; ++row) {
                int256[3] memory joint;
                for (uint256 array; array < ARRAYS; ++array) {
                    if ((facts.arrays >> array) & 1 == 0) continue;
                    uint256 lane = row < 2 * ARRAYS
                        ? ARRAYS * row + array
                        : ARRAYS * (ARRAYS * (row - 2 * ARRAYS) + array) + array;
                    uint256 state = SHOCKS * facts.jointStates[lane / LANES].get(lane % LANES);
                    for (uint256 shock; shock < SHOCKS; ++shock) {
                        joint[shock] += profits[array][state + shock];
                    }
                }
                for (uint256 shock; shock < SHOCKS; ++shock) {
                    if (joint[shock] < least) least = joint[shock];
                }
            }
            return uint256(-least);
        }
    }

    /// @dev {10⁻³⁰ dollar} G-3 of every array and state.
    function _profits(MarginFacts memory facts, Book memory book, uint256[][4] calldata arrayWords)
        private
        pure
        returns (int256[31][4] memory profits)
    {
        unchecked {
            for (uint256 i; i < book.holdings.length; ++i) {
                Holding memory holding = book.holdings[i];
                uint256 array = holding.series / Clearing.SERIES_PER_ARRAY;
                if (arrayWords[array].length != Protocol.RISK_ARRAY_LENGTH) continue;
                _addProfits(profits[array], holding, arrayWords[array]);
            }
            for (uint256 array; array < ARRAYS; ++array) {
                if ((facts.arrays >> array) & 1 == 0) continue;
                int256[31] memory row = profits[array];
                bool priced = arrayWords[array].length == ArrayWords.FACT_WORDS;
                int256 spot = int256(facts.spots[array]);
                int256 credit = PPT * int256(book.credits[array]);
                for (uint256 state; state < STATES; ++state) {
                    row[state] = priced
                        ? _profit(facts, book, arrayWords[array], array, state)
                        : row[state] * spot + credit * _shift(state, int256(facts.steps[array]));
                }
            }
        }
    }

    /// @dev Adds {ppm of a contract * ppt of spot} of a series' 31 proven profits, six to a word.
    function _addProfits(int256[31] memory row, Holding memory holding, uint256[] calldata words)
        private
        pure
    {
        unchecked {
            uint256 at = Protocol.RISK_ARRAY_SERIES_VALUES_OFFSET + Clearing.SERIES_VALUE_WORDS
                * (holding.series % Clearing.SERIES_PER_ARRAY);
            int256 quantity = holding.quantity;
            uint256 word;
            for (uint256 state; state < STATES; ++state) {
                if (state % PAIRS_PER_WORD == 0) word = words[at++];
                row[state] += quantity * (int256(word & PAIR_MASK) - PAIR_OFFSET);
                word >>= PAIR_BITS;
            }
        }
    }

    /// @dev State of an array in a scenario (G-4); STATES where it is unchanged.
    function _stateOf(MarginFacts memory facts, uint256 scenario, uint256 array)
        private
        pure
        returns (uint256)
    {
        unchecked {
            if (scenario < Clearing.SCENARIO_TOGETHER) {
                bool moved = facts.leaders[scenario / STATES] == facts.leaders[array];
                return moved ? scenario % STATES : STATES;
            }
            if (scenario < Clearing.SCENARIO_JOINT) return scenario - Clearing.SCENARIO_TOGETHER;
            bool alike = scenario >= Clearing.SCENARIO_JOINT_ONE;
            uint256 place = scenario - (alike ? Clearing.SCENARIO_JOINT_ONE : Clearing.SCENARIO_JOINT);
            uint256 row = place / SHOCKS;
            uint256 lane = alike ? ARRAYS * (ARRAYS * row + array) + array : ARRAYS * row + array;
            return SHOCKS * facts.jointStates[lane / LANES].get(lane % LANES) + place % SHOCKS;
        }
    }

    /// @dev {10⁻³⁰ dollar} G-3.
    function _profit(
        MarginFacts memory facts,
        Book memory book,
        uint256[] calldata words,
        uint256 array,
        uint256 state
    ) private pure returns (int256 profit) {
        unchecked {
            StressState memory stress;
            for (uint256 i; i < book.holdings.length; ++i) {
                Holding memory holding = book.holdings[i];
                if (holding.series / Clearing.SERIES_PER_ARRAY != array) continue;
                int256 change;
                if (words.length == Protocol.RISK_ARRAY_LENGTH) {
                    change = words.profit(holding.series % Clearing.SERIES_PER_ARRAY, state);
                } else {
                    if (stress.level == 0) {
                        uint256 scenarioTerms = words[Protocol.RISK_ARRAY_SCENARIO_TERMS_OFFSET];
                        stress = Black76.stateOf(book.tables, scenarioTerms, state);
                    }
                    change = Black76.profit(book.tables, holding.quote, stress);
                }
                // {ppm of a contract * ppt of spot}
                profit += holding.quantity * change;
            }
            profit *= int256(facts.spots[array]);
            uint256 credit = book.credits[array];
            if (credit != 0) profit += PPT * int256(credit) * _shift(state, int256(facts.steps[array]));
        }
    }

    /// @dev {ppt} the dampened spot move of a state (G-3).
    function _shift(uint256 state, int256 step) private pure returns (int256) {
        unchecked {
            if (state < REGULAR_STATES) {
                return (int256(state / SHOCKS) - int256(Clearing.SPOT_STEPS)) * PPM * step;
            }
            if (state >= SKEW_STATES) return 0;
            return Clearing.tailMove(state - REGULAR_STATES) > 0 ? 600_000 * step : -600_000 * step;
        }
    }

    // --- requirements

    /// @notice {ppm of a dollar} G-7, rounded up, with a loss in the place of the worst.
    /// @param level Clearing.LEVEL_*
    /// @param loss {10⁻³⁰ dollar}
    function requirement(MarginFacts memory facts, Book memory book, uint256 level, uint256 loss)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            // terms of a level stand one after the other, maintenance first
            uint256 terms = facts.terms[TERMS];
            uint256 lossFactor = terms.get(Clearing.MARGIN_TERM_MAINTENANCE_LOSS_FACTOR + level);
            uint256 stressed = lossFactor * loss + _charges(facts, book, terms, level, lossFactor);
            return book.haircuts + FixedPointMathLib.rawDiv(stressed + CHARGE_UNIT - 1, CHARGE_UNIT);
        }
    }

    /// @dev {10⁻³⁶ dollar} exact.
    function _charges(
        MarginFacts memory facts,
        Book memory book,
        uint256 terms,
        uint256 level,
        uint256 lossFactor
    ) private pure returns (uint256 charges) {
        unchecked {
            Exposure[4] memory exposures;
            uint256 perpetual = terms.get(Clearing.MARGIN_TERM_MAINTENANCE_PERPETUAL + level);
            uint256 shortOption = terms.get(Clearing.MARGIN_TERM_SHORT_OPTION_MINIMUM);
            for (uint256 i; i < book.holdings.length; ++i) {
                Holding memory holding = book.holdings[i];
                uint256 array = holding.series / Clearing.SERIES_PER_ARRAY;
                uint256 size = _expose(exposures[facts.leaders[array]], holding);
                uint256 rate = _isOption(holding) ? (holding.quantity < 0 ? shortOption : 0) : perpetual;
                charges += facts.spots[array] * size
                * (Clearing.PPT * rate + (lossFactor + Protocol.PPM) * uint256(holding.errorBound));
            }
            uint256 nakedShort =
                Clearing.PPT * terms.get(Clearing.MARGIN_TERM_MAINTENANCE_NAKED_SHORT + level);
            uint256 basis = terms.get(Clearing.MARGIN_TERM_BASIS);
            for (uint256 leader; leader < ARRAYS; ++leader) {
                Exposure memory exposure = exposures[leader];
                uint256 naked = (exposure.calls < 0 ? uint256(-exposure.calls) : 0)
                    + (exposure.puts < 0 ? uint256(-exposure.puts) : 0);
                charges += facts.spots[leader] * (nakedShort * naked + basis * _offset(exposure.deltas));
            }
        }
    }

    /// @dev Adds a holding to what kin arrays hold together.
    /// @return size {ppm of a contract}
    function _expose(Exposure memory exposure, Holding memory holding) private pure returns (uint256 size) {
        unchecked {
            int256 quantity = holding.quantity;
            if (holding.kind == Clearing.KIND_CALL) exposure.calls += quantity;
            if (holding.kind == Clearing.KIND_PUT) exposure.puts += quantity;
            exposure.deltas[holding.slot % Clearing.EXPIRY_SLOTS] += quantity * holding.delta;
            return uint256(quantity < 0 ? -quantity : quantity);
        }
    }

    function _isOption(Holding memory holding) private pure returns (bool) {
        return holding.kind == Clearing.KIND_CALL || holding.kind == Clearing.KIND_PUT;
    }

    /// @dev Σ |Δ| − |Σ Δ|: what expiries hedge of each other.
    function _offset(int256[8] memory deltas) private pure returns (uint256 gross) {
        unchecked {
            int256 net;
            for (uint256 slot; slot < Clearing.EXPIRY_SLOTS; ++slot) {
                int256 delta = deltas[slot];
                net += delta;
                gross += uint256(delta < 0 ? -delta : delta);
            }
            gross -= uint256(net < 0 ? -net : net);
        }
    }
}
