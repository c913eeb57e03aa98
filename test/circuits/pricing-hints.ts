/** The hints (`<--`) of the templates that price: bits.circom, logarithm.circom, normal.circom. */
import { FIELD_MODULUS } from "../../sdk/src/protocol.ts";
import { mod } from "./linear-system.ts";

/** How one signal, or a row of them, gets its best value from those it depends on. */
export type PricingHint = {
  readonly from: readonly string[];
  readonly defines: readonly string[];
  readonly compute: (...values: bigint[]) => readonly bigint[];
};

/** What the finder of hints asks of a circuit. */
export type Signals = {
  readonly has: (name: string) => boolean;
  /** the factor of `part` where a linear constraint says that `whole` is what others add up to with it */
  readonly factorOf: (part: string, whole: string) => bigint;
};

const signed = (value: bigint): bigint => (value > FIELD_MODULUS / 2n ? value - FIELD_MODULUS : value);
const floor = (dividend: bigint, divisor: bigint): bigint =>
  (dividend - (((dividend % divisor) + divisor) % divisor)) / divisor;

function squareRoot(n: bigint): bigint {
  let [low, high] = [0n, 1n << 130n];
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (middle * middle <= n) low = middle;
    else high = middle - 1n;
  }
  return low;
}

/** e with 2ᵉ ≤ a / b < 2ᵉ⁺¹, from −64 to 63; the ends where there is none */
function exponentOf(a: bigint, b: bigint): bigint {
  let e = -64n;
  while (e < 63n && a << 64n >= b << (e + 65n)) e++;
  return e;
}

/** {moneyness} where an argument is certain to be far out, in halves of volatility */
const OUTSIDE = 20n;
const FAR = (1n << 30n) + (1n << 28n);
const INVERSE_SHIFT = 18n;

/** Rows of signals `name[0]`, `name[1]`, … */
function rowOf({ has }: Signals, name: string): string[] {
  const row: string[] = [];
  while (has(`${name}[${row.length}]`)) row.push(`${name}[${row.length}]`);
  return row;
}

const ANONYMOUS = String.raw`_[\d_]+(?:\[\d+\])*`;
const patterns = {
  floor: new RegExp(String.raw`^(.*\.(?:Sparse)?Floor${ANONYMOUS})\.quotient$`),
  high: new RegExp(String.raw`^(.*\.SparseFloor${ANONYMOUS})\.high$`),
  floorBy: new RegExp(String.raw`^(.*\.FloorBy${ANONYMOUS})\.quotient$`),
  root: new RegExp(String.raw`^(.*\.Root${ANONYMOUS})\.root$`),
  negative: /^(.*\.(?:first|second))\.negative$/,
  exponent: /^(.*)\.exponent$/,
  mantissa: /^(.*)\.mantissa$/,
  selected: /^(.*)\.selected\[0\]$/,
  outside: /^(.*)\.outside$/,
} as const;

/** The hints that start at a signal of this name; none for signals that are no hint, or not the first of theirs. */
export function pricingHintsAt(name: string, signals: Signals): PricingHint[] {
  for (const [kind, pattern] of Object.entries(patterns) as [keyof typeof patterns, RegExp][]) {
    const path = pattern.exec(name)?.[1];
    if (path !== undefined) return hintsOf(kind, path, signals);
  }
  return [];
}

function hintsOf(kind: keyof typeof patterns, path: string, signals: Signals): PricingHint[] {
  const at = (signal: string): string => `${path}.${signal}`;
  const one = (from: string[], defines: string, compute: (...values: bigint[]) => bigint): PricingHint[] => [
    { from: from.map(at), defines: [at(defines)], compute: (...values) => [compute(...values)] },
  ];
  switch (kind) {
    case "floor": {
      const divisor = signals.factorOf(at("quotient"), at("in"));
      return one(["in"], "quotient", (value) => floor(signed(value), divisor));
    }
    case "high": {
      const divisor = signals.factorOf(at("quotient"), at("in"));
      const unit = signals.factorOf(at("high"), at("in"));
      return one(["in", "quotient"], "high", (value, quotient) => mod(value - quotient * divisor) / unit);
    }
    case "floorBy":
      return one(["in", "divisor"], "quotient", (value, divisor) => (divisor === 0n ? 0n : value / divisor));
    case "root":
      return one(["in"], "root", squareRoot);
    case "negative":
      return one(["d"], "negative", (value) => (signed(value) < 0n ? 1n : 0n));
    case "exponent":
      return one(["a", "b"], "exponent", (a, b) => exponentOf(a, b));
    case "mantissa":
      return one(["scaled", "b"], "mantissa", (scaled, b) => (b === 0n ? 0n : scaled / b));
    case "selected": {
      if (!signals.has(at("exponent"))) return []; // of another template
      const defines = rowOf(signals, at("selected"));
      const lowest = signed(signals.factorOf(defines[0] as string, at("exponent")));
      const compute = (exponent: bigint): bigint[] =>
        defines.map((_, i) => (signed(exponent) === lowest + BigInt(i) ? 1n : 0n));
      return [{ from: [at("exponent")], defines, compute }];
    }
    case "outside":
      return [
        ...one(["moneyness", "h"], "outside", (moneyness, h) => {
          if (signed(moneyness) >= OUTSIDE * h) return 1n;
          return signed(moneyness) <= -OUTSIDE * h ? -1n : 0n;
        }),
        ...one(["isOutside", "distance", "h", "product"], "r", (isOutside, distance, h, product) =>
          isOutside === 1n
            ? signed(distance) - OUTSIDE * h
            : signed(product) - (floor(signed(product), 1n << INVERSE_SHIFT) << INVERSE_SHIFT),
        ),
        ...one(["isOutside", "outside", "product"], "t", (isOutside, outside, product) =>
          isOutside === 1n ? signed(outside) * FAR : floor(signed(product), 1n << INVERSE_SHIFT),
        ),
      ];
  }
}
