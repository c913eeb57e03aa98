import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { repositoryRoot } from "../../circuits/setup/compile.ts";
import { type SeriesTerms, seriesValues } from "../../sdk/src/model/pricing/index.ts";
import { vacantPlace } from "../../sdk/src/model/riskArray.ts";
import { LANE_BITS, PAIR_LANES, SERIES_TERMS, SERIES_VALUE_WORDS, SIZES, STATE_COUNT } from "../../sdk/src/protocol.ts";
import {
  type ArrayWords,
  evaluationOf,
  packSeriesTerms,
  packSeriesValues,
  riskArrayFacts,
  riskArrayStatement,
  unpackMarket,
  unpackScenarioTerms,
} from "../../sdk/src/statements/index.ts";
import { CheatingProver } from "./cheating-prover.ts";
import { inverse, mod } from "./linear-system.ts";
import { tamperable } from "./systems.ts";

const size = SIZES.small;
const TIMEOUT = 240_000;
const DAY = 86_400n;
const PAIRS_PER_WORD = 6;
const PAIR_BITS = BigInt(LANE_BITS * PAIR_LANES);
const FIGURES = SERIES_VALUE_WORDS * PAIRS_PER_WORD;

let prover: CheatingProver;
beforeAll(async () => {
  // a value follows from its series, never from the word that is said to hold it
  const packs = (names: readonly string[]): boolean =>
    names.some((name) => name.startsWith("main.seriesValues")) && names.some((name) => name.includes(".pairs["));
  prover = new CheatingProver(await tamperable("riskArray_small"), packs);
}, TIMEOUT);

const SPOT = 63_123_456_789_012_345n;
const TERMS = { version: 1n, step: 60_000n, upShock: 450_000n, downShock: 300_000n, minimumUpVolatility: 600_000n };

/** A call at the money for 30 days at 60 %, with changes. @param strike {thousandths of the spot} */
const option = (changes: Partial<SeriesTerms> = {}, strike = 1_000n): SeriesTerms => ({
  kind: "call",
  expirySlot: 1,
  basis: 1_234n,
  volatility: 600_000_000_000n,
  seconds: 30n * DAY,
  strike: (SPOT * strike) / 1_000n,
  ...changes,
});
const PUT = option({ kind: "put", basis: -2_000n, volatility: 700_000_000_000n, seconds: 7n * DAY }, 900n);

const factsOf = (series: readonly SeriesTerms[], terms: Partial<typeof TERMS> = {}): ArrayWords =>
  riskArrayFacts(
    { market: { spot: SPOT, time: 1_700_000_000n, underlying: 3 }, terms: { ...TERMS, ...terms }, series },
    size,
  );

const CHALLENGE = 2n ** 200n + 7n;

function given(facts: ArrayWords): Record<string, bigint> {
  const inputs: Record<string, bigint> = {
    "main.stateSet": facts.stateSet,
    "main.scenarioTerms": facts.scenarioTerms,
    "main.market": facts.market,
    "main.challenge": CHALLENGE,
    "main.evaluation": 0n,
  };
  facts.seriesTerms.forEach((word, k) => {
    inputs[`main.seriesTerms[${k}]`] = word;
  });
  facts.seriesValues.flat().forEach((word, w) => {
    inputs[`main.seriesValues[${w}]`] = word;
  });
  return inputs;
}

const at = (witness: readonly bigint[], name: string): bigint => {
  const value = witness[prover.system.indexOf.get(name) ?? -1];
  if (value === undefined) throw new Error(`the circuit has no signal ${name}`);
  return value;
};

/** The witness of a prover who states these facts, true or false, with an evaluation that fits them. */
function witnessOf(facts: ArrayWords, forced: Record<string, bigint> = {}): bigint[] {
  const witness = prover.witness(given(facts), forced);
  const { stateSet, scenarioTerms, market, seriesTerms, seriesValues: values } = facts;
  const words = [
    stateSet,
    scenarioTerms,
    market,
    ...seriesTerms,
    ...values.flat(),
    at(witness, "main.array.commitment"),
  ];
  witness[prover.system.indexOf.get("main.evaluation") ?? -1] = evaluationOf(words, CHALLENGE);
  return witness;
}

