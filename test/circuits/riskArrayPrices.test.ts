import { beforeAll, describe, expect, it } from "vitest";
import { packSeriesTerms } from "../../sdk/src/statements/index.ts";
import { inverse, mod } from "./linear-system.ts";
import { DAY, factsOf, option, PUT, RiskArrayProver } from "./riskArrayProver.ts";

const TIMEOUT = 240_000;

let liar: RiskArrayProver;
beforeAll(async () => {
  liar = await RiskArrayProver.ready();
}, TIMEOUT);

describe("riskArray refuses, of prices,", () => {
  const facts = factsOf([option({}, 1_100n), PUT]);

  /** Every hint of the series at place 1 and of the market, one of each kind: without the numbers of its components. */
  const hintsByKind = (): string[] => {
    const quotient = String.raw`(?:Floor|SparseFloor|FloorBy)_[\d_]+\.quotient`;
    const last = String.raw`\.(?:${quotient}|high|root|negative|exponent|mantissa|outside|r|t|lastBit)$`;
    const hints = liar.named(new RegExp(String.raw`^main\.(?:shared|priced\[1\])\..*${last}`));
    return [...new Map(hints.map((name) => [name.replaceAll(/\[\d+\]/g, ""), name])).values()];
  };

  it(
    "every kind of hint moved by one, with all that follows from it",
    () => {
      const hints = hintsByKind();
      expect(hints.length).toBeGreaterThan(40);
      const honest = liar.witness(facts);
      const accepted: string[] = [];
      for (const name of hints) {
        const value = liar.at(honest, name);
        const isBit = /\.(?:negative|lastBit)$/.test(name);
        for (const lie of isBit ? [1n - value] : [value + 1n, value - 1n]) {
          if (liar.refusals(facts, { [name]: mod(lie) }).length === 0) accepted.push(`${name} = ${lie}`);
        }
      }
      expect(accepted).toEqual([]);
    },
    TIMEOUT,
  );

  // Each has a remainder of one more when 1 / divisor is taken from it, which is a number of the field's size.
  it.each<[string, RegExp, number, RegExp]>([
    ["κ", /\]\.FloorBy_[\d_]+\.quotient$/, 0, /^main\.priced\[1\]\.Bits_/],
    ["a logarithm", /\.m\.Floor_.*quotient$/, 0, /\.m\.signed\.Bits_/],
    ["√T", /\.time\.Floor_[\d_]+\.quotient$/, 0, /\.time\.Bits_/],
    ["an exponent", /\.time\.Floor_[\d_]+\.quotient$/, 1, /\.Exponential_[\d_]+\.argument/],
    ["a power", /\.Exponential_[\d_]+\.Floor_.*quotient$/, 0, /\.Exponential_[\d_]+\.Bits_/],
    ["a shock up", /\.volatilities\.Floor_.*quotient$/, 0, /\.volatilities\.up\.difference\.Bits_/],
    ["a shock down", /\.volatilities\.Floor_.*quotient$/, 1, /\.volatilities\.Bits_/],
    ["the width of the smile", /\.volatilities\.Floor_.*quotient$/, 2, /\.volatilities\.width\.difference\.Bits_/],
    ["a skew", /\.volatilities\.FloorBy_.*quotient$/, 0, /\.volatilities\.z\.difference\.Bits_/],
    ["what a skew changes", /\.volatilities\.Floor_.*quotient$/, 3, /\.volatilities\.Bits_/],
    ["half a volatility", /\.half\[1\]\.Floor_.*quotient$/, 0, /\.half\[1\]\.half\.difference\.Bits_/],
    ["a reciprocal", /\.half\[1\]\.FloorBy_.*quotient$/, 0, /\.half\[1\]\.Bits_/],
    ["a state's value", /\.rounded\[2\]\.SparseFloor_.*quotient$/, 0, /\.rounded\[2\]\.SparseBits_/],
    ["a tail's value", /\.rounded\[22\]\.SparseFloor_.*quotient$/, 0, /\.rounded\[22\]\.SparseBits_/],
    ["gamma", /\.figures\.Floor_.*quotient$/, 0, /\.figures\.gamma\.difference\.Bits_/],
    ["an error bound", /\.figures\.Floor_.*quotient$/, 1, /\.figures\.Bits_/],
  ])("a quotient that fits its remainder only by wrapping around the field: %s", (_, pattern, place, check) => {
    const name = liar.named(pattern).filter((found) => found.startsWith("main.priced[1]."))[place] as string;
    const parent = name.slice(0, -".quotient".length);
    const divisor = /FloorBy/.test(name)
      ? liar.at(liar.witness(facts), `${parent}.divisor`)
      : liar.system.factorOf(liar.index(name), liar.index(`${parent}.in`));
    const lie = mod(liar.at(liar.witness(facts), name) - inverse(divisor));
    const refused = liar.refusals(facts, { [name]: lie });
    expect(refused.filter((path) => path.startsWith(`${parent}.`))).toEqual([]);
    expect(refused.filter((path) => check.test(path)).length).toBeGreaterThan(0);
  });

  it("a pair that does not fit its 42 bits", () => {
    const name = liar.first(/^main\.priced\[0\]\.rounded\[2\]\.SparseFloor.*\.quotient$/);
    expect(liar.refusals(facts, { [name]: 1n << 41n }).join()).toMatch(/rounded\[2\]\.SparseBits/);
  });

  it("the negative root", () => {
    const name = liar.first(/^main\.priced\[0\]\.time\.Root.*\.root$/);
    expect(liar.refusals(facts, { [name]: mod(-liar.at(liar.witness(facts), name)) }).join()).toMatch(/time\.Root/);
  });

  it("an exponent that is not that of the ratio, selected once or twice", () => {
    const name = (i: number): string => `main.priced[0].m.selected[${i}]`;
    const honest = liar.witness(facts);
    const selected = Array.from({ length: 20 }, (_, i) => i).findIndex((i) => liar.at(honest, name(i)) === 1n);
    expect(liar.refusals(facts, { [name(selected)]: 0n }).join()).toMatch(/priced\[0\]\.m/);
    expect(liar.refusals(facts, { [name(selected + 1)]: 1n }).join()).toMatch(/priced\[0\]\.m/);
    expect(liar.refusals(facts, { [name(selected)]: 2n, [name(selected + 1)]: mod(-1n) }).join()).toMatch(
      /priced\[0\]\.m/,
    );
  });

  it("the claim that an argument is far out, on either side", () => {
    const name = liar.first(/^main\.priced\[0\]\.unshocked\.Argument.*\.outside$/);
    const remainder = name.replace(/outside$/, "r");
    for (const side of [1n, -1n]) {
      // the remainder that would be right is negative; another is that of another distance
      expect(liar.refusals(facts, { [name]: mod(side) }).join()).toMatch(/unshocked\.Argument.*SparseBits/);
      expect(liar.refusals(facts, { [name]: mod(side), [remainder]: 0n })).toHaveLength(1);
    }
  });

  it("a remainder of 2¹⁸ for a smaller quotient", () => {
    const name = liar.first(/^main\.priced\[0\]\.unshocked\.Argument.*\.r$/);
    const quotient = name.replace(/r$/, "t");
    const honest = liar.witness(facts);
    const lie = { [name]: liar.at(honest, name) + (1n << 18n), [quotient]: mod(liar.at(honest, quotient) - 1n) };
    expect(liar.refusals(facts, lie)).toHaveLength(1);
  });

  it("a side that is neither −1, 0 nor 1", () => {
    const name = liar.first(/^main\.priced\[0\]\.unshocked\.Argument.*\.outside$/);
    expect(liar.refusals(facts, { [name]: 2n }).join()).toMatch(/unshocked\.Argument/);
  });

  it("the wrong side of what is far out, and gives the same values where both forms hold", () => {
    const far = factsOf([option({ seconds: 30n * DAY, volatility: 10n ** 11n }, 1_500n), PUT]);
    const honest = liar.witness(far);
    const sides = liar.named(/^main\.priced\[0\]\..*Argument.*\.outside$/);
    const outside = sides.filter((name) => liar.at(honest, name) !== 0n);
    expect(outside.length).toBeGreaterThan(3);
    for (const name of outside.slice(0, 8)) {
      const lie = { [name]: mod(-liar.at(honest, name)), [name.replace(/outside$/, "r")]: 0n };
      expect(liar.refusals(far, lie)).toHaveLength(1);
      // said to be near, it is far all the same, or has no place in 31 bits
      const near = liar.followed(far, { [name]: 0n });
      if (liar.violations(near, { [name]: 0n }).length === 0) expect(near.seriesValues).toEqual(far.seriesValues);
    }
  });

  it("bits that are not bits", () => {
    const name = liar.first(/^main\.priced\[0\]\.priced\[0\]\..*SparseBits.*\.bits\[0\]$/);
    const next = name.replace(/\[0\]$/, "[1]");
    const honest = liar.witness(facts);
    const lie = { [name]: liar.at(honest, name) + 2n, [next]: mod(liar.at(honest, next) - 1n) };
    expect(liar.refusals(facts, lie).join()).toMatch(/SparseBits/);
  });

  it("a strike beyond 2¹⁰ forwards", () => {
    const beyond = packSeriesTerms(option({}, 1_100_000n));
    const violated = liar.refusals({ ...facts, seriesTerms: [beyond, facts.seriesTerms[1] as bigint] }, {});
    expect(violated.join()).toMatch(/main\.priced\[0\]\.m\./);
  });

  it("the price of a put as that of a call, and of another state", () => {
    const call = factsOf([option({}, 1_100n), { ...PUT, kind: "call" }]);
    expect(liar.violations({ ...facts, seriesValues: call.seriesValues }).length).toBeGreaterThan(0);
    const states = facts.seriesValues.map(([first, second, ...rest]) => [second as bigint, first as bigint, ...rest]);
    expect(liar.violations({ ...facts, seriesValues: states }).length).toBeGreaterThan(0);
  });
});
