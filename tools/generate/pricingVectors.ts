/** Shared vectors of pricing: what Solidity and circom replay of docs/clearing.md, T, B and A. Seeded, so always the same. */
import {
  callValue,
  halfVolatility,
  moneyness,
  PricingInputOutOfBounds,
  pricingTime,
  rootOf,
  type ScenarioTerms,
  type SeriesTerms,
  seriesValues,
  spotLevelOf,
  stateVolatilities,
} from "../../sdk/src/model/pricing/index.ts";
import { type RiskArrayInputs, riskArrayValues, vacantPlace } from "../../sdk/src/model/riskArray.ts";
import { type SeededDraws, seededDraws } from "../../sdk/src/model/seededDraws.ts";
import {
  exponentialOf,
  logarithmOf,
  RatioOutOfRange,
  TABLES,
  tableLimit,
  tableValue,
} from "../../sdk/src/model/tables/index.ts";
import { PPT, PRICING_BOUNDS, SERIES_KINDS, SIZES, type SizeName, TAIL_MOVES } from "../../sdk/src/protocol.ts";
import {
  packMarket,
  packScenarioTerms,
  packSeriesTerms,
  packSeriesValues,
  seriesLeafOf,
} from "../../sdk/src/statements/arrayWords.ts";
import { riskArrayFacts, riskArrayStatement } from "../../sdk/src/statements/riskArray.ts";
import { linedText } from "./linedText.ts";

const NOTE = "written by tools/generate/pricingVectors.ts; integers are decimal strings";
const PRICE_COUNT = 10_000;
const SERIES_COUNT = 40;
const MINUTE = 60;
const DAY = 86_400;

/** Between both, evenly in the logarithm. */
const spread = ({ uniform }: SeededDraws, minimum: number, maximum: number): bigint =>
  BigInt(Math.floor(minimum * (maximum / minimum) ** uniform()));

const between = ({ uniform }: SeededDraws, minimum: bigint, maximum: bigint): bigint =>
  minimum + (BigInt(Math.floor(uniform() * 2 ** 32)) * (maximum - minimum + 1n)) / 2n ** 32n;

/** {ppt} a price times a factor {1} */
const scaled = (price: bigint, factor: number): bigint => (price * BigInt(Math.round(factor * 1e12))) / PPT;

function tables() {
  const draws = seededDraws(301);
  const probes = TABLES.map((table) => {
    const limit = tableLimit(table);
    const width = limit / 32n;
    const at = [
      0n,
      1n,
      width - 1n,
      width,
      limit - 1n,
      ...Array.from({ length: 59 }, () => between(draws, 0n, limit - 1n)),
    ];
    return { table, arguments: at, values: at.map((argument) => tableValue(table, argument)) };
  });
  const ratios: [bigint, bigint][] = [
    [1n, 1024n],
    [1n, 1n],
    [1023n, 1n],
    [PPT - 1n, PPT],
    [2n ** 40n - 1n, 2n ** 40n],
    ...Array.from({ length: 195 }, (): [bigint, bigint] => {
      const divisor = spread(draws, 1e6, 1e15);
      return [scaled(divisor, 2 ** (19.9 * draws.uniform() - 9.95)), divisor];
    }),
  ];
  const exponents = Array.from({ length: 64 }, () => between(draws, -3n << 24n, (5n << 24n) - 1n));
  return {
    probes,
    logarithm: {
      dividend: ratios.map(([dividend]) => dividend),
      divisor: ratios.map(([, divisor]) => divisor),
      value: ratios.map(([dividend, divisor]) => logarithmOf(dividend, divisor)),
    },
    exponential: { exponent: exponents, value: exponents.map(exponentialOf) },
  };
}

/** A price that somebody could quote. */
const anySpot = (draws: SeededDraws): bigint => spread(draws, 1e8, 1e19);

type PriceInputs = Record<"spot" | "strike" | "basis" | "volatility" | "seconds" | "level", bigint>;

