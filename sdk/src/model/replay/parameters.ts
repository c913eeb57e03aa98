import { PPM, PRICING_BOUNDS } from "../../protocol.ts";
import type { MarginTerms } from "../margin/account.ts";

/** How the clearing house is governed in a replay. Shocks, ranges and haircuts are those of docs/clearing.md. */
export type HouseParameters = {
  /** {hours} a risk state, its steps, joint states and haircuts are this old at most */
  readonly epochHours: number;
  /** {hours} checks read an epoch's arrays while they are younger, then price at the present price; 0: always so */
  readonly maxArrayAge: number;
  /** {ppm} the price range in proven daily volatilities */
  readonly rangeMultiple: bigint;
  /** {ppm} bounds of a third of the price range */
  readonly minimumStep: bigint;
  readonly maximumStep: bigint;
  /** {ppm of a volatility} at 30 days */
  readonly upShock: bigint;
  readonly downShock: bigint;
  /** {ppm per √year} */
  readonly minimumUpVolatility: bigint;
  readonly terms: MarginTerms;
  /** {ppm} */
  readonly baseHaircut: bigint;
  /** {ppm} of the hourly volatility, on top */
  readonly haircutMultiple: bigint;
  /** {ppm per million dollars} */
  readonly haircutSlope: bigint;
};

/** What a replay assumes of the clearing house where nothing else is said. */
export const HOUSE: HouseParameters = {
  epochHours: 4,
  maxArrayAge: 0,
  rangeMultiple: 3n * PPM,
  minimumStep: 20_000n,
  maximumStep: 200_000n,
  upShock: 500_000n,
  downShock: 250_000n,
  minimumUpVolatility: 450_000n,
  terms: {
    maintenanceLossFactor: 800_000n,
    initialLossFactor: PPM,
    maintenancePerpetual: 15_000n,
    initialPerpetual: 20_000n,
    maintenanceNakedShort: 3_000n,
    initialNakedShort: 5_000n,
    shortOptionMinimum: 10_000n,
    basis: 5_000n,
  },
  baseHaircut: 50_000n,
  // two daily volatilities, of which √24 make an hourly one
  haircutMultiple: 9_800_000n,
  haircutSlope: 10_000n,
};

/** Rates of the method compared with: {ppm} of the spot value of what is charged. */
export type StaticRates = {
  readonly perpetual: bigint;
  /** a short option is charged this share of its underlying less what it is out of the money, half of it at least */
  readonly shortOption: bigint;
  readonly collateral: bigint;
};

/** Static rates of both requirements. */
export type StaticLevels = { readonly initial: StaticRates; readonly maintenance: StaticRates };

/** The static margins that a replay compares with: {ppm} of the notional, or of the collateral's value. */
export const STATIC_RATES: StaticLevels = {
  initial: { perpetual: 100_000n, shortOption: 200_000n, collateral: 200_000n },
  maintenance: { perpetual: 50_000n, shortOption: 150_000n, collateral: 200_000n },
};

/** The same with a maintenance level at a share {ppm} of the initial one. */
export const staticRatesAt = (share: bigint): StaticLevels => {
  const { initial } = STATIC_RATES;
  const part = (rate: bigint): bigint => (rate * share) / PPM;
  return {
    initial,
    maintenance: {
      perpetual: part(initial.perpetual),
      shortOption: part(initial.shortOption),
      collateral: initial.collateral,
    },
  };
};

/** How those who liquidate behave. */
export type Liquidators = {
  /** {hours} from when an account can be liquidated to the first bid */
  readonly delayHours: number;
  /** {hours} without a bid: those in which the first asset falls most */
  readonly absentHours: number;
  /** {ppm} of the exposure of all books at the start: what they take in an hour */
  readonly depth: bigint;
  /** {ppm} of the exposure taken: what they ask below the mark */
  readonly fee: bigint;
};

