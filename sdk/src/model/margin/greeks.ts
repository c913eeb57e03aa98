import { ARRAY_COUNT, type GREEKS, PPM, PPT } from "../../protocol.ts";
import { divideDown } from "../integers.ts";
import { arrayOf, type MarginAccount, type MarginMarket, seriesAt } from "./account.ts";

/** {ppm of a dollar}: per 1 % of spot, the change of that per 1 %, per point of volatility */
export type AccountGreeks = Readonly<Record<(typeof GREEKS)[number], readonly bigint[]>>;

/** {10⁻³² dollar per cent} in {ppm of a dollar per cent} */
const PER_CENT = 100n * PPM * PPT * PPT;

/**
 * Greeks of an account by array, rounded down: docs/clearing.md, G-8.
 * @param credits {ppm of a dollar} collateral that moves with each array
 */
export function accountGreeks(account: MarginAccount, market: MarginMarket, credits: readonly bigint[]): AccountGreeks {
  const sums = Array.from({ length: ARRAY_COUNT }, () => ({ delta: 0n, gamma: 0n, vega: 0n }));
  for (const { series: number, quantity } of account.positions) {
    const { array, series } = seriesAt(market, number);
    const sum = sums[arrayOf(number)]!;
    const forward = PPM + series.basis;
    sum.delta += array.spot * quantity * series.delta * forward;
    sum.gamma += array.spot * quantity * series.gamma * forward;
    sum.vega += array.spot * quantity * series.vega;
  }
  return {
    delta: sums.map(({ delta }, a) => divideDown(delta + (PER_CENT / 100n) * (credits[a] ?? 0n), PER_CENT)),
    gamma: sums.map(({ gamma }) => divideDown(gamma, PER_CENT)),
    vega: sums.map(({ vega }) => divideDown(vega, PPT * PPT)),
  };
}
