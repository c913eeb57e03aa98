import { black76 } from "../options.ts";
import type { StressBook, StressForward, StressOption } from "./layout.ts";

/** {s} as exchanges count it: 365 days */
const YEAR_SECONDS = 365 * 86_400;

/** Options that expire at a time for which the book has no forward. */
export class ForwardMissing extends Error {
  override name = "ForwardMissing";
  constructor(option: number, seconds: number, known: readonly number[]) {
    super(
      `option ${option} expires in ${seconds} s and the forwards in ${known.join(", ") || "none"}: give one forward per expiry`,
    );
  }
}

/** Two forwards for one expiry. */
export class ForwardRepeated extends Error {
  override name = "ForwardRepeated";
  constructor(seconds: number, count: number) {
    super(`${count} forwards expire in ${seconds} s and there may be 1: remove the others`);
  }
}

/** Perpetuals whose price is 0. */
export class PerpetualPriceMissing extends Error {
  override name = "PerpetualPriceMissing";
  constructor(amount: number, price: number) {
    super(`the price of ${amount} perpetuals is ${price} and must be above 0: give the price they are marked at`);
  }
}

/** The options of a book that expire together. */
export type StressExpiry = {
  /** {s} */
  readonly seconds: number;
  readonly years: number;
  readonly forward: StressForward;
  readonly options: readonly StressOption[];
  /** {1} of its options: what one at expiry is worth today */
  readonly leastDiscount: number;
  /** {money} as things are */
  readonly value: number;
};

/** {money} of an expiry with its forward multiplied and its volatilities changed */
export function expiryValue(
  { options, forward, years }: Pick<StressExpiry, "options" | "forward" | "years">,
  level: number,
  volatilityOf = (volatility: number, _logMoneyness: number): number => volatility,
): number {
  return options.reduce((sum, { type, strike, amount, volatility, discount }) => {
    const logMoneyness = Math.log(strike / forward.forward);
    const { price } = black76({
      type,
      strike,
      forward: forward.forward * level,
      volatility: volatilityOf(volatility, logMoneyness),
      years,
      discount,
    });
    return sum + amount * price;
  }, 0);
}

/**
 * The expiries of a book, soonest first; a forward without options is none.
 * @throws ForwardMissing, ForwardRepeated, PerpetualPriceMissing
 */
export function expiriesOf({ options, forwards, perpetuals }: StressBook): StressExpiry[] {
  if (perpetuals.amount !== 0 && perpetuals.price === 0) {
    throw new PerpetualPriceMissing(perpetuals.amount, perpetuals.price);
  }
  const times = forwards.map(({ secondsToExpiry }) => secondsToExpiry);
  options.forEach(({ secondsToExpiry }, i) => {
    const count = times.filter((seconds) => seconds === secondsToExpiry).length;
    if (count === 0) throw new ForwardMissing(i, secondsToExpiry, times);
    if (count > 1) throw new ForwardRepeated(secondsToExpiry, count);
  });
  return [...forwards]
    .sort((a, b) => a.secondsToExpiry - b.secondsToExpiry)
    .flatMap((forward) => {
      const seconds = forward.secondsToExpiry;
      const own = options.filter(({ secondsToExpiry }) => secondsToExpiry === seconds);
      if (own.length === 0) return [];
      const expiry = { seconds, years: seconds / YEAR_SECONDS, forward, options: own };
      const leastDiscount = Math.min(...own.map(({ discount }) => discount));
      return [{ ...expiry, leastDiscount, value: expiryValue(expiry, 1) }];
    });
}

/**
 * {contracts} short options that nothing at their strike covers: a long call and a short put there are a forward, and so
 * are a short call and a long put.
 */
export function nakedShorts({ options }: StressExpiry): number {
  const net = new Map<number, number>();
  for (const { strike, amount } of options) net.set(strike, (net.get(strike) ?? 0) + amount);
  return [...net.values()].reduce((sum, amount) => sum + Math.max(0, -amount), 0);
}
