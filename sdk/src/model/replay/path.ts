import { decaySum, WINDOW_LENGTH, YEAR } from "../../protocol.ts";
import { covarianceTriangle, triangleEntry } from "../covariance.ts";
import { observedReturns } from "../returns.ts";

/** {s} replays go by the hour */
export const HOUR = 3_600;

/** What happened, and what came before it. */
export type ReplayPath = {
  readonly assets: readonly string[];
  /** {s} increasing; a missing hour has no return, as in the log */
  readonly times: readonly number[];
  /** {ppt of a dollar} [hour][asset] */
  readonly prices: readonly (readonly bigint[])[];
  /** place of the first hour that is replayed */
  readonly start: number;
  /** {ppt per √year} [hour][asset] of all strikes and expiries; undefined: an asset without options */
  readonly implied: readonly (readonly (bigint | undefined)[])[];
};

/** A path that cannot be replayed. */
export class PathUnusable extends Error {
  override name = "PathUnusable";
  constructor(reason: string, remedy: string) {
    super(`the prices cannot be replayed, ${reason}: ${remedy}`);
  }
}

/** {ppm} [T][asset] returns of the hours up to `end`, that one included, the newest `count` of them */
export function returnsUntil(
  times: readonly number[],
  prices: readonly (readonly bigint[])[],
  end: number,
  count: number = WINDOW_LENGTH,
): bigint[][] {
  const rows: bigint[][] = [];
  for (let hour = end; hour > 0 && rows.length < count; hour--) {
    if ((times[hour] as number) - (times[hour - 1] as number) !== HOUR) continue;
    rows.push(...observedReturns(prices.slice(hour - 1, hour + 1)));
  }
  return rows.reverse();
}

/** Throws unless the path has its history and two hours to replay. */
export function checkPath({ assets, times, prices, start, implied }: ReplayPath): void {
  if (assets.length < 1 || assets.length > 4) {
    throw new PathUnusable(`it has ${assets.length} assets`, "choose one to four");
  }
  if (prices.length !== times.length || implied.length !== times.length) {
    throw new PathUnusable(
      `${times.length} hours have ${prices.length} prices and ${implied.length} volatilities`,
      "give one row of each for every hour",
    );
  }
  if (times.length - start < 2) {
    throw new PathUnusable(`there are ${times.length - start} hours of it`, "give at least two");
  }
  const known = returnsUntil(times, prices, start).length;
  if (known < WINDOW_LENGTH) {
    throw new PathUnusable(
      `${known} returns come before its first hour and a window has ${WINDOW_LENGTH}`,
      "begin later, or give a longer history",
    );
  }
}

/** What a short window weighs in what 30 days are expected to be: volatility falls back by half in about a week. */
const RECENT_WEIGHT = 0.3;
/** Place of ewma-0.99 among the decays: half of it is three days old at most. */
const RECENT_DECAY = 2;
const FLAT_DECAY = 3;

/**
 * A stand-in for implied volatilities where no index of them exists: variance 0.3 · that of the window with decay ewma-0.99
 * + 0.7 · that of the flat window before the first hour. A rule, no market's figure.
 * @param optioned how many of the first assets have options
 * @returns [hour][asset] for hours from `start` on, undefined before
 */
export function impliedFromRealised(
  { assets, times, prices, start }: Omit<ReplayPath, "implied">,
  optioned: number,
): (bigint | undefined)[][] {
  /** {per year} [asset] */
  const variances = (hour: number, decay: number): number[] => {
    const returns = returnsUntil(times, prices, hour);
    const triangle = covarianceTriangle(returns, decay);
    const scale = (1e-12 * Number(YEAR)) / HOUR / Number(decaySum(decay, returns.length));
    return assets.map((_, a) => Number(triangleEntry(triangle, assets.length, a, a)) * scale);
  };
  const calm = variances(start, FLAT_DECAY);
  return times.map((_, hour) => {
    if (hour < start) return assets.map(() => undefined);
    const recent = variances(hour, RECENT_DECAY);
    return assets.map((_, a) => {
      if (a >= optioned) return undefined;
      const variance = RECENT_WEIGHT * (recent[a] as number) + (1 - RECENT_WEIGHT) * (calm[a] as number);
      return BigInt(Math.round(Math.sqrt(variance) * 1e12));
    });
  });
}

/**
 * {places} first ≤ place < end: the `hours` hours in which the first asset falls most, empty for 0 hours.
 */
export function worstHours({ prices, start }: ReplayPath, hours: number): { first: number; end: number } {
  if (hours === 0) return { first: start, end: start };
  const price = (hour: number): number => Number(prices[hour]?.[0] ?? 0n);
  let [first, least] = [start, Number.POSITIVE_INFINITY];
  const length = Math.min(hours, prices.length - 1 - start);
  for (let hour = start; hour + length < prices.length; hour++) {
    const ratio = price(hour + length) / price(hour);
    if (ratio < least) [first, least] = [hour, ratio];
  }
  // the fall is what the last price of the hour before it is left by
  return { first: first + 1, end: first + 1 + length };
}
