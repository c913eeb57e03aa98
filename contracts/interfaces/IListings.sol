// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IRiskArrays} from "./IRiskArrays.sol";

/// @notice A listed series. Its number is 16 · array + place.
/// @param listed false for an empty place, and then all else is 0
/// @param kind Clearing.KIND_*
/// @param expirySlot 1 to 7, the same for all series of an underlying that expire together, and for no others of it; 0 for a
/// perpetual
/// @param underlying lane of the observation log
/// @param firstEpoch that knows the series; before it is current the place must not be traded
/// @param expiry {s}; of a perpetual the end of its notice, 0 while it has none
/// @param strike {ppt of a dollar}; of a perpetual its firstEpoch, which tells it from others in its place
struct Series {
    bool listed;
    uint8 kind;
    uint8 expirySlot;
    uint8 underlying;
    uint64 firstEpoch;
    uint64 expiry;
    uint96 strike;
}

/// @title What listings ask of the house
interface IOpenInterest {
    /// @return 0 exactly when no account has a position in the series
    function openInterest(uint256 series) external view returns (uint256);
}

/// @title Which series stand in which places, and what each pays in the end (docs/clearing.md, A-8 and A-10)
interface IListings {
    // --- events

    event SeriesListed(
        uint256 indexed series,
        uint256 kind,
        uint256 expirySlot,
        uint64 expiry,
        uint256 strike,
        uint64 firstEpoch
    );
    /// @param end {s} of the notice
    event NoticeGiven(uint256 indexed series, uint64 end);
    event SeriesRetired(uint256 indexed series);

    // --- errors

    error AddressZero();
    /// @notice Thrown when the risk arrays do not have this contract as their listings.
    error ArraysDiffer(address listings);
    error NotGovernor(address sender);
    error PlaceUnknown(uint256 place);
    error PlaceTaken(uint256 series);
    error KindUnknown(uint256 kind);
    /// @notice Thrown when a perpetual is listed with a strike or expiry, or elsewhere than in place 0.
    error PerpetualMalformed(uint256 place, uint64 expiry, uint256 strike);
    error ExpiryOutOfBounds(uint64 expiry, uint256 minimum, uint256 maximum);
    error StrikeOutOfBounds(uint256 strike, uint256 minimum, uint256 maximum);
    /// @notice Thrown when the array's underlying has series of seven other expiries.
    error ExpirySlotsTaken(uint256 array);
    error SeriesNotListed(uint256 series);
    error SeriesNotPerpetual(uint256 series);
    /// @notice Thrown when a perpetual has its notice, which nothing changes.
    error NoticeAlreadyGiven(uint256 series, uint64 end);
    error SeriesNotExpired(uint256 series, uint64 expiry);
    error SeriesNotSettled(uint256 series);
    error SeriesHeld(uint256 series, uint256 openInterest);

    // --- listing

    /// @notice Puts a series into an empty place of an array that has an underlying. Only the governor. A perpetual stands in
    /// place 0 and has expiry and strike 0.
    /// @param expiry {s}
    /// @param strike {ppt of a dollar}
    function listSeries(uint256 array, uint256 place, uint256 kind, uint64 expiry, uint256 strike)
        external
        returns (uint256 series);

    /// @notice Gives notice to a perpetual: 7 days, or 1 where its array has been halted for longer than a day. Only the governor.
    /// From now on its expiry is the end, accounts can only close their positions in it, and it settles there as an option does.
    /// @return end {s}
    function giveNotice(uint256 series) external returns (uint64 end);

    /// @notice Empties the place of a series that has expired, is settled and is held by nobody. Anyone.
    function retire(uint256 series) external;

    // --- views

    /// @notice What a number stands for; `listed` is false for an empty place.
    function listing(uint256 series) external view returns (Series memory);

    /// @return whether it may be traded: listed, known to the current epoch, not expired; a perpetual in its notice only to close
    /// positions. Where the array is halted, only by who
    /// then has nothing in it (IRiskArrays.requireSpotsNear)
    function tradable(uint256 series) external view returns (bool);

    /// @notice What an epoch takes of an array now.
    /// @return listed whether any series is
    /// @return areOld whether there are options, and the report of their volatilities is older than its log allows
    /// @return terms words `seriesTerms` of its options; 0 in all other places, and before the first report in all
    function termsOf(uint256 array) external view returns (bool listed, bool areOld, uint256[16] memory terms);

    /// @notice What one contract of an expired series pays, below 2⁸⁴.
    /// @return isFinal whether it is known
    /// @return payoff {ppt of a dollar}
    function payoff(uint256 series) external view returns (bool isFinal, uint256 payoff);

    function arrays() external view returns (IRiskArrays);
    function governor() external view returns (address);
}
