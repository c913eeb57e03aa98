// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IObservationLog} from "../../contracts/interfaces/IObservationLog.sol";
import {Allocation, IParityVault, MandateWords} from "../../contracts/interfaces/IParityVault.sol";
import {RiskState} from "../../contracts/interfaces/IRiskState.sol";
import {HeadChain} from "../../contracts/libraries/HeadChain.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {Mandate} from "../../contracts/libraries/Mandate.sol";
import {RiskStates} from "../../contracts/libraries/RiskStates.sol";

/// @title What the proofs replace, computed on chain: for `npm run bench` only, never deployed
/// @notice Made as cheap as we could, so that the ratio to a proof is not flattered. Both contracts do the rest of the job
/// as RiskOracle and ParityVault do it: the log's heads, the ring of states, the same two slots of an allocation.
///
/// TRIANGLES  of one decay are 20 words of four entries, each stored as S + 2⁶³, row major i ≤ j, entry 0 lowest. Their
///            commitment is keccak256 of the words.

/// @title Decay weights of the protocol's menu, computed once
library Decays {
    /// @dev where a decay's sum of weighted products of lanes begins in a word: sums below 2⁶³, 2⁶⁴, 2⁶⁵ and 2⁵⁰
    uint256 internal constant SHIFT_1 = 63;
    uint256 internal constant SHIFT_2 = 127;
    uint256 internal constant SHIFT_3 = 192;

    /// @return packed a[d][t] of all four decays in a word for each observation, oldest first
    /// @return sums Σ a[d][t]
    function weights(uint256 windowLength)
        internal
        pure
        returns (uint256[] memory packed, uint256[4] memory sums)
    {
        packed = new uint256[](windowLength);
        uint256[3] memory rates = [uint256(94), 97, 99];
        uint256[3] memory shifts = [0, SHIFT_1, SHIFT_2];
        for (uint256 d; d < 3; ++d) {
            // λ^age with 220 bits after the point: rounds like the exact fraction
            uint256 power = 1 << 220;
            for (uint256 t = windowLength; t != 0; --t) {
                uint256 weight = (power + (1 << 203)) >> 204; // 2¹⁶ λ^age, half up
                packed[t - 1] |= weight << shifts[d];
                sums[d] += weight;
                power = power * rates[d] / 100;
            }
        }
        for (uint256 t; t < windowLength; ++t) {
            packed[t] |= 1 << SHIFT_3;
        }
        sums[3] = windowLength;
    }
}

/// @title The 20 words of a triangle
library Triangles {
    function commitmentOf(uint256[20] memory triangle) internal pure returns (uint256 commitment) {
        assembly ("memory-safe") {
            commitment := keccak256(triangle, 0x280)
        }
    }
}

