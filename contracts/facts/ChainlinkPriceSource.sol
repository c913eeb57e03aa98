// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {IPriceSource} from "../interfaces/IPriceSource.sol";

/// @title A price from a Chainlink feed, or a reason why not
///
/// ASSUMPTIONS  The feed quotes the asset in the numeraire. Its answers are trusted within [minAnswer, maxAnswer] and
///              for maxAge: the bounds must lie inside those at which the aggregator itself stops moving.
///              On an L2 the sequencer's uptime feed is given; on other chains it is address(0).
/// LIVENESS     Any doubt reverts with the fact that caused it. Nobody can pause, change or replace a source.
/// ROUNDING     None: feeds have at most 18 decimals, and scaling up is exact.
/// ROLES        None.
contract ChainlinkPriceSource is IPriceSource {
    /// @param feed to read
    /// @param maxAge {s} an older answer is refused
    /// @param minAnswer {feed units} answers at or below are refused
    /// @param maxAnswer {feed units} answers at or above are refused
    /// @param sequencerFeed Chainlink's uptime feed of an L2's sequencer, or address(0)
    /// @param sequencerGrace {s} to wait after the sequencer is back, so that feeds can catch up
    struct Config {
        AggregatorV3Interface feed;
        uint64 maxAge;
        int256 minAnswer;
        int256 maxAnswer;
        AggregatorV3Interface sequencerFeed;
        uint64 sequencerGrace;
    }

    /// @notice Thrown when the feed has more than 18 decimals.
    error FeedDecimalsTooMany(uint8 decimals);
    /// @notice Thrown when the bounds leave no answer, or let a negative one pass.
    error BoundsInvalid(int256 minAnswer, int256 maxAnswer);
    /// @notice Thrown when no age is allowed at all.
    error MaxAgeZero();

    AggregatorV3Interface public immutable feed;
    AggregatorV3Interface public immutable sequencerFeed;
    uint64 public immutable maxAge;
    uint64 public immutable sequencerGrace;
    int256 public immutable minAnswer;
    int256 public immutable maxAnswer;
    /// {D18/feed unit}
    uint256 private immutable scale;

    constructor(Config memory config) {
        uint8 decimals = config.feed.decimals();
        require(decimals <= 18, FeedDecimalsTooMany(decimals));
        require(
            config.minAnswer >= 0 && config.maxAnswer > config.minAnswer,
            BoundsInvalid(config.minAnswer, config.maxAnswer)
        );
        require(config.maxAge != 0, MaxAgeZero());
        feed = config.feed;
        sequencerFeed = config.sequencerFeed;
        maxAge = config.maxAge;
        sequencerGrace = config.sequencerGrace;
        minAnswer = config.minAnswer;
        maxAnswer = config.maxAnswer;
        scale = 10 ** (18 - decimals);
    }

    /// @inheritdoc IPriceSource
    function read() external view returns (uint256 price, uint64 updatedAt) {
        if (address(sequencerFeed) != address(0)) _requireSequencerUp();

        (uint80 roundId, int256 answer,, uint256 writtenAt, uint80 answeredInRound) = feed.latestRoundData();
        require(answeredInRound >= roundId, RoundNotComplete(roundId, answeredInRound));
        require(writtenAt != 0 && writtenAt <= block.timestamp, PriceTimeInvalid(writtenAt));
        uint256 age = block.timestamp - writtenAt;
        require(age <= maxAge, PriceTooOld(age, maxAge));
        require(answer > 0, PriceNotPositive(answer));
        require(answer > minAnswer && answer < maxAnswer, PriceOutOfBounds(answer, minAnswer, maxAnswer));

        // {D18} = {feed units} * {D18/feed unit}
        return (uint256(answer) * scale, uint64(writtenAt));
    }

    /// @dev The uptime feed answers 0 while the sequencer is up, and startedAt is when that began; 0 means never written.
    function _requireSequencerUp() private view {
        (, int256 status, uint256 startedAt,,) = sequencerFeed.latestRoundData();
        require(status == 0 && startedAt != 0 && startedAt <= block.timestamp, SequencerDown());
        uint256 upFor = block.timestamp - startedAt;
        require(upFor > sequencerGrace, SequencerGraceNotOver(upFor, sequencerGrace));
    }
}
