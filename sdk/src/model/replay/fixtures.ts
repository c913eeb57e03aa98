import { PPM, PPT } from "../../protocol.ts";
import type { Book } from "./books.ts";
import { emptyHolding } from "./ledger.ts";
import { HOUR, type ReplayPath } from "./path.ts";

/** {s} on the hour */
const BEGIN = 1_600_000_000 - (1_600_000_000 % HOUR);
const HISTORY = 300;

/**
 * A path for tests: 300 hours of ±0.5 %, then the relative prices given, for every asset alike, from 1,000 dollars each.
 * @param levels relative to the first of them
 */
export function syntheticPath(levels: readonly number[], assets = 1, volatility?: bigint): ReplayPath {
  const history = Array.from({ length: HISTORY }, (_, hour) => (hour % 2 === 0 ? 1 : 1.005));
  const prices = [...history, ...levels].map((level) =>
    new Array<bigint>(assets).fill(BigInt(Math.round(1_000 * level * 1e6)) * PPM),
  );
  return {
    assets: ["ONE", "TWO", "THREE", "FOUR"].slice(0, assets),
    times: prices.map((_, hour) => BEGIN + hour * HOUR),
    prices,
    start: HISTORY,
    implied: prices.map(() => new Array<bigint | undefined>(assets).fill(volatility)),
  };
}

/** A book of some contracts of the first asset's perpetual. */
export function perpetualBook(contracts: number, buffer: bigint, assets = 1): Book {
  const { positions, balances } = emptyHolding("", assets);
  positions[0] = BigInt(contracts) * PPM;
  return {
    kind: contracts < 0 ? "leveraged short" : "leveraged long",
    positions,
    balances,
    depositAsset: undefined,
    buffer,
  };
}

/** {$} of {ppm of a dollar} */
export const dollars = (amount: bigint): number => Number(amount) / 1e6;
export const THOUSAND = 1_000n * PPT;
