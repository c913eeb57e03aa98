import { readFileSync } from "node:fs";
import {
  ARRAY_COUNT,
  type ArrayWords,
  type CollateralTerms,
  EXPIRY_SLOTS,
  jointStates,
  MARGIN_LEVELS,
  MARGIN_TERMS,
  type MarginLevel,
  type MarginTerms,
  type Position,
  pairCount,
  type RiskArrayInputs,
  riskArrayFacts,
  SERIES_KINDS,
  SERIES_PER_ARRAY,
  type SeriesTerms,
  vacantPlace,
} from "@equipoise/sdk";
import { decimalUnits, UnitsUnreadable } from "./decimalUnits.ts";

/** A file of accounts and their market that cannot be read. */
export class AccountFileUnreadable extends Error {
  override name = "AccountFileUnreadable";
  constructor(path: string, reason: string) {
    super(
      `account file ${path} ${reason}: give a JSON file with {underlyings, correlations, multiple, terms} and account, or ` +
        "collateral and accounts, like docs/examples/account.json and accounts.json",
    );
  }
}

export type Fields = { readonly [name: string]: unknown };
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** {decimals} fractions, quantities and money of accounts are {ppm}, prices and volatilities {ppt} */
const PPM_DECIMALS = 6;
const PPT_DECIMALS = 12;
const SECONDS_PER_DAY = 86_400n;
/** What exchanges that run portfolio margin shock volatilities by. */
const SHOCKS = { up: 0.5, down: 0.25, minimumUp: 0.45 };

/** What accounts in a file are judged by. */
export type MarketFile = {
  /** all of the file */
  readonly file: Fields;
  /** by array */
  readonly names: readonly string[];
  readonly market: {
    readonly terms: MarginTerms;
    readonly jointLevels: readonly number[];
    readonly arrays: readonly ArrayWords[];
    readonly level: MarginLevel;
  };
};

/**
 * Reads a market in plain numbers. Fractions are fractions (0.15 is 15 %), money and prices are dollars.
 *
 *   underlyings   at most 4 arrays: name (the same one twice: more series of it), spot, range (three steps), volatility (per
 *                 observation, of the risk state), shocks {up, down, minimumUp}, series [{type, strike, days, volatility, basis}]
 *   correlations  of the different names, pairs i < j row major
 *   multiple      volatilities of one observation by which an underlying moves in the joint scenarios
 *   terms         the eight fractions of MARGIN_TERMS
 *   level         maintenance or initial (default)
 *   time          {s} of the market (default 0)
 *
 * @throws AccountFileUnreadable, UnitsUnreadable
 */
export function readMarketFile(path: string): MarketFile {
  const file = contentOf(path);
  const underlyings = list(file.underlyings, "underlyings", ARRAY_COUNT);
  const names = underlyings.map((entry, a) => {
    if (typeof entry.name !== "string")
      throw new UnitsUnreadable(`underlyings[${a}].name`, entry.name, "must be a text");
    return entry.name;
  });
  const assets = [...new Set(names)];
  const expiries = expirySlots(underlyings);
  const inputs = underlyings.map((entry, a) =>
    arrayOf(entry, `underlyings[${a}]`, assets.indexOf(names[a] as string), file.time ?? 0, expiries),
  );
  const volatilities = assets.map((name) => {
    const at = names.indexOf(name);
    return decimalUnits(underlyings[at]?.volatility, `underlyings[${at}].volatility`, PPM_DECIMALS, "up");
  });
  const jointLevels = jointStates({
    multiple: decimalUnits(file.multiple, "multiple", PPM_DECIMALS, "up"),
    volatilities,
    correlations: correlationsOf(file.correlations, assets.length),
    arrays: inputs.map(({ market, terms }) => ({ underlying: market.underlying, step: terms.step })),
  });
  return {
    file,
    names,
    market: {
      terms: termsOf(fields(file.terms, "terms")),
      jointLevels,
      arrays: inputs.map((array) => riskArrayFacts(array)),
      level: levelOf(file.level ?? "initial"),
    },
  };
}

/** Positions of an account: underlying (place in the list), series (place), quantity. */
export const positionsOf = (value: unknown, field: string, arrays: number): Position[] =>
  list(value ?? [], field, Number.POSITIVE_INFINITY)
    .map((position, k): Position => {
      const at = `${field}[${k}]`;
      const array = place(position.underlying, `${at}.underlying`, arrays);
      const series = place(position.series, `${at}.series`, SERIES_PER_ARRAY);
      const quantity = decimalUnits(position.quantity, `${at}.quantity`, PPM_DECIMALS);
      return { series: SERIES_PER_ARRAY * array + series, quantity };
    })
    .toSorted((one, other) => one.series - other.series);

/** What a lane of collateral counts for: price, haircut, slope (fraction of haircut for a million dollars), underlying. */
export const collateralTermsOf = (entry: Fields, field: string, arrays: number): CollateralTerms => ({
  price: decimalUnits(entry.price, `${field}.price`, PPT_DECIMALS),
  haircut: decimalUnits(entry.haircut ?? 0, `${field}.haircut`, PPM_DECIMALS, "up"),
  slope: decimalUnits(entry.slope ?? 0, `${field}.slope`, PPM_DECIMALS, "up"),
  array: entry.underlying === undefined ? undefined : place(entry.underlying, `${field}.underlying`, arrays),
});

/** {ppm of a dollar or of a token} rounded down */
export const amountOf = (value: unknown, field: string): bigint => decimalUnits(value ?? 0, field, PPM_DECIMALS);

