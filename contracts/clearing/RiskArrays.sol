// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IGroth16Verifier, Proof} from "../interfaces/IGroth16Verifier.sol";
import {IListings} from "../interfaces/IListings.sol";
import {IObservationLog} from "../interfaces/IObservationLog.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {Epoch, IRiskArrays, RiskArraysConfig} from "../interfaces/IRiskArrays.sol";
import {IRiskOracle} from "../interfaces/IRiskOracle.sol";
import {RiskState} from "../interfaces/IRiskState.sol";
import {ISettlementPrices} from "../interfaces/ISettlementPrices.sol";
import {IVolatilityLog} from "../interfaces/IVolatilityLog.sol";
import {ArrayWords, SeriesTerms} from "../libraries/ArrayWords.sol";
import {JointArray, JointStates} from "../libraries/JointStates.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Silence} from "../libraries/Silence.sol";
import {Statement} from "../libraries/Statement.sol";
import {KeyPolicy} from "../proofs/KeyPolicy.sol";
import {Funding} from "./Funding.sol";

/// @title What up to 64 series are worth in every stress state, proven once an epoch
/// @notice An epoch begins with a snapshot of all that a proof takes from outside, so that whoever proves it works on words
/// that no later price or report can change. It becomes current when each of its arrays is proven.
/// @dev All arrays are snapshotted by one call: only so do they have one time, one risk state and prices of one moment
/// (A-7), and a margin proof may add losses over them. It costs 1.2 million gas with 64 series.
///
/// ASSUMPTIONS  The verifier's circuit proves rules B-1 to B-9 and A-1 to A-5, and its key is sound. Price sources and the
///              volatility log vouch for what they return or revert. No spot moves by a factor of 100 during the life of an
///              option: from there on pricing may not cover it, and no array with it could be proven until it is retired.
/// LIVENESS     Anyone begins epochs and accepts proofs, and no price source, volatility report or risk state holds one up: an
///              array without one of them has the last there was, wider steps, and is halted: it measures accounts, for
///              liquidation, and lets nobody want anything of it. Whoever begins an epoch chooses its moment, and so whether
///              a source that pauses halts its array until the next epoch. Epochs that nobody proves are forgotten, the
///              current one never.
/// ROUNDING     Steps are rounded up and joint moves away from no change: both widen what accounts are measured by. Spots are
///              rounded down to {ppt of a dollar}.
/// ROLES        Governor: names the house once, gives arrays their underlyings. If malicious, it gives none; it moves no price, no
///              parameter and no verifier. Listings: tell which series an epoch has, and which arrays have perpetuals. House: tells
///              trades, which move funding within its limit.
contract RiskArrays is IRiskArrays {
    using Lanes for uint256;
    using Funding for Funding.Account;

    /// Epochs kept, with the current one.
    uint64 private constant CAPACITY = 8;
    /// {D18/ppt}
    uint256 private constant D18_PER_PPT = 1e6;
    uint256 private constant QUAD_LIMIT = 1 << (Protocol.LANE_BITS * Clearing.QUAD_LANES);
    /// {gas} for a live price. Sources in use take 20,000 to 60,000.
    uint256 private constant SPOT_GAS = 350_000;
    /// {gas} left before a price is asked for, so that it gets SPOT_GAS: whoever begins an epoch cannot make a source fail
    uint256 private constant GAS_BEFORE_SPOT = SPOT_GAS * 64 / 63 + 20_000;
    // reasons to halt an array
    uint256 private constant OLD_PRICE = 1;
    uint256 private constant OLD_VOLATILITIES = 2;
    uint256 private constant OLD_RISK = 4;

    /// @param source address(0) where the array is not listed
    struct Underlying {
        IPriceSource source;
        uint8 lane;
    }

    /// @param spot {ppt of a dollar} of the last epoch in which there was a live one; 0 before the first
    /// @param time {s} of that epoch
    /// @param haltedSince {s} of the first of the epochs that have been halted without a break; 0 where the newest is not
    struct LastSpot {
        uint128 spot;
        uint64 time;
        uint64 haltedSince;
    }

    /// @param spot {ppt of a dollar}; 0 where there has never been one
    /// @param step {ppm}
    /// @param reasons to halt the array, 0 for none
    /// @param age {s} by which the step has been widened
    struct Market {
        uint256 lane;
        uint256 spot;
        uint256 step;
        uint256 reasons;
        uint256 age;
    }

    address public immutable governor;
    IRiskOracle public immutable oracle;
    IObservationLog public immutable log;
    IVolatilityLog public immutable volatilityLog;
    ISettlementPrices public immutable settlementPrices;
    IGroth16Verifier public immutable verifier;
    IListings public immutable listings;
    /// @inheritdoc IRiskArrays
    uint256 public constant stateSet = Clearing.STATE_SET;
    uint64 public immutable epochInterval;
    uint64 public immutable maxRiskAge;
    uint256 public immutable maxDeviation;
    uint256 public immutable minimumStep;
    uint256 public immutable maximumStep;
    uint256 public immutable maxFunding;
    uint256 public immutable minimumFundingTrade;
    /// `scenarioTerms` with a step of 0
    uint256 private immutable shocks;
    /// {ppm} k √(1 day / interval), rounded up: a price range in proven volatilities of one observation
    uint256 private immutable rangePerVolatility;

    address public house;
    /// @inheritdoc IRiskArrays
    uint64 public currentNumber;
    /// bit a is set where the last funding of array a's perpetual is booked
    uint8 private ended;

    /// @inheritdoc IRiskArrays
    uint64 public latestNumber;
    /// {s}
    uint64 private latestTime;
    /// {s} of the last accrual of funding
    uint64 private accruedAt;
    /// {s} of each array's perpetual; 0 where there is none, the largest number while it has no end
    uint64[4] private fundingEnds;

    Underlying[4] private underlyings;
    LastSpot[4] private lastSpots;
    /// those at which perpetuals have ended
    LastSpot[4] private endSpots;
    Funding.Account[4] private fundings;
    /// epoch n in n mod 8
    Epoch[8] private epochs;

    constructor(RiskArraysConfig memory config) {
        require(
            config.governor != address(0) && address(config.oracle) != address(0)
                && address(config.volatilityLog) != address(0)
                && address(config.settlementPrices) != address(0) && address(config.listings) != address(0),
            AddressZero()
        );
        KeyPolicy.requireAllowed(config.verifier);
        (governor, oracle, verifier) = (config.governor, config.oracle, config.verifier);
        (volatilityLog, settlementPrices) = (config.volatilityLog, config.settlementPrices);
        listings = config.listings;
        log = config.oracle.log();
        require(settlementPrices.log() == log, LogsDiffer(log, settlementPrices.log()));
        require(volatilityLog.observationLog() == log, LogsDiffer(log, volatilityLog.observationLog()));

        _requireBounds("version", config.version, 1, Protocol.LANE_LIMIT - 1);
        _requireBounds("upShock", config.upShock, 0, Clearing.MAXIMUM_UP_SHOCK);
        _requireBounds("downShock", config.downShock, 0, Protocol.PPM);
        _requireBounds("minimumUpVolatility", config.minimumUpVolatility, 0, Protocol.LANE_LIMIT - 1);
        _requireBounds("rangeMultiple", config.rangeMultiple, Protocol.PPM, 10 * Protocol.PPM);
        _requireBounds("maximumStep", config.maximumStep, 5_000, Clearing.MAXIMUM_STEP);
        _requireBounds("minimumStep", config.minimumStep, 5_000, config.maximumStep);
        _requireBounds("maxDeviation", config.maxDeviation, 10_000, 500_000);
        _requireBounds("epochInterval", config.epochInterval, 1 minutes, 1 days);
        _requireBounds("maxRiskAge", config.maxRiskAge, log.interval(), 90 days);
        _requireBounds("maxFunding", config.maxFunding, 0, 1_000);
        _requireBounds("minimumFundingTrade", config.minimumFundingTrade, Clearing.PPT, QUAD_LIMIT);

        (epochInterval, maxRiskAge) = (config.epochInterval, config.maxRiskAge);
        maxDeviation = config.maxDeviation;
        (minimumStep, maximumStep) = (config.minimumStep, config.maximumStep);
        (maxFunding, minimumFundingTrade) = (config.maxFunding, config.minimumFundingTrade);
        shocks = uint256(0).put(Clearing.SCENARIO_TERM_VERSION, config.version)
            .put(Clearing.SCENARIO_TERM_UP_SHOCK, config.upShock)
            .put(Clearing.SCENARIO_TERM_DOWN_SHOCK, config.downShock)
            .put(Clearing.SCENARIO_TERM_MINIMUM_UP_VOLATILITY, config.minimumUpVolatility);
        // {ppm} = √({ppm²} * {s} / {s}), then {ppm} * {ppm} / {ppm}
        uint256 root = Math.sqrt(Math.ceilDiv(1 days * Clearing.PPT, log.interval()), Math.Rounding.Ceil);
        rangePerVolatility = Math.ceilDiv(root * config.rangeMultiple, Protocol.PPM);
    }

    // --- listing

    /// @inheritdoc IRiskArrays
    function setHouse(address house_) external {
        _requireGovernor();
        require(house == address(0), HouseAlreadySet(house));
        require(house_ != address(0), AddressZero());
        house = house_;
        emit HouseSet(house_);
    }

    /// @inheritdoc IRiskArrays
    function listArray(uint256 array, uint256 lane) external {
        _requireGovernor();
        require(array < Clearing.ARRAY_COUNT, ArrayUnknown(array));
        require(address(underlyings[array].source) == address(0), ArrayAlreadyListed(array));
        require(lane < log.assetCount(), LaneUnknown(lane));
        underlyings[array] = Underlying(log.source(lane), uint8(lane));
        emit ArrayListed(array, lane);
    }

    /// @inheritdoc IRiskArrays
    function setFundingEnd(uint256 array, uint64 end) external {
        require(msg.sender == address(listings), NotListings(msg.sender));
        fundingEnds[array] = end;
        if (end != 0) return;
        // what the next perpetual has not earned
        ended &= ~uint8(1 << array);
        delete fundings[array];
        delete endSpots[array];
    }

    // --- epochs

    /// @inheritdoc IRiskArrays
    function beginEpoch() external returns (uint64 number) {
        uint64 time = uint64(block.timestamp);
        require(
            latestTime == 0 || time >= latestTime + epochInterval, EpochTooEarly(latestTime + epochInterval)
        );
        RiskState memory state = oracle.riskState(oracle.latestIndex());

        number = latestNumber + 1;
        // the next number whose place is not the current epoch's
        if (currentNumber != 0 && number % CAPACITY == currentNumber % CAPACITY) ++number;
        (latestNumber, latestTime) = (number, time);

        Epoch storage begun = epochs[number % CAPACITY];
        // bits of arrays: in the epoch, halted, without a live spot
        uint256[3] memory bits;
        JointArray[4] memory joint;
        uint128[4] memory spots;
        uint32[4] memory steps;
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            endFunding(array);
            (bool listed, bool areOld, uint256[16] memory terms) = listings.termsOf(array);
            if (!listed) continue;
            Market memory market = _market(array, state);
            // no epoch has had it, so nobody has anything in it
            if (market.spot == 0) continue;
            if (areOld) market.reasons |= OLD_VOLATILITIES;
            uint256[19] memory words = _facts(market, terms);
            begun.factsHashes[array] = keccak256(abi.encodePacked(words));
            emit ArrayFacts(number, array, words);
            bits[0] |= 1 << array;
            // a spot is below 2⁸⁴, a step below 2²¹
            (spots[array], steps[array]) = (uint128(market.spot), uint32(market.step));
            joint[array] = JointArray(true, market.lane, market.step);
            _keepSpot(array, market, time);
            if (market.reasons & OLD_PRICE != 0) bits[2] |= 1 << array;
            if (market.reasons == 0) continue;
            bits[1] |= 1 << array;
            emit ArrayHalted(number, array, market.reasons, market.age);
        }
        require(bits[0] != 0, NothingListed());
        uint256[3] memory jointStates = JointStates.wordsOf(joint, state, rangePerVolatility);
        (begun.number, begun.time, begun.riskIndex) = (number, time, state.index);
        // hashes and commitments of an older epoch in this place stay until they are overwritten: `accepted` says whose
        // they are
        (begun.arrays, begun.accepted, begun.halted, begun.silent) =
        (uint8(bits[0]), 0, uint8(bits[1]), uint8(bits[2]));
        (begun.spots, begun.steps, begun.jointStates) = (spots, steps, jointStates);
        emit EpochBegun(number, time, state.index, uint8(bits[0]), jointStates);
    }

    /// @inheritdoc IRiskArrays
    function accept(
        uint64 number,
        uint256 array,
        uint256[] calldata words,
        uint256 commitment,
        Proof calldata proof
    ) external {
        require(
            words.length == Protocol.RISK_ARRAY_LENGTH,
            WordCountWrong(words.length, Protocol.RISK_ARRAY_LENGTH)
        );
        require(number > currentNumber, EpochNotNewer(number, currentNumber));
        Epoch storage begun = _kept(number);
        (uint8 arrays, uint8 accepted) = (begun.arrays, begun.accepted);
        require(array < Clearing.ARRAY_COUNT && (arrays >> array) & 1 == 1, ArrayNotInEpoch(number, array));
        require((accepted >> array) & 1 == 0, ArrayAlreadyAccepted(number, array));
        require(ArrayWords.factsHash(words) == begun.factsHashes[array], FactsDiffer(number, array));

        Statement.verify(
            verifier,
            Protocol.DOMAIN_RISK_ARRAY_STATEMENT,
            words,
            Protocol.RISK_ARRAY_LANE_WORDS,
            commitment,
            proof
        );

        uint256 arrayCommitment = words[Protocol.RISK_ARRAY_ARRAY_COMMITMENT_OFFSET];
        bytes32 hash = ArrayWords.hash(words);
        begun.arrayCommitments[array] = arrayCommitment;
        begun.wordsHashes[array] = hash;
        accepted |= uint8(1 << array);
        begun.accepted = accepted;
        emit ArrayAccepted(number, array, arrayCommitment, hash);
        if (accepted == arrays) _makeCurrent(number, begun);
    }

    // --- funding

    /// @inheritdoc IRiskArrays
    function recordTrade(uint256 series, uint256 price, uint256 quantity) external {
        require(msg.sender == house, NotHouse(msg.sender));
        (uint256 array, bool known) = _perpetual(series);
        if (!known || block.timestamp >= fundingEnds[array]) return;
        if (price >= QUAD_LIMIT || quantity >= QUAD_LIMIT) return;
        // {ppt of a dollar} = {ppt of a dollar} * {ppm} / {ppm}
        if (price * quantity / Protocol.PPM < minimumFundingTrade) return;

        // a source that does not answer must not hold up a trade
        try underlyings[array].source.read{gas: SPOT_GAS}() returns (uint256 spot, uint64) {
            spot /= D18_PER_PPT;
            if (spot == 0 || spot >= QUAD_LIMIT) return;
            emit PremiumRecorded(series, fundings[array].recordTrade(price, spot));
        } catch {}
    }

    /// @inheritdoc IRiskArrays
    function fundingIndex(uint256 series) external view returns (int256) {
        (uint256 array, bool known) = _perpetual(series);
        return known ? fundings[array].index : int256(0);
    }

    /// @inheritdoc IRiskArrays
    function endFunding(uint256 array) public {
        if (!_isToEnd(array)) return;
        uint64 end = fundingEnds[array];
        LastSpot memory last = lastSpots[array];
        (int256 index, int256 rate) = fundings[array].accrue(last.spot, accruedAt, end, maxFunding);
        ended |= uint8(1 << array);
        endSpots[array] = last;
        uint256 series = array * Clearing.SERIES_PER_ARRAY;
        emit FundingAccrued(series, currentNumber, index, rate);
        emit FundingEnded(series, last.spot, last.time);
    }

    /// @inheritdoc IRiskArrays
    function fundingState() external view returns (uint64, uint256) {
        return (currentNumber, ended);
    }

    /// @inheritdoc IRiskArrays
    function fundingsToEnd() external view returns (uint256 which) {
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if (_isToEnd(array)) which |= 1 << array;
        }
    }

    /// @inheritdoc IRiskArrays
    function endOf(uint256 array) external view returns (bool isOver, uint256 spot, uint64 time) {
        LastSpot memory last = endSpots[array];
        return ((ended >> array) & 1 == 1, last.spot, last.time);
    }

    // --- views

    /// @inheritdoc IRiskArrays
    function current() external view returns (Epoch memory none) {
        return currentNumber == 0 ? none : epochAt(currentNumber);
    }

    /// @inheritdoc IRiskArrays
    function epochAt(uint64 number) public view returns (Epoch memory found) {
        found = _kept(number);
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if ((found.arrays >> array) & 1 == 0) found.factsHashes[array] = 0;
            if ((found.accepted >> array) & 1 == 0) {
                (found.wordsHashes[array], found.arrayCommitments[array]) = (0, 0);
            }
        }
    }

    /// @inheritdoc IRiskArrays
    function marginFacts()
        external
        view
        returns (uint64 number, uint64 time, uint256[3] memory jointStates, uint256[4] memory commitments)
    {
        number = currentNumber;
        if (number == 0) return (number, time, jointStates, commitments);
        Epoch storage now_ = epochs[number % CAPACITY];
        uint256 arrays;
        (time, arrays, jointStates) = (now_.time, now_.arrays, now_.jointStates);
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if ((arrays >> array) & 1 == 1) commitments[array] = now_.arrayCommitments[array];
        }
    }

    /// @inheritdoc IRiskArrays
    function wordsHash(uint64 number, uint256 array) external view returns (bytes32) {
        Epoch storage kept = _kept(number);
        if (array >= Clearing.ARRAY_COUNT || (kept.accepted >> array) & 1 == 0) return 0;
        return kept.wordsHashes[array];
    }

    /// @inheritdoc IRiskArrays
    function underlying(uint256 array) external view returns (uint256) {
        return _underlying(array).lane;
    }

    /// @inheritdoc IRiskArrays
    function haltedSince(uint256 array) external view returns (uint64) {
        return lastSpots[array].haltedSince;
    }

    /// @inheritdoc IRiskArrays
    function spotNow(uint256 array) public view returns (uint256) {
        Underlying memory found = _underlying(array);
        (uint256 price,) = found.source.read();
        // {ppt of a dollar} = {D18} / {D18/ppt}
        uint256 spot = price / D18_PER_PPT;
        require(spot != 0 && spot < QUAD_LIMIT, PriceUnusable(found.lane, price));
        uint256 base = log.basePrice(found.lane);
        // a base that the log itself would no longer take a return from is not the only one
        if (!_isNear(price, base) && block.timestamp - log.lastObservedAt() > log.maxGap()) {
            base = lastSpots[array].spot * D18_PER_PPT;
        }
        require(_isNear(price, base), PriceDeviates(found.lane, price, base));
        return spot;
    }

    /// @inheritdoc IRiskArrays
    function requireSpotsNear(uint256 which) external view {
        uint64 number = currentNumber;
        Epoch storage now_ = epochs[number % CAPACITY];
        (uint256 arrays, uint256 halted) = (now_.arrays, now_.halted);
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if ((which >> array) & 1 == 0) continue;
            require(number != 0 && (arrays >> array) & 1 == 1, ArrayNotInEpoch(number, array));
            require((halted >> array) & 1 == 0, ArrayIsHalted(number, array));
            require(!_isToEnd(array), FundingNotEnded(array));
            (uint256 spot, uint256 measured, uint256 step) =
                (spotNow(array), now_.spots[array], now_.steps[array]);
            uint256 moved = spot > measured ? spot - measured : measured - spot;
            // {ppt of a dollar} * {ppm} on both sides; spots are below 2⁸⁴
            require(moved * Protocol.PPM <= measured * step, SpotMoved(array, spot, measured, step));
        }
    }

    /// @inheritdoc IRiskArrays
    function factsNow(uint256 array) external view returns (uint256[19] memory none) {
        Market memory market = _market(array, oracle.riskState(oracle.latestIndex()));
        (,, uint256[16] memory terms) = listings.termsOf(array);
        return market.spot == 0 ? none : _facts(market, terms);
    }

    /// @inheritdoc IRiskArrays
    function scenarioTerms(uint256 step) public view returns (uint256) {
        return shocks.put(Clearing.SCENARIO_TERM_STEP, step);
    }

    // --- facts

    /// @dev {D18} * {ppm} on both sides; a base is below 2¹²⁸, a live price has just been found below 2¹⁰⁵
    function _isNear(uint256 price, uint256 base) private view returns (bool) {
        uint256 deviation = price > base ? price - base : base - price;
        return deviation * Protocol.PPM <= base * maxDeviation;
    }

    /// @dev A-6, and A-11 for what is of before.
    function _market(uint256 array, RiskState memory state) private view returns (Market memory market) {
        market.lane = _underlying(array).lane;
        require(gasleft() >= GAS_BEFORE_SPOT, SourceGasMissing(gasleft(), GAS_BEFORE_SPOT));
        try this.spotNow{gas: SPOT_GAS}(array) returns (uint256 live) {
            market.spot = live;
        } catch {
            LastSpot memory last = lastSpots[array];
            market.spot = last.spot;
            (market.reasons, market.age) = (OLD_PRICE, block.timestamp - last.time);
        }
        uint256 riskAge = block.timestamp - state.endTime;
        if (riskAge > maxRiskAge) {
            market.reasons |= OLD_RISK;
            market.age = Math.max(market.age, riskAge - maxRiskAge);
        }
        // a proven volatility is less than one below the true one
        uint256 volatility = state.volatilities.get(market.lane) + 1;
        // {ppm} = {ppm per observation} * {ppm} / {ppm}, a third of it
        uint256 step = Math.ceilDiv(volatility * rangePerVolatility, Clearing.SPOT_STEPS * Protocol.PPM);
        step = Math.min(Math.max(step, minimumStep), maximumStep);
        if (market.age != 0) {
            uint256 left = Clearing.SPOT_STEPS * (maximumStep - step);
            uint256 cost = Silence.costOf(left, market.age, volatility, log.interval());
            step += Math.ceilDiv(cost, Clearing.SPOT_STEPS);
        }
        market.step = step;
    }

    /// @dev The first 19 words of the array's statement (A-4, A-6).
    /// @param terms of its options, 0 elsewhere
    function _facts(Market memory market, uint256[16] memory terms)
        private
        view
        returns (uint256[19] memory words)
    {
        words[Protocol.RISK_ARRAY_STATE_SET_OFFSET] = Clearing.STATE_SET;
        words[Protocol.RISK_ARRAY_SCENARIO_TERMS_OFFSET] = scenarioTerms(market.step);
        words[Protocol.RISK_ARRAY_MARKET_OFFSET] =
            ArrayWords.packMarket(market.spot, block.timestamp, market.lane);
        uint256 filler = ArrayWords.packTerms(
            SeriesTerms({
                kind: Clearing.KIND_PERPETUAL,
                expirySlot: 0,
                basis: 0,
                volatility: 1,
                secondsToExpiry: 1 days,
                strike: market.spot
            })
        );
        for (uint256 place; place < Clearing.SERIES_PER_ARRAY; ++place) {
            words[Protocol.RISK_ARRAY_SERIES_TERMS_OFFSET + place] = terms[place] == 0 ? filler : terms[place];
        }
    }

    // --- inside

    /// @dev Funding changes here and at the end of a notice, nowhere else: what an account owes is constant while an epoch is current,
    /// and a margin proof over its arrays stays true of the account.
    function _makeCurrent(uint64 number, Epoch storage begun) private {
        (uint64 last, uint64 time) = (accruedAt, uint64(block.timestamp));
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            endFunding(array);
        }
        (currentNumber, accruedAt) = (number, time);
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if (time >= fundingEnds[array] || (begun.arrays >> array) & 1 == 0) continue;
            (int256 index, int256 rate) = fundings[array].accrue(begun.spots[array], last, time, maxFunding);
            emit FundingAccrued(array * Clearing.SERIES_PER_ARRAY, number, index, rate);
        }
        emit EpochCurrent(number);
    }

    function _isToEnd(uint256 array) private view returns (bool) {
        uint64 end = fundingEnds[array];
        return end != 0 && block.timestamp >= end && (ended >> array) & 1 == 0;
    }

    function _keepSpot(uint256 array, Market memory market, uint64 time) private {
        LastSpot memory last = lastSpots[array];
        // a spot is below 2⁸⁴
        if (market.reasons & OLD_PRICE == 0) (last.spot, last.time) = (uint128(market.spot), time);
        if (market.reasons == 0) last.haltedSince = 0;
        else if (last.haltedSince == 0) last.haltedSince = time;
        lastSpots[array] = last;
    }

    function _kept(uint64 number) private view returns (Epoch storage kept) {
        kept = epochs[number % CAPACITY];
        require(number != 0 && kept.number == number, EpochUnknown(number));
    }

    function _underlying(uint256 array) private view returns (Underlying memory found) {
        require(array < Clearing.ARRAY_COUNT, ArrayUnknown(array));
        found = underlyings[array];
        require(address(found.source) != address(0), ArrayUnknown(array));
    }

    /// @return array whose perpetual it may be
    /// @return known whether it may be one
    function _perpetual(uint256 series) private pure returns (uint256 array, bool known) {
        array = series / Clearing.SERIES_PER_ARRAY;
        known = array < Clearing.ARRAY_COUNT && series % Clearing.SERIES_PER_ARRAY == 0;
    }

    function _requireGovernor() private view {
        require(msg.sender == governor, NotGovernor(msg.sender));
    }

    function _requireBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        require(value >= minimum && value <= maximum, ParameterOutOfBounds(name, value, minimum, maximum));
    }
}
