/** From what an exchange says of its options to a report that the volatility log accepts. */
import { PPM, PRICING_BOUNDS } from "../protocol.ts";
import type { OptionMark } from "./optionMarks.ts";
import { callNotConvex, callRises, callsOf, type ValuedCall, varianceFalls } from "./volatilityArbitrage.ts";
import {
  REPORT_BOUNDS,
  type VolatilityReport,
  VolatilityReportEmpty,
  type VolatilitySlice,
  varianceAt,
} from "./volatilitySurface.ts";

/** An exchange's quotes of one underlying at one time. */
export type VolatilityReportInput = Pick<VolatilityReport, "underlying" | "observedAt" | "spot"> & {
  readonly marks: readonly OptionMark[];
};

/** A report, and how many strikes it leaves out for which reason. */
export type VolatilityReportDraft = {
  readonly report: VolatilityReport;
  readonly leftOut: {
    /** strikes of expiries that are past, too far, or not among the eight with most open interest */
    readonly expiries: number;
    /** out of a report's bounds */
    readonly range: number;
    /** calls worth more than their neighbours allow */
    readonly acrossStrikes: number;
    /** total variance below that of the expiry before, or above that of the one behind */
    readonly acrossExpiries: number;
    /** more than sixteen of an expiry: those that lie closest to what their neighbours say */
    readonly crowded: number;
  };
};

type Count = { -readonly [reason in keyof VolatilityReportDraft["leftOut"]]: number };

const keep = (slice: VolatilitySlice, kept: (place: number) => boolean): VolatilitySlice => ({
  ...slice,
  strikes: slice.strikes.filter((_, k) => kept(k)),
  volatilities: slice.volatilities.filter((_, k) => kept(k)),
});

/** The slice of an expiry, one node for the call and the put of a strike: exchanges mark both with one volatility. */
function sliceOf(marks: readonly OptionMark[], expiry: bigint, spot: bigint): VolatilitySlice {
  const ofExpiry = marks.filter((mark) => mark.expiry === expiry);
  const byStrike = new Map(ofExpiry.map(({ strike, volatility }) => [strike, volatility]));
  const strikes = [...byStrike.keys()].sort((a, b) => (a < b ? -1 : 1));
  const forward = ofExpiry[0]?.forward ?? spot;
  return {
    expiry,
    basis: (forward * PPM) / spot - PPM,
    strikes,
    volatilities: strikes.map((strike) => byStrike.get(strike) as bigint),
  };
}

function inRange(slice: VolatilitySlice, spot: bigint): VolatilitySlice {
  const { moneyness, volatility } = REPORT_BOUNDS;
  return keep(slice, (k) => {
    const [strike, marked] = [slice.strikes[k] as bigint, slice.volatilities[k] as bigint];
    const near = strike * moneyness >= spot && strike <= spot * moneyness;
    return near && marked >= volatility[0] && marked <= volatility[1];
  });
}

/** The strikes whose calls fall and are convex: a strike goes as soon as one behind it shows it to be too dear. */
function withoutButterflies(report: VolatilityReport, slice: VolatilitySlice): VolatilitySlice {
  const chain: ValuedCall[] = [];
  for (const call of callsOf(report, slice)) {
    const last = chain.at(-1);
    if (last !== undefined && callRises(last, call)) continue;
    for (;;) {
      const [before, at] = [chain.at(-2), chain.at(-1)];
      if (before === undefined || at === undefined || !callNotConvex(before, at, call)) break;
      chain.pop();
    }
    chain.push(call);
  }
  const kept = new Set(chain.map(({ strike }) => strike));
  return keep(slice, (k) => kept.has(slice.strikes[k] as bigint));
}

/** At most sixteen strikes: again and again the one goes whose variance its neighbours tell best. */
function thinned(slice: VolatilitySlice): VolatilitySlice {
  let rest = slice;
  while (rest.strikes.length > REPORT_BOUNDS.strikes) {
    const misses = rest.strikes.slice(1, -1).map((strike, i) => {
      const own = varianceAt(rest, strike);
      const told = varianceAt(
        keep(rest, (k) => k !== i + 1),
        strike,
      );
      return (1_000_000n * (own > told ? own - told : told - own)) / own;
    });
    const place = 1 + misses.reduce((best, miss, i) => (miss < (misses[best] as bigint) ? i : best), 0);
    rest = keep(rest, (k) => k !== place);
  }
  return rest;
}

