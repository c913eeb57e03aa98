/**
 * Every constant that two languages must agree on, once. `npm run generate` writes `contracts/generated/Protocol.sol`
 * and `circuits/generated/protocol.circom` from this file; `npm run check` fails when they have drifted.
 *
 * Units: {ppm} = 10⁻⁶, {D18} = 10⁻¹⁸, {s} seconds. All integers are exact.
 */

/** Order of the BN254 scalar field, r. */
export const FIELD_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** {bits} of one lane. */
export const LANE_BITS = 21;
/** Lanes of a word, and so the most assets of a log. */
export const LANE_COUNT = 12;
/** A lane word is below this, and so below the field modulus: its lanes are unique. */
export const WORD_LIMIT = 1n << BigInt(LANE_BITS * LANE_COUNT);
/** A lane is below this. */
export const LANE_LIMIT = 1n << BigInt(LANE_BITS);

/** {ppm} one, the only unit in lanes. */
export const PPM = 1_000_000n;
/** {1} one wad, the unit of money and prices. */
export const WAD = 10n ** 18n;

/** A signed lane holds value + SIGNED_OFFSET. */
export const SIGNED_OFFSET = 1n << BigInt(LANE_BITS - 1);
/** {ppm} larger moves saturate here, on both sides. */
export const MAX_RETURN = SIGNED_OFFSET - 1n;

/**
 * Numbers of more than one lane, the lowest first. A pair {ppt} and a quad {ppt} count in 10⁻¹², a triple {ppm} in 10⁻⁶;
 * a signed one holds value + half of its range.
 */
export const PAIR_LANES = 2;
/** Lanes of a quantity or an amount of money: docs/clearing.md, N-1. */
export const TRIPLE_LANES = 3;
/** Lanes of a price: docs/clearing.md, N-1. */
export const QUAD_LANES = 4;
/** {ppt} one */
export const PPT = PPM * PPM;

/** Observations in the window of a risk state. */
export const WINDOW_LENGTH = 240;

/**
 * The decay menu. A decay is a vector a[0..T) of integers, oldest first: round(2¹⁶ · λ^(T−1−t)), half up, for the
 * exponentially weighted ones and 1 for the flat one. A mandate names a decay by its place in this list; the
 * volatilities and correlations of a risk state are those of the first.
 */
export const DECAYS = [
  { name: "ewma-0.94", numerator: 94n, denominator: 100n },
  { name: "ewma-0.97", numerator: 97n, denominator: 100n },
  { name: "ewma-0.99", numerator: 99n, denominator: 100n },
  { name: "flat", numerator: 1n, denominator: 1n },
] as const;
/** How fast a risk state forgets, by the name of `DECAYS`. */
export type DecayName = (typeof DECAYS)[number]["name"];
const DECAY_SCALE = 1n << 16n;

/**
 * Weights a[t] of a decay over a window, oldest first.
 * @param decayIndex place in {@link DECAYS}
 * @param windowLength number of observations T
 * @returns T integers
 */
export function decayWeights(decayIndex: number, windowLength: number = WINDOW_LENGTH): bigint[] {
  const decay = DECAYS[decayIndex];
  if (decay === undefined) throw new RangeError(`decay ${decayIndex} is not one of 0..${DECAYS.length - 1}`);
  return Array.from({ length: windowLength }, (_, t) => {
    if (decay.numerator === decay.denominator) return 1n;
    const age = BigInt(windowLength - 1 - t);
    const numerator = DECAY_SCALE * decay.numerator ** age;
    const denominator = decay.denominator ** age;
    return (2n * numerator + denominator) / (2n * denominator);
  });
}

/** A = Σ a[t], what divides a covariance triangle of that decay to give ppm². */
export function decaySum(decayIndex: number, windowLength: number = WINDOW_LENGTH): bigint {
  return decayWeights(decayIndex, windowLength).reduce((sum, weight) => sum + weight, 0n);
}

