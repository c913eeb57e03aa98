// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {CollateralLane, IMarginTerms, PositionLimits} from "../interfaces/IMarginTerms.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {Epoch, IRiskArrays} from "../interfaces/IRiskArrays.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Numbers} from "../libraries/Numbers.sol";
import {Silence} from "../libraries/Silence.sol";

/// @title What collateral is worth and how it counts, once an epoch; how much of a series may be held
///
/// ASSUMPTIONS  A source vouches for what it returns or reverts. An array's spot and the token of its collateral lane are
///              the same asset.
/// LIVENESS     Anyone takes the snapshot, from the epoch's beginning on. A source that fails does not hold it up: its lane
///              keeps its last price and supports nothing that its account wants. Against liquidation it still counts, with a
///              haircut that grows to all within a day: who sees a feed pass its age cannot make healthy accounts short
///              by the moment of a snapshot. It counts in full again with the next snapshot in which the source answers.
/// ROUNDING     Prices down, haircuts up, surcharges up.
/// ROLES        Governor: schedules terms within bounds in code, which anyone may apply after a delay. If malicious, it makes
///              margins as strict or as lax as the bounds allow, or a price source its own: users have the delay to leave. Limits
///              hold up nobody who trades out: an owner has as many accounts as it takes to take a position over.
///              Whoever takes a snapshot chooses its moment within the epoch, and so whether a source that pauses answers
///              in it: anybody else may take it before.
contract MarginTerms is IMarginTerms {
    using Lanes for uint256;
    using Numbers for uint256;

    /// {D18/ppt}
    uint256 private constant D18_PER_PPT = 1e6;
    uint256 private constant PRICE_LIMIT = 1 << (Protocol.LANE_BITS * Clearing.QUAD_LANES);
    uint256 private constant PRICES_PER_WORD = Protocol.LANE_COUNT / Clearing.QUAD_LANES;
    uint256 private constant HAIRCUTS = Protocol.MARGIN_COLLATERAL_HAIRCUTS_OFFSET - FIRST;
    uint256 private constant SLOPES = Protocol.MARGIN_COLLATERAL_SLOPES_OFFSET - FIRST;
    uint256 private constant ARRAYS = Protocol.MARGIN_COLLATERAL_ARRAYS_OFFSET - FIRST;
    uint256 private constant TERMS = Protocol.MARGIN_MARGIN_TERMS_OFFSET - FIRST;
    uint256 private constant FIRST = Protocol.MARGIN_COLLATERAL_PRICES_OFFSET;
    /// {gas} a source may use. Those in use take 20,000 to 60,000.
    uint256 private constant SOURCE_GAS = 300_000;
    /// {gas} left before a source is asked, so that it gets SOURCE_GAS: whoever takes the snapshot cannot make it fail
    uint256 private constant GAS_BEFORE_SOURCE = SOURCE_GAS * 64 / 63 + 20_000;
    uint256 private constant MIN_DELAY = 1 days;
    uint256 private constant MAX_DELAY = 30 days;
    /// {ppm} 100 volatilities of one observation
    uint256 private constant MAX_VOLATILITY_MULTIPLE = 100 * Protocol.PPM;
    /// {ppm of a contract} the least of an account's limits
    uint256 private constant LEAST_ACCOUNT_LIMIT = Protocol.PPM;
    /// {ppm per observation} of a lane whose token the log does not have, so that nothing is proven of it
    uint256 private constant UNPROVEN_VOLATILITY = 10_000;

    struct Snapshot {
        uint64 epoch;
        uint16 failed;
        uint256[8] words;
    }

    /// @param price {ppt of a dollar}
    /// @param time {s} of the price: of the epoch where it is a spot, else of the snapshot in which the source vouched for it.
    /// Not when a feed wrote it: a feed that writes once a day would be silent for a day with its first pause.
    struct Answer {
        uint128 price;
        uint64 time;
    }

    IRiskArrays public immutable arrays;
    address public immutable governor;
    uint64 public immutable delay;

    CollateralLane[12] private lanes;
    uint256 public marginTerms;

    mapping(uint256 lane => CollateralLane) private nextLanes;
    mapping(uint256 lane => uint64) private nextLaneReadyAt;
    uint256 private nextMarginTerms;
    uint64 private nextMarginTermsReadyAt;

    PositionLimits[4] private limits;
    mapping(uint256 array => PositionLimits) private nextLimits;
    mapping(uint256 array => uint64) private nextLimitsReadyAt;

    /// of the current epoch, and of one that may become it
    Snapshot[2] private snapshots;

    /// the latest of each lane; time 0 where there has been none
    Answer[12] private answers;

    /// @param lanes_ that count from the beginning; those without a source are free
    /// @param limits_ of each array
    constructor(
        IRiskArrays arrays_,
        address governor_,
        uint64 delay_,
        CollateralLane[12] memory lanes_,
        uint256 marginTerms_,
        PositionLimits[4] memory limits_
    ) {
        require(governor_ != address(0) && address(arrays_) != address(0), AddressZero());
        require(delay_ >= MIN_DELAY && delay_ <= MAX_DELAY, DelayOutOfBounds(delay_, MIN_DELAY, MAX_DELAY));
        (arrays, governor, delay) = (arrays_, governor_, delay_);
        for (uint256 i; i < Protocol.LANE_COUNT; ++i) {
            if (address(lanes_[i].source) == address(0)) continue;
            _requireLane(arrays_, i, lanes_[i]);
            lanes[i] = lanes_[i];
            emit LaneApplied(i, lanes_[i]);
        }
        _requireMarginTerms(arrays_, marginTerms_);
        marginTerms = marginTerms_;
        emit MarginTermsApplied(marginTerms_);
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            _requireLimits(array, limits_[array]);
            limits[array] = limits_[array];
            emit PositionLimitsApplied(array, limits_[array]);
        }
    }

    // --- roles

    /// @inheritdoc IMarginTerms
    function scheduleLane(uint256 number, CollateralLane calldata terms) external {
        require(msg.sender == governor, NotGovernor(msg.sender));
        require(number < Protocol.LANE_COUNT, LaneUnknown(number));
        _requireLane(arrays, number, terms);
        nextLanes[number] = terms;
        uint64 readyAt = uint64(block.timestamp) + delay;
        nextLaneReadyAt[number] = readyAt;
        emit LaneScheduled(number, terms, readyAt);
    }

    /// @inheritdoc IMarginTerms
    function scheduleMarginTerms(uint256 word) external {
        require(msg.sender == governor, NotGovernor(msg.sender));
        _requireMarginTerms(arrays, word);
        nextMarginTerms = word;
        nextMarginTermsReadyAt = uint64(block.timestamp) + delay;
        emit MarginTermsScheduled(word, nextMarginTermsReadyAt);
    }

    /// @inheritdoc IMarginTerms
    function schedulePositionLimits(uint256 array, PositionLimits calldata limits_) external {
        require(msg.sender == governor, NotGovernor(msg.sender));
        _requireLimits(array, limits_);
        nextLimits[array] = limits_;
        uint64 readyAt = uint64(block.timestamp) + delay;
        nextLimitsReadyAt[array] = readyAt;
        emit PositionLimitsScheduled(array, limits_, readyAt);
    }

    /// @inheritdoc IMarginTerms
    function applyLane(uint256 number) external {
        _requireReady(nextLaneReadyAt[number]);
        CollateralLane memory terms = nextLanes[number];
        lanes[number] = terms;
        delete nextLanes[number];
        nextLaneReadyAt[number] = 0;
        emit LaneApplied(number, terms);
    }

    /// @inheritdoc IMarginTerms
    function applyMarginTerms() external {
        _requireReady(nextMarginTermsReadyAt);
        marginTerms = nextMarginTerms;
        nextMarginTermsReadyAt = 0;
        emit MarginTermsApplied(marginTerms);
    }

    /// @inheritdoc IMarginTerms
    function applyPositionLimits(uint256 array) external {
        _requireReady(nextLimitsReadyAt[array]);
        PositionLimits memory limits_ = nextLimits[array];
        limits[array] = limits_;
        delete nextLimits[array];
        nextLimitsReadyAt[array] = 0;
        emit PositionLimitsApplied(array, limits_);
    }

    // --- snapshots

    /// @inheritdoc IMarginTerms
    function snapshot(uint64 number) external {
        uint64 current = arrays.currentNumber();
        require(number != 0 && (number == current || number == arrays.latestNumber()), EpochNotOpen(number));
        (uint64 first, uint64 second) = (snapshots[0].epoch, snapshots[1].epoch);
        require(number != first && number != second, SnapshotTakenBefore(number));
        // the current epoch's stays, else the newer one
        bool firstStays = first == current || (second != current && first > second);
        Snapshot storage taken = snapshots[firstStays ? 1 : 0];
        (uint256[8] memory words, uint256 failed) = _words(arrays.epochAt(number));
        (taken.epoch, taken.failed, taken.words) = (number, uint16(failed), words);
        emit SnapshotTaken(number, words, failed);
    }

    /// @inheritdoc IMarginTerms
    function facts() external view returns (uint256[8] memory) {
        return strictFactsAt(arrays.currentNumber());
    }

    /// @inheritdoc IMarginTerms
    function strictFactsAt(uint64 epoch) public view returns (uint256[8] memory words) {
        Snapshot storage taken = _taken(epoch);
        words = taken.words;
        uint256 failed = taken.failed;
        for (uint256 i; failed >> i != 0; ++i) {
            if ((failed >> i) & 1 == 0) continue;
            uint256 mask = (Protocol.LANE_LIMIT - 1) << (Protocol.LANE_BITS * i);
            words[HAIRCUTS] = (words[HAIRCUTS] & ~mask).put(i, Protocol.PPM);
        }
    }

    /// @inheritdoc IMarginTerms
    function factsAt(uint64 epoch) external view returns (uint256[8] memory) {
        return _taken(epoch).words;
    }

    /// @inheritdoc IMarginTerms
    function failedLanes() external view returns (uint256) {
        return _taken(arrays.currentNumber()).failed;
    }

    /// @inheritdoc IMarginTerms
    function laneInUse(uint256 number) external view returns (bool) {
        return number < Protocol.LANE_COUNT && address(lanes[number].source) != address(0);
    }

    /// @inheritdoc IMarginTerms
    function lane(uint256 number) external view returns (CollateralLane memory) {
        require(number < Protocol.LANE_COUNT, LaneUnknown(number));
        return lanes[number];
    }

    /// @inheritdoc IMarginTerms
    function positionLimits(uint256 array) public view returns (PositionLimits memory) {
        require(array < Clearing.ARRAY_COUNT, ArrayUnknown(array));
        return limits[array];
    }

    /// @inheritdoc IMarginTerms
    function requireWithinLimits(uint256 series, uint256 before, uint256 held, uint256 grown) external view {
        PositionLimits memory most = positionLimits(series / Clearing.SERIES_PER_ARRAY);
        require(
            held <= before || held <= most.openInterest,
            OpenInterestAboveLimit(series, held, most.openInterest)
        );
        require(grown <= most.account, PositionAboveLimit(series, grown, most.account));
    }

    // --- private

    function _taken(uint64 epoch) private view returns (Snapshot storage) {
        require(epoch != 0, SnapshotMissing(epoch));
        if (snapshots[0].epoch == epoch) return snapshots[0];
        require(snapshots[1].epoch == epoch, SnapshotMissing(epoch));
        return snapshots[1];
    }

    /// @return words of the margin statement from collateralPrices to marginTerms
    /// @return failed bit i is set where lane i keeps its last price
    function _words(Epoch memory epoch) private returns (uint256[8] memory words, uint256 failed) {
        uint256 volatilities = arrays.oracle().volatilities(epoch.riskIndex);
        for (uint256 i; i < Protocol.LANE_COUNT; ++i) {
            CollateralLane memory terms = lanes[i];
            if (address(terms.source) == address(0)) continue;
            uint256 haircut = uint256(terms.base) + terms.uncertainty;
            uint256 array = Clearing.ARRAY_COUNT;
            uint256 volatility = UNPROVEN_VOLATILITY;
            if (terms.underlying != 0) {
                uint256 underlying = terms.underlying - 1;
                array = _arrayOf(epoch.arrays, underlying);
                // a proven volatility is less than one below the true one
                volatility = volatilities.get(underlying) + 1;
                // {ppm} = {ppm per observation} * {ppm} / {ppm}
                haircut += Math.ceilDiv(volatility * terms.volatilityMultiple, Protocol.PPM);
            }
            haircut = Math.min(haircut, Protocol.PPM);
            uint256 price;
            bool answered;
            if (array < Clearing.ARRAY_COUNT) {
                words[ARRAYS] = words[ARRAYS].put(i, array + 1);
                // silent or not: what hedges a position has the position's spot
                (price, answered) = (epoch.spots[array], (epoch.silent >> array) & 1 == 0);
            } else {
                price = _read(terms.source);
                answered = price != 0;
                if (!answered) price = answers[i].price;
            }
            if (answered) {
                _keep(i, price, array < Clearing.ARRAY_COUNT ? epoch.time : uint64(block.timestamp));
            } else {
                failed |= 1 << i;
                haircut += _surcharge(answers[i].time, haircut, volatility);
            }
            words[i / PRICES_PER_WORD] = words[i
                    / PRICES_PER_WORD].place(
                Clearing.QUAD_LANES * (i % PRICES_PER_WORD), Clearing.QUAD_LANES, price
            );
            words[HAIRCUTS] = words[HAIRCUTS].put(i, haircut);
            words[SLOPES] = words[SLOPES].put(i, terms.slope);
        }
        words[TERMS] = marginTerms;
    }

    /// @notice A snapshot of the current epoch may be taken after one of a newer epoch: the later price stays.
    function _keep(uint256 i, uint256 price, uint64 time) private {
        // spots and prices are below 2⁸⁴
        if (time >= answers[i].time) answers[i] = Answer(uint128(price), time);
    }

    /// @param time {s} of the last answer, 0 where there has been none
    /// @param haircut {ppm} that the lane had with an answer, at most all
    /// @param volatility {ppm per observation}
    /// @return {ppm} on top of the haircut, both together at most all
    function _surcharge(uint256 time, uint256 haircut, uint256 volatility) private view returns (uint256) {
        uint256 left = Protocol.PPM - haircut;
        if (time == 0) return left;
        return Silence.costOf(left, block.timestamp - time, volatility, arrays.log().interval());
    }

    /// @return {ppt of a dollar}; 0 where the source does not answer, or with a price that no quad holds
    function _read(IPriceSource source) private view returns (uint256) {
        require(gasleft() >= GAS_BEFORE_SOURCE, SourceGasMissing(gasleft(), GAS_BEFORE_SOURCE));
        try source.read{gas: SOURCE_GAS}() returns (uint256 price, uint64) {
            // {ppt of a dollar} = {D18} / {D18/ppt}, rounded down
            price /= D18_PER_PPT;
            return price < PRICE_LIMIT ? price : 0;
        } catch {
            return 0;
        }
    }

    /// @return the first array with the underlying, ARRAY_COUNT where there is none
    function _arrayOf(uint256 inEpoch, uint256 underlying) private view returns (uint256) {
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if ((inEpoch >> array) & 1 == 1 && arrays.underlying(array) == underlying) return array;
        }
        return Clearing.ARRAY_COUNT;
    }

    function _requireReady(uint64 readyAt) private view {
        require(readyAt != 0, NothingScheduled());
        require(block.timestamp >= readyAt, NotReady(readyAt));
    }

    function _requireLane(IRiskArrays arrays_, uint256 number, CollateralLane memory terms) private view {
        require(address(terms.source).code.length != 0, SourceUnusable(number));
        require(terms.underlying <= arrays_.log().assetCount(), UnderlyingUnknown(terms.underlying));
        _requireAtMost("base", terms.base, Protocol.PPM);
        _requireAtMost("volatilityMultiple", terms.volatilityMultiple, MAX_VOLATILITY_MULTIPLE);
        _requireAtMost("uncertainty", terms.uncertainty, Protocol.PPM);
        _requireAtMost("slope", terms.slope, Protocol.LANE_LIMIT - 1);
    }

    function _requireAtMost(bytes32 name, uint256 value, uint256 maximum) private pure {
        require(value <= maximum, LaneTermOutOfBounds(name, value, maximum));
    }

    function _requireLimits(uint256 array, PositionLimits memory limits_) private pure {
        require(array < Clearing.ARRAY_COUNT, ArrayUnknown(array));
        require(
            limits_.account >= LEAST_ACCOUNT_LIMIT && limits_.account <= limits_.openInterest,
            PositionLimitOutOfBounds(limits_.account, LEAST_ACCOUNT_LIMIT, limits_.openInterest)
        );
    }

    /// @dev Initial terms are at least the maintenance ones, and a worst loss that is counted more than once never takes
    /// more of a collateral than there is (G-9).
    function _requireMarginTerms(IRiskArrays arrays_, uint256 word) private view {
        uint256 known;
        for (uint256 term; term < TERM_COUNT; ++term) {
            uint256 value = word.get(term);
            known |= value << (Protocol.LANE_BITS * term);
            (uint256 minimum, uint256 maximum) = _termBounds(word, term);
            require(
                value >= minimum && value <= maximum, MarginTermOutOfBounds(term, value, minimum, maximum)
            );
        }
        require(word == known, Lanes.LaneOutOfRange(TERM_COUNT, word >> (Protocol.LANE_BITS * TERM_COUNT)));
        uint256 lossFactor = word.get(Clearing.MARGIN_TERM_INITIAL_LOSS_FACTOR);
        uint256 most = Clearing.PPT / (Clearing.SPOT_STEPS * arrays_.maximumStep());
        require(lossFactor <= most, LossFactorTooLarge(lossFactor, most));
    }

    uint256 private constant TERM_COUNT = Clearing.MARGIN_TERM_BASIS + 1;

    /// @return minimum {ppm}
    /// @return maximum {ppm}
    function _termBounds(uint256 word, uint256 term) private pure returns (uint256 minimum, uint256 maximum) {
        if (term == Clearing.MARGIN_TERM_MAINTENANCE_LOSS_FACTOR) {
            return (Protocol.PPM / 2, 2 * Protocol.PPM);
        }
        if (term == Clearing.MARGIN_TERM_INITIAL_LOSS_FACTOR) {
            return (word.get(Clearing.MARGIN_TERM_MAINTENANCE_LOSS_FACTOR), 2 * Protocol.PPM);
        }
        if (term == Clearing.MARGIN_TERM_INITIAL_PERPETUAL) {
            return (
                word.get(Clearing.MARGIN_TERM_MAINTENANCE_PERPETUAL),
                200_000 /* 20 % */
            );
        }
        if (term == Clearing.MARGIN_TERM_INITIAL_NAKED_SHORT) {
            return (
                word.get(Clearing.MARGIN_TERM_MAINTENANCE_NAKED_SHORT),
                200_000 /* 20 % */
            );
        }
        return (
            0,
            200_000 /* 20 % */
        );
    }
}
