import { homedir } from "node:os";
import { join } from "node:path";
import {
  checkMandate,
  DECAYS,
  defaultMandate,
  LANE_COUNT,
  type Mandate,
  observedReturns,
  packObservations,
  type RiskFigures,
  riskFigures,
  unpackObservations,
  WINDOW_LENGTH,
} from "@equipoise/sdk";
import { parseTime } from "../prices/series.ts";
import { openPrices } from "../prices/source.ts";
import { windowAt } from "../prices/window.ts";
import { type CommandOption, type OptionValues, textOption, UsageWrong } from "./command.ts";
import { parseFraction, parseFractions, parseWhole } from "./fraction.ts";

/** Options that choose prices and the window's end. */
export const WINDOW_OPTIONS = {
  prices: { value: "FILE.csv|coinbase|simulated", summary: "where prices come from" },
  at: { value: "ISO", summary: "end of the window: the last prices known at that instant (default: the newest)" },
  assets: { value: "A,B,…", summary: "columns or assets to use, at most 12 (default: all of a file)" },
  seed: { value: "N", summary: "seed of --prices simulated (default 1)" },
} as const satisfies Record<string, CommandOption>;

/** Options that make a mandate. */
export const MANDATE_OPTIONS = {
  decay: {
    value: DECAYS.map(({ name }) => name).join("|"),
    summary: "weights of past observations (default ewma-0.99)",
  },
  shrinkage: {
    value: "0..1",
    summary: "correlations moved to zero: 0 equal risk contribution, 1 inverse volatility (default 0)",
  },
  budgets: { value: "a,b,…", summary: "share of risk of each asset, summing to 1 (default equal)" },
  caps: { value: "a,b,…", summary: "largest weight of each asset (default 1)" },
  "target-volatility": { value: "FRACTION", summary: "portfolio volatility aimed at, per observation (default 0.005)" },
  "max-exposure": { value: "0..1", summary: "largest share of value at risk (default 1)" },
  tolerance: { value: "PPM", summary: "largest risk-share error accepted, in ppm of total risk (default 10)" },
} as const satisfies Record<string, CommandOption>;

/** A window as the chain would hold it: twelve lanes, whatever the number of assets. */
export type ObservedWindow = {
  source: string;
  assets: readonly string[];
  /** {s} first and last price */
  from: number;
  to: number;
  /** words, oldest first */
  observations: bigint[];
  figures: RiskFigures;
};

/** What the options and the machine say about prices, wherever they come from. The clock is read here. */
export function priceOptions(values: OptionValues) {
  const seed = textOption(values, "seed");
  return {
    assets: textOption(values, "assets")
      ?.split(",")
      .map((asset) => asset.trim()),
    seed: seed === undefined ? undefined : Number(parseWhole(seed, "--seed")),
    cacheDirectory: join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "equipoise", "coinbase"),
    now: Math.floor(Date.now() / 1000),
  };
}

/** Reads prices, cuts the window and computes its risk. */
export async function windowFrom(values: OptionValues): Promise<ObservedWindow> {
  const prices = textOption(values, "prices");
  if (prices === undefined) throw new UsageWrong("--prices is missing: give FILE.csv, coinbase or simulated");
  const atText = textOption(values, "at");
  const at = atText === undefined ? undefined : parseTime(atText, "--at");
  const series = await openPrices({ prices, at, ...priceOptions(values) });
  const window = windowAt(series, at, WINDOW_LENGTH);
  const observations = packObservations(observedReturns(window.prices), LANE_COUNT);
  return {
    source: window.source,
    assets: window.assets,
    from: window.times[0] as number,
    to: window.times.at(-1) as number,
    observations,
    figures: riskFigures(unpackObservations(observations)),
  };
}

/** The mandate that options describe; what is not given is as in `defaultMandate`. */
export function mandateFrom(values: OptionValues, assets: number): Mandate {
  const mandate = defaultMandate(assets);
  const given = <T>(name: string, read: (text: string, option: string) => T, otherwise: T): T => {
    const text = textOption(values, name);
    return text === undefined ? otherwise : read(text, `--${name}`);
  };
  return checkMandate({
    ...mandate,
    decayIndex: given("decay", parseDecay, mandate.decayIndex),
    shrinkage: given("shrinkage", parseFraction, mandate.shrinkage),
    budgets: listOf(given("budgets", parseFractions, mandate.budgets), assets, "--budgets"),
    caps: listOf(given("caps", parseFractions, mandate.caps), assets, "--caps"),
    targetVolatility: given("target-volatility", parseFraction, mandate.targetVolatility),
    maxExposure: given("max-exposure", parseFraction, mandate.maxExposure),
    tolerance: given("tolerance", parseWhole, mandate.tolerance),
  });
}

/** A decay that is not on the menu. */
export class DecayUnknown extends Error {
  override name = "DecayUnknown";
  constructor(text: string) {
    super(`--decay is "${text}" and must be one of ${DECAYS.map(({ name }) => name).join(", ")}: choose one`);
  }
}

/** A list with more or fewer entries than there are assets. */
export class ListLengthMismatch extends Error {
  override name = "ListLengthMismatch";
  constructor(option: string, length: number, assets: number) {
    super(`${option} has ${length} entries for ${assets} assets: give one per asset`);
  }
}

function parseDecay(text: string): number {
  const place = DECAYS.findIndex(({ name }) => name === text);
  if (place < 0) throw new DecayUnknown(text);
  return place;
}

function listOf(list: bigint[], assets: number, option: string): bigint[] {
  if (list.length !== assets) throw new ListLengthMismatch(option, list.length, assets);
  return list;
}