/** The words of values that follow from what a prover forces: a lie that is consistent wherever it can be. */
function followed(facts: ArrayWords, forced: Record<string, bigint>): ArrayWords {
  const witness = prover.witness(given(facts), forced);
  const wordOf = (k: number, w: number): bigint =>
    Array.from({ length: PAIRS_PER_WORD }, (_, i) => i).reduce(
      (word, i) =>
        word + (at(witness, `main.priced[${k}].pairs[${w * PAIRS_PER_WORD + i}]`) << (PAIR_BITS * BigInt(i))),
      0n,
    );
  return {
    ...facts,
    seriesValues: facts.seriesTerms.map((_, k) =>
      Array.from({ length: SERIES_VALUE_WORDS }, (_, w) => mod(wordOf(k, w))),
    ),
  };
}

const violationsOf = (facts: ArrayWords, forced: Record<string, bigint> = {}): string[] =>
  prover.system.violations(witnessOf(facts, forced));
/** What stands between a lie and a proof when all else is made to fit it. */
const refusalsOf = (facts: ArrayWords, forced: Record<string, bigint>): string[] =>
  violationsOf(followed(facts, forced), forced);

type VectorSeries = {
  readonly market: string;
  readonly scenarioTerms: string;
  readonly seriesTerms: string;
  readonly seriesValues: readonly string[];
};
const vectors = JSON.parse(readFileSync(join(repositoryRoot, "test/vectors/risk-array.json"), "utf8")) as {
  readonly series: readonly VectorSeries[];
};

/** A series of the vectors, in an array with a place that is vacant. */
function vectorFacts(series: VectorSeries): ArrayWords {
  const market = BigInt(series.market);
  const scenarioTerms = BigInt(series.scenarioTerms);
  const { spot } = unpackMarket(market);
  const vacant = vacantPlace(spot);
  const vacantValues = seriesValues(spot, vacant, unpackScenarioTerms(scenarioTerms));
  return {
    stateSet: factsOf([option(), PUT]).stateSet,
    market,
    scenarioTerms,
    seriesTerms: [BigInt(series.seriesTerms), packSeriesTerms(vacant)],
    seriesValues: [series.seriesValues.map(BigInt), packSeriesValues(vacantValues)],
  };
}

const laneOf = (word: bigint, lane: number, change: bigint): bigint => word + (change << BigInt(LANE_BITS * lane));

