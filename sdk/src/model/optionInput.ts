/** What a European option may be. */
export const OPTION_KINDS = ["call", "put"] as const;
/** A call or a put. */
export type OptionKind = (typeof OPTION_KINDS)[number];

/** An option that is neither a call nor a put. */
export class OptionTypeUnknown extends Error {
  override name = "OptionTypeUnknown";
  constructor(type: unknown) {
    super(`the option's type is ${JSON.stringify(type)} and must be "call" or "put": name one of them`);
  }
}

/** A forward, spot or strike that has no logarithm. */
export class OptionPriceNotPositive extends Error {
  override name = "OptionPriceNotPositive";
  constructor(what: string, value: unknown) {
    super(`the ${what} is ${String(value)} and must be a finite number above 0: give a price in units of money`);
  }
}

/** A volatility below zero, or not a number. */
export class VolatilityNegative extends Error {
  override name = "VolatilityNegative";
  constructor(value: unknown) {
    super(
      `the volatility is ${String(value)} and must be a finite number of at least 0: give it per year as a fraction, such as 0.6`,
    );
  }
}

/** A time to expiry below zero, or not a number. */
export class YearsNegative extends Error {
  override name = "YearsNegative";
  constructor(value: unknown) {
    super(
      `the time to expiry is ${String(value)} years and must be a finite number of at least 0: an expired option is worth its payoff, which is years 0`,
    );
  }
}

/** A discount factor that is not above zero. */
export class DiscountNotPositive extends Error {
  override name = "DiscountNotPositive";
  constructor(value: unknown) {
    super(
      `the discount is ${String(value)} and must be a finite number above 0: give today's value of one at expiry, such as 0.99`,
    );
  }
}

/** A rate that is not a number. */
export class RateNotFinite extends Error {
  override name = "RateNotFinite";
  constructor(what: string, value: unknown) {
    super(
      `the ${what} is ${String(value)} and must be a finite number: give it per year, continuously compounded, such as 0.05`,
    );
  }
}

/** Figures of an option, of whichever model. */
export type OptionFigures = {
  readonly type: OptionKind;
  readonly strike: number;
  readonly volatility: number;
  readonly years: number;
  readonly forward?: number;
  readonly spot?: number;
  readonly discount?: number | undefined;
  readonly rate?: number;
  readonly dividendYield?: number | undefined;
};

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/** Throws unless every figure given can belong to an option. */
export function checkOption(option: OptionFigures): void {
  const { type, volatility, years, discount = 1, dividendYield = 0 } = option;
  if (!OPTION_KINDS.includes(type)) throw new OptionTypeUnknown(type);
  for (const what of ["forward", "spot", "strike"] as const) {
    if (what in option || what === "strike") {
      const value: unknown = option[what];
      if (!isNumber(value) || value <= 0) throw new OptionPriceNotPositive(what, value);
    }
  }
  if (!isNumber(volatility) || volatility < 0) throw new VolatilityNegative(volatility);
  if (!isNumber(years) || years < 0) throw new YearsNegative(years);
  if (!isNumber(discount) || discount <= 0) throw new DiscountNotPositive(discount);
  if ("rate" in option && !isNumber(option.rate)) throw new RateNotFinite("rate", option.rate);
  if (!isNumber(dividendYield)) throw new RateNotFinite("dividend yield", dividendYield);
}
