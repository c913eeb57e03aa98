import { WINDOW_LENGTH } from "@equipoise/sdk";
import { readObservationLog } from "@equipoise/sdk/actions";
import {
  beginEpochSince,
  hubSite,
  type LocalContext,
  reportVolatilities,
  takeCollateralSnapshot,
} from "../../pipeline/index.ts";
import type { PriceSeries } from "../../prices/series.ts";
import type { Diary } from "./diary.ts";
import { type OptionView, realisedVolatility, reportOf, simulatedView, viewFromFile } from "./surface.ts";

/** {D18/ppt of a dollar} */
const D18_PER_PPT = 10n ** 6n;

/** The lane that the demo lists options on: bitcoin's where there is one. */
export const underlyingOf = ({ assets }: Pick<PriceSeries, "assets">): number => Math.max(0, assets.indexOf("BTC"));

/** {ppt of a dollar} price of the underlying at a tick */
export const spotAt = (series: PriceSeries, tick: number): bigint =>
  (series.prices[tick]?.[underlyingOf(series)] ?? 0n) / D18_PER_PPT;

/** An options file and its content. */
export type OptionsFile = { readonly source: string; readonly text: string };

/** What the hub is told and snapshots, hour by hour. */
export type Market = {
  /** where volatilities come from */
  readonly volatilities: () => string;
  /** Reports volatilities as of the log's last observation. @returns {s} its time */
  readonly report: (tick: number) => Promise<bigint>;
  /** An epoch of that time or later, with its snapshot of collateral. @returns its number */
  readonly beginEpoch: (since: bigint) => Promise<bigint>;
};

export function openMarket(
  context: LocalContext,
  series: PriceSeries,
  options: OptionsFile | undefined,
  { note }: Diary,
): Market {
  const { chain, deployment } = hubSite(context);
  const underlying = underlyingOf(series);
  let view: OptionView | undefined;
  let level = 1;
  return {
    volatilities: () => view?.source ?? options?.source ?? "simulated",
    report: async (tick) => {
      const { lastObservedAt: time } = await readObservationLog(chain.reader, deployment);
      const window = series.prices.slice(tick - WINDOW_LENGTH, tick + 1).map((row) => row[underlying] ?? 1n);
      const seen = { time, spot: spotAt(series, tick), realised: realisedVolatility(window, series.step) };
      view ??= options === undefined ? simulatedView(seen) : viewFromFile(options.source, options.text, seen);
      const drafted = reportOf(view, { ...seen, underlying, level });
      level = drafted.level;
      note("report volatilities", (await reportVolatilities(context, drafted.report)).gasUsed);
      return time;
    },
    beginEpoch: async (since) => {
      const { number, gasUsed } = await beginEpochSince(context, since);
      note("begin epoch", gasUsed);
      note("snapshot collateral", await takeCollateralSnapshot(context, number));
      return number;
    },
  };
}
