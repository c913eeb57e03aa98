// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {ArrayWords, SeriesTerms} from "../../contracts/libraries/ArrayWords.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";

/// What TypeScript packed, Solidity reads: test/vectors/risk-array.json.
contract ArrayWordsTest is Test {
    using Numbers for uint256;

    string private json;

    function setUp() public {
        json = vm.readFile("test/vectors/risk-array.json");
    }

    // the library reads calldata
    function profit(uint256[] calldata words, uint256 place, uint256 state) external pure returns (int256) {
        return ArrayWords.profit(words, place, state);
    }

    function mark(uint256[] calldata words, uint256 place) external pure returns (int256) {
        return ArrayWords.mark(words, place);
    }

    function errorBound(uint256[] calldata words, uint256 place) external pure returns (int256) {
        return ArrayWords.errorBound(words, place);
    }

    function figureOf(uint256[] calldata words, uint256 place, uint256 figure)
        external
        pure
        returns (int256)
    {
        return ArrayWords.figureOf(words, place, figure);
    }

    function terms(uint256[] calldata words, uint256 place) external pure returns (SeriesTerms memory) {
        return ArrayWords.terms(words, place);
    }

    function market(uint256[] calldata words) external pure returns (uint256, uint256, uint256, uint256) {
        return (
            ArrayWords.spot(words),
            ArrayWords.time(words),
            ArrayWords.underlying(words),
            ArrayWords.step(words)
        );
    }

    function hashes(uint256[] calldata words) external pure returns (bytes32, bytes32) {
        return (ArrayWords.hash(words), ArrayWords.factsHash(words));
    }

    function packTerms(SeriesTerms memory terms_) external pure returns (uint256) {
        return ArrayWords.packTerms(terms_);
    }

    function _key(uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".series[", vm.toString(i), "]", field);
    }

    function _number(uint256 i, string memory field) private view returns (int256) {
        return vm.parseInt(vm.parseJsonString(json, _key(i, field)));
    }

    /// One series of the vectors in a place of an otherwise empty array.
    function _wordsOf(uint256 i, uint256 place) private view returns (uint256[] memory words) {
        words = new uint256[](Protocol.RISK_ARRAY_LENGTH);
        words[1] = uint256(_number(i, ".scenarioTerms"));
        words[2] = uint256(_number(i, ".market"));
        words[3 + place] = uint256(_number(i, ".seriesTerms"));
        string[] memory values = vm.parseJsonStringArray(json, _key(i, ".seriesValues"));
        assertEq(values.length, 6);
        for (uint256 k; k < 6; ++k) {
            words[19 + 6 * place + k] = vm.parseUint(values[k]);
        }
    }

    function test_read_whatTypeScriptPacked() public view {
        for (uint256 i; i < 40; i += 3) {
            uint256 place = i % 16;
            uint256[] memory words = _wordsOf(i, place);
            string[] memory profits = vm.parseJsonStringArray(json, _key(i, ".riskArray"));
            assertEq(profits.length, Clearing.STATE_COUNT);
            for (uint256 state; state < profits.length; ++state) {
                assertEq(this.profit(words, place, state), vm.parseInt(profits[state]));
            }
            assertEq(this.mark(words, place), _number(i, ".mark"));
            assertEq(this.errorBound(words, place), _number(i, ".errorBound"));
            assertEq(this.figureOf(words, place, Clearing.FIGURE_DELTA), _number(i, ".delta"));
            assertEq(this.figureOf(words, place, Clearing.FIGURE_GAMMA), _number(i, ".gamma"));
            assertEq(this.figureOf(words, place, Clearing.FIGURE_VEGA), _number(i, ".vega"));

            (uint256 spot,,, uint256 step) = this.market(words);
            assertEq(spot, uint256(_number(i, ".inputs.spot")));
            assertEq(step, uint256(_number(i, ".inputs.step")));
            SeriesTerms memory found = this.terms(words, place);
            assertEq(found.basis, _number(i, ".inputs.basis"));
            assertEq(found.volatility, uint256(_number(i, ".inputs.volatility")));
            assertEq(found.secondsToExpiry, uint256(_number(i, ".inputs.seconds")));
            assertEq(found.strike, uint256(_number(i, ".inputs.strike")));
            // and packs them to the same word
            assertEq(ArrayWords.packTerms(found), words[3 + place]);
        }
    }

    function testFuzz_packTerms_unpacks(SeriesTerms memory given) public pure {
        given.kind %= 3;
        given.expirySlot %= 8;
        given.basis = bound(given.basis, -(1 << 20), (1 << 20) - 1);
        given.volatility %= 1 << 42;
        given.secondsToExpiry %= 1 << 42;
        given.strike %= 1 << 84;
        SeriesTerms memory found = ArrayWords.unpackTerms(ArrayWords.packTerms(given));
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(given)));
    }

    function test_packTerms_revertsWhenOutOfRange() public {
        SeriesTerms memory given;
        given.volatility = 1 << 42;
        vm.expectRevert(abi.encodeWithSelector(Numbers.NumberOutOfRange.selector, 3, 2, 1 << 42));
        this.packTerms(given);
        given.volatility = 0;
        given.strike = 1 << 84;
        vm.expectRevert(abi.encodeWithSelector(Numbers.NumberOutOfRange.selector, 7, 4, 1 << 84));
        this.packTerms(given);
        given.strike = 0;
        given.basis = 1 << 20;
        vm.expectRevert(abi.encodeWithSelector(Lanes.LaneOutOfRange.selector, 2, 1 << 21));
        this.packTerms(given);
    }

    function testFuzz_packMarket_unpacks(uint256 spot, uint256 time, uint256 underlying) public view {
        (spot, time, underlying) = (spot % (1 << 84), time % (1 << 42), underlying % 12);
        uint256[] memory words = new uint256[](116);
        words[2] = ArrayWords.packMarket(spot, time, underlying);
        (uint256 foundSpot, uint256 foundTime, uint256 foundUnderlying,) = this.market(words);
        assertEq(foundSpot, spot);
        assertEq(foundTime, time);
        assertEq(foundUnderlying, underlying);
    }

    function testFuzz_hash_isOfAllWordsAndFactsHashOfTheFirst(uint256 seed, uint256 position) public view {
        uint256[] memory words = new uint256[](116);
        for (uint256 i; i < 116; ++i) {
            words[i] = uint256(keccak256(abi.encode(seed, i)));
        }
        uint256[19] memory facts;
        for (uint256 i; i < 19; ++i) {
            facts[i] = words[i];
        }
        (bytes32 all, bytes32 first) = this.hashes(words);
        assertEq(all, keccak256(abi.encodePacked(words)));
        assertEq(first, keccak256(abi.encodePacked(facts)));
        position = bound(position, 0, 115);
        words[position] ^= 1;
        (bytes32 otherAll, bytes32 otherFirst) = this.hashes(words);
        assertNotEq(otherAll, all);
        assertEq(otherFirst != first, position < 19);
    }

    function testFuzz_numbers_bothEndsComeBackAndNothingBeyond(uint256 lane, uint256 lanes) public {
        lanes = bound(lanes, 1, 4);
        lane = bound(lane, 0, 12 - lanes);
        uint256 limit = 1 << (21 * lanes);
        assertEq(Numbers.place(0, lane, lanes, limit - 1).read(lane, lanes), limit - 1);
        int256 half = int256(limit / 2);
        assertEq(Numbers.placeSigned(0, lane, lanes, -half).readSigned(lane, lanes), -half);
        assertEq(Numbers.placeSigned(0, lane, lanes, half - 1).readSigned(lane, lanes), half - 1);
        vm.expectRevert(abi.encodeWithSelector(Numbers.NumberOutOfRange.selector, lane, lanes, limit));
        this.placeNumber(lane, lanes, limit);
        vm.expectRevert(abi.encodeWithSelector(Numbers.NumberOutOfRange.selector, lane, lanes, limit));
        this.placeSigned(lane, lanes, half);
        vm.expectRevert(
            abi.encodeWithSelector(Numbers.NumberOutOfRange.selector, lane, lanes, type(uint256).max)
        );
        this.placeSigned(lane, lanes, -half - 1);
        vm.expectRevert(abi.encodeWithSelector(Numbers.NumberOutOfRange.selector, 13 - lanes, lanes, 0));
        this.placeNumber(13 - lanes, lanes, 0);
    }

    function placeNumber(uint256 lane, uint256 lanes, uint256 value) external pure returns (uint256) {
        return Numbers.place(0, lane, lanes, value);
    }

    function placeSigned(uint256 lane, uint256 lanes, int256 value) external pure returns (uint256) {
        return Numbers.placeSigned(0, lane, lanes, value);
    }
}
