// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IObservationLog} from "../interfaces/IObservationLog.sol";
import {ISettlementPrices} from "../interfaces/ISettlementPrices.sol";

/// @title Averages of the observation log's prices before an expiry
///
/// ASSUMPTIONS  The log is not run by whoever gains from a settlement. No observation weighs more than 1 / minimumCount
///              of a price that keepers have looked after; the log decides how close together observations may be.
/// LIVENESS     Anyone records, each observation while it is the log's last one. Where fewer than minimumCount were recorded
///              before the expiry, those after it count until there are as many: late, but an average. After `patience`
///              whatever there is counts, and where there is nothing, the log's last price of any age: a log that has
///              died does not hold up settlement for ever.
/// ROUNDING     Observations and their average are rounded down to {ppt of a dollar}. A call gets at most 10⁻¹² dollars too
///              little, a put as much too much.
/// ROLES        None.
contract SettlementPrices is ISettlementPrices {
    /// {ppt/D18} divides
    uint256 private constant D18_PER_PPT = 1e6;
    uint256 private constant LEAST_COUNT = 3;
    uint64 private constant LONGEST_WINDOW = 7 days;
    /// @inheritdoc ISettlementPrices
    uint64 public constant patience = 7 days;

    /// @param sum {ppt of a dollar} of `count` prices, each below 2¹⁰⁸
    /// @param lastObservedAt {s}
    struct Average {
        uint160 sum;
        uint32 count;
        uint64 lastObservedAt;
    }

    /// @inheritdoc ISettlementPrices
    IObservationLog public immutable log;
    /// @inheritdoc ISettlementPrices
    uint64 public immutable window;
    /// @inheritdoc ISettlementPrices
    uint256 public immutable minimumCount;

    mapping(uint256 lane => mapping(uint64 expiry => Average)) private averages;

    /// @param window_ {s} at least minimumCount intervals of the log, at most 7 days
    /// @param minimumCount_ at least 3
    constructor(IObservationLog log_, uint64 window_, uint256 minimumCount_) {
        require(
            minimumCount_ >= LEAST_COUNT && window_ <= LONGEST_WINDOW
                && minimumCount_ <= window_ / log_.interval(),
            WindowInvalid(window_, minimumCount_)
        );
        log = log_;
        window = window_;
        minimumCount = minimumCount_;
    }

    /// @inheritdoc ISettlementPrices
    function record(uint256 lane, uint64 expiry) external {
        require(lane < log.assetCount(), LaneUnknown(lane));
        require(!isFinal(lane, expiry), SettlementFinal(lane, expiry));
        Average storage average = averages[lane][expiry];
        uint64 observedAt = log.lastObservedAt();
        if (!_late(expiry)) {
            uint64 from = expiry > window ? expiry - window : 0;
            require(observedAt > from, ObservationBeforeWindow(observedAt, from));
        }
        require(observedAt > average.lastObservedAt, ObservationAlreadyRecorded(observedAt));

        // the log's prices are below 2¹²⁸ {D18}
        uint256 price = log.basePrice(lane) / D18_PER_PPT;
        average.sum += uint160(price);
        average.count += 1;
        average.lastObservedAt = observedAt;
        emit PriceRecorded(lane, expiry, price, observedAt, average.count);
    }

    /// @inheritdoc ISettlementPrices
    function settlementPrice(uint256 lane, uint64 expiry) external view returns (uint256 price) {
        require(isFinal(lane, expiry), SettlementNotFinal(lane, expiry));
        Average memory average = averages[lane][expiry];
        return average.sum / average.count;
    }

    /// @inheritdoc ISettlementPrices
    function isFinal(uint256 lane, uint64 expiry) public view returns (bool) {
        if (block.timestamp <= expiry) return false;
        uint256 count = averages[lane][expiry].count;
        return count >= minimumCount || (count != 0 && _late(expiry));
    }

    /// @inheritdoc ISettlementPrices
    function recorded(uint256 lane, uint64 expiry)
        external
        view
        returns (uint256 count, uint64 lastObservedAt)
    {
        Average memory average = averages[lane][expiry];
        return (average.count, average.lastObservedAt);
    }

    function _late(uint64 expiry) private view returns (bool) {
        return block.timestamp > uint256(expiry) + patience;
    }
}
