import { normalCdf, normalDensity } from "./normal.ts";
import { checkOption, type OptionKind } from "./optionInput.ts";

/**
 * European options in double precision: Black-76 on a forward, and Black-Scholes-Merton on a spot with a continuous yield,
 * which is Black-76 on the forward that the yield implies. References that check the integer pricing and never decide.
 * Rates are continuously compounded, vega and the rhos per unit (1.00), theta per year.
 */

/** What Black-76 needs. */
export type Black76Input = {
  readonly type: OptionKind;
  /** {money} */
  readonly forward: number;
  /** {money} */
  readonly strike: number;
  /** {per √year} */
  readonly volatility: number;
  readonly years: number;
  /** {1} value today of one at expiry, 1 if left out */
  readonly discount?: number | undefined;
};

/** A European option's value and greeks, in numbers for people: nothing on chain follows from them. */
export type Black76 = {
  /** {money} */
  readonly price: number;
  /** {1} change per unit of the forward */
  readonly delta: number;
  /** {1 / money} change of delta per unit of the forward */
  readonly gamma: number;
  /** {money per unit of volatility} */
  readonly vega: number;
  /** {money per year} as time passes at the rate that `discount` stands for, forward unchanged */
  readonly theta: number;
  /** {money per unit of rate} forward unchanged */
  readonly rho: number;
  /** {1} ln(F / K) / (σ√T) ± σ√T / 2; infinite, or 0 at the strike, without time or volatility */
  readonly d1: number;
  readonly d2: number;
};

/** What Black-Scholes-Merton needs. */
export type BlackScholesInput = {
  readonly type: OptionKind;
  /** {money} */
  readonly spot: number;
  /** {money} */
  readonly strike: number;
  /** {per √year} */
  readonly volatility: number;
  readonly years: number;
  /** {per year} */
  readonly rate: number;
  /** {per year} 0 if left out */
  readonly dividendYield?: number | undefined;
};

/** Delta and gamma are per unit of the spot. */
export type BlackScholes = Black76 & {
  /** {money per unit of dividend yield} */
  readonly dividendRho: number;
  /** {1} per cent of price for one per cent of spot; infinite or not a number where the price is 0 */
  readonly elasticity: number;
};

/** ln(a / b), exact where they are near one another and finite where the quotient is not */
function logarithmOfRatio(a: number, b: number): number {
  const ratio = a / b;
  if (ratio > 0.5 && ratio < 2) return Math.log1p((a - b) / b);
  return ratio > 0 && ratio < Infinity ? Math.log(ratio) : Math.log(a) - Math.log(b);
}

/** Value and Greeks before discounting, of a call (sign 1) or put (sign −1) */
type Undiscounted = Pick<Black76, "price" | "delta" | "gamma" | "vega" | "d1" | "d2"> & {
  /** {money per year} what passing time takes */
  readonly decay: number;
};

/**
 * Without time or volatility only the payoff is left. At the strike it has a kink: delta is the mean of both sides, and
 * gamma, a peak without width, counts 0; vega keeps its limit.
 */
function intrinsic(sign: number, forward: number, strike: number, years: number): Undiscounted {
  const side = Math.sign(forward - strike);
  return {
    price: Math.max(0, sign * (forward - strike)),
    delta: (sign + side) / 2,
    gamma: 0,
    vega: side === 0 ? forward * Math.sqrt(years) * normalDensity(0) : 0,
    decay: 0,
    d1: side === 0 ? 0 : side * Infinity,
    d2: side === 0 ? 0 : side * Infinity,
  };
}

function undiscounted({ type, forward, strike, volatility, years }: Black76Input): Undiscounted {
  const sign = type === "call" ? 1 : -1;
  const rootYears = Math.sqrt(years);
  const totalVolatility = volatility * rootYears;
  if (totalVolatility === 0) return intrinsic(sign, forward, strike, years);
  const centre = logarithmOfRatio(forward, strike) / totalVolatility;
  const [d1, d2] = [centre + totalVolatility / 2, centre - totalVolatility / 2];
  const density = normalDensity(d1);
  const delta = sign * normalCdf(sign * d1);
  return {
    // rounding alone could put a worthless option below 0
    price: Math.max(0, forward * delta - strike * sign * normalCdf(sign * d2)),
    delta,
    gamma: density / (forward * totalVolatility),
    vega: forward * rootYears * density,
    decay: (forward * density * volatility) / (2 * rootYears),
    d1,
    d2,
  };
}

/**
 * Black-76: F Black, The pricing of commodity contracts (1976).
 * @throws OptionTypeUnknown, OptionPriceNotPositive, VolatilityNegative, YearsNegative, DiscountNotPositive
 */
export function black76(input: Black76Input): Black76 {
  checkOption(input);
  const { years, discount = 1 } = input;
  const { price, delta, gamma, vega, decay, d1, d2 } = undiscounted(input);
  const value = discount * price;
  // {money per year} what the rate adds
  const carry = years === 0 ? 0 : (-Math.log(discount) * value) / years;
  return {
    price: value,
    delta: discount * delta,
    gamma: discount * gamma,
    vega: discount * vega,
    theta: carry - discount * decay,
    rho: -years * value,
    d1,
    d2,
  };
}

/**
 * Black-Scholes-Merton: R Merton, Theory of rational option pricing (1973).
 * @throws OptionTypeUnknown, OptionPriceNotPositive, VolatilityNegative, YearsNegative, RateNotFinite, DiscountNotPositive
 */
export function blackScholes(input: BlackScholesInput): BlackScholes {
  checkOption(input);
  const { type, spot, strike, volatility, years, rate, dividendYield = 0 } = input;
  const growth = Math.exp((rate - dividendYield) * years);
  const discount = Math.exp(-rate * years);
  const forward = spot * growth;
  // rates and times that are finite can still imply a forward that is not
  checkOption({ type, forward, strike, volatility, years, discount });
  const { price, delta, gamma, vega, decay, d1, d2 } = undiscounted({ type, forward, strike, volatility, years });
  const spotDelta = discount * growth * delta;
  const value = discount * price;
  // {money} what the strike is worth in it: value = spot part − strike part
  const [spotPart, strikePart] = [spot * spotDelta, spot * spotDelta - value];
  return {
    price: value,
    delta: spotDelta,
    gamma: discount * growth * growth * gamma,
    vega: discount * vega,
    theta: dividendYield * spotPart - rate * strikePart - discount * decay,
    rho: years * strikePart,
    d1,
    d2,
    dividendRho: -years * spotPart,
    elasticity: spotPart / value,
  };
}
