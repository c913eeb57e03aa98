// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Series} from "../../contracts/interfaces/IListings.sol";
import {Epoch} from "../../contracts/interfaces/IRiskArrays.sol";
import {ArrayWords, SeriesTerms} from "../../contracts/libraries/ArrayWords.sol";
import {RiskArraysFixture} from "./RiskArraysFixture.sol";

/// @notice Listing, beginning, proving, expiring and retiring in any order: what may be traded is what the current arrays hold.
contract RiskArraysSequenceTest is RiskArraysFixture {
    uint256 private constant ARRAYS = 2;
    uint256 private constant PLACES = 4;

    /// fact words by epoch and array
    mapping(uint64 epoch => mapping(uint256 array => uint256[19])) private facts;
    uint64[] private begun;
    uint64 private lastCurrent;
    uint64 private lastTime;
    /// how often a place was tradable, to see that the sequences get there
    uint256 private seen;
    uint256 private reused;
    mapping(uint256 series => uint256) private listed;

    function setUp() public {
        _deployRiskArrays();
        for (uint256 array; array < ARRAYS; ++array) {
            _listArray(array, array);
            _listPerpetual(array);
        }
    }

    /// forge-config: default.fuzz.runs = 32
    /// forge-config: deep.fuzz.runs = 256
    function testFuzz_A8_tradableSeriesStandInTheCurrentArrays(uint256 seed) public {
        for (uint256 i; i < 60; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            uint256 action = draw % 8;
            draw /= 8;
            if (action < 2) _list(draw);
            else if (action < 4) _begin();
            else if (action < 6) _accept(draw);
            else if (action == 6) _goOn(draw);
            else _retireAll();
            _check();
        }
        assertGt(begun.length, 0, "no epoch was begun");
    }

    /// The sequences reach what they are for.
    function test_sequencesTradeAndReusePlaces() public {
        testFuzz_A8_tradableSeriesStandInTheCurrentArrays(7);
        assertGt(seen, 0, "nothing was tradable");
        assertGt(reused, 0, "no place was used again");
    }

    /// An epoch that begins in the last minute of a series counts a minute (A-6).
    function test_sequenceWithAnEpochInTheLastMinute() public {
        testFuzz_A8_tradableSeriesStandInTheCurrentArrays(56797178088173270979624635124343297);
    }

    function _list(uint256 draw) private {
        uint256 array = draw % ARRAYS;
        uint256 place = 1 + draw / 2 % PLACES;
        uint256 series = 16 * array + place;
        if (listings.listing(series).listed) return;
        publisher.publish(prices);
        _listOption(
            array,
            place,
            draw % 3 == 0 ? Clearing.KIND_CALL : Clearing.KIND_PUT,
            vm.getBlockTimestamp() + SETTLEMENT_WINDOW + draw % 5 hours,
            _spot(array) * (800 + draw % 400) / 1000
        );
        if (++listed[series] > 1) ++reused;
    }

    function _begin() private {
        vm.warp(vm.getBlockTimestamp() + EPOCH_INTERVAL);
        _refreshFacts();
        uint64 number = riskArrays.beginEpoch();
        begun.push(number);
        for (uint256 array; array < ARRAYS; ++array) {
            facts[number][array] = riskArrays.factsNow(array);
        }
    }

    /// Proves one of the last four epochs, an array of it or both.
    function _accept(uint256 draw) private {
        if (begun.length == 0) return;
        uint64 number = begun[begun.length - 1 - (draw / 4) % (begun.length < 4 ? begun.length : 4)];
        for (uint256 array; array < ARRAYS; ++array) {
            if ((draw >> array) & 1 == 1) continue;
            uint256[] memory statement = new uint256[](116);
            for (uint256 i; i < 19; ++i) {
                statement[i] = facts[number][array][i];
            }
            // refused where it is not newer, or there
            try riskArrays.accept(number, array, statement, 1, _anyProof()) {} catch {}
        }
    }

    /// Some hours, with a record of every price for every expiry.
    function _goOn(uint256 draw) private {
        for (uint256 i; i < 1 + draw % 12; ++i) {
            _tick();
            for (uint256 series; series < 16 * ARRAYS; ++series) {
                Series memory info = listings.listing(series);
                if (info.expiry == 0) continue;
                try settlementPrices.record(info.underlying, info.expiry) {} catch {}
            }
        }
    }

    function _retireAll() private {
        for (uint256 series; series < 16 * ARRAYS; ++series) {
            try listings.retire(series) {} catch {}
        }
    }

    function _check() private {
        Epoch memory current = riskArrays.current();
        assertGe(current.number, lastCurrent, "the current epoch went back");
        assertGe(current.time, lastTime, "the current epoch's time went back");
        (lastCurrent, lastTime) = (current.number, current.time);
        for (uint256 series; series < 16 * ARRAYS; ++series) {
            if (!listings.tradable(series)) continue;
            ++seen;
            Series memory info = listings.listing(series);
            (uint256 array, uint256 place) = (series / 16, series % 16);
            uint256[19] memory words = facts[current.number][array];
            assertEq(keccak256(abi.encodePacked(words)), current.factsHashes[array]);
            SeriesTerms memory terms = ArrayWords.unpackTerms(words[3 + place]);
            assertEq(terms.kind, info.kind, "another kind stands in the array");
            assertEq(terms.expirySlot, info.expirySlot, "another slot stands in the array");
            if (info.kind == Clearing.KIND_PERPETUAL) continue;
            assertEq(terms.strike, info.strike, "another strike stands in the array");
            uint256 left = info.expiry - current.time;
            if (left < Clearing.MINIMUM_SECONDS) left = Clearing.MINIMUM_SECONDS; // A-6
            assertEq(terms.secondsToExpiry, left, "another expiry stands in the array");
        }
    }
}