/// @title RiskOracle without a proof: all four triangles, volatilities and correlations from the window's words
contract OnChainRiskOracle {
    using RiskStates for RiskStates.Ring;

    IObservationLog public immutable log;
    uint256 private immutable windowLength;
    address private immutable table;
    uint256 private immutable sum0;
    uint256 private immutable sum1;
    uint256 private immutable sum2;

    RiskStates.Ring private ring;

    uint256 private constant OFFSET = Protocol.SIGNED_OFFSET;
    /// makes every field of a word positive: 2⁶², 2⁶², 2⁶³ and 2⁴⁹
    uint256 private constant BIAS = (1 << 62) + (1 << (Decays.SHIFT_1 + 62)) + (1 << (Decays.SHIFT_2 + 63))
        + (1 << (Decays.SHIFT_3 + 49));

    constructor(IObservationLog log_, uint256 windowLength_) {
        log = log_;
        windowLength = windowLength_;
        (uint256[] memory packed, uint256[4] memory sums) = Decays.weights(windowLength_);
        (sum0, sum1, sum2) = (sums[0], sums[1], sums[2]);
        ring.prepare();
        // the table is another contract's code, after a byte that stops
        bytes memory code = abi.encodePacked(hex"00", packed);
        bytes memory deployer = abi.encodePacked(hex"61", uint16(code.length), hex"80600a3d393df3", code);
        address at;
        assembly ("memory-safe") {
            at := create(0, add(deployer, 0x20), mload(deployer))
        }
        require(at != address(0), "no table");
        table = at;
    }

    /// @notice Computes the risk state of a window of the log and keeps it.
    function accept(uint64 index, uint256[] calldata words) external {
        uint256[78] memory sums = _sumProducts(words);
        require(ring.isNewer(index), "not newer");
        bytes32 start = log.head(index - uint64(windowLength));
        bytes32 end = HeadChain.replay(start, words, windowLength);
        require(end == log.head(index), "not in log");

        RiskState memory state;
        state.index = index;
        state.endTime = log.timestampOf(index);
        state.windowCommitment = uint256(end);
        (state.volatilities, state.correlations) = _moments(sums);
        uint256[20][4] memory triangles = _triangles(sums);
        for (uint256 d; d < 4; ++d) {
            state.covarianceCommitments[d] = Triangles.commitmentOf(triangles[d]);
        }
        ring.accept(state);
    }

    /// @notice What `accept` computes: the four triangles, the word of volatilities and the words of correlations, encoded.
    /// Bytes, because a returned array would take the place in memory that the sums need.
    function figures(uint256[] calldata words) external view returns (bytes memory) {
        uint256[78] memory sums = _sumProducts(words);
        (uint256 volatilities, uint256[6] memory correlations) = _moments(sums);
        return abi.encode(_triangles(sums), volatilities, correlations);
    }

    function covarianceCommitment(uint64 index, uint256 decayIndex) external view returns (uint256, uint64) {
        return ring.covarianceCommitment(index, decayIndex);
    }

    function latestIndex() external view returns (uint64) {
        return ring.latestIndex;
    }

    /// S of all four decays and BIAS, in a word for each pair.
    /// Kept at 0x80: 78 sums of products, from 0xa40 on 12 sums of lanes, from 0xbc0 on the table of weights.
    ///
    /// Each pair's four sums share one word, so a product and its weights are two multiplications for all decays together.
    /// The lanes are multiplied as they are stored, l = x + 2²⁰, and Σ a x_i x_j = Σ a l_i l_j − o Σ a l_i − o Σ a l_j + o² A.
    function _sumProducts(uint256[] calldata words) private view returns (uint256[78] memory sums) {
        address from = table;
        uint256 packedSum =
            sum0 + (sum1 << Decays.SHIFT_1) + (sum2 << Decays.SHIFT_2) + (windowLength << Decays.SHIFT_3);
        uint256 constants = OFFSET * OFFSET * packedSum + BIAS;
        // `sums` is the first thing in memory, and what else the loop uses lies behind it
        require(words.length == windowLength, "not a window");
        uint256 length = words.length;
        uint256 offset;
        assembly {
            if xor(sums, 0x80) { invalid() }
            offset := words.offset
            extcodecopy(from, 0xbc0, 1, shl(5, length))
            mstore(0x40, add(0xbc0, shl(5, length)))
            let at := offset
            let weight := 0xbc0
            let end := add(weight, shl(5, length))
            for {} lt(weight, end) {
                weight := add(weight, 0x20)
                at := add(at, 0x20)
            } {
                let w := calldataload(at)
                let a := mload(weight)
                let l11 := and(shr(231, w), 0x1fffff)
                {
                    let y := mul(l11, a)
                    mstore(0xba0, add(mload(0xba0), y))
                    mstore(0xa20, add(mload(0xa20), mul(y, l11)))
                }
                let l10 := and(shr(210, w), 0x1fffff)
                {
                    let y := mul(l10, a)
                    mstore(0xb80, add(mload(0xb80), y))
                    mstore(0x9e0, add(mload(0x9e0), mul(y, l10)))
                    mstore(0xa00, add(mload(0xa00), mul(y, l11)))
                }
                let l9 := and(shr(189, w), 0x1fffff)
                {
                    let y := mul(l9, a)
                    mstore(0xb60, add(mload(0xb60), y))
                    mstore(0x980, add(mload(0x980), mul(y, l9)))
                    mstore(0x9a0, add(mload(0x9a0), mul(y, l10)))
                    mstore(0x9c0, add(mload(0x9c0), mul(y, l11)))
                }
                let l8 := and(shr(168, w), 0x1fffff)
                {
                    let y := mul(l8, a)
                    mstore(0xb40, add(mload(0xb40), y))
                    mstore(0x900, add(mload(0x900), mul(y, l8)))
                    mstore(0x920, add(mload(0x920), mul(y, l9)))
                    mstore(0x940, add(mload(0x940), mul(y, l10)))
                    mstore(0x960, add(mload(0x960), mul(y, l11)))
                }
                let l7 := and(shr(147, w), 0x1fffff)
                {
                    let y := mul(l7, a)
                    mstore(0xb20, add(mload(0xb20), y))
                    mstore(0x860, add(mload(0x860), mul(y, l7)))
                    mstore(0x880, add(mload(0x880), mul(y, l8)))
                    mstore(0x8a0, add(mload(0x8a0), mul(y, l9)))
                    mstore(0x8c0, add(mload(0x8c0), mul(y, l10)))
                    mstore(0x8e0, add(mload(0x8e0), mul(y, l11)))
                }
                let l6 := and(shr(126, w), 0x1fffff)
                {
                    let y := mul(l6, a)
                    mstore(0xb00, add(mload(0xb00), y))
                    mstore(0x7a0, add(mload(0x7a0), mul(y, l6)))
                    mstore(0x7c0, add(mload(0x7c0), mul(y, l7)))
                    mstore(0x7e0, add(mload(0x7e0), mul(y, l8)))
                    mstore(0x800, add(mload(0x800), mul(y, l9)))
                    mstore(0x820, add(mload(0x820), mul(y, l10)))
                    mstore(0x840, add(mload(0x840), mul(y, l11)))
                }
                let l5 := and(shr(105, w), 0x1fffff)
                {
                    let y := mul(l5, a)
                    mstore(0xae0, add(mload(0xae0), y))
                    mstore(0x6c0, add(mload(0x6c0), mul(y, l5)))
                    mstore(0x6e0, add(mload(0x6e0), mul(y, l6)))
                    mstore(0x700, add(mload(0x700), mul(y, l7)))
                    mstore(0x720, add(mload(0x720), mul(y, l8)))
                    mstore(0x740, add(mload(0x740), mul(y, l9)))
                    mstore(0x760, add(mload(0x760), mul(y, l10)))
                    mstore(0x780, add(mload(0x780), mul(y, l11)))
                }
                let l4 := and(shr(84, w), 0x1fffff)
                {
                    let y := mul(l4, a)
                    mstore(0xac0, add(mload(0xac0), y))
                    mstore(0x5c0, add(mload(0x5c0), mul(y, l4)))
                    mstore(0x5e0, add(mload(0x5e0), mul(y, l5)))
                    mstore(0x600, add(mload(0x600), mul(y, l6)))
                    mstore(0x620, add(mload(0x620), mul(y, l7)))
                    mstore(0x640, add(mload(0x640), mul(y, l8)))
                    mstore(0x660, add(mload(0x660), mul(y, l9)))
                    mstore(0x680, add(mload(0x680), mul(y, l10)))
                    mstore(0x6a0, add(mload(0x6a0), mul(y, l11)))
                }
                let l3 := and(shr(63, w), 0x1fffff)
                {
                    let y := mul(l3, a)
                    mstore(0xaa0, add(mload(0xaa0), y))
                    mstore(0x4a0, add(mload(0x4a0), mul(y, l3)))
                    mstore(0x4c0, add(mload(0x4c0), mul(y, l4)))
                    mstore(0x4e0, add(mload(0x4e0), mul(y, l5)))
                    mstore(0x500, add(mload(0x500), mul(y, l6)))
                    mstore(0x520, add(mload(0x520), mul(y, l7)))
                    mstore(0x540, add(mload(0x540), mul(y, l8)))
                    mstore(0x560, add(mload(0x560), mul(y, l9)))
                    mstore(0x580, add(mload(0x580), mul(y, l10)))
                    mstore(0x5a0, add(mload(0x5a0), mul(y, l11)))
                }
                let l2 := and(shr(42, w), 0x1fffff)
                {
                    let y := mul(l2, a)
                    mstore(0xa80, add(mload(0xa80), y))
                    mstore(0x360, add(mload(0x360), mul(y, l2)))
                    mstore(0x380, add(mload(0x380), mul(y, l3)))
                    mstore(0x3a0, add(mload(0x3a0), mul(y, l4)))
                    mstore(0x3c0, add(mload(0x3c0), mul(y, l5)))
                    mstore(0x3e0, add(mload(0x3e0), mul(y, l6)))
                    mstore(0x400, add(mload(0x400), mul(y, l7)))
                    mstore(0x420, add(mload(0x420), mul(y, l8)))
                    mstore(0x440, add(mload(0x440), mul(y, l9)))
                    mstore(0x460, add(mload(0x460), mul(y, l10)))
                    mstore(0x480, add(mload(0x480), mul(y, l11)))
                }
                let l1 := and(shr(21, w), 0x1fffff)
                {
                    let y := mul(l1, a)
                    mstore(0xa60, add(mload(0xa60), y))
                    mstore(0x200, add(mload(0x200), mul(y, l1)))
                    mstore(0x220, add(mload(0x220), mul(y, l2)))
                    mstore(0x240, add(mload(0x240), mul(y, l3)))
                    mstore(0x260, add(mload(0x260), mul(y, l4)))
                    mstore(0x280, add(mload(0x280), mul(y, l5)))
                    mstore(0x2a0, add(mload(0x2a0), mul(y, l6)))
                    mstore(0x2c0, add(mload(0x2c0), mul(y, l7)))
                    mstore(0x2e0, add(mload(0x2e0), mul(y, l8)))
                    mstore(0x300, add(mload(0x300), mul(y, l9)))
                    mstore(0x320, add(mload(0x320), mul(y, l10)))
                    mstore(0x340, add(mload(0x340), mul(y, l11)))
                }
                let l0 := and(w, 0x1fffff)
                {
                    let y := mul(l0, a)
                    mstore(0xa40, add(mload(0xa40), y))
                    mstore(0x080, add(mload(0x080), mul(y, l0)))
                    mstore(0x0a0, add(mload(0x0a0), mul(y, l1)))
                    mstore(0x0c0, add(mload(0x0c0), mul(y, l2)))
                    mstore(0x0e0, add(mload(0x0e0), mul(y, l3)))
                    mstore(0x100, add(mload(0x100), mul(y, l4)))
                    mstore(0x120, add(mload(0x120), mul(y, l5)))
                    mstore(0x140, add(mload(0x140), mul(y, l6)))
                    mstore(0x160, add(mload(0x160), mul(y, l7)))
                    mstore(0x180, add(mload(0x180), mul(y, l8)))
                    mstore(0x1a0, add(mload(0x1a0), mul(y, l9)))
                    mstore(0x1c0, add(mload(0x1c0), mul(y, l10)))
                    mstore(0x1e0, add(mload(0x1e0), mul(y, l11)))
                }
            }
            let sum := sums
            for { let i := 0xa40 } lt(i, 0xbc0) { i := add(i, 0x20) } {
                let own := sub(constants, shl(20, mload(i)))
                for { let j := i } lt(j, 0xbc0) { j := add(j, 0x20) } {
                    mstore(sum, add(mload(sum), sub(own, shl(20, mload(j)))))
                    sum := add(sum, 0x20)
                }
            }
        }
    }

    /// Each decay's entries on their own, four in a word.
    function _triangles(uint256[78] memory sums) private pure returns (uint256[20][4] memory triangles) {
        _triangle(sums, triangles[0], 0, (1 << 63) - 1, (1 << 63) - (1 << 62));
        _triangle(sums, triangles[1], Decays.SHIFT_1, (1 << 64) - 1, (1 << 63) - (1 << 62));
        _triangle(sums, triangles[2], Decays.SHIFT_2, (1 << 65) - 1, 0);
        _triangle(sums, triangles[3], Decays.SHIFT_3, (1 << 64) - 1, (1 << 63) - (1 << 49));
    }

    function _triangle(
        uint256[78] memory sums,
        uint256[20] memory triangle,
        uint256 shift,
        uint256 mask,
        uint256 rebias
    ) private pure {
        assembly ("memory-safe") {
            let to := triangle
            let end := add(sums, 0x9c0)
            for { let at := sums } lt(at, end) {
                at := add(at, 0x80)
                to := add(to, 0x20)
            } {
                let word := add(and(shr(shift, mload(at)), mask), rebias)
                word := or(word, shl(64, add(and(shr(shift, mload(add(at, 0x20))), mask), rebias)))
                // the last word has two entries
                if lt(add(at, 0x40), end) {
                    word := or(word, shl(128, add(and(shr(shift, mload(add(at, 0x40))), mask), rebias)))
                    word := or(word, shl(192, add(and(shr(shift, mload(add(at, 0x60))), mask), rebias)))
                }
                mstore(to, word)
            }
        }
    }

    /// Rules C-4 and C-5 on the first decay.
    function _moments(uint256[78] memory sums)
        private
        view
        returns (uint256 volatilities, uint256[6] memory correlations)
    {
        unchecked {
            uint256 decaySum = sum0;
            uint256[12] memory each;
            uint256 place;
            for (uint256 i; i < 12; ++i) {
                uint256 variance = uint256(_entry(sums, place)) / decaySum;
                each[i] = FixedPointMathLib.sqrt(variance);
                volatilities |= each[i] << (21 * i);
                place += 12 - i;
            }
            place = 0;
            uint256 pair;
            for (uint256 i; i < 12; ++i) {
                ++place;
                uint256 divisor = each[i] * decaySum;
                for (uint256 j = i + 1; j < 12; ++j) {
                    uint256 lane = _correlation(_entry(sums, place++), divisor * each[j]);
                    correlations[pair / 12] |= lane << (21 * (pair % 12));
                    ++pair;
                }
            }
        }
    }

    /// S of the first decay.
    function _entry(uint256[78] memory sums, uint256 place) private pure returns (int256 entry) {
        assembly ("memory-safe") {
            entry := sub(and(mload(add(sums, shl(5, place))), 0x7fffffffffffffff), shl(62, 1))
        }
    }

    /// 10⁶ S / divisor rounded down, clamped, as a signed lane; 0 where a volatility is 0.
    function _correlation(int256 entry, uint256 divisor) private pure returns (uint256 lane) {
        assembly ("memory-safe") {
            let scaled := mul(1000000, entry)
            let ratio := sub(sdiv(scaled, divisor), and(slt(scaled, 0), gt(smod(scaled, divisor), 0)))
            if sgt(ratio, 1000000) { ratio := 1000000 }
            if slt(ratio, sub(0, 1000000)) { ratio := sub(0, 1000000) }
            lane := add(mul(ratio, gt(divisor, 0)), 0x100000)
        }
    }
}