/** Elements the sponge absorbs with one permutation; its capacity is one element more. */
export const SPONGE_RATE = 16;

/**
 * What a sponge commits to. The capacity starts as domain · 2³² + length, so that neither statements of another
 * kind nor arrays of another length can share a commitment.
 */
export const DOMAINS = {
  covarianceStatement: 1,
  parityStatement: 2,
  riskArrayStatement: 3,
  marginStatement: 4,
  solvencyStatement: 5,
  covarianceTriangle: 17,
  series: 18,
  riskArray: 19,
} as const;
/** What a sponge commits to: commitments of different domains never collide. */
export type Domain = keyof typeof DOMAINS;

/** Order of a circuit's public inputs, whatever the circuit. */
export const PUBLIC_INPUTS = ["commitment", "challenge", "evaluation"] as const;

/** Lanes of the word `terms` of a mandate. Those after `tolerance` bind the vault only, not the circuit. */
export const TERMS = [
  /** counts mandates of a vault up from 1 */
  "version",
  /** place in DECAYS */
  "decayIndex",
  /** {ppm} δ: 0 is equal risk contribution, 10⁶ inverse volatility */
  "shrinkage",
  /** {ppm} upper bound of exposure; above 10⁶ only for a vault with a desk in a clearing house */
  "maxExposure",
  /** {ppm per observation} */
  "targetVolatility",
  /** {ppm of total risk} largest error of a risk contribution */
  "tolerance",
  /** {ppm of value} drift of one lane that opens a rebalance */
  "driftBand",
  /** {ppm} k of the auction's price range mark · (1 ± k·σ·√length) */
  "priceRangeMultiple",
  /** {ppm} the range is never wider than this, on either side */
  "maxPriceRange",
  /** {ppm of value} what one rebalance may trade of one lane */
  "maxTrade",
] as const;
/** A lane of a mandate's `terms` by its name. */
export type Term = (typeof TERMS)[number];

/** Lanes of the word `portfolio` of an allocation. */
export const PORTFOLIO = [
  /** {ppm per observation} */
  "portfolioVolatility",
  /** {ppm} */
  "exposure",
] as const;

/**
 * Least and greatest value of each term of a mandate. The tolerance ends where the range checks of the parity circuit
 * do; the price range and the drift band bound what a governor could give away through auctions.
 */
export const TERM_BOUNDS: Readonly<Record<Term, readonly [minimum: bigint, maximum: bigint]>> = {
  version: [1n, LANE_LIMIT - 1n],
  decayIndex: [0n, BigInt(DECAYS.length) - 1n],
  shrinkage: [0n, PPM],
  maxExposure: [0n, 2n * PPM /* 200 % */],
  targetVolatility: [1n, LANE_LIMIT - 1n],
  tolerance: [1n, 1_000n /* 0.1 % */],
  driftBand: [100n /* 0.01 % */, 250_000n /* 25 % */],
  priceRangeMultiple: [1n, LANE_LIMIT - 1n],
  maxPriceRange: [1n, 200_000n /* 20 % */],
  maxTrade: [1n, PPM],
};

/** {ppm of total risk} */
export const DEFAULT_TOLERANCE = 10n;
/**
 * {1} A budget that is not 0 is at least this many tolerances. The tolerance is of total risk, so an asset with a budget
 * below it could be given any weight.
 */
export const MIN_TOLERANCES_PER_BUDGET = 100n;

/** C of the parity circuit: risks are compared after total risk has been brought to [C, 2C). */
export const NORMALISED_TOTAL = 1n << 131n;
/** {C} what κ is counted in there: 2⁻³⁰ of total risk for a budget of one, a thousandth of a ppm. */
export const KAPPA_UNIT = NORMALISED_TOTAL >> 30n;