function contentOf(path: string): Fields {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const reason = error instanceof SyntaxError ? "is not JSON" : `cannot be read (${(error as Error).message})`;
    throw new AccountFileUnreadable(path, reason);
  }
  if (!isFields(content)) throw new AccountFileUnreadable(path, "holds no object");
  return content;
}

export function fields(value: unknown, field: string): Fields {
  if (!isFields(value)) throw new UnitsUnreadable(field, value, "must be an object");
  return value;
}

export function list(value: unknown, field: string, most: number): readonly Fields[] {
  if (!Array.isArray(value) || value.length > most) {
    throw new UnitsUnreadable(field, value, `must be a list of at most ${most}`);
  }
  return value.map((entry, place) => fields(entry, `${field}[${place}]`));
}

/** A place in a list, from 0. */
function place(value: unknown, field: string, count: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= count) {
    throw new UnitsUnreadable(field, value, `must be a whole number from 0 to ${count - 1}`);
  }
  return value;
}

/** {s}, not rounded: what expires together has the same number of seconds. */
const secondsOf = (series: Fields, field: string): bigint =>
  (decimalUnits(series.days, `${field}.days`, PPM_DECIMALS) * SECONDS_PER_DAY) / 10n ** BigInt(PPM_DECIMALS);

/** Slots of the expiries of all options, soonest first; 0 is that of perpetuals. */
function expirySlots(underlyings: readonly Fields[]): ReadonlyMap<bigint, number> {
  const seconds = underlyings.flatMap((entry, a) =>
    list(entry.series, `underlyings[${a}].series`, SERIES_PER_ARRAY).flatMap((series, k) =>
      series.type === "perpetual" ? [] : [secondsOf(series, `underlyings[${a}].series[${k}]`)],
    ),
  );
  const different = [...new Set(seconds)].toSorted((one, other) => (one < other ? -1 : 1));
  if (different.length >= EXPIRY_SLOTS) {
    throw new UnitsUnreadable("series", different.length, `is more than ${EXPIRY_SLOTS - 1} different expiries`);
  }
  return new Map(different.map((expiry, at) => [expiry, at + 1]));
}

function arrayOf(
  entry: Fields,
  field: string,
  underlying: number,
  time: unknown,
  expiries: ReadonlyMap<bigint, number>,
): RiskArrayInputs {
  const spot = decimalUnits(entry.spot, `${field}.spot`, PPT_DECIMALS);
  const shocks = { ...SHOCKS, ...(entry.shocks === undefined ? {} : fields(entry.shocks, `${field}.shocks`)) };
  const fraction = (name: keyof typeof SHOCKS): bigint =>
    decimalUnits(shocks[name], `${field}.shocks.${name}`, PPM_DECIMALS, "up");
  const listed = list(entry.series, `${field}.series`, SERIES_PER_ARRAY).map((series, k) =>
    seriesOf(series, `${field}.series[${k}]`, spot, expiries),
  );
  const vacant = Array.from({ length: SERIES_PER_ARRAY - listed.length }, () => vacantPlace(spot));
  return {
    market: { spot, time: decimalUnits(time, "time", 0), underlying },
    terms: {
      version: 1n,
      step: (decimalUnits(entry.range, `${field}.range`, PPM_DECIMALS, "up") + 2n) / 3n,
      upShock: fraction("up"),
      downShock: fraction("down"),
      minimumUpVolatility: fraction("minimumUp"),
    },
    series: [...listed, ...vacant],
  };
}

function seriesOf(series: Fields, field: string, spot: bigint, expiries: ReadonlyMap<bigint, number>): SeriesTerms {
  const kind = SERIES_KINDS.find((name) => name === series.type);
  if (kind === undefined) {
    throw new UnitsUnreadable(`${field}.type`, series.type, `must be one of ${SERIES_KINDS.join(", ")}`);
  }
  const basis = decimalUnits(series.basis ?? 0, `${field}.basis`, PPM_DECIMALS);
  if (kind === "perpetual") return { ...vacantPlace(spot), basis };
  const seconds = secondsOf(series, field);
  return {
    kind,
    expirySlot: expiries.get(seconds) as number,
    basis,
    volatility: decimalUnits(series.volatility, `${field}.volatility`, PPT_DECIMALS),
    seconds,
    strike: decimalUnits(series.strike, `${field}.strike`, PPT_DECIMALS),
  };
}

/** {ppm} pairs i < j row major */
function correlationsOf(value: unknown, assets: number): bigint[] {
  const given = value ?? [];
  if (!Array.isArray(given) || given.length !== pairCount(assets)) {
    throw new UnitsUnreadable(
      "correlations",
      value,
      `must be a list of ${pairCount(assets)}, one for each pair of names`,
    );
  }
  return given.map((entry, k) => decimalUnits(entry, `correlations[${k}]`, PPM_DECIMALS));
}

const termsOf = (given: Fields): MarginTerms =>
  Object.fromEntries(
    MARGIN_TERMS.map((term) => [term, decimalUnits(given[term], `terms.${term}`, PPM_DECIMALS, "up")]),
  ) as MarginTerms;

function levelOf(value: unknown): MarginLevel {
  const level = MARGIN_LEVELS.find((name) => name === value);
  if (level === undefined) throw new UnitsUnreadable("level", value, `must be one of ${MARGIN_LEVELS.join(", ")}`);
  return level;
}