/** Who buys what is liquidated in a replay: always there, late, absent, or with little money. */
export const LIQUIDATORS = {
  prompt: { delayHours: 0, absentHours: 0, depth: 250_000n, fee: 5_000n },
  late: { delayHours: 3, absentHours: 0, depth: 250_000n, fee: 10_000n },
  absent: { delayHours: 0, absentHours: 12, depth: 250_000n, fee: 10_000n },
  thin: { delayHours: 0, absentHours: 0, depth: 20_000n, fee: 20_000n },
} as const satisfies Record<string, Liquidators>;
/** A kind of liquidators by its name. */
export type LiquidatorsName = keyof typeof LIQUIDATORS;
/** Every kind of liquidators, in the order of reports. */
export const LIQUIDATORS_NAMES = Object.keys(LIQUIDATORS) as LiquidatorsName[];

/** What sales of liquidators do to the price. */
export type Impact = {
  /** {1} logarithm that the price falls by when as much is sold in an hour as all books hold, longs and shorts added */
  readonly size: number;
  /** {1} 1: in proportion to what is sold; 0.5: to its square root */
  readonly power: number;
  /** {1} share that stays for ever */
  readonly permanent: number;
  /** {hours} the rest halves in this time */
  readonly halfLife: number;
};

/** What a replay assumes of the market's depth where nothing else is said. */
export const IMPACT: Impact = { size: 0.1, power: 1, permanent: 0.3, halfLife: 4 };

export type ReplayParameters = {
  readonly house: HouseParameters;
  readonly liquidators: Liquidators;
  readonly impact: Impact;
  /** {ppm} of the maintenance requirement: a liquidation sells until equity is at least this */
  readonly targetHealth: bigint;
  /** {ppm} of the equity of what is sold, from the account to the backstop */
  readonly penalty: bigint;
  /** {ppm of a dollar} what leaves less than this exposure closes the whole */
  readonly dust: bigint;
  /** {ppm} of the exposure of all books at the start: what the backstop holds, the same whatever the method */
  readonly backstop: bigint;
};

/** Target and penalty are those of the contract `Liquidation`. */
export const REPLAY: ReplayParameters = {
  house: HOUSE,
  liquidators: LIQUIDATORS.prompt,
  impact: IMPACT,
  targetHealth: 1_100_000n,
  penalty: 10_000n,
  dust: 1_000n * PPM,
  backstop: 1_000n,
};

/** A parameter that no replay can have. */
export class ReplayParameterInvalid extends Error {
  override name = "ReplayParameterInvalid";
  constructor(name: string, value: number | bigint, needed: string) {
    super(`${name} is ${value} and must be ${needed}: change it`);
  }
}

/** Throws the first parameter that is out of its bounds. */
export function checkParameters({
  house,
  liquidators,
  impact,
  targetHealth,
  penalty,
  backstop,
}: ReplayParameters): void {
  const whole = (name: string, value: number, minimum: number): void => {
    if (!Number.isInteger(value) || value < minimum)
      throw new ReplayParameterInvalid(name, value, `whole, ${minimum} or more`);
  };
  const least = (name: string, value: bigint, minimum: bigint): void => {
    if (value < minimum) throw new ReplayParameterInvalid(name, value, `at least ${minimum}`);
  };
  const within = (name: string, value: number, minimum: number, maximum: number): void => {
    if (!(value >= minimum && value <= maximum))
      throw new ReplayParameterInvalid(name, value, `${minimum} to ${maximum}`);
  };
  whole("epochHours", house.epochHours, 1);
  whole("maxArrayAge", house.maxArrayAge, 0);
  whole("delayHours", liquidators.delayHours, 0);
  whole("absentHours", liquidators.absentHours, 0);
  least("minimumStep", house.minimumStep, 1n);
  least("maximumStep", house.maximumStep, house.minimumStep);
  const most = PRICING_BOUNDS.step[1];
  if (house.maximumStep > most) throw new ReplayParameterInvalid("maximumStep", house.maximumStep, `at most ${most}`);
  least("targetHealth", targetHealth, PPM);
  least("penalty", penalty, 0n);
  least("depth", liquidators.depth, 0n);
  least("fee", liquidators.fee, 0n);
  least("backstop", backstop, 0n);
  within("impact size", impact.size, 0, 1);
  within("impact power", impact.power, 0.1, 2);
  within("permanent share of the impact", impact.permanent, 0, 1);
  within("halfLife", impact.halfLife, 0.1, 1000);
}
