import { OPTION_KINDS, type OptionKind } from "../optionInput.ts";

/** What a figure of a book may be: a finite number between two bounds, the lower one excluded where `above` names it. */
type NumberRule = {
  readonly rule: "number";
  readonly minimum?: number;
  readonly above?: number;
  readonly maximum?: number;
};
type ChoiceRule<T extends string> = { readonly rule: "choice"; readonly choices: readonly T[] };
type ListRule<L> = { readonly rule: "list"; readonly of: L; readonly optional?: true };
type Layout = { readonly [field: string]: NumberRule | ChoiceRule<string> | ListRule<Layout> | Layout };

/** What a layout's figures are in TypeScript. */
export type FieldsOf<L> = L extends NumberRule
  ? number
  : L extends ChoiceRule<infer T>
    ? T
    : L extends ListRule<infer E>
      ? readonly FieldsOf<E>[]
      : { readonly [F in keyof L]: FieldsOf<L[F]> };

const ANY = { rule: "number" } as const satisfies NumberRule;
const POSITIVE = { rule: "number", above: 0 } as const satisfies NumberRule;
const NOT_NEGATIVE = { rule: "number", minimum: 0 } as const satisfies NumberRule;
const FRACTION = { rule: "number", minimum: 0, maximum: 1 } as const satisfies NumberRule;

/** Volatility of a scenario: moved, left, or with its smile bent (by the signed or the absolute distance from the forward). */
export const SCENARIO_VOLATILITIES = ["up", "none", "down", "skew-linear", "skew-abs"] as const;
/** Which way volatilities go in a scenario. */
export type ScenarioVolatility = (typeof SCENARIO_VOLATILITIES)[number];
const SCENARIO = {
  /** {1} the forward is multiplied by this */
  spot: POSITIVE,
  vol: { rule: "choice", choices: SCENARIO_VOLATILITIES } as ChoiceRule<ScenarioVolatility>,
  /** {1} share of the profit or loss that counts */
  dampening: NOT_NEGATIVE,
} as const;

const STATIC_DISCOUNT = {
  base: NOT_NEGATIVE,
  rateMultiplier: ANY,
  /** {per year} */
  rateAddition: ANY,
} as const;
/** {1} initial margin pays both */
const CHARGE = { maintenance: NOT_NEGATIVE, initialExtra: NOT_NEGATIVE } as const;

const PARAMETERS = {
  /** {1 of a volatility} at 30 days */
  upShock: NOT_NEGATIVE,
  downShock: NOT_NEGATIVE,
  /** {1} powers of 30 days / time, up to 30 days and beyond */
  shortPower: ANY,
  longPower: ANY,
  /** {days} shocks grow no further below this */
  daysFloor: POSITIVE,
  /** {per √year} */
  minimumUpVolatility: NOT_NEGATIVE,
  discountPositive: STATIC_DISCOUNT,
  discountNegative: STATIC_DISCOUNT,
  /** {1} of the worst loss */
  lossFactor: { maintenance: NOT_NEGATIVE, initial: NOT_NEGATIVE },
  skew: {
    /** {1 of a volatility} greatest change without time, and its change per √year */
    linearCap: ANY,
    linearSlope: ANY,
    absCap: ANY,
    absSlope: ANY,
    /** {1} least |ln(strike / forward)| at which the change is greatest */
    kMin: POSITIVE,
    width: ANY,
    volStatic: ANY,
    volSlope: ANY,
  },
  forwardContingency: { up: POSITIVE, down: POSITIVE, add: NOT_NEGATIVE, multiplyYears: NOT_NEGATIVE },
  /** {1 of spot} per contract */
  perPerp: CHARGE,
  perNakedShortOption: CHARGE,
  /** below the threshold {1} what is missing in confidence, times factor, is charged on the spot value */
  confidence: { threshold: NOT_NEGATIVE, factor: NOT_NEGATIVE },
  /** below the threshold {money} the initial loss factor grows by what is missing, times factor */
  peg: { threshold: NOT_NEGATIVE, factor: NOT_NEGATIVE },
} as const;

