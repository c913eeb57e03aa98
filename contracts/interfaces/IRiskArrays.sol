// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IGroth16Verifier, Proof} from "./IGroth16Verifier.sol";
import {IListings} from "./IListings.sol";
import {IObservationLog} from "./IObservationLog.sol";
import {IRiskOracle} from "./IRiskOracle.sol";
import {ISettlementPrices} from "./ISettlementPrices.sol";
import {IVolatilityLog} from "./IVolatilityLog.sol";

/// @notice What risk arrays are made of and never change.
/// @param governor gives arrays their underlyings, and lists series; meant to be a timelock
/// @param oracle risk states of the hub's observation log
/// @param listings which series there are
/// @param version {1} of the four numbers that follow, for whoever reads words
/// @param upShock {ppm of a volatility} at 30 days
/// @param downShock {ppm of a volatility} at 30 days
/// @param minimumUpVolatility {ppm per √year}
/// @param rangeMultiple {ppm} k: the price range in proven daily volatilities
/// @param minimumStep {ppm} of spot
/// @param maximumStep {ppm} of spot
/// @param maxDeviation {ppm} of a live price from the last observed one
/// @param epochInterval {s} least time between epochs
/// @param maxRiskAge {s} by an older risk state all arrays of an epoch are halted
/// @param maxFunding {ppm of spot per hour} of any sign
/// @param minimumFundingTrade {ppt of a dollar} smaller trades do not move funding
struct RiskArraysConfig {
    address governor;
    IRiskOracle oracle;
    IVolatilityLog volatilityLog;
    ISettlementPrices settlementPrices;
    IGroth16Verifier verifier;
    IListings listings;
    uint32 version;
    uint32 upShock;
    uint32 downShock;
    uint32 minimumUpVolatility;
    uint32 rangeMultiple;
    uint32 minimumStep;
    uint32 maximumStep;
    uint32 maxDeviation;
    uint64 epochInterval;
    uint64 maxRiskAge;
    uint32 maxFunding;
    uint128 minimumFundingTrade;
}

/// @notice Facts of an epoch, and what has been proven of them. All fields but `accepted`, `arrayCommitments` and
/// `wordsHashes` are fixed when the epoch begins.
/// @param number counts epochs up from 1, and leaves some out; 0 where there is none
/// @param time {s} of all its facts
/// @param riskIndex of the risk state it leans on
/// @param arrays bit a is set where array a has series
/// @param accepted bit a is set where array a has been proven
/// @param halted bit a is set where nothing of array a may be wanted in this epoch: one of its facts is of before (A-11)
/// @param silent bit a is set where that is its spot
/// @param spots {ppt of a dollar} of the arrays' underlyings
/// @param steps {ppm} of spot between two levels
/// @param jointStates words of the margin statement (J-2)
/// @param factsHashes keccak256 of the 19 fact words of a statement, in order
/// @param wordsHashes keccak256 of all 116 words of an accepted statement, in order
/// @param arrayCommitments 0 where there is no array
struct Epoch {
    uint64 number;
    uint64 time;
    uint64 riskIndex;
    uint8 arrays;
    uint8 accepted;
    uint8 halted;
    uint8 silent;
    uint128[4] spots;
    uint32[4] steps;
    uint256[3] jointStates;
    bytes32[4] factsHashes;
    bytes32[4] wordsHashes;
    uint256[4] arrayCommitments;
}

/// @title What listed series are worth in every stress state: proven once an epoch, used by every account
interface IRiskArrays {
    // --- events

    event HouseSet(address house);
    event ArrayListed(uint256 indexed array, uint256 indexed underlying);
    event EpochBegun(
        uint64 indexed epoch, uint64 time, uint64 riskIndex, uint8 arrays, uint256[3] jointStates
    );
    /// @param reasons Σ of 1 for its price, 2 for its volatilities, 4 for the risk state: what is of before
    /// @param age {s} by which its steps have been widened
    event ArrayHalted(uint64 indexed epoch, uint256 indexed array, uint256 reasons, uint256 age);
    /// @param words stateSet, scenarioTerms, market and 16 seriesTerms: what a prover needs
    event ArrayFacts(uint64 indexed epoch, uint256 indexed array, uint256[19] words);
    event ArrayAccepted(
        uint64 indexed epoch, uint256 indexed array, uint256 arrayCommitment, bytes32 wordsHash
    );
    /// @notice Every array of the epoch is proven, and it is what accounts are measured by from now on.
    event EpochCurrent(uint64 indexed epoch);
    /// @param index {ppt of a dollar per contract} what one contract has paid since its listing
    event FundingAccrued(uint256 indexed series, uint64 indexed epoch, int256 index, int256 rate);
    /// @notice The last funding of a perpetual whose notice is over has been booked.
    /// @param spot {ppt of a dollar} that the newest epoch before the end had of its array
    /// @param time {s} of the epoch in which that was live
    event FundingEnded(uint256 indexed series, uint256 spot, uint64 time);
    /// @param premium {ppm of spot} that counts until the next trade
    event PremiumRecorded(uint256 indexed series, int256 premium);

