import { LANE_COUNT } from "@equipoise/sdk";
import { type SimulatedMarketParameters, simulateMarket } from "@equipoise/sdk/testing";
import { AssetUnknown, checkAssets, type PriceSeries } from "./series.ts";

export { SIMULATION_START } from "@equipoise/sdk/testing";

/** Names of the simulated assets; no real asset has them. */
export const SIMULATED_ASSETS = [
  "SIM-A",
  "SIM-B",
  "SIM-C",
  "SIM-D",
  "SIM-E",
  "SIM-F",
  "SIM-G",
  "SIM-H",
  "SIM-I",
  "SIM-J",
  "SIM-K",
  "SIM-L",
] as const;

export type SimulatorParameters = SimulatedMarketParameters & {
  /** among SIMULATED_ASSETS; the first five when left out */
  assets?: readonly string[] | undefined;
};

/** The SDK's made-up market under names nobody can take for real ones. */
export function simulatePrices(parameters: SimulatorParameters): PriceSeries {
  const { step = 3600, assets = SIMULATED_ASSETS.slice(0, 5) } = parameters;
  checkAssets(assets, LANE_COUNT);
  const names: readonly string[] = SIMULATED_ASSETS;
  const columns = assets.map((asset) => {
    const column = names.indexOf(asset);
    if (column < 0) throw new AssetUnknown(asset, SIMULATED_ASSETS);
    return column;
  });
  const { times, prices } = simulateMarket(parameters);
  const chosen = prices.map((row) => columns.map((column) => row[column] as bigint));
  return { source: "simulated", assets: [...assets], step, times, prices: chosen };
}