/** Arrays of a clearing house, sixteen series each. */
export const ARRAY_COUNT = 4;
/** {ppm} spot moves of the tail states, in which volatility is up and profit is dampened */
export const TAIL_MOVES = [
  -660_000n,
  -330_000n,
  500_000n,
  1_000_000n,
  2_000_000n,
  3_000_000n,
  4_000_000n,
  5_000_000n,
] as const;
/** Steps to either side of the unchanged spot; three steps are the price range. */
export const SPOT_STEPS = 3;
/** Which way volatility goes in a state: docs/clearing.md, A-2. */
export const VOLATILITY_SHOCKS = ["down", "static", "up"] as const;
/** Changes of the volatility smile at an unchanged spot. */
export const SKEWS = ["linear", "absolute"] as const;
/** Regular states (spot level by volatility), tails, skews: docs/clearing.md, A-2. */
export const STATE_COUNT = (2 * SPOT_STEPS + 1) * VOLATILITY_SHOCKS.length + TAIL_MOVES.length + SKEWS.length;
/** {s} */
export const YEAR = 31_536_000n;

/** Lanes of `scenarioTerms`. Shocks are {ppm of a volatility} at 30 days. */
export const SCENARIO_TERMS = ["version", "step", "upShock", "downShock", "minimumUpVolatility"] as const;
/** What `market` holds: a quad {ppt of a dollar}, a pair {s}, a lane (the underlying's lane in the observation log). */
export const MARKET = { spot: 0, time: QUAD_LANES, underlying: QUAD_LANES + PAIR_LANES } as const;
/** What a series can be, by its number in a word. */
export const SERIES_KINDS = ["perpetual", "call", "put"] as const;
/** A call, a put or a perpetual. */
export type SeriesKind = (typeof SERIES_KINDS)[number];
/**
 * First lanes in `seriesTerms`: kind, expiry slot (0 for perpetuals; series with the same slot expire together), basis
 * {ppm, signed}, then volatility {pair, ppt per √year}, seconds to expiry {pair}, strike {quad}.
 */
export const SERIES_TERMS = { kind: 0, expirySlot: 1, basis: 2, volatility: 3, seconds: 5, strike: 7 } as const;
/** Expiries that the series of one array can have between them. */
export const EXPIRY_SLOTS = 8;
/**
 * What pricing covers, both ends included: docs/clearing.md, B. The forward is also within 2⁻¹⁰ and 2¹⁰ strikes. Risk
 * arrays of words outside have no proof.
 */
export const PRICING_BOUNDS = {
  /** {ppm of spot} forward less spot */
  basis: [-250_000n, 250_000n],
  /** {ppt per √year} */
  volatility: [1n, (1n << BigInt(PAIR_LANES * LANE_BITS)) - 1n],
  /** {s} */
  seconds: [60n, (1n << 26n) - 1n],
  /** {ppm} a third of the price range */
  step: [1n, 200_000n],
  /** {ppm of a volatility} at 30 days */
  upShock: [0n, PPM],
} as const satisfies Record<string, readonly [minimum: bigint, maximum: bigint]>;
/** Signed pairs of a series' values: its states, then these. Six to a word. */
export const SERIES_FIGURES = ["mark", "delta", "gamma", "vega", "errorBound"] as const;
const PAIRS_PER_WORD = LANE_COUNT / PAIR_LANES;
/** Words of one series' values in an array's statement. */
export const SERIES_VALUE_WORDS = (STATE_COUNT + SERIES_FIGURES.length) / PAIRS_PER_WORD;

