// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title One asset's price in the numeraire
/// @notice A source either returns a price it vouches for or reverts with the reason; it never returns zero.
interface IPriceSource {
    /// @notice Thrown when the price was written longer ago than the source allows.
    /// @param age {s} since the price was written
    /// @param maxAge {s} allowed
    error PriceTooOld(uint256 age, uint256 maxAge);
    /// @notice Thrown when the price carries a time that has not come yet, or none.
    error PriceTimeInvalid(uint256 updatedAt);
    /// @notice Thrown when the answer is zero or negative.
    error PriceNotPositive(int256 answer);
    /// @notice Thrown when the answer is outside the bounds within which the source trusts its feed.
    error PriceOutOfBounds(int256 answer, int256 minimum, int256 maximum);
    /// @notice Thrown when the feed's round carries an answer of an earlier round.
    error RoundNotComplete(uint256 roundId, uint256 answeredInRound);
    /// @notice Thrown when the chain's sequencer is down, so that prices on it may be old without looking so.
    error SequencerDown();
    /// @notice Thrown when the sequencer is up, but not yet for as long as the source waits.
    /// @param upFor {s} since it came back
    /// @param grace {s} to wait
    error SequencerGraceNotOver(uint256 upFor, uint256 grace);

    /// @return price {D18} numeraire per whole token, never 0
    /// @return updatedAt {s} when the price was written
    function read() external view returns (uint256 price, uint64 updatedAt);
}