/** A book of one underlying with the parameters of its model. */
export const BOOK_LAYOUT = {
  /** {money} */
  cash: ANY,
  /** {money} */
  spot: POSITIVE,
  spotConfidence: FRACTION,
  /** {contracts, money, 1, money} */
  perpetuals: { amount: ANY, price: NOT_NEGATIVE, confidence: FRACTION, unrealised: ANY },
  /** {money} what cash is worth */
  stablePrice: NOT_NEGATIVE,
  options: {
    rule: "list",
    of: {
      type: { rule: "choice", choices: OPTION_KINDS } as ChoiceRule<OptionKind>,
      /** {money} */
      strike: POSITIVE,
      /** {contracts} */
      amount: ANY,
      /** {s} */
      secondsToExpiry: NOT_NEGATIVE,
      /** {per √year} */
      volatility: NOT_NEGATIVE,
      /** {1} */
      discount: POSITIVE,
    },
  },
  forwards: {
    rule: "list",
    of: { secondsToExpiry: NOT_NEGATIVE, forward: POSITIVE, rate: ANY, minConfidence: FRACTION },
  },
  parameters: PARAMETERS,
} as const;
const SCENARIOS = { scenarios: { rule: "list", of: SCENARIO, optional: true } } as const;

/** A change of spot and volatility at once, and the part of its loss that counts. */
export type StressScenario = FieldsOf<typeof SCENARIO>;
/** Shocks and contingencies of a stress test. */
export type StressParameters = FieldsOf<typeof PARAMETERS>;
/** A book to put under stress, as a file or a caller gives it; `parseStressBook` says what is wrong with one. */
export type StressBook = FieldsOf<typeof BOOK_LAYOUT> & { readonly scenarios?: readonly StressScenario[] | undefined };
/** An option of a stress book. */
export type StressOption = StressBook["options"][number];
/** A forward of a stress book. */
export type StressForward = StressBook["forwards"][number];

/** A figure of a book that is missing, of another kind, or beyond its bounds. */
export class StressFieldInvalid extends Error {
  override name = "StressFieldInvalid";
  constructor(field: string, value: unknown, limit: string) {
    const shown = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "missing");
    super(`${field} is ${shown.slice(0, 60)} and must be ${limit}: correct it in the book`);
  }
}

/** A figure of a book that the model does not know. */
export class StressFieldUnknown extends Error {
  override name = "StressFieldUnknown";
  constructor(field: string, known: readonly string[]) {
    super(`${field} is no field of a book; there are ${known.join(", ")}: rename or remove it`);
  }
}

function inWords({ minimum, above, maximum }: NumberRule): string {
  if (maximum !== undefined) return `a number from ${minimum} to ${maximum}`;
  if (above !== undefined) return `a finite number above ${above}`;
  return minimum === undefined ? "a finite number" : `a finite number of at least ${minimum}`;
}

function numberFrom(value: unknown, field: string, rule: NumberRule): number {
  const { minimum = -Infinity, above = -Infinity, maximum = Infinity } = rule;
  const fits = typeof value === "number" && Number.isFinite(value);
  if (!fits || value < minimum || value <= above || value > maximum) {
    throw new StressFieldInvalid(field, value, inWords(rule));
  }
  return value;
}

type Names = (field: string) => string;

/** How files call a field: `up_shock` for `upShock`. */
export const fieldInFiles: Names = (field) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function fieldsFrom(value: unknown, path: string, layout: Layout, nameOf: Names): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new StressFieldInvalid(path === "" ? "the book" : path, value, "an object");
  }
  const given = value as Record<string, unknown>;
  const names = Object.keys(layout).map(nameOf);
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new StressFieldUnknown(at(unknown), names);
  return Object.fromEntries(
    Object.entries(layout).flatMap(([field, entry]) => {
      const name = nameOf(field);
      const read = given[name];
      if (entry.rule === "list" && "optional" in entry && read === undefined) return [];
      return [[field, entryFrom(read, at(name), entry, nameOf)]];
    }),
  );
}

function entryFrom(value: unknown, field: string, entry: Layout[string], nameOf: Names): unknown {
  switch (entry.rule) {
    case "number":
      return numberFrom(value, field, entry as NumberRule);
    case "choice": {
      const { choices } = entry as ChoiceRule<string>;
      if (!choices.includes(value as string))
        throw new StressFieldInvalid(field, value, `one of ${choices.join(", ")}`);
      return value;
    }
    case "list": {
      if (!Array.isArray(value)) throw new StressFieldInvalid(field, value, "a list");
      return value.map((element, i) => fieldsFrom(element, `${field}[${i}]`, (entry as ListRule<Layout>).of, nameOf));
    }
    default:
      return fieldsFrom(value, field, entry as Layout, nameOf);
  }
}

/**
 * A book from figures of any origin, every one checked.
 * @param nameOf how a field is called there, such as {@link fieldInFiles}
 * @throws StressFieldInvalid, StressFieldUnknown
 */
export function stressBookFrom(value: unknown, nameOf: Names = (field) => field): StressBook {
  return fieldsFrom(value, "", { ...BOOK_LAYOUT, ...SCENARIOS }, nameOf) as StressBook;
}
