import { openBooks } from "./books.ts";
import { equityOf } from "./ledger.ts";
import { type MarginMethod, staticMethod } from "./methods.ts";
import { openingOf } from "./opening.ts";
import type { StaticLevels } from "./parameters.ts";
import type { ReplayInputs } from "./replay.ts";

/** Books before it is decided what they are margined with. */
export type UnmarginedInputs = Omit<ReplayInputs, "method">;

/** {ppm of a dollar} what all books deposit and bring, by the method they are margined with; the market is made once */
function capitals({ path, parameters: { house }, books }: UnmarginedInputs): (method: MarginMethod) => bigint {
  const { market, epoch } = openingOf(path, house);
  const opened = books(market);
  return (method) => {
    const { accounts } = openBooks(opened, market, epoch, house, method);
    return accounts.reduce((sum, account) => sum + equityOf(account, market), 0n);
  };
}

/** {ppm of a dollar} what all books deposit and bring under a method. */
export const capitalAt = (inputs: UnmarginedInputs, method: MarginMethod): bigint => capitals(inputs)(method);

/** {ppm} static rates are looked for up to this scale, and as finely as the second */
const GREATEST_SCALE = 10_000_000n;
const FINEST_SCALE = 500n;

/**
 * The scale at which static rates take as much capital as given of the same books, so that methods are compared by what they do
 * with it. To 500 ppm; the greatest there is where more capital is asked for.
 * @param capital {ppm of a dollar}
 * @returns {ppm}
 */
export function staticScaleFor(inputs: UnmarginedInputs, capital: bigint, rates?: StaticLevels): bigint {
  const capitalOf = capitals(inputs);
  let [low, high] = [0n, GREATEST_SCALE];
  while (high - low > FINEST_SCALE) {
    const middle = (low + high) / 2n;
    if (capitalOf(staticMethod(middle, rates)) < capital) low = middle;
    else high = middle;
  }
  return high;
}