describe("riskArray", () => {
  it("accepts every series of the shared vectors", () => {
    expect(vectors.series.length).toBeGreaterThan(30);
    for (const series of vectors.series) expect(violationsOf(vectorFacts(series))).toEqual([]);
  });

  it.each<[string, SeriesTerms[], Partial<typeof TERMS>]>([
    ["at and out of the money", [option(), PUT], {}],
    ["strikes of a thousandth and a thousand spots", [option({}, 1n), option({ kind: "put" }, 1_000_000n)], {}],
    ["their opposites", [option({}, 1_000_000n), option({ kind: "put" }, 1n)], {}],
    [
      "one minute to expiry",
      [option({ seconds: 60n }), option({ seconds: 60n, kind: "put", volatility: 10n ** 10n }, 1_001n)],
      {},
    ],
    [
      "a volatility of 400 %",
      [option({ volatility: 4n * 10n ** 12n }), option({ volatility: 4n * 10n ** 12n, seconds: 365n * DAY })],
      {},
    ],
    ["no volatility to speak of", [option({ volatility: 1n }), option({ volatility: 1n, kind: "put" }, 1_100n)], {}],
    ["a perpetual and a vacant place", [option({ kind: "perpetual" }), vacantPlace(SPOT)], {}],
    ["the widest range", [option(), PUT], { step: 200_000n }],
    ["the narrowest range", [option(), PUT], { step: 1n }],
    ["no shocks", [option(), PUT], { upShock: 0n, downShock: 0n, minimumUpVolatility: 0n }],
    ["the greatest shocks", [option(), PUT], { upShock: 10n ** 6n, downShock: 2n ** 21n - 1n }],
    ["the forward at its bounds", [option({ basis: 250_000n }), option({ basis: -250_000n, kind: "put" })], {}],
    [
      "a minute less and more than 30 days",
      [option({ seconds: 30n * DAY - 60n }), option({ seconds: 30n * DAY + 60n })],
      {},
    ],
  ])("accepts what the model says: %s", (_, series, terms) => {
    expect(violationsOf(factsOf(series, terms))).toEqual([]);
  });

  it("has the public inputs of the statement that a contract forms", () => {
    const facts = factsOf([option(), PUT]);
    const statement = riskArrayStatement(facts, size);
    const witness = prover.witness({
      ...given(facts),
      "main.challenge": statement.challenge,
      "main.evaluation": statement.evaluation,
    });
    expect(prover.system.violations(witness)).toEqual([]);
    expect(at(witness, "main.commitment")).toBe(statement.commitment);
    for (const name of ["commitment", "challenge", "evaluation"]) {
      const other = [...witness];
      other[prover.system.indexOf.get(`main.${name}`) as number] = mod(at(witness, `main.${name}`) + 1n);
      expect(prover.system.violations(other).length).toBeGreaterThan(0);
    }
  });

  it.each<[string, SeriesTerms[]]>([
    ["two options", [option({}, 1_100n), PUT]],
    ["arguments far out", [option({ seconds: 60n }, 1_500n), option({ kind: "put", seconds: 3_600n }, 800n)]],
  ])("notices a change of any signal of the witness: %s", (_, series) => {
    expect(prover.system.unnoticed(witnessOf(factsOf(series)))).toEqual([]);
  });

  it("notices a change of any signal of a perpetual's witness but a sign of zero", () => {
    const free = prover.system.unnoticed(witnessOf(factsOf([option({ kind: "perpetual" }), vacantPlace(SPOT)])));
    expect(free.filter((name) => !name.endsWith(".negative"))).toEqual([]);
  });
});

