import { PPM } from "../../protocol.ts";
import { TABLE_SHAPES } from "../tables/index.ts";

/**
 * How far a call's value is from Black-76 in real numbers: docs/clearing.md, B-9. With F = f x and κ in units of spot, U = 3 · 2⁻²⁸:
 *
 * - Φ is off by ε (T-5) in both terms: ε (F + κ).
 * - h is off by at most 0.501 units (half from rounding, the rest from `root`): with t consistent with h, V changes by
 *   2 F φ(d₁) per unit of h, φ ≤ 0.39895: at most 4.48 · 10⁻⁹ F.
 * - t is off by Δ. V is stationary there, so that only F φ(d₁) h Δ² remains, and Δ is at most the logarithms' error over 2h
 *   (4 · 10⁻⁸ / 2h, h ≥ 1.14 · 10⁻⁵), plus what the reciprocal lacks (2.9 · 10⁻⁶ |ln F/κ|), plus U: at most
 *   3 · 10⁻¹¹ (F + κ).
 * - κ is rounded down: 1 ppt.
 *
 * A risk array's entry takes two values, F up to 1.6 f and F = f, a tail's less after damping, and rounds once.
 */

/** {10⁻¹²} what h's rounding costs, per F */
const HALF_VOLATILITY_ERROR = 4_480n;
/** {10⁻¹²} what the rounding of logarithms and arguments costs, per F and per κ */
const SECOND_ORDER_ERROR = 30n;
/** {ppt} of κ and of the result */
const ROUNDING = 2n;

const PER_STRIKE = TABLE_SHAPES.normal.error + SECOND_ORDER_ERROR;
const PER_FORWARD = PER_STRIKE + HALF_VOLATILITY_ERROR;

const RATE_SHIFT = 32n;
const rate = (error: bigint): bigint => ((error << RATE_SHIFT) + 10n ** 12n - 1n) / 10n ** 12n;

/** α {ppt per ppm of forward} and β {ppt per ppt of strike}, both times 2³², rounded up: f stands at 1.6 and once more at 1. */
export const ERROR_RATES = {
  forward: rate(((PER_FORWARD * 26n + 9n) / 10n) * PPM),
  strike: rate(2n * PER_STRIKE),
} as const;
/** {ppt} for both values, and one for rounding the rates' sum down */
export const ERROR_CONSTANT = 2n * ROUNDING;

/**
 * B-9: |riskArray[s] − exact| and |mark − exact| are at most this.
 * @param forward {ppm of spot} f
 * @param strike {ppt of spot} κ
 * @returns {ppt of spot}
 */
export const errorBoundOf = (forward: bigint, strike: bigint): bigint =>
  ERROR_CONSTANT + ((ERROR_RATES.forward * forward + ERROR_RATES.strike * strike) >> RATE_SHIFT);

/** {ppt of spot} the same for a single value at an unchanged spot, rounded up */
export const valueErrorBoundOf = (forward: bigint, strike: bigint): bigint =>
  ROUNDING + 1n + (PER_FORWARD * forward * PPM + PER_STRIKE * strike) / 10n ** 12n;
