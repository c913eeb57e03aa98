/**
 * Whether somebody could profit for sure from options at a report's volatilities. The same integers as
 * `contracts/libraries/SurfaceArbitrage.sol`: what passes here, passes there.
 */
import { PPM } from "../protocol.ts";
import { divideUp } from "./integers.ts";
import { callValue, errorBoundOf, halfVolatility, moneyness, rootOf, spotLevelOf } from "./pricing/index.ts";
import { NORMAL_ONE } from "./tables/index.ts";
import {
  atMoneyness,
  type VolatilityReport,
  VolatilityReportEmpty,
  type VolatilitySlice,
  varianceAt,
} from "./volatilitySurface.ts";

/** A call: its strike {ppt of a dollar}, and its value and that value's largest error {ppt of spot}. */
export type ValuedCall = { readonly strike: bigint; readonly value: bigint; readonly error: bigint };

/** Where a report admits arbitrage, and of which kind: the name of the contract's error. */
export type SurfaceArbitrage = {
  readonly error: "CallValueRises" | "CallValueNotConvex" | "TotalVarianceFalls";
  readonly slice: number;
  /** of the strike in its slice; for total variances counted through the strikes of the slice before and its own */
  readonly place: number;
};

/** Calls at the strikes of a slice, before them the one at strike 0, which is the forward. */
export function callsOf({ spot, observedAt }: VolatilityReport, slice: VolatilitySlice): ValuedCall[] {
  const root = rootOf(slice.expiry - observedAt);
  const unchanged = spotLevelOf(PPM);
  const calls = slice.strikes.map((strike, k) => {
    const volatility = slice.volatilities[k];
    if (volatility === undefined) throw new VolatilityReportEmpty(`the volatility of strike ${k}`);
    const option = moneyness(spot, strike, slice.basis);
    const value = callValue(option, unchanged, halfVolatility(volatility, root)) / NORMAL_ONE;
    return { strike, value, error: errorBoundOf(option.forward, option.strike) };
  });
  return [{ strike: 0n, value: (PPM + slice.basis) * PPM, error: 0n }, ...calls];
}

/** Whether a call is worth more than the one before it, beyond what both may be wrong. */
export const callRises = (before: ValuedCall, at: ValuedCall): boolean =>
  at.value > before.value + before.error + at.error;

/** Whether a call is worth more than the line between its neighbours, beyond what all three may be wrong. */
export function callNotConvex(before: ValuedCall, at: ValuedCall, behind: ValuedCall): boolean {
  const [left, right] = [at.strike - before.strike, behind.strike - at.strike];
  const butterfly = (before.value - at.value) * right - (at.value - behind.value) * left;
  return butterfly + before.error * right + at.error * (left + right) + behind.error * left < 0n;
}

/** Everything that the contract would refuse a report's volatilities for, in its order. */
export function surfaceArbitrages(report: VolatilityReport): SurfaceArbitrage[] {
  return report.slices.flatMap((slice, i) => {
    const calls = callsOf(report, slice);
    const acrossStrikes = calls.flatMap((call, k): SurfaceArbitrage[] => {
      const [before, at] = [calls[k - 2], calls[k - 1]];
      if (at !== undefined && callRises(at, call)) return [{ error: "CallValueRises", slice: i, place: k - 1 }];
      if (before === undefined || at === undefined || !callNotConvex(before, at, call)) return [];
      return [{ error: "CallValueNotConvex", slice: i, place: k - 2 }];
    });
    const earlier = report.slices[i - 1];
    if (earlier === undefined) return acrossStrikes;
    const falls = varianceFalls(report, earlier, slice);
    return [
      ...acrossStrikes,
      ...falls.map(({ place }): SurfaceArbitrage => ({ error: "TotalVarianceFalls", slice: i, place })),
    ];
  });
}

/** A strike at which the later of two slices has the smaller total variance at equal moneyness. */
export type VarianceFall = {
  /** counted through the strikes of both slices */
  readonly place: number;
  /** {ppm of the earlier's} rounded up */
  readonly shortfall: bigint;
};

/** Every strike of two neighbouring slices at which total variance falls from one to the other. */
export function varianceFalls(
  { observedAt }: Pick<VolatilityReport, "observedAt">,
  earlier: VolatilitySlice,
  later: VolatilitySlice,
): VarianceFall[] {
  const shortfall = (near: bigint, far: bigint): bigint => {
    const before = varianceAt(earlier, near) * (earlier.expiry - observedAt);
    return divideUp((before - varianceAt(later, far) * (later.expiry - observedAt)) * PPM, before);
  };
  const ofEarlier = earlier.strikes.map((near) => shortfall(near, atMoneyness(near, earlier.basis, later.basis)));
  const ofLater = later.strikes.map((far) => shortfall(atMoneyness(far, later.basis, earlier.basis), far));
  return [...ofEarlier, ...ofLater].flatMap((fall, place) => (fall > 0n ? [{ place, shortfall: fall }] : []));
}
