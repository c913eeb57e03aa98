import { readPricesCsv } from "../prices/csv.ts";
import type { PriceSeries } from "../prices/series.ts";
import { openPrices } from "../prices/source.ts";
import { checkNoGap, stretchFrom } from "../prices/window.ts";

export type DemoPricesRequest = {
  /** path of a CSV file, `coinbase` or `simulated` */
  readonly prices: string;
  readonly assets?: readonly string[] | undefined;
  /** {s} of the first price; of a file, the end of its longest stretch without a gap when absent */
  readonly from?: number | undefined;
  /** prices wanted */
  readonly ticks: number;
  readonly seed?: number | undefined;
  /** of simulated prices, the tick at which the market crashes */
  readonly crashTick?: number | undefined;
  readonly cacheDirectory: string;
  /** {s} */
  readonly now: number;
};

const HOUR = 3600;

/** As many prices as a demo runs through, without a gap. */
export async function openDemoPrices(request: DemoPricesRequest): Promise<PriceSeries> {
  const { prices, assets, from, ticks } = request;
  if (prices !== "simulated" && prices !== "coinbase") {
    return stretchFrom(readPricesCsv(prices, { assets, from }), from, ticks);
  }
  const at = from === undefined ? undefined : from + (ticks - 1) * HOUR;
  const series = await openPrices({ ...request, at });
  checkNoGap(series);
  return stretchFrom(series, undefined, ticks);
}
