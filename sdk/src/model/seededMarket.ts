import { seededDraws } from "./seededDraws.ts";

/** {ppm} [ticks][assets] returns of assets that share a market, some against it; for tests. */
export function seededMarket(seed: number, assets: number, ticks = 240): bigint[][] {
  const draws = seededDraws(seed);
  const loads = Array.from({ length: assets }, () => draws.normal() * 4_000 + 4_000);
  return Array.from({ length: ticks }, () => {
    const market = draws.normal();
    return loads.map((load, i) => BigInt(Math.round(load * market + draws.normal() * (3_000 + 900 * i))));
  });
}
