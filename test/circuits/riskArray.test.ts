import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { repositoryRoot } from "../../circuits/setup/compile.ts";
import { type ScenarioTerms, type SeriesTerms, seriesValues } from "../../sdk/src/model/pricing/index.ts";
import { vacantPlace } from "../../sdk/src/model/riskArray.ts";
import { LANE_BITS, SERIES_TERMS, SERIES_VALUE_WORDS, SIZES } from "../../sdk/src/protocol.ts";
import {
  type ArrayWords,
  packSeriesTerms,
  packSeriesValues,
  riskArrayStatement,
  unpackMarket,
  unpackScenarioTerms,
} from "../../sdk/src/statements/index.ts";
import { mod } from "./linear-system.ts";
import {
  DAY,
  factsOf,
  inputsOf,
  option,
  PAIR_BITS,
  PAIRS_PER_WORD,
  PUT,
  RiskArrayProver,
  SPOT,
} from "./riskArrayProver.ts";

const size = SIZES.small;
const TIMEOUT = 240_000;
const FIGURES = SERIES_VALUE_WORDS * PAIRS_PER_WORD;

let liar: RiskArrayProver;
beforeAll(async () => {
  liar = await RiskArrayProver.ready();
}, TIMEOUT);

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
  it(
    "accepts every series of the shared vectors",
    () => {
      expect(vectors.series.length).toBeGreaterThan(30);
      for (const series of vectors.series) expect(liar.violations(vectorFacts(series))).toEqual([]);
    },
    TIMEOUT,
  );

  it.each<[string, SeriesTerms[], Partial<ScenarioTerms>]>([
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
    expect(liar.violations(factsOf(series, terms))).toEqual([]);
  });

  it("has the public inputs of the statement that a contract forms", () => {
    const facts = factsOf([option(), PUT]);
    const statement = riskArrayStatement(facts, size);
    const witness = liar.prover.witness({
      ...inputsOf(facts),
      "main.challenge": statement.challenge,
      "main.evaluation": statement.evaluation,
    });
    expect(liar.system.violations(witness)).toEqual([]);
    expect(liar.at(witness, "main.commitment")).toBe(statement.commitment);
    for (const name of ["commitment", "challenge", "evaluation"]) {
      const other = [...witness];
      other[liar.index(`main.${name}`)] = mod(liar.at(witness, `main.${name}`) + 1n);
      expect(liar.system.violations(other).length).toBeGreaterThan(0);
    }
  });

  it.each<[string, SeriesTerms[]]>([
    ["two options", [option({}, 1_100n), PUT]],
    ["arguments far out", [option({ seconds: 60n }, 1_500n), option({ kind: "put", seconds: 3_600n }, 800n)]],
  ])("notices a change of any signal of the witness: %s", (_, series) => {
    expect(liar.system.unnoticed(liar.witness(factsOf(series)))).toEqual([]);
  });

  it("notices a change of any signal of a perpetual's witness but a sign of zero", () => {
    const free = liar.system.unnoticed(liar.witness(factsOf([option({ kind: "perpetual" }), vacantPlace(SPOT)])));
    expect(free.filter((name) => !name.endsWith(".negative"))).toEqual([]);
  });
});

describe("riskArray refuses", () => {
  const facts = factsOf([option({}, 1_100n), PUT]);

  describe("A: words", () => {
    it("another set of states", () => {
      expect(liar.violations({ ...facts, stateSet: facts.stateSet + 1n })).toEqual(["main.stateSet"]);
    });

    it.each([
      ["scenarioTerms", 5],
      ["market", 7],
    ] as const)("%s with a lane after the last", (word, lane) => {
      const violated = liar.violations({ ...facts, [word]: laneOf(facts[word], lane, 1n) });
      expect(violated.join()).toMatch(/^main\.shared\.UnpackHeldLanes[^,]*$/);
    });

    it("a series' terms with a lane after the last", () => {
      const seriesTerms = [facts.seriesTerms[0] as bigint, laneOf(facts.seriesTerms[1] as bigint, 11, 1n)];
      expect(liar.violations({ ...facts, seriesTerms }).join()).toMatch(/^main\.UnpackHeldLanes[^,]*$/);
    });

    it(
      "any value moved by one",
      () => {
        for (let figure = 0; figure < FIGURES; figure++) {
          const word = Math.floor(figure / PAIRS_PER_WORD);
          const moved = facts.seriesValues.map((words) => [...words]);
          const row = moved[figure % size.series] as bigint[];
          row[word] = (row[word] as bigint) + (1n << (PAIR_BITS * BigInt(figure % PAIRS_PER_WORD)));
          expect(liar.violations({ ...facts, seriesValues: moved })).toHaveLength(1);
        }
      },
      TIMEOUT,
    );

    it("values of another place", () => {
      expect(liar.violations({ ...facts, seriesValues: facts.seriesValues.toReversed() }).length).toBeGreaterThan(0);
    });

    it("a leaf or an array commitment that is not the sponge of the words", () => {
      expect(liar.violations(facts, { "main.leaf[1].commitment": 5n }).join()).toMatch(/main\.leaf\[1\]/);
      expect(liar.violations(facts, { "main.array.commitment": 5n }).join()).toMatch(/main\.array\./);
    });

    it("a kind that is none", () => {
      const seriesTerms = [
        laneOf(facts.seriesTerms[0] as bigint, SERIES_TERMS.kind, 2n),
        facts.seriesTerms[1] as bigint,
      ];
      expect(liar.refusals({ ...facts, seriesTerms }, {}).join()).toMatch(/main\.priced\[0\]\.putTwice/);
    });
  });
});
