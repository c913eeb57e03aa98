import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { seededDraws } from "../seededDraws.ts";
import { COEFFICIENTS } from "./coefficients.ts";
import { segmentErrorBound, segmentNeverFalls, tableErrorBound } from "./errorProof.ts";
import { LONG_BITS, LONG_ONE, LONG_PI, longDensity, longExp, longLn, longNormal, longOf } from "./longNumbers.ts";
import {
  ArgumentOutOfRange,
  densityOf,
  exponentialOf,
  logarithmOf,
  NORMAL_ONE,
  normalOf,
  RatioOutOfRange,
  tableLimit,
  tableValue,
} from "./polynomials.ts";
import { ARGUMENT_LIMIT, EXPONENT_LIMIT, EXPONENT_MINIMUM, TABLE_SHAPES, TABLES, type TableName } from "./shapes.ts";

const REFERENCE = new URL("../../../../../shared/reference/normal.json", import.meta.url);

/** {10⁻⁴⁰} of a {long} number, rounded down */
const digits = (long: bigint): string => String((long * 10n ** 40n) >> BigInt(LONG_BITS));
const bits = (table: TableName): bigint => BigInt(TABLE_SHAPES[table].scaleBits);
const segmentsOf = (table: TableName) => COEFFICIENTS[table].map((row, segment) => [segment, row] as const);

describe("long numbers", () => {
  it("default: 40 published digits of π, e, ln 10, Φ(1) and φ(0)", () => {
    expect(digits(LONG_PI)).toBe("31415926535897932384626433832795028841971");
    expect(digits(longExp(LONG_ONE))).toBe("27182818284590452353602874713526624977572");
    expect(digits(longLn(10n * LONG_ONE))).toBe("23025850929940456840179914546843642076011");
    expect(digits(longNormal(LONG_ONE))).toBe("8413447460685429485852325456320379224779");
    expect(digits(longDensity(0n))).toBe("3989422804014326779399460599343818684758");
  });
  it.skipIf(!existsSync(REFERENCE))("behavior: Φ is that of a published table to 26 digits", () => {
    const { inputs, expected } = JSON.parse(readFileSync(REFERENCE, "utf8")).cases[0];
    let compared = 0;
    inputs.x.forEach((text: string, i: number) => {
      const [, whole = "0", fraction = "", exponent = "0"] = /^(-?\d+)(?:\.(\d+))?(?:e(-?\d+))?$/.exec(text) ?? [];
      const x = longOf(BigInt(whole + fraction), 10n ** BigInt(fraction.length - Number(exponent)));
      if (x < -12n * LONG_ONE) return;
      const published = String(expected.cdf[i]);
      if (published.includes("e")) return;
      const places = published.length - 2;
      const scaled = (longNormal(x) * 10n ** BigInt(places)) >> BigInt(LONG_BITS);
      const digitsOf = BigInt(published.replace(/^0\./, ""));
      // the table's own figures are good to 6.4 · 10⁻²⁷ of themselves
      const off = scaled > digitsOf ? scaled - digitsOf : digitsOf - scaled;
      expect(off * 10n ** 26n).toBeLessThanOrEqual(digitsOf);
      compared++;
    });
    expect(compared).toBeGreaterThan(6);
  });
});

describe("T-5: errors over whole tables", () => {
  it.each(TABLES)("default: %s is never further from its function than its constant", (table) => {
    const bound = tableErrorBound(table);
    expect(bound).toBeLessThanOrEqual(TABLE_SHAPES[table].error);
    // a constant that is no longer what was proven is stale
    expect(TABLE_SHAPES[table].error - bound).toBeLessThan(10n);
  });
  it.each(TABLES)("behavior: the proof of %s sees a coefficient that is off", (table) => {
    const limit = (TABLE_SHAPES[table].error << BigInt(LONG_BITS)) / 10n ** 12n;
    const row = COEFFICIENTS[table][3] as readonly bigint[];
    expect(segmentErrorBound(table, 3)).toBeLessThanOrEqual(limit);
    row.forEach((coefficient, power) => {
      // what the value feels of this is about two of the table's errors at the segment's end
      const change = (TABLE_SHAPES[table].error << (bits(table) + 1n)) / 10n ** 12n;
      const off = change >> BigInt(power * TABLE_SHAPES[table].uBits);
      const changed = row.with(power, coefficient + (off > 0n ? off : 1n) * 2n);
      if (off > 0n || power < row.length - 1) expect(segmentErrorBound(table, 3, changed)).toBeGreaterThan(limit);
    });
  });
  it("behavior: the missing tail of Φ and φ is smaller than their errors", () => {
    const end = 6n * LONG_ONE;
    expect(((LONG_ONE - longNormal(end)) * 10n ** 12n) >> BigInt(LONG_BITS)).toBeLessThan(TABLE_SHAPES.normal.error);
    expect((longDensity(end) * 10n ** 12n) >> BigInt(LONG_BITS)).toBeLessThan(TABLE_SHAPES.density.error);
  });
});

