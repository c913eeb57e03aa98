// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {ArrayWords, SeriesTerms} from "../../contracts/libraries/ArrayWords.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {MarginFacts} from "../../contracts/libraries/ScenarioMargin.sol";
import {MarketHandler} from "./MarketHandler.sol";
import {Figures} from "./ModelVerifier.sol";

/// @notice Health is monotone (G-9): tried on the accounts that a run has come to, over the newest epoch's facts.
abstract contract HealthProbe is MarketHandler {
    using AccountWords for uint256[10];
    using Numbers for uint256;

    uint256 private constant PAIR_BITS = Protocol.LANE_BITS * Clearing.PAIR_LANES;
    uint256 private constant QUAD_BITS = Protocol.LANE_BITS * Clearing.QUAD_LANES;

    function requireMonotone(uint256 seed) external view {
        (bool any, uint64 number) = _newest();
        if (!any) return;
        uint256[10] memory words_ = house.accountWords(accounts[seed % BACKSTOP]);
        Figures memory before = model.figures(_factsOf(number, false), words_, _pricedWords(number));
        assertGe(before.requirements[1], before.requirements[0], "G-9: initial is at least maintenance");
        (int256 equity, uint256 haircuts) = _worthOf(number, words_);
        assertEq(before.equity, equity, "G-5: equity is cash, collateral and marks");
        assertGe(before.requirements[0], haircuts, "G-7: haircuts are part of the requirement");
        _requireUnmoved(number, words_, before, seed);
        _requireWorse(number, words_, before, seed);
        _requireRicher(number, words_, before, seed);
    }

    /// G-5, G-6 {ppm of a dollar}
    function _worthOf(uint64 number, uint256[10] memory words_)
        private
        view
        returns (int256 equity, uint256 haircuts)
    {
        uint256[8] memory facts = terms.factsAt(number);
        equity = words_.cash();
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            uint256 value = words_.balance(lane) * facts[lane / 3].read(4 * (lane % 3), 4) / 1e12;
            uint256 kept = 1e6 - facts[4].read(lane, 1);
            equity += int256(value);
            haircuts += value - value * kept * 1e12 / (1e18 + facts[5].read(lane, 1) * value);
        }
        int256 exact;
        uint256[][4] memory arrayWords = _pricedWords(number);
        for (uint256 series; series < 64; ++series) {
            int256 quantity = words_.quantityOf(series);
            if (quantity != 0) exact += quantity * _worthOfOne(arrayWords[series / 16], series % 16);
        }
        // rounded down
        equity += exact / 1e24 - (exact % 1e24 < 0 ? int256(1) : int256(0));
    }

    /// {10⁻²⁴ dollar} of a contract
    function _worthOfOne(uint256[] memory array, uint256 place) private pure returns (int256 worth) {
        SeriesTerms memory its =
            ArrayWords.unpackTerms(array[Protocol.RISK_ARRAY_SERIES_TERMS_OFFSET + place]);
        // the mark is the 32nd of a series' values, six to a word
        uint256 word = array[Protocol.RISK_ARRAY_SERIES_VALUES_OFFSET + 6 * place + 5];
        int256 mark = word.readSigned(Clearing.PAIR_LANES, Clearing.PAIR_LANES);
        int256 spot =
            int256(array[Protocol.RISK_ARRAY_MARKET_OFFSET].read(Clearing.MARKET_SPOT, Clearing.QUAD_LANES));
        if (its.kind != Clearing.KIND_PUT) return spot * mark;
        return spot * (mark - 1e6 * (1e6 + its.basis)) + 1e12 * int256(its.strike);
    }

    /// More of anything never lowers equity − requirement.
    function _requireRicher(uint64 number, uint256[10] memory words_, Figures memory before, uint256 seed)
        private
        view
    {
        _give(words_, _lane(seed >> 8), _bound(seed >> 16, 1, 1e12));
        Figures memory richer = model.figures(_factsOf(number, false), words_, _pricedWords(number));
        for (uint256 level; level < 2; ++level) {
            assertGe(
                richer.equity - int256(richer.requirements[level]),
                before.equity - int256(before.requirements[level]),
                "G-9: more of anything never lowers health"
            );
        }
    }

    /// Prices, haircuts and steps of what an account does not hold are nothing to it.
    function _requireUnmoved(uint64 number, uint256[10] memory words_, Figures memory before, uint256 seed)
        private
        view
    {
        MarginFacts memory facts = _factsOf(number, false);
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            if (words_.balance(lane) != 0) continue;
            facts.terms[lane / 3] ^= (seed >> 172) << (QUAD_BITS * (lane % 3));
            facts.terms[4] ^= (seed & 0xfffff) << (Protocol.LANE_BITS * lane);
        }
        // arrays 0 and 2 are kin, and lane 0 is their underlying
        bool moves = words_.balance(0) == 0;
        for (uint256 series; series < 64; ++series) {
            if (series / 16 != 1 && words_.quantityOf(series) != 0) moves = false;
        }
        if (moves) (facts.spots[0], facts.steps[0]) = (facts.spots[0] * 3 / 2, facts.steps[0] / 2);
        Figures memory after_ = model.figures(facts, words_, _pricedWords(number));
        assertEq(
            keccak256(abi.encode(after_)), keccak256(abi.encode(before)), "what nobody holds moves nobody"
        );
    }

    /// A state in which a position loses more, or gains less, never raises health.
    function _requireWorse(uint64 number, uint256[10] memory words_, Figures memory before, uint256 seed)
        private
        view
    {
        if (!words_.hasPositions()) return;
        (bool held, uint256 series, int256 quantity) = words_.positionAt(seed % 4);
        if (!held) (, series, quantity) = words_.positionAt(0);
        uint256[][4] memory arrayWords = _pricedWords(number);
        uint256 state = (seed >> 32) % Clearing.STATE_COUNT;
        uint256 at = Protocol.RISK_ARRAY_SERIES_VALUES_OFFSET + 6 * (series % 16) + state / 6;
        uint256[] memory array = arrayWords[series / 16];
        array[at] = _worsened(array[at], PAIR_BITS * (state % 6), _bound(seed >> 64, 1, 1 << 37), quantity);
        Figures memory after_ = model.figures(_factsOf(number, false), words_, arrayWords);
        assertEq(after_.equity, before.equity, "a state is no mark");
        for (uint256 level; level < 2; ++level) {
            assertGe(after_.requirements[level], before.requirements[level], "G-9: a worse state never helps");
        }
    }

    /// @param less {ppt of spot} that whoever holds the quantity gains
    function _worsened(uint256 word, uint256 shift, uint256 less, int256 quantity)
        private
        pure
        returns (uint256)
    {
        uint256 stored = (word >> shift) & ((1 << PAIR_BITS) - 1);
        uint256 worse = quantity > 0 ? stored - less : stored + less;
        return word ^ ((stored ^ worse) << shift);
    }
}