/** Two in three as markets are, the others from all that the bounds allow. */
function priceInputs(draws: SeededDraws): PriceInputs {
  const spot = anySpot(draws);
  if (draws.uniform() < 2 / 3) {
    return {
      spot,
      strike: scaled(spot, Math.exp(0.4 * draws.normal())),
      basis: BigInt(draws.integer(-30_000, 60_000)),
      volatility: spread(draws, 0.1e12, 2e12),
      seconds: spread(draws, 60 * MINUTE, 365 * DAY),
      level: BigInt(draws.integer(600_000, 1_600_000)),
    };
  }
  const [leastBasis, greatestBasis] = PRICING_BOUNDS.basis;
  const tail = TAIL_MOVES[draws.integer(0, TAIL_MOVES.length - 1)] as bigint;
  return {
    spot,
    strike: scaled(spot, 2 ** (19 * draws.uniform() - 9.5)),
    basis: between(draws, leastBasis, greatestBasis),
    volatility: draws.uniform() < 0.02 ? 0n : spread(draws, 1e9, 16e12),
    seconds: spread(draws, Number(PRICING_BOUNDS.seconds[0]), Number(PRICING_BOUNDS.seconds[1])),
    level: draws.uniform() < 0.5 ? 1_000_000n + tail : BigInt(draws.integer(400_000, 1_600_000)),
  };
}

/** V of B-5, exact, of one option in one state. */
const priceOf = ({ spot, strike, basis, volatility, seconds, level }: PriceInputs): bigint =>
  callValue(moneyness(spot, strike, basis), spotLevelOf(level), halfVolatility(volatility, rootOf(seconds)));

function prices() {
  const draws = seededDraws(302);
  const rows = Array.from({ length: PRICE_COUNT }, () => {
    const inputs = priceInputs(draws);
    return { ...inputs, value: priceOf(inputs) };
  });
  const names = ["spot", "strike", "basis", "volatility", "seconds", "level", "value"] as const;
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));
}

const anyTerms = (draws: SeededDraws): ScenarioTerms => ({
  version: BigInt(draws.integer(1, 9)),
  step: BigInt(draws.integer(20_000, 120_000)),
  upShock: BigInt(draws.integer(300_000, 700_000)),
  downShock: BigInt(draws.integer(200_000, 400_000)),
  minimumUpVolatility: BigInt(draws.integer(0, 500_000)),
});

function anySeries(draws: SeededDraws, spot: bigint, place: number): SeriesTerms {
  const kind = SERIES_KINDS[place % SERIES_KINDS.length] as SeriesTerms["kind"];
  return {
    kind,
    expirySlot: kind === "perpetual" ? 0 : draws.integer(1, 7),
    basis: BigInt(draws.integer(-20_000, 40_000)),
    volatility: spread(draws, 0.2e12, 2e12),
    seconds: spread(draws, MINUTE, 500 * DAY),
    strike: scaled(spot, Math.exp(0.3 * draws.normal())),
  };
}

/** Ends of the bounds, and states that meet every branch of B. */
function extremeSeries(spot: bigint): [SeriesTerms, ScenarioTerms][] {
  const terms: ScenarioTerms = {
    version: 1n,
    step: 66_667n,
    upShock: 450_000n,
    downShock: 300_000n,
    minimumUpVolatility: 300_000n,
  };
  const series: SeriesTerms = {
    kind: "call",
    expirySlot: 1,
    basis: 0n,
    volatility: 600_000_000_000n,
    seconds: 30n * 86_400n,
    strike: spot,
  };
  const [shortest, longest] = PRICING_BOUNDS.seconds;
  return [
    [series, terms],
    [{ ...series, kind: "put" }, terms],
    [{ ...series, seconds: shortest, volatility: 1n }, terms],
    [
      { ...series, seconds: shortest, kind: "put", strike: spot + 1n },
      { ...terms, downShock: 1_000_000n },
    ],
    [
      { ...series, seconds: longest, volatility: PRICING_BOUNDS.volatility[1] },
      { ...terms, upShock: 1_000_000n },
    ],
    [
      { ...series, seconds: 30n * 86_400n + 1n, strike: spot * 2n },
      { ...terms, step: PRICING_BOUNDS.step[1] },
    ],
    [
      { ...series, seconds: 86_400n, strike: spot / 2n, basis: PRICING_BOUNDS.basis[1] },
      { ...terms, step: 1n },
    ],
    [{ ...series, strike: spot * 1000n, kind: "put", basis: PRICING_BOUNDS.basis[0] / 250n }, terms],
    [{ ...series, strike: spot / 1000n, kind: "put" }, terms],
    [
      { ...series, volatility: 1n },
      { ...terms, upShock: 0n, downShock: 0n, minimumUpVolatility: 0n },
    ],
  ];
}

