// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Protocol} from "../generated/Protocol.sol";
import {IObservationLog} from "../interfaces/IObservationLog.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";
import {HeadChain} from "../libraries/HeadChain.sol";
import {Lanes} from "../libraries/Lanes.sol";

/// @title The hub's log of observed returns
/// @notice One word for each tick, kept as a keccak chain: the chain stores heads, and events carry the words.
///
/// ASSUMPTIONS  Sources vouch for what they return or revert. Their list is fixed for the life of a log.
///              Returns are simple: (p₁ − p₀) / p₀ in ppm. A log with fewer than 12 sources observes 0 in the other lanes.
/// LIVENESS     Anyone may observe, at most once per interval. One failing source stops the log until it answers again; no
///              return is guessed. A gap longer than maxGap is not squeezed into one return: prices become a new base.
/// ROUNDING     Returns are truncated toward zero. Moves beyond 1,048,575 ppm saturate there, and the event says in which
///              lanes; no price can fall that far.
/// ROLES        None.
contract ObservationLog is IObservationLog {
    using Lanes for uint256;

    uint256 private constant PRICE_BITS = 128;
    uint256 private constant TIMESTAMPS_PER_SLOT = 4;
    int256 private constant LARGEST = int256(Protocol.MAX_RETURN);

    /// @inheritdoc IObservationLog
    uint64 public immutable interval;
    /// @inheritdoc IObservationLog
    uint64 public immutable maxGap;
    /// @inheritdoc IObservationLog
    uint256 public immutable assetCount;

    /// @inheritdoc IObservationLog
    uint64 public index;
    /// @inheritdoc IObservationLog
    uint64 public lastObservedAt;

    IPriceSource[12] private sources;
    /// {D18} two prices to a slot, the even lane low: a tick rewrites half as many slots
    uint256[6] private pricePairs;
    mapping(uint64 index => bytes32) private heads;
    /// {s} of index k in the (k mod 4)-th 64 bits of entry k / 4: three ticks of four rewrite a slot instead of taking one
    mapping(uint256 group => uint256) private timestamps;

    /// @param sources_ contiguous from lane 0, address(0) after the last
    /// @param interval_ {s} least time between observations
    /// @param maxGap_ {s} at least the interval
    constructor(IPriceSource[12] memory sources_, uint64 interval_, uint64 maxGap_) {
        require(interval_ != 0 && maxGap_ >= interval_, IntervalInvalid(interval_, maxGap_));
        uint256 count;
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            if (address(sources_[lane]) == address(0)) continue;
            require(count == lane, SourcesNotContiguous(lane));
            require(address(sources_[lane]).code.length != 0, SourceWithoutCode(lane));
            sources[lane] = sources_[lane];
            ++count;
        }
        require(count != 0, SourcesNotContiguous(0));
        interval = interval_;
        maxGap = maxGap_;
        assetCount = count;
    }

    /// @inheritdoc IObservationLog
    function observe() external returns (uint64) {
        uint64 last = lastObservedAt;
        uint64 current = index;
        uint64 timestamp = uint64(block.timestamp);
        require(last == 0 || timestamp >= last + interval, ObservationTooEarly(last + interval));

        (uint256 word, uint256 saturated) = _takePrices();
        lastObservedAt = timestamp;

        if (last == 0 || timestamp - last > maxGap) {
            emit Rebased(current, timestamp, last == 0 ? 0 : timestamp - last);
            return current;
        }

        uint64 next = current + 1;
        bytes32 nextHead = HeadChain.append(heads[current], word);
        index = next;
        heads[next] = nextHead;
        uint256 shift = 64 * (next % TIMESTAMPS_PER_SLOT);
        timestamps[next / TIMESTAMPS_PER_SLOT] |= uint256(timestamp) << shift;
        emit Observed(next, nextHead, word, timestamp, saturated);
        return next;
    }

    /// @inheritdoc IObservationLog
    function head(uint64 index_) external view returns (bytes32) {
        require(index_ <= index, ObservationUnknown(index_));
        return heads[index_];
    }

    /// @inheritdoc IObservationLog
    function timestampOf(uint64 index_) external view returns (uint64) {
        require(index_ != 0 && index_ <= index, ObservationUnknown(index_));
        return uint64(timestamps[index_ / TIMESTAMPS_PER_SLOT] >> (64 * (index_ % TIMESTAMPS_PER_SLOT)));
    }

    /// @inheritdoc IObservationLog
    function basePrice(uint256 lane) external view returns (uint256) {
        return _half(pricePairs[lane / 2], lane);
    }

    /// @inheritdoc IObservationLog
    function source(uint256 lane) external view returns (IPriceSource) {
        return sources[lane];
    }

    /// @dev Reads all prices and makes them the base. Before the first base every return is 0.
    /// @return word signed lanes {ppm} since the last base
    /// @return saturated bit i is set where lane i did not fit
    function _takePrices() private returns (uint256 word, uint256 saturated) {
        uint256 count = assetCount;
        uint256 bases;
        uint256 prices;
        for (uint256 lane; lane < Protocol.LANE_COUNT; ++lane) {
            if (lane >= count) {
                word = word.putSigned(lane, 0);
                continue;
            }
            if (lane % 2 == 0) (bases, prices) = (pricePairs[lane / 2], 0);

            uint256 price = _read(lane);
            (int256 observedReturn, bool clamped) = _return(_half(bases, lane), price);
            word = word.putSigned(lane, observedReturn);
            if (clamped) saturated |= 1 << lane;

            prices |= price << (PRICE_BITS * (lane % 2));
            if (lane % 2 == 1 || lane + 1 == count) pricePairs[lane / 2] = prices;
        }
    }

    /// @return price {D18} in (0, 2¹²⁸)
    function _read(uint256 lane) private view returns (uint256 price) {
        try sources[lane].read() returns (uint256 answer, uint64) {
            price = answer;
        } catch (bytes memory reason) {
            revert SourceFailed(lane, reason);
        }
        require(price != 0 && price >> PRICE_BITS == 0, PriceUnusable(lane, price));
    }

    /// @dev Both prices are below 2¹²⁸, so nothing overflows.
    function _return(uint256 base, uint256 price) private pure returns (int256 observedReturn, bool clamped) {
        if (base == 0) return (0, false);
        // {ppm} = ({D18} - {D18}) * {ppm} / {D18}
        observedReturn = (int256(price) - int256(base)) * int256(Protocol.PPM) / int256(base);
        if (observedReturn > LARGEST) return (LARGEST, true);
        // a price above zero cannot fall by more than 10⁶ ppm, so the lower end needs no clamp
    }

    function _half(uint256 pair, uint256 lane) private pure returns (uint256) {
        return lane % 2 == 0 ? uint256(uint128(pair)) : pair >> PRICE_BITS;
    }
}
