import {
  draftVolatilityReport,
  type OptionMark,
  PPM,
  parseOptionMarks,
  type VolatilityReport,
  YEAR,
} from "@equipoise/sdk";

/** What the local signers see of options, at one spot and time; later reports move its level and keep its strikes. */
export type OptionView = {
  /** `simulated`, or the file it is from */
  readonly source: string;
  /** {ppt of a dollar} */
  readonly spot: bigint;
  /** {1 per √year} realised volatility that the level is compared with */
  readonly realised: number;
  readonly marks: readonly OptionMark[];
};

const DAY = 86_400n;
/** {s} of a simulated surface's expiries */
const TENORS = [2n * DAY, 14n * DAY, 45n * DAY];
/** {1} of the spot */
const MONEYNESS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.8];
/** {1} how far implied volatility is above realised */
const PREMIUM = 1.15;
/** A smile in the logarithm of moneyness k: 1 − tilt k + curvature k². */
const SMILE = { tilt: 0.15, curvature: 0.5 };
/** Between two reports the level moves by this at most, either way: what the log allows, and some room. */
const LEVEL_MOVE = 1.4;

/** {1 per √year} root mean square of a lane's returns. @param prices {D18} one after the other @param interval {s} */
export function realisedVolatility(prices: readonly bigint[], interval: number): number {
  const returns = prices.slice(1).map((price, t) => Math.log(Number(price) / Number(prices[t])));
  const variance = returns.reduce((sum, value) => sum + value * value, 0) / returns.length;
  return Math.sqrt((variance * Number(YEAR)) / interval);
}

export type OptionViewParameters = {
  /** {s} */
  readonly time: bigint;
  /** {ppt of a dollar} */
  readonly spot: bigint;
  /** {1 per √year} */
  readonly realised: number;
};

/** A smile around realised volatility, for where nobody has quotes. */
export function simulatedView({ time, spot, realised }: OptionViewParameters): OptionView {
  const marks = TENORS.flatMap((tenor) =>
    MONEYNESS.map((moneyness): OptionMark => {
      const k = Math.log(moneyness);
      const volatility = realised * PREMIUM * (1 - SMILE.tilt * k + SMILE.curvature * k * k);
      return {
        expiry: time + tenor,
        strike: (spot * BigInt(Math.round(moneyness * 1e6))) / PPM,
        volatility: BigInt(Math.round(volatility * 1e6)) * PPM,
        forward: spot,
        openInterest: PPM,
      };
    }),
  );
  return { source: "simulated", spot, realised, marks };
}

/**
 * An exchange's marks of one day, moved to another time and spot: each option keeps its time to expiry, moneyness, basis and
 * volatility.
 * @param text as `parseOptionMarks` takes it
 */
export function viewFromFile(source: string, text: string, { time, spot, realised }: OptionViewParameters): OptionView {
  const { day, marks } = parseOptionMarks(text);
  const observedAt = day + DAY;
  const nearest = marks.reduce((first, mark) => (mark.expiry < first.expiry ? mark : first)).forward;
  const moved = marks.map((mark) => ({
    ...mark,
    expiry: mark.expiry - observedAt + time,
    strike: (mark.strike * spot) / nearest,
    forward: (mark.forward * spot) / nearest,
  }));
  return { source, spot, realised, marks: moved };
}

export type ReportParameters = OptionViewParameters & {
  /** lane in the observation log */
  readonly underlying: number;
  /** level of the report before, 1 for the first */
  readonly level: number;
};

/** What signers report of a view at another time and spot, free of arbitrage, and its level for the next one. */
export function reportOf(
  view: OptionView,
  { underlying, time, spot, realised, level: before }: ReportParameters,
): { readonly report: VolatilityReport; readonly level: number } {
  const wanted = realised / view.realised;
  const level = Math.min(Math.max(wanted, before / LEVEL_MOVE), before * LEVEL_MOVE);
  const factor = BigInt(Math.round(level * 1e6));
  const marks = view.marks.map((mark) => ({
    ...mark,
    volatility: (mark.volatility * factor) / PPM,
    forward: (mark.forward * spot) / view.spot,
  }));
  return {
    report: draftVolatilityReport({ underlying: BigInt(underlying), observedAt: time, spot, marks }).report,
    level,
  };
}
