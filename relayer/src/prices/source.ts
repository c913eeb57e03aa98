import { WINDOW_LENGTH } from "@equipoise/sdk";
import { coinbasePrices } from "./coinbase.ts";
import { readPricesCsv } from "./csv.ts";
import type { PriceSeries } from "./series.ts";
import { SIMULATION_START, simulatePrices } from "./simulator.ts";

export type PriceRequest = {
  /** path of a CSV file, `coinbase` or `simulated` */
  prices: string;
  assets?: readonly string[] | undefined;
  /** {s} nothing known later than this; the source's newest when left out */
  at?: number | undefined;
  /** prices wanted, the last ones known */
  ticks?: number | undefined;
  seed?: number | undefined;
  /** of simulated prices, the tick of the answer at which the market crashes */
  crashTick?: number | undefined;
  cacheDirectory: string;
  /** {s} unix time */
  now: number;
};

const COINBASE_ASSETS = ["BTC", "ETH", "SOL", "XRP", "LINK"];
const HOUR = 3600;
/** simulated prices where no instant is asked for: a window and three days after it, the crash among them */
const SIMULATED_TICKS = WINDOW_LENGTH + 1 + 72;

/** The last prices a source knows at an instant. They may have gaps: `windowAt` refuses those. */
export async function openPrices(request: PriceRequest): Promise<PriceSeries> {
  const { prices, assets, at, now, ticks = WINDOW_LENGTH + 1 } = request;
  if (prices === "simulated") {
    const known =
      at === undefined ? Math.max(SIMULATED_TICKS, ticks) : Math.max(0, Math.floor((at - SIMULATION_START) / HOUR) + 1);
    const count = Math.min(known, 200_000);
    const start = Math.max(0, count - ticks);
    const crashAt = request.crashTick === undefined ? undefined : start + request.crashTick;
    const series = simulatePrices({ seed: request.seed, assets, ticks: count, crashAt });
    return { ...series, times: series.times.slice(start), prices: series.prices.slice(start) };
  }
  if (prices === "coinbase") {
    const to = Math.floor(Math.min(at ?? now, now) / HOUR) * HOUR;
    const { cacheDirectory } = request;
    return coinbasePrices({
      assets: assets ?? COINBASE_ASSETS,
      from: to - (ticks - 1) * HOUR,
      to,
      cacheDirectory,
      now,
    });
  }
  return readPricesCsv(prices, { assets, to: at, last: ticks });
}
