// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IObservationLog} from "./IObservationLog.sol";
import {IRiskState} from "./IRiskState.sol";

/// @notice One expiry of a report.
/// @param expiry {s}
/// @param basis {ppm} the forward is spot · (10⁶ + basis) / 10⁶
/// @param strikes {ppt of a dollar} quads, ascending, 1 to 16
/// @param volatilities {ppt per √year} pairs, one for each strike
struct VolatilitySlice {
    uint64 expiry;
    int256 basis;
    uint256[] strikes;
    uint256[] volatilities;
}

/// @notice What signers sign.
/// @param underlying lane in the observation log
/// @param observedAt {s}
/// @param spot {ppt of a dollar} that the strikes are to be compared with
/// @param slices ascending by expiry, 1 to 8
struct VolatilityReport {
    uint256 underlying;
    uint64 observedAt;
    uint256 spot;
    VolatilitySlice[] slices;
}

/// @notice What a volatility log is made of and never changes.
/// @param observationLog the hub's, whose lanes are the underlyings
/// @param riskState where proven volatilities come from
/// @param signers whose reports count, 1 to 16, ascending
/// @param quorum signatures that a report needs, more than half of the signers
/// @param maxAge {s} an older report is neither accepted nor read
/// @param minInterval {s} least time between the observations of two reports of one underlying
/// @param maxSpotDeviation {ppm} of a report's spot from the observation log's last price
/// @param volatilityMove {ppm} by which a volatility may rise or fall from one report to the next, and as much again
/// for each day between them
/// @param basisMove {ppm} the same for the basis
/// @param maxBasis {ppm} of any sign
/// @param floorShare {ppm} of the proven volatility that no volatility is read below
struct VolatilityLogConfig {
    IObservationLog observationLog;
    IRiskState riskState;
    address[] signers;
    uint256 quorum;
    uint64 maxAge;
    uint64 minInterval;
    uint256 maxSpotDeviation;
    uint256 volatilityMove;
    uint256 basisMove;
    uint256 maxBasis;
    uint256 floorShare;
}

/// @title Implied volatilities by underlying, expiry and strike, from a quorum of signers
interface IVolatilityLog {
    /// @notice A report became the latest of its underlying.
    /// @param surface address whose code holds it, see VolatilitySurface
    event VolatilityReported(uint256 indexed underlying, uint64 observedAt, address surface);

    // --- thrown by the constructor

    /// @notice Thrown when there is no signer, more than 16, or one of them is not above the one before.
    error SignersInvalid(uint256 place);
    /// @notice Thrown when the quorum is half of the signers or less, or more than all.
    error QuorumInvalid(uint256 quorum, uint256 signers);
    /// @notice Thrown when a limit is 0 or beyond what it can mean.
    /// @param limit its name
    error LimitInvalid(bytes32 limit, uint256 value);

    // --- thrown by report

