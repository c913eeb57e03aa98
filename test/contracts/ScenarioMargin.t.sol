// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {ArrayWords} from "../../contracts/libraries/ArrayWords.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {Book, MarginFacts, ScenarioMargin} from "../../contracts/libraries/ScenarioMargin.sol";
import {VectorNumbers} from "./ProvenVector.sol";

/// @notice The library behind a call, so that array words are calldata.
contract ScenarioMarginCaller {
    function all(MarginFacts memory facts, uint256[10] memory words, uint256[][4] calldata arrayWords)
        external
        pure
        returns (int256 equity, uint256 worst, uint256[185][2] memory requirements)
    {
        Book memory book = ScenarioMargin.read(facts, words, arrayWords);
        equity = book.equity;
        worst = ScenarioMargin.worstLoss(facts, book, arrayWords);
        for (uint256 scenario; scenario < 185; ++scenario) {
            uint256 loss = ScenarioMargin.lossIn(facts, book, arrayWords, scenario);
            requirements[0][scenario] = ScenarioMargin.requirement(facts, book, 0, loss);
            requirements[1][scenario] = ScenarioMargin.requirement(facts, book, 1, loss);
        }
    }

    function one(
        MarginFacts memory facts,
        uint256[10] memory words,
        uint256[][4] calldata arrayWords,
        uint256 scenario
    ) external pure returns (int256 equity, uint256 requirement) {
        Book memory book = ScenarioMargin.read(facts, words, arrayWords);
        uint256 loss = ScenarioMargin.lossIn(facts, book, arrayWords, scenario);
        return (book.equity, ScenarioMargin.requirement(facts, book, 0, loss));
    }
}

/// Rules G-3 to G-7 of one scenario: test/vectors/margin.json, from proven words and from facts alone.
contract ScenarioMarginTest is VectorNumbers {
    using Lanes for uint256;
    using Numbers for uint256;

    ScenarioMarginCaller private caller = new ScenarioMarginCaller();

    /// Of each array all words, and what a contract knows of it.
    function _market(string memory json, uint256 market)
        private
        pure
        returns (MarginFacts memory facts, uint256[][4] memory arrayWords)
    {
        string memory at = string.concat(".markets[", vm.toString(market), "]");
        uint256[4] memory underlyings;
        for (uint256 a; a < 4; ++a) {
            string memory array = string.concat(at, ".arrays[", vm.toString(a), "]");
            facts.leaders[a] = a;
            if (_uint(json, string.concat(array, ".commitment")) == 0) continue;
            facts.arrays |= 1 << a;
            uint256[] memory words = new uint256[](Protocol.RISK_ARRAY_LENGTH);
            words[0] = _uint(json, string.concat(array, ".stateSet"));
            words[1] = _uint(json, string.concat(array, ".scenarioTerms"));
            words[2] = _uint(json, string.concat(array, ".market"));
            uint256[] memory terms = _uints(json, string.concat(array, ".seriesTerms"));
            uint256[] memory values = _uints(json, string.concat(array, ".seriesValues"));
            for (uint256 i; i < 16; ++i) {
                words[3 + i] = terms[i];
            }
            for (uint256 i; i < 96; ++i) {
                words[19 + i] = values[i];
            }
            arrayWords[a] = words;
            facts.spots[a] = words[2].read(Clearing.MARKET_SPOT, Clearing.QUAD_LANES);
            facts.steps[a] = words[1].get(Clearing.SCENARIO_TERM_STEP);
            underlyings[a] = words[2].get(Clearing.MARKET_UNDERLYING) + 1;
            for (uint256 b; b < a; ++b) {
                if (underlyings[b] == underlyings[a]) {
                    facts.leaders[a] = b;
                    break;
                }
            }
        }
        uint256[] memory joint = _uints(json, string.concat(at, ".jointStates"));
        for (uint256 i; i < 3; ++i) {
            facts.jointStates[i] = joint[i];
        }
        facts.terms[7] = _uint(json, string.concat(at, ".marginTerms"));
    }

    function _factsOnly(uint256[][4] memory arrayWords) private pure returns (uint256[][4] memory cut) {
        for (uint256 a; a < 4; ++a) {
            if (arrayWords[a].length == 0) continue;
            cut[a] = new uint256[](ArrayWords.FACT_WORDS);
            for (uint256 i; i < cut[a].length; ++i) {
                cut[a][i] = arrayWords[a][i];
            }
        }
    }

    function _account(string memory json, string memory at, MarginFacts memory facts)
        private
        pure
        returns (uint256[10] memory words)
    {
        uint256[] memory part = _uints(json, string.concat(at, ".positions"));
        for (uint256 i; i < 6; ++i) {
            words[i] = part[i];
        }
        words[6] = _uint(json, string.concat(at, ".cash"));
        part = _uints(json, string.concat(at, ".collateral"));
        for (uint256 i; i < 3; ++i) {
            words[7 + i] = part[i];
        }
        part = _uints(json, string.concat(at, ".collateralPrices"));
        for (uint256 i; i < 4; ++i) {
            facts.terms[i] = part[i];
        }
        facts.terms[4] = _uint(json, string.concat(at, ".collateralHaircuts"));
        facts.terms[5] = _uint(json, string.concat(at, ".collateralSlopes"));
        facts.terms[6] = _uint(json, string.concat(at, ".collateralArrays"));
    }

    function _replay(bool proven) private view {
        string memory json = vm.readFile("test/vectors/margin.json");
        uint256 i;
        for (; vm.keyExistsJson(json, string.concat(".accounts[", vm.toString(i), "].name")); ++i) {
            string memory at = string.concat(".accounts[", vm.toString(i), "]");
            (MarginFacts memory facts, uint256[][4] memory arrayWords) =
                _market(json, vm.parseJsonUint(json, string.concat(at, ".market")));
            uint256[10] memory words = _account(json, at, facts);
            if (!proven) arrayWords = _factsOnly(arrayWords);
            (int256 equity, uint256 worst, uint256[185][2] memory requirements) =
                caller.all(facts, words, arrayWords);
            assertEq(equity, vm.parseInt(vm.parseJsonString(json, string.concat(at, ".equity"))), at);
            assertEq(worst, _uint(json, string.concat(at, ".worstLoss")), at);
            for (uint256 level; level < 2; ++level) {
                uint256[] memory expected =
                    _uints(json, string.concat(at, ".requirements[", vm.toString(level), "]"));
                assertEq(expected.length, 185);
                for (uint256 scenario; scenario < 185; ++scenario) {
                    assertEq(requirements[level][scenario], expected[scenario], at);
                }
            }
        }
        assertEq(i, 32);
    }

    function test_provenWords_areTypeScripts() public view {
        _replay(true);
    }

    function test_pricedOnChain_isBitForBitTheSame() public view {
        _replay(false);
    }
}