/** The strike goes at which total variance falls most, of whichever slice it is; then the next, as long as it falls. */
function withoutCalendars(
  report: VolatilityReport,
  earlier: VolatilitySlice,
  later: VolatilitySlice,
): [VolatilitySlice, VolatilitySlice] {
  let pair: [VolatilitySlice, VolatilitySlice] = [earlier, later];
  for (;;) {
    const [near, far] = pair;
    if (near.strikes.length === 0 || far.strikes.length === 0) return pair;
    const falls = varianceFalls(report, near, far);
    if (falls.length === 0) return pair;
    // of equals the last, which is of the later slice: it is the one that says less than is known
    const worst = falls.reduce((most, fall) => (fall.shortfall >= most.shortfall ? fall : most));
    pair = [keep(near, (k) => k !== worst.place), keep(far, (k) => k + near.strikes.length !== worst.place)];
  }
}

const strikeCount = (slices: readonly VolatilitySlice[]): number =>
  slices.reduce((sum, { strikes }) => sum + strikes.length, 0);

/**
 * A report without arbitrage from an exchange's marks.
 *
 * Errors: {@link VolatilityReportEmpty} when no option is left.
 */
export function draftVolatilityReport(input: VolatilityReportInput): VolatilityReportDraft {
  const { marks, observedAt, spot } = input;
  const leftOut: Count = { expiries: 0, range: 0, acrossStrikes: 0, acrossExpiries: 0, crowded: 0 };
  const interest = new Map<bigint, bigint>();
  for (const mark of marks) interest.set(mark.expiry, (interest.get(mark.expiry) ?? 0n) + mark.openInterest);
  const [nearest, furthest] = PRICING_BOUNDS.seconds;
  const listed = [...interest]
    .filter(([expiry]) => expiry >= observedAt + nearest && expiry <= observedAt + furthest)
    .sort(([a, first], [b, second]) => (first === second ? (a < b ? -1 : 1) : first > second ? -1 : 1))
    .slice(0, REPORT_BOUNDS.slices)
    .map(([expiry]) => expiry)
    .sort((a, b) => (a < b ? -1 : 1));
  const all = [...interest.keys()].map((expiry) => sliceOf(marks, expiry, spot));

  let slices: readonly VolatilitySlice[] = listed.map((expiry) => sliceOf(marks, expiry, spot));
  leftOut.expiries = strikeCount(all) - strikeCount(slices);
  const step = (reason: keyof Count, change: (slices: readonly VolatilitySlice[]) => readonly VolatilitySlice[]) => {
    const before = strikeCount(slices);
    slices = change(slices).filter(({ strikes }) => strikes.length > 0);
    leftOut[reason] += before - strikeCount(slices);
    return before !== strikeCount(slices);
  };
  const report = (): VolatilityReport => ({ underlying: input.underlying, observedAt, spot, slices });

  const convex = () => step("acrossStrikes", (list) => list.map((slice) => withoutButterflies(report(), slice)));
  const growing = (i: number) =>
    step("acrossExpiries", (list) => {
      const [earlier, later] = [list[i - 1], list[i]];
      if (earlier === undefined || later === undefined) return list;
      return list.toSpliced(i - 1, 2, ...withoutCalendars(report(), earlier, later));
    });

  step("range", (list) => list.map((slice) => inRange(slice, spot)));
  convex();
  step("crowded", (list) => list.map(thinned));
  // a strike less changes what lies between the others, so both are looked at until nothing goes any more
  for (let changed = true; changed; ) {
    changed = convex();
    for (let i = 1; i < slices.length; i++) changed = growing(i) || changed;
  }
  if (slices.length === 0) throw new VolatilityReportEmpty("what is left of the marks");
  return { report: report(), leftOut };
}