    /// @notice Thrown when there are fewer signatures than the quorum.
    error QuorumMissing(uint256 signatures, uint256 quorum);
    /// @notice Thrown when a signature is of nobody who counts, for this report on this chain.
    error SignerUnknown(address signer);
    /// @notice Thrown when a signature's signer is not above the one before, which one signing twice is not.
    error SignersNotAscending(uint256 place);
    /// @notice Thrown when the observation log has no such lane in use.
    error UnderlyingUnknown(uint256 underlying);
    /// @notice Thrown when a report is from after this block.
    error ReportFromFuture(uint64 observedAt);
    /// @notice Thrown when a report was too long on its way.
    error ReportTooOld(uint256 age, uint256 limit);
    /// @notice Thrown when a report is not a whole interval after the last one.
    /// @param earliest {s} observation time that would be accepted
    error ReportNotNewer(uint64 observedAt, uint64 earliest);
    /// @notice Thrown when a report's spot is not near the observation log's price.
    error SpotTooFar(uint256 spot, uint256 observed, uint256 limit);
    /// @notice Thrown when a report has no slices or more than eight.
    error SliceCountInvalid(uint256 count);
    /// @notice Thrown when a slice has no strikes or more than sixteen.
    error StrikeCountInvalid(uint256 slice, uint256 count);
    /// @notice Thrown when a slice has not one volatility for each strike.
    error LengthsDiffer(uint256 slice, uint256 strikes, uint256 volatilities);
    /// @notice Thrown when an expiry is sooner or later after the observation than options are priced for.
    error ExpiryOutOfRange(uint256 slice, uint64 expiry);
    /// @notice Thrown when a slice does not expire after the one before.
    error ExpiriesNotAscending(uint256 slice);
    error BasisOutOfRange(uint256 slice, int256 basis);
    /// @notice Thrown when a strike is 0, or more than a factor of 256 away from the spot.
    error StrikeOutOfRange(uint256 slice, uint256 place, uint256 strike);
    error StrikesNotAscending(uint256 slice, uint256 place);
    error VolatilityOutOfRange(uint256 slice, uint256 place, uint256 volatility);
    /// @notice Thrown when a volatility is too far from what the last report says of that expiry and strike: a node of the
    /// new report, or one of the last that the new one may have left out.
    error VolatilityMoveTooLarge(
        uint256 expiry, uint256 strike, uint256 volatility, uint256 last, uint256 limit
    );
    /// @notice Thrown when the basis of an expiry of either report is too far from what the last one says.
    error BasisMoveTooLarge(uint256 expiry, int256 basis, int256 last, uint256 limit);
    /// @notice Thrown when a call would be worth more than the same with a lower strike.
    error CallValueRises(uint256 slice, uint256 place);
    /// @notice Thrown when a call would be worth more than its neighbours' line: a butterfly around it would pay whoever
    /// buys it.
    error CallValueNotConvex(uint256 slice, uint256 place);
    /// @notice Thrown when the total variance of a slice is below that of the slice before, at the same moneyness.
    /// @param node strike of either slice at which it is, counted through both
    error TotalVarianceFalls(uint256 slice, uint256 node);

    // --- thrown by reads

    error VolatilityNeverReported(uint256 underlying);
    /// @notice Thrown when asked for many options that have not one strike for each expiry.
    error QuotesDiffer(uint256 expiries, uint256 strikes);
    /// @notice Thrown when the latest report is too old to be relied on.
    error VolatilityStale(uint256 age, uint256 limit);

    /// @notice Accepts a report. Anyone, with a quorum of signatures over its EIP-712 hash.
    /// @param signatures in ascending order of their signers, 65 bytes each
    function report(VolatilityReport calldata report_, bytes[] calldata signatures) external;

    /// @notice The volatility of an option, from the latest report, at least the floor. Reverts with
    /// VolatilityNeverReported or VolatilityStale.
    /// @param expiry {s}
    /// @param strike {ppt of a dollar}
    /// @return volatility {ppt per √year} a pair
    /// @return basis {ppm} of that expiry's forward
    function impliedVolatility(uint256 underlying, uint64 expiry, uint256 strike)
        external
        view
        returns (uint256 volatility, int256 basis);

    /// @notice The same for many options of one underlying.
    function impliedVolatilities(uint256 underlying, uint64[] calldata expiries, uint256[] calldata strikes)
        external
        view
        returns (uint256[] memory volatilities, int256[] memory bases);

    /// @notice The same whatever the report's age: for what must not wait for signers, such as liquidation. Reverts with
    /// VolatilityNeverReported, or QuotesDiffer, only.
    /// @return volatilities {ppt per √year} pairs
    /// @return bases {ppm}
    /// @return observedAt {s} of the report
    function lastVolatilities(uint256 underlying, uint64[] calldata expiries, uint256[] calldata strikes)
        external
        view
        returns (uint256[] memory volatilities, int256[] memory bases, uint64 observedAt);

    /// @notice {ppt per √year} what no volatility of an underlying is read below; 0 before the first risk state.
    function floor(uint256 underlying) external view returns (uint256);

    /// @notice {s} of the latest report of an underlying, 0 before the first; and the address whose code holds it.
    function latest(uint256 underlying) external view returns (uint64 observedAt, address surface);

    /// @notice What signers sign.
    function hashReport(VolatilityReport calldata report_) external view returns (bytes32);

    function isSigner(address account) external view returns (bool);

    /// @return {s} an older report is neither accepted nor read by `impliedVolatility`
    function maxAge() external view returns (uint64);

    function observationLog() external view returns (IObservationLog);

    function riskState() external view returns (IRiskState);
}