/** A lane for the series plus one, and a signed triple for the quantity. */
export const POSITIONS_PER_WORD = LANE_COUNT / (1 + TRIPLE_LANES);
/** Sensitivities of an account, in the order of its statement. */
export const GREEKS = ["delta", "gamma", "vega"] as const;
/** Requirements of an account: below the first it is liquidated, the second is what opening takes. */
export const MARGIN_LEVELS = ["maintenance", "initial"] as const;
/** Which requirement. */
export type MarginLevel = (typeof MARGIN_LEVELS)[number];
/** Lanes of `marginTerms` {ppm}: of the worst loss, or of the spot value of what is charged. */
export const MARGIN_TERMS = [
  "maintenanceLossFactor",
  "initialLossFactor",
  "maintenancePerpetual",
  "initialPerpetual",
  "maintenanceNakedShort",
  "initialNakedShort",
  "shortOptionMinimum",
  "basis",
] as const;
/** A lane of `marginTerms` by its name. */
export type MarginTerm = (typeof MARGIN_TERMS)[number];

/**
 * Where each kind of scenario starts (docs/clearing.md, G-4): alone 31 a + s, together s, joint 3 (4 sign + a) + volatility,
 * joint with correlation one 3 sign + volatility.
 */
export const SCENARIOS = {
  alone: 0,
  together: ARRAY_COUNT * STATE_COUNT,
  joint: (ARRAY_COUNT + 1) * STATE_COUNT,
  jointOne: (ARRAY_COUNT + 1) * STATE_COUNT + 2 * ARRAY_COUNT * VOLATILITY_SHOCKS.length,
} as const;
/** Where a scenario's states come from: one underlying alone, all together, or jointly by their correlations. */
export type ScenarioKind = keyof typeof SCENARIOS;
/** Scenarios of one account: docs/clearing.md, G-4. */
export const SCENARIO_COUNT = SCENARIOS.jointOne + 2 * VOLATILITY_SHOCKS.length;

/** First lanes in `result`: equity {signed triple}, both requirements {triples}, level, healthy. */
export const MARGIN_RESULT = { equity: 0, maintenanceMargin: 3, initialMargin: 6, level: 9, healthy: 10 } as const;
/** First lanes in `totals`, sums over accounts: equity {signed triple}, both requirements and the shortfall {triples}. */
export const SOLVENCY_TOTALS = { equity: 0, maintenanceMargin: 3, initialMargin: 6, shortfall: 9 } as const;

/** Shapes a circuit is compiled in, windows in whole sponge blocks. `small` serves the fast tests, never deployed. */
export const SIZES = {
  full: { assets: LANE_COUNT, windowLength: WINDOW_LENGTH, series: 16, positions: 16, accounts: 4, heldSeries: 24 },
  small: { assets: 3, windowLength: 16, series: 2, positions: 3, accounts: 2, heldSeries: 4 },
} as const;
/** The sizes circuits are made in: `full` is deployed, `small` is for quick tests. */
export type SizeName = keyof typeof SIZES;
/**
 * assets and windowLength of risk states, series of one array, positions of one account; accounts of one proof of solvency and
 * the different series that they may hold together, at least as many as positions
 */
export type Size = {
  readonly assets: number;
  readonly windowLength: number;
  readonly series: number;
  readonly positions: number;
  readonly accounts: number;
  readonly heldSeries: number;
};

/** Entries of the upper triangle of an assets × assets matrix, diagonal included. */
export const triangleLength = (assets: number): number => (assets * (assets + 1)) / 2;
/** Pairs i < j. */
export const pairCount = (assets: number): number => (assets * (assets - 1)) / 2;
/** Words that hold the correlations of all pairs, one lane each. */
export const correlationWordCount = (assets: number): number => Math.ceil(pairCount(assets) / LANE_COUNT);

/** Words of an account: positions, cash, collateral. */
export const accountLength = (size: Size): number => Math.ceil(size.positions / POSITIONS_PER_WORD) + 1 + TRIPLE_LANES;

/** Words that every account of an epoch is judged by. */
const MARGIN_MARKET_WORDS = [
  { name: "collateralPrices", count: QUAD_LANES, kind: "lanes" },
  { name: "collateralHaircuts", count: 1, kind: "lanes" },
  { name: "collateralSlopes", count: 1, kind: "lanes" },
  { name: "collateralArrays", count: 1, kind: "lanes" },
  { name: "marginTerms", count: 1, kind: "lanes" },
  { name: "jointStates", count: Math.ceil((2 * ARRAY_COUNT ** 2) / LANE_COUNT), kind: "lanes" },
] as const;
const ARRAY_COMMITMENTS = { name: "arrayCommitments", count: ARRAY_COUNT, kind: "commitment" } as const;

