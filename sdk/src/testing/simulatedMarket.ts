import { FEED_DECIMALS } from "../protocol.ts";

/** {s} instant of the first simulated price, 2024-01-01T00:00:00Z */
export const SIMULATION_START = 1_704_067_200;

/** What tells one made-up market from another. */
export type SimulatedMarketParameters = {
  /** a seed gives the same prices on every machine */
  seed?: number | undefined;
  /** prices, the first one included */
  ticks: number;
  /** {s} between two prices; an hour when left out */
  step?: number | undefined;
  /** tick at which the crash begins */
  crashAt?: number | undefined;
};

/** Prices of twelve made-up assets at regular instants. */
export type SimulatedMarket = {
  /** {s} unix time of each tick */
  readonly times: readonly number[];
  /** {D18} [tick][asset], one asset per lane */
  readonly prices: readonly (readonly bigint[])[];
};

/** {1} share of common movement, multiple of volatility, chance per tick to leave the regime */
const REGIMES = [
  { correlation: 0.35, volatility: 0.7, leave: 1 / 60 },
  { correlation: 0.6, volatility: 1, leave: 1 / 80 },
  { correlation: 0.85, volatility: 1.8, leave: 1 / 25 },
] as const;
/** {1} per hour */
const BASE_VOLATILITY = 0.006;
/** degrees of freedom of the tails */
const TAIL_FREEDOM = 4;
/** {1} log return of the market in each tick of the crash */
const CRASH = [-0.06, -0.11, -0.05, 0.03] as const;
const FIRST_PRICES = [42_000, 2_300, 105, 0.62, 310, 14.5, 38, 92, 7.1, 0.58, 0.9, 66] as const;

/**
 * A made-up market for where there is no network and no file: Student-t tails, correlations that change with the
 * regime, volatility that clusters, and one crash. A longer series begins with the shorter one.
 *
 * Every asset takes its draws whether or not it is used, so an asset's prices do not depend on the others chosen.
 */
export function simulateMarket(parameters: SimulatedMarketParameters): SimulatedMarket {
  const { seed = 1, ticks, step = 3600, crashAt = 264 } = parameters;
  const draw = generator(seed);
  const hours = Math.sqrt(step / 3600);
  const characters = FIRST_PRICES.map((_, i) => ({ beta: 0.8 + 0.09 * i, own: 0.8 + 0.07 * ((i * 5) % 12) }));
  const levels: number[] = [...FIRST_PRICES];
  const times: number[] = [];
  const prices: bigint[][] = [];
  let regime = 1;
  let heat = 1;
  for (let tick = 0; tick < ticks; tick++) {
    times.push(SIMULATION_START + tick * step);
    prices.push(levels.map(toPrice));
    const { correlation, volatility, leave } = REGIMES[regime] as (typeof REGIMES)[number];
    if (draw.uniform() < leave) regime = (regime + (draw.uniform() < 0.5 ? 1 : 2)) % REGIMES.length;
    const market = draw.student(TAIL_FREEDOM);
    const shock = CRASH[tick - crashAt] ?? 0;
    const unit = BASE_VOLATILITY * volatility * Math.sqrt(heat) * hours;
    for (const [i, { beta, own }] of characters.entries()) {
      const alone = draw.student(TAIL_FREEDOM);
      const move = unit * (Math.sqrt(correlation) * beta * market + Math.sqrt(1 - correlation) * own * alone);
      levels[i] = (levels[i] as number) * Math.exp(Math.min(Math.max(move, -0.3), 0.3) + shock * beta);
    }
    // Volatility remembers large moves of the market for about ten ticks.
    heat = 0.12 + 0.86 * heat + 0.02 * Math.min(market * market, 40) + 40 * shock * shock;
  }
  return { times, prices };
}

/** {D18} at the feeds' decimals, never zero */
const toPrice = (level: number): bigint =>
  BigInt(Math.max(1, Math.round(level * 10 ** FEED_DECIMALS))) * 10n ** BigInt(18 - FEED_DECIMALS);

/** Reproducible draws: a 32-bit counter through a mixing function. */
function generator(seed: number) {
  let counter = seed >>> 0;
  const uniform = (): number => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let mixed = counter;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (((mixed ^ (mixed >>> 15)) >>> 0) + 0.5) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  /** Student-t with an even number of degrees of freedom, scaled to variance one. */
  const student = (freedom: number): number => {
    let chiSquared = 0;
    for (let pair = 0; pair < freedom / 2; pair++) chiSquared -= 2 * Math.log(uniform());
    return (normal() / Math.sqrt(chiSquared / freedom)) * Math.sqrt((freedom - 2) / freedom);
  };
  return { uniform, student };
}
