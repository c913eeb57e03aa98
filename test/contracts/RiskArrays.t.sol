// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Listings} from "../../contracts/clearing/Listings.sol";
import {RiskArrays} from "../../contracts/clearing/RiskArrays.sol";
import {ObservationLog} from "../../contracts/facts/ObservationLog.sol";
import {SettlementPrices} from "../../contracts/facts/SettlementPrices.sol";
import {VolatilityLog} from "../../contracts/facts/VolatilityLog.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IObservationLog} from "../../contracts/interfaces/IObservationLog.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {IListings, Series} from "../../contracts/interfaces/IListings.sol";
import {Epoch, IRiskArrays, RiskArraysConfig} from "../../contracts/interfaces/IRiskArrays.sol";
import {IRiskState} from "../../contracts/interfaces/IRiskState.sol";
import {IVolatilityLog, VolatilityLogConfig} from "../../contracts/interfaces/IVolatilityLog.sol";
import {ArrayWords, SeriesTerms} from "../../contracts/libraries/ArrayWords.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {RiskOracle} from "../../contracts/risk/RiskOracle.sol";
import {Statement} from "../../contracts/libraries/Statement.sol";
import {RiskArraysFixture} from "./RiskArraysFixture.sol";

/// Rules A-6 and A-7: what an epoch snapshots, and what it accepts.
contract RiskArraysTest is RiskArraysFixture {
    using Lanes for uint256;
    using Numbers for uint256;

    function setUp() public {
        _deployRiskArrays();
    }

    function _pass(uint256 elapsed) private {
        vm.warp(vm.getBlockTimestamp() + elapsed);
    }

    function _expectRefused(bytes4 selector, uint256 value) private {
        vm.expectRevert(abi.encodeWithSelector(selector, value));
    }

    // --- epochs: facts

    function test_beginEpoch_snapshotsFacts() public {
        _listSome();
        uint256[19] memory facts = riskArrays.factsNow(0);
        vm.expectEmit(address(riskArrays));
        emit IRiskArrays.ArrayFacts(1, 0, facts);
        vm.prank(bob);
        assertEq(riskArrays.beginEpoch(), 1);

        Epoch memory begun = riskArrays.epochAt(1);
        assertEq(begun.number, 1);
        assertEq(begun.time, vm.getBlockTimestamp());
        assertEq(begun.riskIndex, riskIndex);
        assertEq(begun.arrays, 3);
        assertEq(begun.accepted, 0);
        assertEq(begun.spots[0], _spot(0));
        assertEq(begun.spots[1], _spot(1));
        assertEq(begun.spots[2], 0);
        assertEq(begun.factsHashes[0], keccak256(abi.encodePacked(facts)));
        assertEq(begun.factsHashes[1], keccak256(abi.encodePacked(riskArrays.factsNow(1))));
        assertEq(begun.factsHashes[2], 0);
        assertEq(riskArrays.latestNumber(), 1);
        assertEq(riskArrays.currentNumber(), 0);
        assertEq(riskArrays.current().number, 0);
    }

    function test_factsNow_areWhatTheRulesSay() public {
        _listSome();
        _pass(1 hours);
        publisher.publish(prices);
        uint256[19] memory facts = riskArrays.factsNow(0);
        assertEq(facts[0], Clearing.STATE_SET);
        assertEq(riskArrays.stateSet(), Clearing.STATE_SET);

        uint256 terms = facts[1];
        assertEq(terms.get(Clearing.SCENARIO_TERM_VERSION), 1);
        assertEq(terms.get(Clearing.SCENARIO_TERM_UP_SHOCK), 500_000);
        assertEq(terms.get(Clearing.SCENARIO_TERM_DOWN_SHOCK), 250_000);
        assertEq(terms.get(Clearing.SCENARIO_TERM_MINIMUM_UP_VOLATILITY), 500_000);
        // 1 % an hour, √24 times that a day; 10,001 {ppm} · √24 · 3 / 3, rounded up
        assertEq(terms.get(Clearing.SCENARIO_TERM_STEP), 48_995);

        uint256 market = facts[2];
        assertEq(market.read(Clearing.MARKET_SPOT, 4), _spot(0));
        assertEq(market.read(Clearing.MARKET_TIME, 2), vm.getBlockTimestamp());
        assertEq(market.get(Clearing.MARKET_UNDERLYING), 0);

        // a perpetual and an empty place
        for (uint256 place; place < 16; place += 15) {
            _assertTerms(
                facts[3 + place],
                SeriesTerms({
                    kind: Clearing.KIND_PERPETUAL,
                    expirySlot: 0,
                    basis: 0,
                    volatility: 1,
                    secondsToExpiry: 1 days,
                    strike: _spot(0)
                })
            );
        }
        for (uint256 place = 1; place < 3; ++place) {
            Series memory series = listings.listing(place);
            (uint256 volatility, int256 basis) =
                volatilityLog.impliedVolatility(0, series.expiry, series.strike);
            assertGt(basis, 0);
            _assertTerms(
                facts[3 + place],
                SeriesTerms({
                    kind: place == 1 ? Clearing.KIND_CALL : Clearing.KIND_PUT,
                    expirySlot: place,
                    basis: basis,
                    volatility: volatility,
                    secondsToExpiry: (place == 1 ? 20 days : 50 days) - 1 hours,
                    strike: series.strike
                })
            );
        }
    }

    function _assertTerms(uint256 word, SeriesTerms memory expected) private pure {
        SeriesTerms memory found = ArrayWords.unpackTerms(word);
        assertEq(found.kind, expected.kind);
        assertEq(found.expirySlot, expected.expirySlot);
        assertEq(found.basis, expected.basis);
        assertEq(found.volatility, expected.volatility);
        assertEq(found.secondsToExpiry, expected.secondsToExpiry);
        assertEq(found.strike, expected.strike);
    }

    function test_factsNow_countsSixtySecondsAtTheEndAndAfter() public {
        _listSome();
        uint64 expiry = listings.listing(1).expiry;
        vm.warp(expiry - 61 - 2 hours);
        _refreshFacts();
        uint256 left = expiry - vm.getBlockTimestamp();
        assertGe(left, 61);
        for (uint256 i; i < 4; ++i) {
            if (i > 0) vm.warp([expiry - 60, expiry - 1, expiry + 3 hours][i - 1]);
            publisher.publish(prices);
            SeriesTerms memory terms = ArrayWords.unpackTerms(riskArrays.factsNow(0)[4]);
            assertEq(terms.secondsToExpiry, i == 0 ? left : 60);
            assertEq(terms.kind, Clearing.KIND_CALL);
            assertGt(terms.volatility, 0);
        }
    }

    /// What a volatility log might say and pricing does not cover counts as the bound.
    function test_factsNow_clampsToWhatPricingCovers() public {
        _listSome();
        uint256[] memory volatilities = new uint256[](2);
        int256[] memory bases = new int256[](2);
        (volatilities[0], volatilities[1]) = (0, 1 << 42);
        (bases[0], bases[1]) = (-250_001, 250_001);
        vm.mockCall(
            address(volatilityLog),
            abi.encodeWithSelector(IVolatilityLog.lastVolatilities.selector),
            abi.encode(volatilities, bases, vm.getBlockTimestamp())
        );
        uint256[19] memory facts = riskArrays.factsNow(0);
        assertEq(ArrayWords.unpackTerms(facts[4]).volatility, 1);
        assertEq(ArrayWords.unpackTerms(facts[4]).basis, -250_000);
        assertEq(ArrayWords.unpackTerms(facts[5]).volatility, (1 << 42) - 1);
        assertEq(ArrayWords.unpackTerms(facts[5]).basis, 250_000);
    }

    function testFuzz_factsNow_stepIsAThirdOfTheRangeRoundedUp(uint256 volatility) public {
        _listSome();
        volatility = bound(volatility, 0, Protocol.LANE_LIMIT - 1);
        uint256[6] memory correlations;
        _acceptState(_volatilities(volatility), correlations);
        uint256 step = riskArrays.factsNow(0)[1].get(Clearing.SCENARIO_TERM_STEP);
        assertGe(step, 20_000);
        assertLe(step, 200_000);
        // 3 steps ≥ k σ √24, k = 3, and no step less would do: squares, as the contract does not compute them
        uint256 least = volatility + 1;
        if (step < 200_000) assertGe(step ** 2, least ** 2 * 24, "a step is too small");
        if (step > 20_000) assertLt((step - 2) ** 2, least ** 2 * 24, "a step is too large");
    }

    /// A volatility at which a root that is rounded down would give one step less.
    function test_factsNow_roundsTheRootOfTheDayUp() public {
        _listSome();
        uint256[6] memory correlations;
        _acceptState(_volatilities(4_701), correlations);
        assertEq(riskArrays.factsNow(0)[1].get(Clearing.SCENARIO_TERM_STEP), 23_036);
    }

    function test_beginEpoch_hasJointStatesOfTheRiskState() public {
        _listSome();
        uint256[6] memory correlations;
        for (uint256 i; i < 6; ++i) {
            for (uint256 k; k < 12; ++k) {
                correlations[i] =
                    correlations[i].putSigned(k, i == 0 && k == 0 ? int256(-400_000) : int256(900_000));
            }
        }
        _acceptState(_volatilities(10_000), correlations);
        _reportAll();
        riskArrays.beginEpoch();
        uint256[3] memory words = riskArrays.epochAt(1).jointStates;
        // down: each array at the bottom of its range with itself, at +2 (1.2 steps) with the other; 3 where there is none
        uint256[16] memory down = [uint256(0), 5, 3, 3, 5, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3];
        for (uint256 lane; lane < 32; ++lane) {
            uint256 expected = lane < 16 ? down[lane] : 6 - down[lane - 16];
            assertEq(words[lane / 12].get(lane % 12), expected, vm.toString(lane));
        }
        assertEq(words[2] >> (21 * 8), 0);
    }

    // --- epochs: when one may begin

    function test_beginEpoch_revertsWhenTooEarly() public {
        _listSome();
        riskArrays.beginEpoch();
        uint256 readyAt = vm.getBlockTimestamp() + EPOCH_INTERVAL;
        _pass(EPOCH_INTERVAL - 1);
        _expectRefused(IRiskArrays.EpochTooEarly.selector, readyAt);
        riskArrays.beginEpoch();
        _pass(1);
        assertEq(riskArrays.beginEpoch(), 2);
    }

    function test_beginEpoch_revertsWhenNothingListed() public {
        _listArray(0, 0);
        vm.expectRevert(IRiskArrays.NothingListed.selector);
        riskArrays.beginEpoch();
    }

    function test_beginEpoch_revertsWithoutARiskState() public {
        RiskArraysConfig memory config = _riskArraysConfig();
        ObservationLog otherLog = new ObservationLog(sources, INTERVAL, MAX_GAP);
        config.oracle = new RiskOracle(otherLog, verifier);
        config.settlementPrices = new SettlementPrices(otherLog, SETTLEMENT_WINDOW, SETTLEMENT_COUNT);
        VolatilityLogConfig memory volatilityConfig = _volatilityConfig();
        volatilityConfig.observationLog = otherLog;
        volatilityConfig.signers = new address[](3);
        for (uint256 i; i < 3; ++i) {
            volatilityConfig.signers[i] = vm.addr(keys[i]);
        }
        config.volatilityLog = new VolatilityLog(volatilityConfig);
        config.listings = IListings(_nextButOne());
        RiskArrays other = new RiskArrays(config);
        Listings otherListings = new Listings(other);
        otherLog.observe();
        vm.startPrank(governor);
        other.listArray(0, 0);
        otherListings.listSeries(0, 0, Clearing.KIND_PERPETUAL, 0, 0);
        _expectRefused(IRiskState.RiskStateUnknown.selector, 0);
        other.beginEpoch();
    }

    /// Perpetuals need no volatility.
    function test_beginEpoch_ofPerpetualsNeedsNoVolatility() public {
        _listArray(0, 0);
        _listPerpetual(0);
        _pass(VOLATILITY_AGE + 1);
        publisher.publish(prices);
        assertEq(riskArrays.beginEpoch(), 1);
    }

    function testFuzz_spotNow_revertsWhenPriceDeviates(uint256 price) public {
        _listArray(0, 0);
        uint256 base = observationLog.basePrice(0);
        price = bound(price, 1, 1e20);
        prices[0] = int120(int256(price));
        publisher.publish(prices);
        uint256 deviation = price * 1e10 > base ? price * 1e10 - base : base - price * 1e10;
        bool fine = deviation <= base / 5;
        if (!fine) {
            vm.expectRevert(abi.encodeWithSelector(IRiskArrays.PriceDeviates.selector, 0, price * 1e10, base));
        }
        uint256 spot = riskArrays.spotNow(0);
        if (fine) assertEq(spot, price * 1e4);
    }

    function test_spotNow_revertsWhenPriceUnusable() public {
        _listArray(0, 0);
        uint256[3] memory wrong = [uint256(1e6 - 1), 1 << 128, uint256(1 << 84) * 1e6];
        for (uint256 i; i < 3; ++i) {
            vm.mockCall(address(sources[0]), abi.encodeCall(IPriceSource.read, ()), abi.encode(wrong[i], 1));
            // near what was observed, so that only the size is wrong
            vm.mockCall(
                address(observationLog),
                abi.encodeCall(IObservationLog.basePrice, (0)),
                abi.encode(uint128(wrong[i]))
            );
            vm.expectRevert(abi.encodeWithSelector(IRiskArrays.PriceUnusable.selector, 0, wrong[i]));
            riskArrays.spotNow(0);
        }
        vm.mockCall(address(sources[0]), abi.encodeCall(IPriceSource.read, ()), abi.encode(wrong[2] - 1, 1));
        assertEq(riskArrays.spotNow(0), (1 << 84) - 1);
    }

    // --- acceptance

    function test_accept_storesWhatTheWordsSay() public {
        _listSome();
        uint64 number = riskArrays.beginEpoch();
        uint256[] memory first = _arrayWords(number, 0);
        uint256[] memory second = _arrayWords(number, 1);
        bytes32 hash = keccak256(abi.encodePacked(first));
        vm.expectEmit(address(riskArrays));
        emit IRiskArrays.ArrayAccepted(number, 0, first[115], hash);
        vm.prank(bob);
        riskArrays.accept(number, 0, first, 1, _anyProof());
        assertEq(riskArrays.wordsHash(number, 0), hash);
        assertEq(riskArrays.wordsHash(number, 1), 0);
        assertEq(riskArrays.wordsHash(number, 4), 0);
        assertEq(riskArrays.epochAt(number).accepted, 1);
        assertEq(riskArrays.epochAt(number).arrayCommitments[0], first[115]);
        assertEq(riskArrays.epochAt(number).arrayCommitments[1], 0);
        assertEq(riskArrays.currentNumber(), 0);
        assertFalse(listings.tradable(0));

        vm.expectEmit(address(riskArrays));
        emit IRiskArrays.EpochCurrent(number);
        riskArrays.accept(number, 1, second, 1, _anyProof());
        assertEq(riskArrays.currentNumber(), number);
        Epoch memory current = riskArrays.current();
        assertEq(current.number, number);
        assertEq(current.wordsHashes[1], keccak256(abi.encodePacked(second)));
        assertTrue(listings.tradable(0));
        assertTrue(listings.tradable(31));
        assertFalse(listings.tradable(3));

        (uint64 factsOf, uint64 time, uint256[3] memory jointStates, uint256[4] memory commitments) =
            riskArrays.marginFacts();
        assertEq(factsOf, number);
        assertEq(time, vm.getBlockTimestamp());
        assertEq(commitments[0], first[115]);
        assertEq(commitments[1], second[115]);
        assertEq(commitments[2], 0);
        for (uint256 i; i < 3; ++i) {
            assertEq(jointStates[i], current.jointStates[i]);
        }
    }

    function test_accept_passesKindAndAllWords() public {
        _listSome();
        uint64 number = riskArrays.beginEpoch();
        uint256[] memory statement = _arrayWords(number, 0);
        uint256 z = uint256(
                keccak256(abi.encode(Protocol.DOMAIN_RISK_ARRAY_STATEMENT, statement, uint256(9)))
            ) % Protocol.FIELD_MODULUS;
        verifier.expect([uint256(9), z, Statement.evaluate(statement, z)]);
        riskArrays.accept(number, 0, statement, 9, _anyProof());
        uint256[] memory other = _arrayWords(number, 1);
        vm.expectRevert(Statement.StatementNotProven.selector);
        riskArrays.accept(number, 1, other, 9, _anyProof());
    }

    function test_accept_revertsWhenNotProven() public {
        _listSome();
        uint64 number = riskArrays.beginEpoch();
        uint256[] memory statement = _arrayWords(number, 0);
        verifier.refuseAll();
        vm.expectRevert(Statement.StatementNotProven.selector);
        riskArrays.accept(number, 0, statement, 1, _anyProof());
    }

    /// Every word that the contract knows is the contract's.
    function testFuzz_accept_revertsWhenFactsDiffer(uint256 position, uint256 word) public {
        _listSome();
        uint64 number = riskArrays.beginEpoch();
        uint256[] memory statement = _arrayWords(number, 0);
        position = bound(position, 0, 18);
        vm.assume(word != statement[position]);
        statement[position] = word;
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.FactsDiffer.selector, number, 0));
        riskArrays.accept(number, 0, statement, 1, _anyProof());
    }

    function test_accept_revertsWithAnotherArraysFacts() public {
        _listSome();
        uint64 number = riskArrays.beginEpoch();
        uint256[] memory statement = _arrayWords(number, 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.FactsDiffer.selector, number, 0));
        riskArrays.accept(number, 0, statement, 1, _anyProof());
    }

    function testFuzz_accept_revertsWhenWordOutOfRange(uint256 position, uint256 word) public {
        _listSome();
        uint64 number = riskArrays.beginEpoch();
        uint256[] memory statement = _arrayWords(number, 0);
        position = bound(position, 19, 115);
        bool lanes = position < 115;
        statement[position] =
            bound(word, lanes ? Protocol.WORD_LIMIT : Protocol.FIELD_MODULUS, type(uint256).max);
        _expectRefused(
            lanes ? Statement.WordOutOfRange.selector : Statement.CommitmentOutOfRange.selector, position
        );
        riskArrays.accept(number, 0, statement, 1, _anyProof());
    }

    function testFuzz_accept_revertsWhenWordCountWrong(uint256 count) public {
        count = bound(count, 0, 300);
        vm.assume(count != 116);
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.WordCountWrong.selector, count, 116));
        riskArrays.accept(1, 0, new uint256[](count), 1, _anyProof());
    }

    function test_accept_revertsWhenNotInEpoch() public {
        _listSome();
        uint256[] memory statement = _arrayWords(1, 0);
        _expectRefused(IRiskArrays.EpochUnknown.selector, 1);
        riskArrays.accept(1, 0, statement, 1, _anyProof());
        riskArrays.beginEpoch();
        for (uint256 array = 2; array < 5; ++array) {
            vm.expectRevert(abi.encodeWithSelector(IRiskArrays.ArrayNotInEpoch.selector, 1, array));
            riskArrays.accept(1, array, statement, 1, _anyProof());
        }
        _expectRefused(IRiskArrays.EpochUnknown.selector, 2);
        riskArrays.accept(2, 0, statement, 1, _anyProof());
        riskArrays.accept(1, 0, statement, 1, _anyProof());
        vm.expectRevert(abi.encodeWithSelector(IRiskArrays.ArrayAlreadyAccepted.selector, 1, 0));
        riskArrays.accept(1, 0, statement, 1, _anyProof());
    }

    /// A newer epoch does not stop one that is being proven, and the older does not follow the newer.
    function test_accept_takesEpochsInOrderOnly() public {
        _listSome();
        uint256[][] memory firsts = new uint256[][](3);
        uint256[][] memory seconds_ = new uint256[][](3);
        for (uint64 i; i < 3; ++i) {
            assertEq(riskArrays.beginEpoch(), i + 1);
            (firsts[i], seconds_[i]) = (_arrayWords(i + 1, 0), _arrayWords(i + 1, 1));
            _pass(EPOCH_INTERVAL);
        }
        riskArrays.accept(1, 0, firsts[0], 1, _anyProof());
        riskArrays.accept(2, 1, seconds_[1], 1, _anyProof());
        riskArrays.accept(2, 0, firsts[1], 1, _anyProof());
        assertEq(riskArrays.currentNumber(), 2);
        for (uint64 number = 1; number < 3; ++number) {
            vm.expectRevert(abi.encodeWithSelector(IRiskArrays.EpochNotNewer.selector, number, 2));
            riskArrays.accept(number, 1, seconds_[number - 1], 1, _anyProof());
        }
        riskArrays.accept(3, 0, firsts[2], 1, _anyProof());
        riskArrays.accept(3, 1, seconds_[2], 1, _anyProof());
        assertEq(riskArrays.currentNumber(), 3);
    }

    /// Epochs that nobody proves pass away, the current one does not.
    function testFuzz_beginEpoch_neverForgetsTheCurrentOne(uint256 before, uint256 afterwards) public {
        _listArray(0, 0);
        _listPerpetual(0);
        (before, afterwards) = (bound(before, 1, 20), bound(afterwards, 1, 40));
        for (uint256 i; i < before; ++i) {
            _nextEpoch();
        }
        Epoch memory current = riskArrays.current();
        uint64[] memory begun = new uint64[](afterwards);
        for (uint256 i; i < afterwards; ++i) {
            _pass(EPOCH_INTERVAL);
            publisher.publish(prices);
            begun[i] = riskArrays.beginEpoch();
            assertEq(begun[i], riskArrays.latestNumber());
            if (i > 0) assertGt(begun[i], begun[i - 1]);
            assertEq(keccak256(abi.encode(riskArrays.current())), keccak256(abi.encode(current)));
        }
        for (uint256 i; i < afterwards; ++i) {
            if (i + 7 < afterwards) _expectRefused(IRiskArrays.EpochUnknown.selector, begun[i]);
            Epoch memory kept = riskArrays.epochAt(begun[i]);
            if (i + 7 < afterwards) continue;
            assertEq(kept.number, begun[i]);
            // the hashes of an older epoch in the same place do not show
            assertEq(kept.wordsHashes[0], 0);
            assertEq(kept.arrayCommitments[0], 0);
            assertEq(riskArrays.wordsHash(begun[i], 0), 0);
        }
        uint64 last = begun[afterwards - 1];
        riskArrays.accept(last, 0, _arrayWords(last, 0), 1, _anyProof());
        assertEq(riskArrays.currentNumber(), last);
    }

    function test_epochAt_revertsWhenUnknown() public {
        for (uint64 number; number < 9; ++number) {
            _expectRefused(IRiskArrays.EpochUnknown.selector, number);
            riskArrays.epochAt(number);
        }
        (uint64 none,,,) = riskArrays.marginFacts();
        assertEq(none, 0);
    }

    /// A series that is listed while an epoch is being proven is not in that epoch's array.
    function test_tradable_onlyOnceAnEpochKnowsTheSeries() public {
        _listSome();
        uint64 number = riskArrays.beginEpoch();
        uint256[] memory first = _arrayWords(number, 0);
        uint256[] memory second = _arrayWords(number, 1);
        _listOption(0, 3, Clearing.KIND_CALL, vm.getBlockTimestamp() + 20 days, _spot(0));
        riskArrays.accept(number, 0, first, 1, _anyProof());
        riskArrays.accept(number, 1, second, 1, _anyProof());
        assertTrue(listings.tradable(1));
        assertFalse(listings.tradable(3));
        _nextEpoch();
        assertTrue(listings.tradable(3));
        vm.warp(listings.listing(3).expiry - 1);
        assertTrue(listings.tradable(3));
        vm.warp(listings.listing(3).expiry);
        assertFalse(listings.tradable(3));
        assertTrue(listings.tradable(0));
    }
}