function wholeSeries() {
  const draws = seededDraws(303);
  const extremes = extremeSeries(61_234_567_890_123_456n);
  const drawn = Array.from({ length: SERIES_COUNT - extremes.length }, (_, place) => {
    const spot = anySpot(draws);
    return { spot, series: anySeries(draws, spot, place), terms: anyTerms(draws) };
  });
  const cases = [...extremes.map(([series, terms]) => ({ spot: 61_234_567_890_123_456n, series, terms })), ...drawn];
  return cases.map(({ spot, series, terms }) => {
    const values = seriesValues(spot, series, terms);
    const option = series.kind !== "perpetual" && moneyness(spot, series.strike, series.basis);
    const time = pricingTime(series.seconds);
    const valueWords = packSeriesValues(values);
    const seriesTerms = packSeriesTerms(series);
    return {
      market: packMarket({ spot, time: 1_700_000_000n, underlying: 3 }),
      scenarioTerms: packScenarioTerms(terms),
      seriesTerms,
      seriesValues: valueWords,
      leaf: seriesLeafOf(seriesTerms, valueWords),
      inputs: { spot, ...series, ...terms },
      ...values,
      /** what lies between; nothing of it for a perpetual */
      ...(option && {
        logarithm: option.logarithm,
        time,
        volatilities: stateVolatilities(series.volatility, option.logarithm, time, terms),
      }),
    };
  });
}

/** An array of a size, its last place vacant. */
export function exampleArray(size: SizeName): RiskArrayInputs {
  const draws = seededDraws(304);
  const spot = 61_234_567_890_123_456n;
  const places = SIZES[size].series;
  const listed = Array.from({ length: places - (places > 2 ? 1 : 0) }, (_, place) => anySeries(draws, spot, place + 1));
  return {
    market: { spot, time: 1_700_000_000n, underlying: 0 },
    terms: anyTerms(draws),
    series: places > 2 ? [...listed, vacantPlace(spot)] : listed,
  };
}

const arrays = () =>
  (Object.keys(SIZES) as SizeName[]).map((size) => {
    const inputs = exampleArray(size);
    const facts = riskArrayFacts(inputs, SIZES[size]);
    const { words, commitment, challenge, evaluation } = riskArrayStatement(facts, SIZES[size]);
    const marks = riskArrayValues(inputs, SIZES[size]).map(({ mark }) => mark);
    return { size, words, commitment, challenge, evaluation, marks };
  });

/** Words of a series that no array prices, and the error that says so. */
function refused() {
  const spot = 61_234_567_890_123_456n;
  const [[series, terms]] = extremeSeries(spot) as [[SeriesTerms, ScenarioTerms]];
  const changes: Partial<SeriesTerms & ScenarioTerms>[] = [
    { seconds: 59n },
    { seconds: 1n << 26n },
    { volatility: 0n },
    { basis: -250_001n },
    { strike: 0n },
    { step: 200_001n },
    { strike: spot * 1025n },
    { strike: spot / 1025n },
  ];
  return changes.map((change) => {
    const changed = { ...series, ...change };
    const changedTerms = { ...terms, ...change };
    let error: string | undefined;
    try {
      seriesValues(spot, changed, changedTerms);
    } catch (thrown) {
      if (!(thrown instanceof PricingInputOutOfBounds || thrown instanceof RatioOutOfRange)) throw thrown;
      error = thrown.name;
    }
    if (error === undefined) throw new Error(`a series beyond the bounds has values: ${Object.keys(change)}`);
    return { seriesTerms: packSeriesTerms(changed), scenarioTerms: packScenarioTerms(changedTerms), error };
  });
}

/** Path from the repository's root → text. */
export const pricingVectorFiles = (): Map<string, string> =>
  new Map([
    ["test/vectors/tables.json", linedText({ note: NOTE, ...tables() })],
    ["test/vectors/pricing.json", linedText({ note: NOTE, ...prices() })],
    [
      "test/vectors/risk-array.json",
      linedText({ note: NOTE, series: wholeSeries(), refused: refused(), arrays: arrays() }),
    ],
  ]);
