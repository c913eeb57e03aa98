// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {SSTORE2} from "solady/utils/SSTORE2.sol";
import {Clearing} from "../generated/Clearing.sol";
import {Protocol} from "../generated/Protocol.sol";
import {IObservationLog} from "../interfaces/IObservationLog.sol";
import {IRiskState} from "../interfaces/IRiskState.sol";
import {
    IVolatilityLog,
    VolatilityLogConfig,
    VolatilityReport,
    VolatilitySlice
} from "../interfaces/IVolatilityLog.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {SurfaceArbitrage} from "../libraries/SurfaceArbitrage.sol";
import {VolatilitySurface} from "../libraries/VolatilitySurface.sol";

/// @title Implied volatilities that a quorum of signers has seen
/// @notice No market on chain says what an option's volatility is, so signers do; everything that can be checked of what
/// they say is. Each underlying has one report, the latest, kept as the code of a contract (VolatilitySurface).
///
/// ASSUMPTIONS  Fewer signers than the quorum collude or lose their keys. A quorum that colludes still moves no node
///              faster than the largest move, not below the floor, and not into arbitrage.
///              The observation log's price is what strikes are compared with, within a deviation.
/// LIVENESS     Anyone may bring a report. Without new ones `impliedVolatility` reverts after maxAge and
///              `lastVolatilities` goes on. A market that jumps further than the largest move is followed as soon as
///              enough time has passed: the limit grows with it.
/// ROUNDING     Down, see VolatilitySurface; the floor too.
/// ROLES        None. Signers are fixed: who could replace them would be a quorum of one. To change them is to deploy
///              another log and have what reads this one agree to read that, behind its own delay.
///
/// The floor is applied when a volatility is read, and reports below it are accepted: it moves with the risk state, not
/// with the signers, and one low node must not stop the others. Call values under the larger of a surface and a flat one
/// are the larger of two values that fall and are convex in the strike, so the floor opens no arbitrage.
contract VolatilityLog is IVolatilityLog, EIP712 {
    using Lanes for uint256;
    using VolatilitySurface for bytes;

    uint256 private constant MAX_SIGNERS = 16;

    bytes32 private constant SLICE_TYPEHASH =
        keccak256("VolatilitySlice(uint64 expiry,int256 basis,uint256[] strikes,uint256[] volatilities)");
    bytes32 private constant REPORT_TYPEHASH = keccak256(
        "VolatilityReport(uint256 underlying,uint64 observedAt,uint256 spot,VolatilitySlice[] slices)VolatilitySlice(uint64 expiry,int256 basis,uint256[] strikes,uint256[] volatilities)"
    );

    /// @param surface address whose code holds the report
    struct Latest {
        uint64 observedAt;
        address surface;
    }

    /// @inheritdoc IVolatilityLog
    IObservationLog public immutable observationLog;
    /// @inheritdoc IVolatilityLog
    IRiskState public immutable riskState;
    /// signatures that a report needs
    uint256 public immutable quorum;
    /// {s}
    uint64 public immutable maxAge;
    /// {s}
    uint64 public immutable minInterval;
    /// {ppm}
    uint256 public immutable maxSpotDeviation;
    /// {ppm} and as much again for each day between two reports
    uint256 public immutable volatilityMove;
    /// {ppm} and as much again for each day between two reports
    uint256 public immutable basisMove;
    /// {ppm}
    uint256 public immutable maxBasis;
    /// {ppm of the proven volatility}
    uint256 public immutable floorShare;
    /// {s} that a proven volatility is per
    uint256 private immutable interval;

    /// @inheritdoc IVolatilityLog
    mapping(address account => bool) public isSigner;
    /// @inheritdoc IVolatilityLog
    mapping(uint256 underlying => Latest) public latest;

    constructor(VolatilityLogConfig memory config) EIP712("Equipoise VolatilityLog", "1") {
        uint256 count = config.signers.length;
        require(count != 0 && count <= MAX_SIGNERS, SignersInvalid(count));
        address last;
        for (uint256 i; i < count; ++i) {
            require(config.signers[i] > last, SignersInvalid(i));
            last = config.signers[i];
            isSigner[last] = true;
        }
        // two quorums share a signer, so nobody can be brought two reports that nobody signed both of
        require(2 * config.quorum > count && config.quorum <= count, QuorumInvalid(config.quorum, count));
        _requireLimit("maxAge", config.maxAge, type(uint64).max);
        _requireLimit("minInterval", config.minInterval, config.maxAge);
        _requireLimit("maxSpotDeviation", config.maxSpotDeviation, Protocol.PPM / 2);
        _requireLimit("volatilityMove", config.volatilityMove, Protocol.PPM);
        _requireLimit("basisMove", config.basisMove, Clearing.MAXIMUM_BASIS);
        _requireLimit("maxBasis", config.maxBasis, Clearing.MAXIMUM_BASIS);
        _requireLimit("floorShare", config.floorShare, Protocol.PPM);
        observationLog = config.observationLog;
        riskState = config.riskState;
        quorum = config.quorum;
        maxAge = config.maxAge;
        minInterval = config.minInterval;
        maxSpotDeviation = config.maxSpotDeviation;
        volatilityMove = config.volatilityMove;
        basisMove = config.basisMove;
        maxBasis = config.maxBasis;
        floorShare = config.floorShare;
        interval = config.observationLog.interval();
    }

    /// @inheritdoc IVolatilityLog
    function report(VolatilityReport calldata report_, bytes[] calldata signatures) external {
        Latest memory last = latest[report_.underlying];
        _requireTime(report_.observedAt, last.observedAt);
        _requireSignatures(hashReport(report_), signatures);
        _requireSpot(report_.underlying, report_.spot);

        bytes memory surface = VolatilitySurface.encode(report_, maxBasis);
        if (last.observedAt != 0) _requireMoves(SSTORE2.read(last.surface), surface);
        SurfaceArbitrage.requireNone(surface, report_.spot);

        address written = SSTORE2.write(surface);
        latest[report_.underlying] = Latest(report_.observedAt, written);
        emit VolatilityReported(report_.underlying, report_.observedAt, written);
    }

    /// @inheritdoc IVolatilityLog
    function impliedVolatility(uint256 underlying, uint64 expiry, uint256 strike)
        external
        view
        returns (uint256 volatility, int256 basis)
    {
        (bytes memory surface, uint64 observedAt) = _latestSurface(underlying);
        _requireFresh(observedAt);
        (volatility, basis) = surface.at(expiry, strike);
        volatility = FixedPointMathLib.max(volatility, floor(underlying));
    }

    /// @inheritdoc IVolatilityLog
    function impliedVolatilities(uint256 underlying, uint64[] calldata expiries, uint256[] calldata strikes)
        external
        view
        returns (uint256[] memory volatilities, int256[] memory bases)
    {
        uint64 observedAt;
        (volatilities, bases, observedAt) = lastVolatilities(underlying, expiries, strikes);
        _requireFresh(observedAt);
    }

    /// @inheritdoc IVolatilityLog
    function lastVolatilities(uint256 underlying, uint64[] calldata expiries, uint256[] calldata strikes)
        public
        view
        returns (uint256[] memory volatilities, int256[] memory bases, uint64 observedAt)
    {
        require(expiries.length == strikes.length, QuotesDiffer(expiries.length, strikes.length));
        bytes memory surface;
        (surface, observedAt) = _latestSurface(underlying);
        uint256 least = floor(underlying);
        volatilities = new uint256[](expiries.length);
        bases = new int256[](expiries.length);
        for (uint256 i; i < expiries.length; ++i) {
            (uint256 volatility, int256 basis) = surface.at(expiries[i], strikes[i]);
            (volatilities[i], bases[i]) = (FixedPointMathLib.max(volatility, least), basis);
        }
    }

    /// @inheritdoc IVolatilityLog
    function floor(uint256 underlying) public view returns (uint256) {
        uint64 index = riskState.latestIndex();
        if (index == 0) return 0;
        uint256 perObservation = riskState.volatilities(index).get(underlying);
        // {ppt per √year} = {ppm per √interval} * {ppt/ppm} * √({s} / {s}): observations that come later than the interval
        // make it higher than it was, never lower
        uint256 perYear =
            FixedPointMathLib.sqrt((perObservation * Protocol.PPM) ** 2 * Clearing.YEAR / interval);
        // {ppt per √year} = {ppt per √year} * {ppm} / {ppm}
        return FixedPointMathLib.min(perYear * floorShare / Protocol.PPM, Clearing.MAXIMUM_VOLATILITY);
    }

    /// @inheritdoc IVolatilityLog
    function hashReport(VolatilityReport calldata report_) public view returns (bytes32) {
        bytes32[] memory slices = new bytes32[](report_.slices.length);
        for (uint256 i; i < slices.length; ++i) {
            VolatilitySlice calldata slice = report_.slices[i];
            slices[i] = keccak256(
                abi.encode(
                    SLICE_TYPEHASH,
                    slice.expiry,
                    slice.basis,
                    keccak256(abi.encodePacked(slice.strikes)),
                    keccak256(abi.encodePacked(slice.volatilities))
                )
            );
        }
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    REPORT_TYPEHASH,
                    report_.underlying,
                    report_.observedAt,
                    report_.spot,
                    keccak256(abi.encodePacked(slices))
                )
            )
        );
    }

    function _requireLimit(bytes32 name, uint256 value, uint256 maximum) private pure {
        require(value != 0 && value <= maximum, LimitInvalid(name, value));
    }

    function _requireTime(uint64 observedAt, uint64 last) private view {
        require(observedAt <= block.timestamp, ReportFromFuture(observedAt));
        uint256 age = block.timestamp - observedAt;
        require(age <= maxAge, ReportTooOld(age, maxAge));
        require(last == 0 || observedAt >= last + minInterval, ReportNotNewer(observedAt, last + minInterval));
    }

    /// @dev Signers ascend, so nobody counts twice.
    function _requireSignatures(bytes32 digest, bytes[] calldata signatures) private view {
        require(signatures.length >= quorum, QuorumMissing(signatures.length, quorum));
        address last;
        for (uint256 i; i < signatures.length; ++i) {
            address signer = ECDSA.recoverCalldata(digest, signatures[i]);
            require(isSigner[signer], SignerUnknown(signer));
            require(signer > last, SignersNotAscending(i));
            last = signer;
        }
    }

    function _requireSpot(uint256 underlying, uint256 spot) private view {
        require(underlying < observationLog.assetCount(), UnderlyingUnknown(underlying));
        // {ppt of a dollar} = {D18} / {D18/ppt}
        uint256 observed = observationLog.basePrice(underlying) / (Protocol.WAD / Clearing.PPT);
        uint256 distance = spot > observed ? spot - observed : observed - spot;
        uint256 limit = observed * maxSpotDeviation / Protocol.PPM;
        require(distance <= limit, SpotTooFar(spot, observed, limit));
    }

    /// @dev Both ways: every node against what the last report says there, and every node of the last against what the new
    /// one says. A report that leaves strikes or expiries out would otherwise move what is read of them without a limit.
    function _requireMoves(bytes memory last, bytes memory surface) private view {
        uint256 elapsed = surface.observedAt() - last.observedAt();
        // {ppm} = {ppm} * ({s} + {s}) / {s}
        uint256 volatilityLimit = volatilityMove * (1 days + elapsed) / 1 days;
        uint256 basisLimit = basisMove * (1 days + elapsed) / 1 days;
        for (uint256 i; i < last.sliceCount(); ++i) {
            VolatilitySurface.Slice memory slice = last.slice(i);
            // what can no longer be reported holds nothing up
            if (slice.seconds_ < elapsed + Clearing.MINIMUM_SECONDS) continue;
            VolatilitySurface.Cut memory cut = surface.cut(slice.expiry);
            _requireBasisNear(slice.expiry, cut.basis, slice.basis, basisLimit);
            for (uint256 k; k < slice.count; ++k) {
                (uint256 strike, uint256 before) = last.node(slice.first + k);
                uint256 read = surface.volatilityOf(cut, strike);
                _requireVolatilityNear(slice.expiry, strike, read, before, volatilityLimit);
            }
        }
        for (uint256 i; i < surface.sliceCount(); ++i) {
            VolatilitySurface.Slice memory slice = surface.slice(i);
            VolatilitySurface.Cut memory cut = last.cut(slice.expiry);
            _requireBasisNear(slice.expiry, slice.basis, cut.basis, basisLimit);
            for (uint256 k; k < slice.count; ++k) {
                (uint256 strike, uint256 volatility) = surface.node(slice.first + k);
                uint256 before = last.volatilityOf(cut, strike);
                _requireVolatilityNear(slice.expiry, strike, volatility, before, volatilityLimit);
            }
        }
    }

    /// @dev As a ratio, so that what may rise may fall back.
    function _requireVolatilityNear(
        uint256 expiry,
        uint256 strike,
        uint256 volatility,
        uint256 last,
        uint256 limit
    ) private pure {
        (uint256 smaller, uint256 larger) = volatility < last ? (volatility, last) : (last, volatility);
        require(
            larger * Protocol.PPM <= smaller * (Protocol.PPM + limit),
            VolatilityMoveTooLarge(expiry, strike, volatility, last, limit)
        );
    }

    function _requireBasisNear(uint256 expiry, int256 basis, int256 last, uint256 limit) private pure {
        uint256 moved = uint256(basis > last ? basis - last : last - basis);
        require(moved <= limit, BasisMoveTooLarge(expiry, basis, last, limit));
    }

    function _latestSurface(uint256 underlying)
        private
        view
        returns (bytes memory surface, uint64 observedAt)
    {
        Latest memory last = latest[underlying];
        require(last.observedAt != 0, VolatilityNeverReported(underlying));
        return (SSTORE2.read(last.surface), last.observedAt);
    }

    function _requireFresh(uint64 observedAt) private view {
        uint256 age = block.timestamp - observedAt;
        require(age <= maxAge, VolatilityStale(age, maxAge));
    }
}
