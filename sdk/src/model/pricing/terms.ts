import { PRICING_BOUNDS, type SCENARIO_TERMS, type SeriesKind } from "../../protocol.ts";

/** One listed series at one time: what the word `seriesTerms` says. */
export type SeriesTerms = {
  readonly kind: SeriesKind;
  /** series with the same one expire together; 0 for perpetuals */
  readonly expirySlot: number;
  /** {ppm of spot} signed: forward less spot */
  readonly basis: bigint;
  /** {ppt per √year} */
  readonly volatility: bigint;
  /** {s} to expiry */
  readonly seconds: bigint;
  /** {ppt of a dollar} */
  readonly strike: bigint;
};

/** What the word `market` says. */
export type ArrayMarket = {
  /** {ppt of a dollar} */
  readonly spot: bigint;
  /** {s} */
  readonly time: bigint;
  /** lane in the observation log */
  readonly underlying: number;
};

/** What the word `scenarioTerms` says: a version, and {ppm}. */
export type ScenarioTerms = Readonly<Record<(typeof SCENARIO_TERMS)[number], bigint>>;

/** A number is outside of what pricing covers. */
export class PricingInputOutOfBounds extends Error {
  override name = "PricingInputOutOfBounds";
  constructor(input: string, value: bigint, minimum: bigint, maximum: bigint | undefined) {
    super(
      `${input} is ${value}; pricing covers ${minimum} to ${maximum ?? "any"}: ` +
        "a series or terms beyond are not to be listed",
    );
  }
}

/** Throws unless an input is within its bounds. */
export function checkBound(name: keyof typeof PRICING_BOUNDS, value: bigint): void {
  const [minimum, maximum] = PRICING_BOUNDS[name];
  if (value < minimum || value > maximum) throw new PricingInputOutOfBounds(name, value, minimum, maximum);
}

/** Throws unless a price or strike is positive. */
export function checkPositive(name: string, value: bigint): void {
  if (value <= 0n) throw new PricingInputOutOfBounds(name, value, 1n, undefined);
}
