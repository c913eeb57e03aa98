import { HOUR, impliedFromRealised, PPM, type ReplayPath, WINDOW_LENGTH } from "@equipoise/sdk";
import { readPricesCsv } from "../prices/csv.ts";
import { formatTime, PricesRefused } from "../prices/series.ts";

/** {hours} read before the first one: the window, and room for gaps that no return is taken over */
const HISTORY = WINDOW_LENGTH + 72;
/** How many of the assets have options. */
const OPTIONED = 2;
/** {s} */
const DAY = 86_400;

/** Prices that are not hourly. */
export class PricesNotHourly extends PricesRefused {
  override name = "PricesNotHourly";
  constructor(source: string, step: number) {
    super(`${source} has a price every ${step} s and a replay goes by the hour: give a file of hourly prices`);
  }
}

/** A file that does not reach over what is asked for. */
export class SpanNotCovered extends PricesRefused {
  override name = "SpanNotCovered";
  constructor(source: string, from: number, to: number) {
    super(
      `${source} has no price known at ${formatTime(from)} or none at ${formatTime(to)}: choose times inside the file, on the hour`,
    );
  }
}

export type PathFiles = {
  readonly prices: string;
  /** columns ASSET_DVOL {volatility points}, daily; undefined, or not reaching over the event: the rule of the model */
  readonly implied: string | undefined;
};

export type PathSelection = { readonly assets: readonly string[]; readonly from: number; readonly to: number };

/** A path, and where its implied volatilities come from. */
export type ReadPath = { readonly path: ReplayPath; readonly impliedSource: string };

/**
 * What a replay needs of files that lie somewhere, read in place.
 * @throws PricesRefused
 */
export function readPath(files: PathFiles, { assets, from, to }: PathSelection): ReadPath {
  const series = readPricesCsv(files.prices, { assets, from: from - HISTORY * HOUR, to });
  if (series.step !== HOUR) throw new PricesNotHourly(series.source, series.step);
  const start = series.times.indexOf(from);
  if (start < 0 || series.times.at(-1) !== to) throw new SpanNotCovered(series.source, from, to);
  const base = {
    assets,
    times: series.times,
    // {ppt} = {D18} / 10⁶
    prices: series.prices.map((row) => row.map((price) => price / PPM)),
    start,
  };
  const optioned = Math.min(OPTIONED, assets.length);
  const indexed =
    files.implied === undefined ? undefined : impliedFromIndex(files.implied, assets, optioned, base.times, start);
  return {
    path: { ...base, implied: indexed?.implied ?? impliedFromRealised(base, optioned) },
    impliedSource: indexed?.source ?? "rule from realised volatility",
  };
}

/**
 * An index's daily closes, linear in between: the path of the market's volatility, which nobody in a replay sees ahead.
 * @returns undefined where the index does not reach over the hours
 */
function impliedFromIndex(
  file: string,
  assets: readonly string[],
  optioned: number,
  times: readonly number[],
  start: number,
): { implied: (bigint | undefined)[][]; source: string } | undefined {
  const columns = assets.slice(0, optioned).map((asset) => `${asset}_DVOL`);
  const [first, last] = [times[start] as number, times.at(-1) as number];
  const index = readPricesCsv(file, { assets: columns, from: first - DAY, to: last + DAY });
  if ((index.times[0] ?? Number.POSITIVE_INFINITY) > first || (index.times.at(-1) ?? 0) < last) return undefined;
  const implied = times.map((time, hour) => {
    if (hour < start) return assets.map(() => undefined);
    const before = index.times.findLastIndex((day) => day <= time);
    const after = Math.min(before + 1, index.times.length - 1);
    const [t0, t1] = [index.times[before] as number, index.times[after] as number];
    const share = BigInt(t1 > t0 ? time - t0 : 0);
    const span = BigInt(Math.max(1, t1 - t0));
    return assets.map((_, a) => {
      if (a >= optioned) return undefined;
      const [v0, v1] = [index.prices[before]?.[a] as bigint, index.prices[after]?.[a] as bigint];
      // {ppt} = points {D18} / (100 · 10⁶)
      return (v0 + ((v1 - v0) * share) / span) / (100n * PPM);
    });
  });
  return { implied, source: index.source };
}
