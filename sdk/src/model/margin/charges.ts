import { ARRAY_COUNT, EXPIRY_SLOTS, type MarginLevel, PPM, PPT } from "../../protocol.ts";
import { magnitude } from "../integers.ts";
import { arrayOf, kinOf, type MarginAccount, type MarginMarket, seriesAt } from "./account.ts";

/** What a requirement adds to the worst loss, in {10⁻³⁶ dollar}: docs/clearing.md, G-7. */
export type Charges = {
  readonly perpetual: bigint;
  readonly shortOptions: bigint;
  readonly nakedShort: bigint;
  readonly basis: bigint;
  /** what the prices may be wrong by */
  readonly error: bigint;
};

const short = (value: bigint): bigint => (value < 0n ? -value : 0n);

/** What all arrays of one underlying hold together. */
type Holdings = { calls: bigint; puts: bigint; readonly deltas: bigint[] };

/** Contingencies and the error term of a level. Exact: nothing here is rounded. */
export function chargesOf(account: MarginAccount, market: MarginMarket, level: MarginLevel): Charges {
  const { terms, arrays } = market;
  const rate = (name: "Perpetual" | "NakedShort" | "LossFactor"): bigint => terms[`${level}${name}`];
  const kin = kinOf(market);
  /** the first array of the same underlying */
  const leaderOf = (array: number): number => arrays.findIndex((_, first) => kin(first, array));
  const held = Array.from(
    { length: ARRAY_COUNT },
    (): Holdings => ({ calls: 0n, puts: 0n, deltas: new Array<bigint>(EXPIRY_SLOTS).fill(0n) }),
  );

  let perpetual = 0n;
  let shortOptions = 0n;
  let error = 0n;
  for (const { series: number, quantity } of account.positions) {
    const { array, series } = seriesAt(market, number);
    const holdings = held[leaderOf(arrayOf(number))] as Holdings;
    holdings.deltas[series.expirySlot]! += quantity * series.delta;
    if (series.kind === "call") holdings.calls += quantity;
    if (series.kind === "put") holdings.puts += quantity;
    if (series.kind === "perpetual") perpetual += array.spot * magnitude(quantity);
    else shortOptions += array.spot * short(quantity);
    error += array.spot * magnitude(quantity) * series.errorBound;
  }

  let nakedShort = 0n;
  let basis = 0n;
  held.forEach(({ calls, puts, deltas }, leader) => {
    const spot = arrays[leader]?.spot ?? 0n;
    nakedShort += spot * (short(calls) + short(puts));
    const sum = (values: bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
    basis += spot * (sum(deltas.map(magnitude)) - magnitude(sum(deltas)));
  });
  return {
    perpetual: PPT * rate("Perpetual") * perpetual,
    shortOptions: PPT * terms.shortOptionMinimum * shortOptions,
    nakedShort: PPT * rate("NakedShort") * nakedShort,
    basis: terms.basis * basis,
    error: (rate("LossFactor") + PPM) * error,
  };
}

/** {ppm of a dollar} what is added to an account's worst loss. */
export const totalCharges = (charges: Charges): bigint =>
  charges.perpetual + charges.shortOptions + charges.nakedShort + charges.basis + charges.error;
