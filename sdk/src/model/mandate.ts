import { packLanes, unpackLanes } from "../lanes.ts";
import {
  DECAYS,
  DEFAULT_TOLERANCE,
  LANE_COUNT,
  MIN_TOLERANCES_PER_BUDGET,
  PPM,
  TERM_BOUNDS,
  TERMS,
  type Term,
} from "../protocol.ts";
import { BudgetsLengthMismatch, BudgetsNotOne, CapsLengthMismatch, CapsNotReachable } from "./riskBudgetingInput.ts";

/** The rules a vault follows. */
export type Mandate = {
  /** counts mandates of a vault up from 1 */
  version: bigint;
  /** place in DECAYS */
  decayIndex: number;
  /** {ppm} δ: 0 is equal risk contribution, 10⁶ inverse volatility */
  shrinkage: bigint;
  /** {ppm} upper bound of exposure; above 10⁶ only for a vault with a desk in a clearing house */
  maxExposure: bigint;
  /** {ppm per observation} */
  targetVolatility: bigint;
  /** {ppm of total risk} largest error of a risk contribution */
  tolerance: bigint;
  /** {ppm of value} drift of one lane that opens a rebalance */
  driftBand: bigint;
  /** {ppm} k of the auction's price range mark · (1 ± k·σ·√length) */
  priceRangeMultiple: bigint;
  /** {ppm} the range is never wider than this, on either side */
  maxPriceRange: bigint;
  /** {ppm of value} what one rebalance may trade of one lane */
  maxTrade: bigint;
  /** {ppm} one per asset, sum to 10⁶ */
  budgets: bigint[];
  /** {ppm} one per asset, largest weight */
  caps: bigint[];
};

/** Words a vault stores. */
export type MandateWords = { terms: bigint; budgets: bigint; caps: bigint };

/** A term, budget or cap outside the values it may have. */
export class MandateTermOutOfRange extends Error {
  override name = "MandateTermOutOfRange";
  constructor(term: string, value: bigint | number, minimum: bigint | number, maximum: bigint | number) {
    super(`${term} of the mandate is ${value} and must be ${minimum} to ${maximum}: choose a value in that range`);
  }
}

/** More assets than a word has lanes, or none. */
export class AssetCountOutOfRange extends Error {
  override name = "AssetCountOutOfRange";
  constructor(assets: number) {
    super(`${assets} assets; a mandate has 1 to ${LANE_COUNT}: list that many`);
  }
}

/** A budget so small against the tolerance that a proof would not bind the asset's weight. */
export class BudgetBelowTolerances extends Error {
  override name = "BudgetBelowTolerances";
  constructor(asset: number, budget: bigint, minimum: bigint) {
    super(
      `budget ${asset} is ${budget} ppm and must be 0 or at least ${minimum} ppm, ${MIN_TOLERANCES_PER_BUDGET} tolerances: raise it, or lower the tolerance`,
    );
  }
}

/**
 * Equal budgets without caps, the slowest exponential decay, and terms that suit hourly observations.
 * @param assets 1 to 12; budgets that do not divide evenly give the first assets one ppm more
 */
export function defaultMandate(assets: number): Mandate {
  if (!Number.isInteger(assets) || assets < 1 || assets > LANE_COUNT) throw new AssetCountOutOfRange(assets);
  const count = BigInt(assets);
  return {
    version: 1n,
    decayIndex: DECAYS.findIndex(({ name }) => name === "ewma-0.99"),
    shrinkage: 0n,
    maxExposure: PPM,
    targetVolatility: 5_000n /* 0.5 % per observation */,
    tolerance: DEFAULT_TOLERANCE,
    driftBand: 20_000n /* 2 % */,
    priceRangeMultiple: 2_000_000n /* two standard deviations */,
    maxPriceRange: 50_000n /* 5 % */,
    maxTrade: 250_000n /* 25 % */,
    budgets: Array.from({ length: assets }, (_, i) => PPM / count + (BigInt(i) < PPM % count ? 1n : 0n)),
    caps: Array.from({ length: assets }, () => PPM),
  };
}

/** Throws the first thing that is wrong with a mandate; returns it when nothing is. */
export function checkMandate(mandate: Mandate): Mandate {
  const assets = mandate.budgets.length;
  if (assets < 1 || assets > LANE_COUNT) throw new AssetCountOutOfRange(assets);
  if (mandate.caps.length !== assets) throw new CapsLengthMismatch(mandate.caps.length, assets);
  if (!Number.isInteger(mandate.decayIndex)) {
    throw new MandateTermOutOfRange("decayIndex", mandate.decayIndex, 0, DECAYS.length - 1);
  }
  for (const term of TERMS) {
    const [minimum, maximum] = TERM_BOUNDS[term];
    const value = BigInt(mandate[term]);
    if (value < minimum || value > maximum) throw new MandateTermOutOfRange(term, value, minimum, maximum);
  }
  mandate.budgets.forEach((budget, i) => {
    if (budget < 0n || budget > PPM) throw new MandateTermOutOfRange(`budget ${i}`, budget, 0n, PPM);
    const minimum = MIN_TOLERANCES_PER_BUDGET * mandate.tolerance;
    if (budget > 0n && budget < minimum) throw new BudgetBelowTolerances(i, budget, minimum);
  });
  mandate.caps.forEach((cap, i) => {
    if (cap < 0n || cap > PPM) throw new MandateTermOutOfRange(`cap ${i}`, cap, 0n, PPM);
  });
  const sum = mandate.budgets.reduce((total, budget) => total + budget, 0n);
  if (sum !== PPM) throw new BudgetsNotOne(`${sum} ppm`, `${PPM} ppm`);
  const room = mandate.caps.reduce((total, cap, i) => total + ((mandate.budgets[i] as bigint) > 0n ? cap : 0n), 0n);
  if (room < PPM) throw new CapsNotReachable(`${room} ppm`, `${PPM} ppm`);
  return mandate;
}

/** The three words of a valid mandate; lanes of assets it does not list hold budget 0 and cap 0. */
export function packMandate(mandate: Mandate): MandateWords {
  checkMandate(mandate);
  return {
    terms: packLanes(TERMS.map((term) => BigInt(mandate[term]))),
    budgets: packLanes(mandate.budgets),
    caps: packLanes(mandate.caps),
  };
}

/**
 * The mandate behind three words.
 * @param assets how many lanes to read; more than the mandate lists give assets of budget 0
 */
export function unpackMandate(words: MandateWords, assets: number = LANE_COUNT): Mandate {
  const lanes = unpackLanes(words.terms);
  const term = (name: Term): bigint => lanes[TERMS.indexOf(name)] as bigint;
  const budgets = unpackLanes(words.budgets);
  if (budgets.slice(assets).some((budget) => budget !== 0n)) {
    throw new BudgetsLengthMismatch(budgets.findLastIndex((budget) => budget !== 0n) + 1, assets);
  }
  return checkMandate({
    version: term("version"),
    decayIndex: Number(term("decayIndex")),
    shrinkage: term("shrinkage"),
    maxExposure: term("maxExposure"),
    targetVolatility: term("targetVolatility"),
    tolerance: term("tolerance"),
    driftBand: term("driftBand"),
    priceRangeMultiple: term("priceRangeMultiple"),
    maxPriceRange: term("maxPriceRange"),
    maxTrade: term("maxTrade"),
    budgets: budgets.slice(0, assets),
    caps: unpackLanes(words.caps).slice(0, assets),
  });
}