describe("riskArray refuses", () => {
  const facts = factsOf([option({}, 1_100n), PUT]);

  describe("A: words", () => {
    it("another set of states", () => {
      expect(violationsOf({ ...facts, stateSet: facts.stateSet + 1n })).toEqual(["main.stateSet"]);
    });

    it.each([
      ["scenarioTerms", 5],
      ["market", 7],
    ] as const)("%s with a lane after the last", (word, lane) => {
      const violated = violationsOf({ ...facts, [word]: laneOf(facts[word], lane, 1n) });
      expect(violated.join()).toMatch(/^main\.shared\.UnpackHeldLanes[^,]*$/);
    });

    it("a series' terms with a lane after the last", () => {
      const seriesTerms = [facts.seriesTerms[0] as bigint, laneOf(facts.seriesTerms[1] as bigint, 11, 1n)];
      expect(violationsOf({ ...facts, seriesTerms }).join()).toMatch(/^main\.UnpackHeldLanes[^,]*$/);
    });

    it("any value moved by one", () => {
      for (let k = 0; k < size.series; k++) {
        for (let figure = 0; figure < FIGURES; figure++) {
          const word = Math.floor(figure / PAIRS_PER_WORD);
          const moved = facts.seriesValues.map((words) => [...words]);
          const row = moved[k] as bigint[];
          row[word] = (row[word] as bigint) + (1n << (PAIR_BITS * BigInt(figure % PAIRS_PER_WORD)));
          expect(violationsOf({ ...facts, seriesValues: moved })).toHaveLength(1);
        }
      }
    });

    it("values of another place", () => {
      expect(violationsOf({ ...facts, seriesValues: facts.seriesValues.toReversed() }).length).toBeGreaterThan(0);
    });

    it("a leaf or an array commitment that is not the sponge of the words", () => {
      expect(violationsOf(facts, { "main.leaf[1].commitment": 5n }).join()).toMatch(/main\.leaf\[1\]/);
      expect(violationsOf(facts, { "main.array.commitment": 5n }).join()).toMatch(/main\.array\./);
    });

    it("a kind that is none", () => {
      const seriesTerms = [
        laneOf(facts.seriesTerms[0] as bigint, SERIES_TERMS.kind, 2n),
        facts.seriesTerms[1] as bigint,
      ];
      expect(refusalsOf({ ...facts, seriesTerms }, {}).join()).toMatch(/main\.priced\[0\]\.putTwice/);
    });
  });

  describe("B: prices", () => {
    /** Every hint of the series at place 1 and of the market, one of each kind: without the numbers of its components. */
    const hintsByKind = (): string[] => {
      const kinds = new Map<string, string>();
      for (const name of prover.system.names) {
        if (!/^main\.(?:shared|priced\[1\])\./.test(name)) continue;
        if (
          !/\.(?:(?:Floor|SparseFloor|FloorBy)_[\d_]+\.quotient|high|root|negative|exponent|mantissa|outside|r|t|lastBit)$/.test(
            name,
          )
        )
          continue;
        kinds.set(name.replaceAll(/\[\d+\]/g, ""), name);
      }
      return [...kinds.values()];
    };

    it(
      "every kind of hint moved by one, with all that follows from it",
      () => {
        const hints = hintsByKind();
        expect(hints.length).toBeGreaterThan(40);
        const honest = witnessOf(facts);
        const accepted: string[] = [];
        for (const name of hints) {
          const value = at(honest, name);
          const isBit = /\.(?:negative|lastBit)$/.test(name);
          for (const lie of isBit ? [1n - value] : [value + 1n, value - 1n]) {
            if (refusalsOf(facts, { [name]: mod(lie) }).length === 0) accepted.push(`${name} = ${lie}`);
          }
        }
        expect(accepted).toEqual([]);
      },
      TIMEOUT,
    );

    it("every kind of quotient that fits its remainder only by wrapping around the field", () => {
      const honest = witnessOf(facts);
      const accepted: string[] = [];
      const quotients = hintsByKind().filter((name) => name.endsWith(".quotient"));
      expect(quotients.length).toBeGreaterThan(15);
      for (const name of quotients) {
        const parent = name.slice(0, -".quotient".length);
        const divisor = /FloorBy/.test(name)
          ? at(honest, `${parent}.divisor`)
          : prover.system.factorOf(index(name), index(`${parent}.in`));
        // the remainder grows by one, and by all but one of the divisor
        for (const change of [-inverse(divisor), inverse(divisor)]) {
          const lie = mod(at(honest, name) + change);
          if (refusalsOf(facts, { [name]: lie }).length === 0) accepted.push(`${name} = ${lie}`);
        }
      }
      expect(accepted).toEqual([]);
    });

    it("a pair that does not fit its 42 bits", () => {
      const name = prover.system.names.find((found) =>
        /^main\.priced\[0\]\.rounded\[2\]\.SparseFloor.*\.quotient$/.test(found),
      );
      expect(refusalsOf(facts, { [name as string]: 1n << 41n }).join()).toMatch(/rounded\[2\]\.SparseBits/);
    });

    it("the negative root", () => {
      const name = prover.system.names.find((found) => /^main\.priced\[0\]\.time\.Root.*\.root$/.test(found)) as string;
      expect(refusalsOf(facts, { [name]: mod(-at(witnessOf(facts), name)) }).join()).toMatch(/time\.Root/);
    });

    it("an exponent that is not that of the ratio, selected once or twice", () => {
      const name = (i: number): string => `main.priced[0].m.selected[${i}]`;
      const honest = witnessOf(facts);
      const selected = Array.from({ length: 20 }, (_, i) => i).findIndex((i) => at(honest, name(i)) === 1n);
      expect(refusalsOf(facts, { [name(selected)]: 0n }).join()).toMatch(/priced\[0\]\.m/);
      expect(refusalsOf(facts, { [name(selected + 1)]: 1n }).join()).toMatch(/priced\[0\]\.m/);
      expect(refusalsOf(facts, { [name(selected)]: 2n, [name(selected + 1)]: mod(-1n) }).join()).toMatch(
        /priced\[0\]\.m/,
      );
    });

    it("the claim that an argument is far out, on either side", () => {
      for (const side of [1n, -1n]) {
        const name = prover.system.names.find((found) =>
          /^main\.priced\[0\]\.unshocked\.Argument.*\.outside$/.test(found),
        );
        expect(refusalsOf(facts, { [name as string]: mod(side) }).join()).toMatch(/unshocked\.Argument/);
      }
    });

    it("a remainder of 2¹⁸ for a smaller quotient", () => {
      const name = prover.system.names.find((found) =>
        /^main\.priced\[0\]\.unshocked\.Argument.*\.r$/.test(found),
      ) as string;
      const quotient = name.replace(/r$/, "t");
      const honest = witnessOf(facts);
      const lie = { [name]: at(honest, name) + (1n << 18n), [quotient]: mod(at(honest, quotient) - 1n) };
      expect(refusalsOf(facts, lie)).toHaveLength(1);
    });

    it("a side that is neither −1, 0 nor 1", () => {
      const name = prover.system.names.find((found) =>
        /^main\.priced\[0\]\.unshocked\.Argument.*\.outside$/.test(found),
      );
      expect(refusalsOf(facts, { [name as string]: 2n }).join()).toMatch(/unshocked\.Argument/);
    });

    it("the wrong side of what is far out, and gives the same values where both forms hold", () => {
      const far = factsOf([option({ seconds: 30n * DAY, volatility: 10n ** 11n }, 1_500n), PUT]);
      const honest = witnessOf(far);
      const outside = prover.system.names.filter(
        (name) => /^main\.priced\[0\]\..*Argument.*\.outside$/.test(name) && at(honest, name) !== 0n,
      );
      expect(outside.length).toBeGreaterThan(3);
      for (const name of outside.slice(0, 8)) {
        expect(refusalsOf(far, { [name]: mod(-at(honest, name)) }).length).toBeGreaterThan(0);
        // said to be near, it is far all the same, or has no place in 31 bits
        const near = followed(far, { [name]: 0n });
        if (violationsOf(near, { [name]: 0n }).length === 0) expect(near.seriesValues).toEqual(far.seriesValues);
      }
    });

    it("bits that are not bits", () => {
      const name = prover.system.names.filter((found) =>
        /^main\.priced\[0\]\.priced\[0\]\..*SparseBits.*\.bits\[0\]$/.test(found),
      )[0] as string;
      const next = name.replace(/\[0\]$/, "[1]");
      const honest = witnessOf(facts);
      const lie = { [name]: at(honest, name) + 2n, [next]: mod(at(honest, next) - 1n) };
      expect(refusalsOf(facts, lie).join()).toMatch(/SparseBits/);
    });

    it("a strike beyond 2¹⁰ forwards", () => {
      const beyond = packSeriesTerms(option({}, 1_100_000n));
      const violated = refusalsOf({ ...facts, seriesTerms: [beyond, facts.seriesTerms[1] as bigint] }, {});
      expect(violated.join()).toMatch(/main\.priced\[0\]\.m\./);
    });

    it("the price of a put as that of a call, and of another state", () => {
      const call = factsOf([option({}, 1_100n), { ...PUT, kind: "call" }]);
      expect(violationsOf({ ...facts, seriesValues: call.seriesValues }).length).toBeGreaterThan(0);
      const states = facts.seriesValues.map(([first, second, ...rest]) => [second as bigint, first as bigint, ...rest]);
      expect(violationsOf({ ...facts, seriesValues: states }).length).toBeGreaterThan(0);
      expect(STATE_COUNT + 5).toBe(FIGURES);
    });
  });
});

const index = (name: string): number => prover.system.indexOf.get(name) ?? -1;