/// What both sources of commitments answer.
interface ICovarianceCommitments {
    function covarianceCommitment(uint64 index, uint256 decayIndex) external view returns (uint256, uint64);
}

/// @title ParityVault's `allocate` without a proof
/// @notice `solve` finds the weights, from a triangle that was kept here; `check` only checks them, from a triangle in
/// calldata. Without a cap that binds: `solve` does not look at caps, which the proof and `check` do.
contract OnChainParity {
    using Lanes for uint256;

    ICovarianceCommitments private immutable riskState;
    uint256 private immutable maxRiskAge;
    uint256[4] private decaySums;

    MandateWords private currentMandate;
    Allocation private currentAllocation;
    uint64 private keptIndex;
    uint64 private keptEndTime;
    uint256[20] private kept;

    /// a ppm of total risk while solving: {10⁶} from the shrunk matrix, the rest is precision
    uint256 private constant RISK = 1_000_000 << 94;
    uint256 private constant MOST_SWEEPS = 200;
    uint256 private constant PPM = Protocol.PPM;

    constructor(
        ICovarianceCommitments riskState_,
        uint256 windowLength,
        uint256 maxRiskAge_,
        MandateWords memory mandate
    ) {
        riskState = riskState_;
        maxRiskAge = maxRiskAge_;
        (, decaySums) = Decays.weights(windowLength);
        currentMandate = mandate;
    }

    function allocation() external view returns (Allocation memory) {
        return currentAllocation;
    }

    /// @notice Keeps a triangle of the mandate's decay, as a mirror would that received it instead of a commitment.
    function keep(uint64 index, uint256[20] calldata triangle) external {
        uint256 decayIndex = currentMandate.terms.get(Protocol.TERM_DECAY_INDEX);
        (uint256 commitment, uint64 endTime) = riskState.covarianceCommitment(index, decayIndex);
        require(Triangles.commitmentOf(triangle) == commitment, "not the triangle");
        (keptIndex, keptEndTime, kept) = (index, endTime, triangle);
    }

    /// @notice Finds the risk-budgeting weights of the kept triangle.
    function solve() external returns (uint256 weights, uint256 sweeps) {
        MandateWords memory mandate = currentMandate;
        (uint64 index, uint64 endTime) = (keptIndex, keptEndTime);
        require(index > currentAllocation.index, "not newer");
        uint256[20] memory triangle = kept;
        uint256[144] memory matrix = _matrix(triangle, mandate.terms.get(Protocol.TERM_SHRINKAGE));
        uint256[12] memory x;
        uint256 tolerance = mandate.terms.get(Protocol.TERM_TOLERANCE);
        (x, sweeps) = _descend(matrix, mandate.budgets.unpack(), tolerance, currentAllocation.weights);
        weights = Lanes.pack(_round(x));
        // κ = Σ R, so that each R is held against its budget's share of what was found
        uint256 total = _requireOptimal(mandate, matrix, weights, 0);
        _keepAllocation(index, endTime, mandate.terms, weights, _portfolio(mandate.terms, total));
    }

    /// @notice Rules P-2 to P-6 on weights from calldata. P-1 is the hash of the triangle.
    function check(
        uint64 index,
        uint256 weights,
        uint256 portfolio,
        uint256 kappa,
        uint256[20] calldata triangle
    ) external {
        MandateWords memory mandate = currentMandate;
        require(index > currentAllocation.index, "not newer");
        (uint256 commitment, uint64 endTime) =
            riskState.covarianceCommitment(index, mandate.terms.get(Protocol.TERM_DECAY_INDEX));
        uint256[20] memory words = triangle;
        require(Triangles.commitmentOf(words) == commitment, "not the triangle");
        Mandate.requireWithin(mandate, weights, portfolio.get(Protocol.PORTFOLIO_EXPOSURE)); // P-4
        uint256[144] memory matrix = _matrix(words, mandate.terms.get(Protocol.TERM_SHRINKAGE));
        uint256 total = _requireOptimal(mandate, matrix, weights, kappa);
        require(portfolio == _portfolio(mandate.terms, total), "not this portfolio");
        _keepAllocation(index, endTime, mandate.terms, weights, portfolio);
    }

    function _keepAllocation(uint64 index, uint64 endTime, uint256 terms, uint256 weights, uint256 portfolio)
        private
    {
        require(block.timestamp - endTime <= maxRiskAge, "too old");
        uint256 version = terms.get(Protocol.TERM_VERSION);
        uint256 volatility = portfolio.get(Protocol.PORTFOLIO_VOLATILITY);
        uint256 exposure = portfolio.get(Protocol.PORTFOLIO_EXPOSURE);
        currentAllocation =
            Allocation(index, endTime, uint32(version), uint32(volatility), uint32(exposure), weights);
        emit IParityVault.Allocated(index, version, weights, volatility, exposure);
    }

    /// P-2: 10⁶ Σ_δ, rows one after the other, two's complement.
    function _matrix(uint256[20] memory triangle, uint256 shrinkage)
        private
        pure
        returns (uint256[144] memory matrix)
    {
        assembly ("memory-safe") {
            let remaining := sub(1000000, shrinkage)
            let at := triangle
            let word := mload(at)
            let left := 4
            for { let i := 0 } lt(i, 12) { i := add(i, 1) } {
                let across := add(matrix, mul(i, 0x1a0))
                let down := across
                let scale := 1000000
                for { let end := add(matrix, mul(add(i, 1), 0x180)) } lt(across, end) {
                    across := add(across, 0x20)
                } {
                    let entry := mul(scale, sub(and(word, 0xffffffffffffffff), 0x8000000000000000))
                    mstore(across, entry)
                    mstore(down, entry)
                    down := add(down, 0x180)
                    scale := remaining
                    word := shr(64, word)
                    left := sub(left, 1)
                    if iszero(left) {
                        at := add(at, 0x20)
                        word := mload(at)
                        left := 4
                    }
                }
            }
        }
    }

    /// Cyclical coordinate descent on ½ x'Mx − Σ b ln x: each coordinate in turn takes the root of
    /// M_ii x² + c x = b with c = Σ_{j≠i} M_ij x_j.
    function _descend(
        uint256[144] memory matrix,
        uint256[12] memory budgets,
        uint256 tolerance,
        uint256 lastWeights
    ) private pure returns (uint256[12] memory x, uint256 sweeps) {
        unchecked {
            _start(matrix, budgets, x, lastWeights);
            int256 enough = int256(RISK * tolerance / 4);
            for (sweeps = 1; sweeps <= MOST_SWEEPS; ++sweeps) {
                bool done = true;
                for (uint256 i; i < 12; ++i) {
                    uint256 budget = budgets[i];
                    if (budget == 0) continue;
                    uint256 own = x[i];
                    int256 slope = _dot(matrix, i, x);
                    int256 away = int256(own) * slope - int256(budget * RISK);
                    if (away <= enough && away >= -enough) continue;
                    done = false;
                    uint256 variance = matrix[13 * i];
                    int256 others = slope - int256(variance * own);
                    uint256 square = uint256(others * others) + 4 * variance * budget * RISK;
                    // where the root was the last time is a good guess, except at first
                    int256 guess = slope + int256(variance * own);
                    uint256 root = uint256(guess);
                    if (sweeps == 1 || guess <= 0) {
                        root = FixedPointMathLib.sqrt(square);
                    } else {
                        root = (root + square / root) >> 1;
                        root = (root + square / root) >> 1;
                    }
                    x[i] = uint256(int256(root) - others) / (2 * variance);
                }
                if (done) return (x, sweeps);
            }
            revert("not converged");
        }
    }

    /// The last weights, or inverse volatilities where a lane with a budget had none, with the total risk they should have.
    function _start(
        uint256[144] memory matrix,
        uint256[12] memory budgets,
        uint256[12] memory x,
        uint256 lastWeights
    ) private pure {
        unchecked {
            bool known = true;
            for (uint256 i; i < 12; ++i) {
                x[i] = lastWeights.get(i);
                if ((x[i] == 0) != (budgets[i] == 0)) known = false;
            }
            for (uint256 i; i < 12 && !known; ++i) {
                x[i] = budgets[i] == 0 ? 0 : FixedPointMathLib.sqrt(budgets[i] * RISK / matrix[13 * i]);
            }
            uint256 total;
            for (uint256 i; i < 12; ++i) {
                total += x[i] * uint256(_dot(matrix, i, x));
            }
            uint256 scale = FixedPointMathLib.sqrt((PPM * RISK << 64) / total);
            for (uint256 i; i < 12; ++i) {
                x[i] = x[i] * scale >> 32;
            }
        }
    }

    /// Whole ppm that sum to 10⁶, each within one ppm of the exact weight.
    function _round(uint256[12] memory x) private pure returns (uint256[12] memory weight) {
        unchecked {
            uint256 total;
            for (uint256 i; i < 12; ++i) {
                total += x[i];
            }
            uint256 sum;
            uint256 given;
            for (uint256 i; i < 12; ++i) {
                sum += x[i];
                uint256 upTo = (sum * PPM + total / 2) / total;
                weight[i] = upTo - given;
                given = upTo;
            }
        }
    }

    /// P-3. Products stay far from 2²⁵⁵, as in the circuit. The matrix is positive semidefinite, so Σ R is not negative.
    /// @param kappa 0 stands for Σ R
    function _requireOptimal(
        MandateWords memory mandate,
        uint256[144] memory matrix,
        uint256 weights,
        uint256 kappa
    ) private pure returns (uint256 total) {
        unchecked {
            uint256[12] memory weight = weights.unpack();
            uint256[12] memory risks;
            for (uint256 i; i < 12; ++i) {
                risks[i] = weight[i] * uint256(_dot(matrix, i, weight));
                total += risks[i];
            }
            if (kappa == 0) kappa = total;
            require(kappa != 0 && kappa >> 144 == 0, "no kappa");
            int256 allowed = int256(mandate.terms.get(Protocol.TERM_TOLERANCE) * total);
            for (uint256 i; i < 12; ++i) {
                int256 over = int256(PPM * risks[i]) - int256(mandate.budgets.get(i) * kappa);
                require(over <= allowed, "above its budget");
                require(over >= -allowed || weight[i] == mandate.caps.get(i), "below its budget");
            }
        }
    }

    /// P-5 and P-6, as the word `portfolio`.
    function _portfolio(uint256 terms, uint256 total) private view returns (uint256) {
        uint256 decaySum = decaySums[terms.get(Protocol.TERM_DECAY_INDEX)];
        uint256 volatility = FixedPointMathLib.sqrt(total / (decaySum * 1e18));
        uint256 exposure = terms.get(Protocol.TERM_MAX_EXPOSURE);
        if (exposure * volatility > PPM * terms.get(Protocol.TERM_TARGET_VOLATILITY)) {
            exposure = PPM * terms.get(Protocol.TERM_TARGET_VOLATILITY) / volatility;
        }
        return volatility | (exposure << 21);
    }

    function _dot(uint256[144] memory matrix, uint256 i, uint256[12] memory x)
        private
        pure
        returns (int256 sum)
    {
        assembly ("memory-safe") {
            let row := add(matrix, mul(i, 0x180))
            sum := mul(mload(row), mload(x))
            sum := add(sum, mul(mload(add(row, 0x020)), mload(add(x, 0x020))))
            sum := add(sum, mul(mload(add(row, 0x040)), mload(add(x, 0x040))))
            sum := add(sum, mul(mload(add(row, 0x060)), mload(add(x, 0x060))))
            sum := add(sum, mul(mload(add(row, 0x080)), mload(add(x, 0x080))))
            sum := add(sum, mul(mload(add(row, 0x0a0)), mload(add(x, 0x0a0))))
            sum := add(sum, mul(mload(add(row, 0x0c0)), mload(add(x, 0x0c0))))
            sum := add(sum, mul(mload(add(row, 0x0e0)), mload(add(x, 0x0e0))))
            sum := add(sum, mul(mload(add(row, 0x100)), mload(add(x, 0x100))))
            sum := add(sum, mul(mload(add(row, 0x120)), mload(add(x, 0x120))))
            sum := add(sum, mul(mload(add(row, 0x140)), mload(add(x, 0x140))))
            sum := add(sum, mul(mload(add(row, 0x160)), mload(add(x, 0x160))))
        }
    }
}