    // --- errors: making, roles

    /// @notice Thrown when a parameter is outside its bounds.
    error ParameterOutOfBounds(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    error AddressZero();
    /// @notice Thrown when settlement prices or volatilities lean on another observation log than the risk oracle.
    error LogsDiffer(IObservationLog log, IObservationLog other);
    error NotGovernor(address sender);
    error NotHouse(address sender);
    error NotListings(address sender);
    error HouseAlreadySet(address house);

    // --- errors: listing

    error ArrayUnknown(uint256 array);
    error ArrayAlreadyListed(uint256 array);
    error LaneUnknown(uint256 lane);

    // --- errors: epochs

    /// @param readyAt {s} when the next may begin
    error EpochTooEarly(uint256 readyAt);
    /// @notice Thrown when there is no series, or none whose underlying has ever had a price.
    error NothingListed();
    /// @notice Thrown when so little gas is left that a source would fail for want of it.
    error SourceGasMissing(uint256 gas, uint256 minimum);
    /// @notice Thrown when a live price is further from the last trusted one than allowed.
    /// @param basePrice {D18}
    error PriceDeviates(uint256 lane, uint256 price, uint256 basePrice);
    /// @notice Thrown when something is wanted of an array whose facts are of before.
    error ArrayIsHalted(uint64 epoch, uint256 array);
    /// @notice Thrown when the notice of the array's perpetual is over and `endFunding` has not booked it.
    error FundingNotEnded(uint256 array);
    /// @notice Thrown when a price is too small or too large for a quad {ppt of a dollar}.
    error PriceUnusable(uint256 lane, uint256 price);
    /// @notice Thrown when a live price is more than a step from that of the current epoch.
    /// @param spot {ppt of a dollar} now
    /// @param measured {ppt of a dollar} of the epoch
    /// @param step {ppm} of the epoch's spot
    error SpotMoved(uint256 array, uint256 spot, uint256 measured, uint256 step);
    /// @notice Thrown when no epoch of that number is kept.
    error EpochUnknown(uint64 epoch);
    /// @notice Thrown when the epoch is not after the current one.
    error EpochNotNewer(uint64 epoch, uint64 current);
    error ArrayNotInEpoch(uint64 epoch, uint256 array);
    error ArrayAlreadyAccepted(uint64 epoch, uint256 array);
    error WordCountWrong(uint256 count, uint256 expected);
    /// @notice Thrown when the first 19 words are not the facts of the epoch.
    error FactsDiffer(uint64 epoch, uint256 array);

    // --- listing

    /// @notice Names the clearing house, once. Only the governor.
    function setHouse(address house) external;

    /// @notice Gives an array an underlying, for ever. Only the governor.
    function listArray(uint256 array, uint256 underlying) external;

    /// @notice Tells until when an array's perpetual has funding. Only the listings.
    /// @param end {s} 0 where it has none any more, the largest number where no end is known
    function setFundingEnd(uint256 array, uint64 end) external;

    // --- epochs

    /// @notice Snapshots the facts of every array with series, for provers to work on. Anyone, at most once per
    /// `epochInterval`. Events carry the words. No source, report or risk state holds it up: an array that lacks one is halted.
    function beginEpoch() external returns (uint64 epoch);

    /// @notice Accepts a proven array of an epoch that is newer than the current one. Anyone. The last array that was
    /// missing makes the epoch current and accrues funding.
    /// @param words the 116 words of a riskArray statement
    /// @param commitment C, the sponge of the words
    function accept(
        uint64 epoch,
        uint256 array,
        uint256[] calldata words,
        uint256 commitment,
        Proof calldata proof
    ) external;

    // --- funding

    /// @notice Tells of a trade in a perpetual. Only the house. Never reverts for what the trade was.
    /// @param price {ppt of a dollar} per contract
    /// @param quantity {ppm of a contract}
    function recordTrade(uint256 series, uint256 price, uint256 quantity) external;

    /// @notice Books the last funding of an array's perpetual, up to the end of its notice, and keeps the spot at which it has
    /// ended. Anyone; every epoch that begins or becomes current does it too, to the same numbers. Nothing before the end, and once.
    function endFunding(uint256 array) external;

    /// @notice {ppt of a dollar per contract} what a long of one contract has paid since listing, as of the current
    /// epoch; it changes only when another becomes current, and with `endFunding`. Always 0 for options.
    function fundingIndex(uint256 series) external view returns (int256);

    /// @notice What decides whether funding may be due.
    /// @return current number of the current epoch
    /// @return ended bit a is set where the last funding of array a's perpetual is booked
    function fundingState() external view returns (uint64 current, uint256 ended);

    /// @return bit a is set where the notice of array a's perpetual is over, and `endFunding` has not booked it yet
    function fundingsToEnd() external view returns (uint256);

    /// @notice At what an array's perpetual has ended.
    /// @return isOver whether its last funding is booked; all else is 0 until then
    /// @return spot {ppt of a dollar} that the newest epoch before the end had of its array
    /// @return time {s} of the epoch in which that was live
    function endOf(uint256 array) external view returns (bool isOver, uint256 spot, uint64 time);

    // --- views

    /// @return of the current epoch, 0 before the first
    function currentNumber() external view returns (uint64);

    /// @return of the newest epoch that has begun
    function latestNumber() external view returns (uint64);

    /// @notice The epoch accounts are measured by; all 0 before the first. Compare `time` with the clock before use.
    function current() external view returns (Epoch memory);

    /// @notice A kept epoch: the current one and the seven newest others. Reverts with EpochUnknown.
    function epochAt(uint64 number) external view returns (Epoch memory);

    /// @notice {s} of the current epoch's facts, and what a margin statement takes from it: words `jointStates` and
    /// `arrayCommitments`.
    function marginFacts()
        external
        view
        returns (
            uint64 number,
            uint64 time,
            uint256[3] memory jointStates,
            uint256[4] memory arrayCommitments
        );

    /// @notice keccak256 of the accepted words of an array, 0 where there are none. Reverts with EpochUnknown.
    function wordsHash(uint64 number, uint256 array) external view returns (bytes32);

    /// @return lane of the observation log. Reverts with ArrayUnknown
    function underlying(uint256 array) external view returns (uint256 lane);

    /// @return {s} of the first of the epochs in which the array has been halted without a break; 0 where in the newest it is not
    function haltedSince(uint256 array) external view returns (uint64);

    /// @notice {ppt of a dollar} live price of an array's underlying. Reverts where a source does, and where it is further than
    /// `maxDeviation` from the log's last price, or from the array's last spot where the log has rested for longer than its gap.
    function spotNow(uint256 array) external view returns (uint256);

    /// @notice Reverts unless each of some arrays is in the current epoch and not halted, and its live price within one step of
    /// the epoch's, and no end of a notice is to be booked: with ArrayNotInEpoch, ArrayIsHalted, FundingNotEnded, SpotMoved, or with what `spotNow` reverts with.
    /// @param which bit a for array a: those that an account has anything in (IClearingHouse.arraysOf)
    function requireSpotsNear(uint256 which) external view;

    /// @notice The fact words of an array as an epoch would snapshot them now; all 0 where it would leave the array out.
    /// @return words stateSet, scenarioTerms, market and 16 seriesTerms
    function factsNow(uint256 array) external view returns (uint256[19] memory words);

    /// @notice Word `scenarioTerms` for a step {ppm}.
    function scenarioTerms(uint256 step) external view returns (uint256);

    /// @notice The word that names the table of states (A-2).
    function stateSet() external view returns (uint256);
    function house() external view returns (address);
    function governor() external view returns (address);
    function oracle() external view returns (IRiskOracle);
    function log() external view returns (IObservationLog);
    function volatilityLog() external view returns (IVolatilityLog);
    function settlementPrices() external view returns (ISettlementPrices);
    function verifier() external view returns (IGroth16Verifier);
    function listings() external view returns (IListings);

    /// @return {s} least time between epochs
    function epochInterval() external view returns (uint64);

    /// @return {ppm} of spot, which no step is above
    function maximumStep() external view returns (uint256);
}