/**
 * Statement words in order, with how many words each name spans and whether it is packed lanes (below WORD_LIMIT) or
 * a commitment (below FIELD_MODULUS).
 */
export const STATEMENT_WORDS = {
  covariance: (size: Size) =>
    [
      { name: "observations", count: size.windowLength, kind: "lanes" },
      { name: "volatilities", count: 1, kind: "lanes" },
      { name: "correlations", count: correlationWordCount(size.assets), kind: "lanes" },
      { name: "windowCommitment", count: 1, kind: "commitment" },
      { name: "covarianceCommitments", count: DECAYS.length, kind: "commitment" },
    ] as const,
  parity: (_size: Size) =>
    [
      { name: "terms", count: 1, kind: "lanes" },
      { name: "budgets", count: 1, kind: "lanes" },
      { name: "caps", count: 1, kind: "lanes" },
      { name: "weights", count: 1, kind: "lanes" },
      { name: "portfolio", count: 1, kind: "lanes" },
      { name: "covarianceCommitment", count: 1, kind: "commitment" },
    ] as const,
  riskArray: (size: Size) =>
    [
      { name: "stateSet", count: 1, kind: "lanes" },
      { name: "scenarioTerms", count: 1, kind: "lanes" },
      { name: "market", count: 1, kind: "lanes" },
      { name: "seriesTerms", count: size.series, kind: "lanes" },
      { name: "seriesValues", count: SERIES_VALUE_WORDS * size.series, kind: "lanes" },
      { name: "arrayCommitment", count: 1, kind: "commitment" },
    ] as const,
  margin: (size: Size) =>
    [
      { name: "positions", count: Math.ceil(size.positions / POSITIONS_PER_WORD), kind: "lanes" },
      { name: "cash", count: 1, kind: "lanes" },
      { name: "collateral", count: TRIPLE_LANES, kind: "lanes" },
      ...MARGIN_MARKET_WORDS,
      { name: "result", count: 1, kind: "lanes" },
      { name: "greeks", count: (GREEKS.length * ARRAY_COUNT * TRIPLE_LANES) / LANE_COUNT, kind: "lanes" },
      ARRAY_COMMITMENTS,
    ] as const,
  solvency: (size: Size) =>
    [
      { name: "accounts", count: size.accounts * accountLength(size), kind: "lanes" },
      ...MARGIN_MARKET_WORDS,
      { name: "results", count: size.accounts, kind: "lanes" },
      { name: "totals", count: 1, kind: "lanes" },
      ARRAY_COMMITMENTS,
    ] as const,
} as const;
/** What a statement can be of. */
export type CircuitName = keyof typeof STATEMENT_WORDS;
/** Every circuit, in the order of their layouts. */
export const CIRCUITS = Object.keys(STATEMENT_WORDS) as CircuitName[];

/** The domain whose sponge is a circuit's commitment C; also the KIND hashed into the challenge. */
export const STATEMENT_DOMAIN = {
  covariance: "covarianceStatement",
  parity: "parityStatement",
  riskArray: "riskArrayStatement",
  margin: "marginStatement",
  solvency: "solvencyStatement",
} as const satisfies Record<CircuitName, Domain>;

/** Words of a circuit's statement at a size. */
export const statementLength = (circuit: CircuitName, size: Size = SIZES.full): number =>
  STATEMENT_WORDS[circuit](size).reduce((sum, words) => sum + words.count, 0);

/** Decimals of the price feeds the system reads; prices from files are rounded to them (half up) before use. */
export const FEED_DECIMALS = 8;