describe("vectors/tables.json", () => {
  const vectors = JSON.parse(readFileSync(new URL("../../../../test/vectors/tables.json", import.meta.url), "utf8"));
  it("default: probes of every table, of ln and of exp", () => {
    expect(vectors.probes.map(({ table }: { table: string }) => table)).toEqual(TABLES);
    for (const { table, arguments: at, values } of vectors.probes) {
      expect(at.map((argument: string) => String(tableValue(table, BigInt(argument))))).toEqual(values);
    }
    const { dividend, divisor, value } = vectors.logarithm;
    expect(dividend.map((text: string, i: number) => String(logarithmOf(BigInt(text), BigInt(divisor[i]))))).toEqual(
      value,
    );
    const { exponent, value: exponentials } = vectors.exponential;
    expect(exponent.map((text: string) => String(exponentialOf(BigInt(text))))).toEqual(exponentials);
  });
});

describe("T-2: normalOf", () => {
  it("default: exactly a half at 0, exactly one from 6 on, symmetric", () => {
    expect(normalOf(0n)).toBe(NORMAL_ONE / 2n);
    expect(normalOf(ARGUMENT_LIMIT)).toBe(NORMAL_ONE);
    expect(normalOf(-ARGUMENT_LIMIT)).toBe(0n);
    expect(normalOf(1n << 60n)).toBe(NORMAL_ONE);
    const { integer } = seededDraws(11);
    for (let i = 0; i < 1000; i++) {
      const x = BigInt(integer(0, Number(ARGUMENT_LIMIT)));
      expect(normalOf(-x) + normalOf(x)).toBe(NORMAL_ONE);
      expect(densityOf(-x)).toBe(densityOf(x));
    }
  });
  it.each(["normal", "logarithm", "exponential"] as const)("behavior: %s never falls, proven", (table) => {
    const width = 1n << BigInt(TABLE_SHAPES[table].uBits);
    for (const [segment, row] of segmentsOf(table)) {
      expect(segmentNeverFalls(table, row), `segment ${segment}`).toBe(true);
      const last = tableValue(table, BigInt(segment + 1) * width - 1n);
      const next = COEFFICIENTS[table][segment + 1]?.[0] ?? (table === "normal" ? NORMAL_ONE : undefined);
      if (next !== undefined) expect(last, `end of segment ${segment}`).toBeLessThanOrEqual(next);
    }
    const [, slope] = COEFFICIENTS[table][5] as [bigint, bigint];
    const falling = (COEFFICIENTS[table][5] as readonly bigint[]).with(1, -slope);
    expect(segmentNeverFalls(table, falling)).toBe(false);
  });
});

describe("T-3: logarithmOf", () => {
  const GRID = 2 ** 26;
  it("default: within the grid's rounding and the table's error", () => {
    const { uniform } = seededDraws(12);
    for (let i = 0; i < 2000; i++) {
      const dividend = BigInt(Math.floor(2 ** (30 + 10 * uniform())));
      const divisor = BigInt(Math.floor(2 ** (30 + 10 * uniform())));
      const exact = Math.log(Number(dividend) / Number(divisor)) * GRID;
      const off = Number(logarithmOf(dividend, divisor)) - exact;
      // one step down, a fraction of one from the mantissa, 0.17 of one from the table
      expect(off).toBeLessThan(0.18);
      expect(off).toBeGreaterThan(-1.31);
    }
  });
  it("behavior: exact at one, never above zero below it", () => {
    expect(logarithmOf(7n, 7n)).toBe(0n);
    expect(logarithmOf(10n ** 12n - 1n, 10n ** 12n)).toBe(-1n);
    expect(logarithmOf(1n, 2n)).toBe(BigInt(Math.floor(-Math.LN2 * GRID)));
  });
  it("error: RatioOutOfRange", () => {
    expect(logarithmOf(1n, 1024n)).toBeLessThan(0n);
    for (const [dividend, divisor] of [
      [1n, 1025n],
      [1024n, 1n],
      [1n, 0n],
      [0n, 1n],
    ] as const) {
      expect(() => logarithmOf(dividend, divisor)).toThrow(RatioOutOfRange);
    }
  });
});

describe("T-4: exponentialOf", () => {
  it("default: within the grid's rounding and the table's error", () => {
    for (let x = EXPONENT_MINIMUM; x < EXPONENT_LIMIT; x += 65_537n) {
      const off = Number(exponentialOf(x)) - Math.exp(Number(x) / 2 ** 26) * 2 ** 26;
      expect(off).toBeLessThan(1.6);
      expect(off).toBeGreaterThan(-2.6);
    }
  });
  it("error: ArgumentOutOfRange", () => {
    expect(() => exponentialOf(EXPONENT_LIMIT)).toThrow(ArgumentOutOfRange);
    expect(() => exponentialOf(EXPONENT_MINIMUM - 1n)).toThrow(ArgumentOutOfRange);
    for (const table of TABLES) {
      expect(() => tableValue(table, tableLimit(table))).toThrow(ArgumentOutOfRange);
      expect(() => tableValue(table, -1n)).toThrow(ArgumentOutOfRange);
    }
  });
});
