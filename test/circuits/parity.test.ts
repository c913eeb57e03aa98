import { beforeAll, describe, expect, it } from "vitest";
import { packLanes } from "../../sdk/src/lanes.ts";
import { allocate, packAllocation } from "../../sdk/src/model/allocation.ts";
import { covarianceTriangle } from "../../sdk/src/model/covariance.ts";
import { defaultMandate, type Mandate, packMandate } from "../../sdk/src/model/mandate.ts";
import {
  FIELD_MODULUS,
  LANE_BITS,
  NORMALISED_TOTAL,
  PPM,
  SIGNED_OFFSET,
  SIZES,
  TERMS,
} from "../../sdk/src/protocol.ts";
import {
  covarianceCommitmentOf,
  type ParityFacts,
  parityInput,
  parityStatement,
  type Statement,
  statementOf,
} from "../../sdk/src/statements/index.ts";
import { CheatingProver } from "./cheating-prover.ts";
import { inverse } from "./linear-system.ts";
import { tamperable } from "./systems.ts";

const { windowLength } = SIZES.small;
const TIMEOUT = 120_000;

/** [16][3] {ppm}: volatilities of about 0.9, 0.9 and 0.6 %, the first two moving together. */
const DAY = [
  [-12_000n, -9_100n, 3n],
  [4_500n, 4_400n, -7_210n],
  [800n, -2_100n, 5_000n],
  [-3_333n, 2_900n, 0n],
  [9_011n, 8_500n, 640n],
  [-1n, 1n, -1n],
  [7_070n, 6_000n, 9_999n],
  [-5_500n, -6_000n, -2_500n],
];
const RETURNS = [
  ...DAY,
  ...DAY.map(([first, second, third]) => [first as bigint, second as bigint, -(third as bigint)]),
];

const BASE: Mandate = { ...defaultMandate(3), targetVolatility: 2_000n };
const CAPPED: Mandate = { ...BASE, caps: [200_000n, PPM, PPM] };
const UNBUDGETED: Mandate = { ...BASE, budgets: [400_000n, 600_000n, 0n] };

function factsOf(mandate: Mandate): ParityFacts {
  const triangle = covarianceTriangle(RETURNS, mandate.decayIndex);
  const allocation = allocate({ triangle, decayIndex: mandate.decayIndex, mandate, windowLength });
  return {
    ...packMandate(mandate),
    ...packAllocation(allocation),
    covarianceTriangle: triangle,
    kappa: allocation.kappa,
  };
}

let prover: CheatingProver;
beforeAll(async () => {
  prover = new CheatingProver(await tamperable("parity_small"));
}, TIMEOUT);

/** The witness of a prover who states these facts, true or false, with public inputs that fit the statement. */
function witnessOf(
  facts: ParityFacts,
  forced: Record<string, bigint> = {},
  statement: Statement = parityStatement(facts, SIZES.small),
): bigint[] {
  const given: Record<string, bigint> = {
    "main.terms": facts.terms,
    "main.budgets": facts.budgets,
    "main.caps": facts.caps,
    "main.weights": facts.weights,
    "main.portfolio": facts.portfolio,
    "main.kappa": BigInt(parityInput(facts, statement).kappa),
    "main.challenge": statement.challenge,
    "main.evaluation": statement.evaluation,
  };
  facts.covarianceTriangle.forEach((entry, k) => {
    given[`main.covarianceTriangle[${k}]`] = entry;
  });
  return prover.witness(given, forced);
}

const violationsOf = (...lie: Parameters<typeof witnessOf>): string[] => prover.system.violations(witnessOf(...lie));

/** Adds to a lane of a word. */
const moved = (word: bigint, lane: number, change: bigint): bigint => word + (change << BigInt(LANE_BITS * lane));
const term = (name: (typeof TERMS)[number]): number => TERMS.indexOf(name);

const facts = factsOf(BASE);

describe("parity", () => {
  it.each([
    ["equal budgets", BASE],
    ["an asset at its cap", CAPPED],
    ["an asset without a budget", UNBUDGETED],
    ["every asset at its cap", { ...BASE, caps: [200_000n, 300_000n, 500_000n] }],
    ["full shrinkage", { ...BASE, shrinkage: PPM }],
    ["some shrinkage", { ...BASE, shrinkage: 300_000n }],
    ["exposure at its maximum", { ...BASE, maxExposure: 100_000n }],
    ["the fastest decay", { ...BASE, decayIndex: 0 }],
    ["the flat decay", { ...BASE, decayIndex: 3 }],
  ])("accepts what the model allocates: %s", (_, mandate) => {
    expect(violationsOf(factsOf(mandate))).toEqual([]);
  });

  it("accepts every asset at its cap, whatever the window", () => {
    const mandate: Mandate = { ...BASE, caps: [200_000n, 300_000n, 500_000n] };
    for (let window = 1n; window <= 24n; window++) {
      const returns = RETURNS.map((row, t) => row.map((value, i) => (value * (window + BigInt((t * 7 + i) % 5))) / 9n));
      const triangle = covarianceTriangle(returns, mandate.decayIndex);
      const allocation = allocate({ triangle, decayIndex: mandate.decayIndex, mandate, windowLength });
      const stated = { ...packMandate(mandate), ...packAllocation(allocation), covarianceTriangle: triangle };
      expect(violationsOf({ ...stated, kappa: allocation.kappa })).toEqual([]);
    }
  });

  it("accepts the smallest variances a window can have", () => {
    const mandate = BASE;
    const triangle = covarianceTriangle(
      RETURNS.map((_, t) => [t === 7 ? 1n : 0n, t === 6 ? -1n : 0n, t % 2 ? 1n : 0n]),
      mandate.decayIndex,
    );
    const allocation = allocate({ triangle, decayIndex: mandate.decayIndex, mandate, windowLength });
    const smallest = { ...packMandate(mandate), ...packAllocation(allocation), covarianceTriangle: triangle };
    expect(violationsOf({ ...smallest, kappa: allocation.kappa })).toEqual([]);
  });

  it("accepts the largest variances a window can have", () => {
    const extreme = SIGNED_OFFSET - 1n;
    const triangle = covarianceTriangle(
      RETURNS.map((_, t) => [t % 2 ? extreme : -extreme, t % 3 ? extreme : -extreme, t % 5 ? extreme : -extreme]),
      BASE.decayIndex,
    );
    const allocation = allocate({ triangle, decayIndex: BASE.decayIndex, mandate: BASE, windowLength });
    const largest = { ...packMandate(BASE), ...packAllocation(allocation), covarianceTriangle: triangle };
    expect(violationsOf({ ...largest, kappa: allocation.kappa })).toEqual([]);
  });

  it.each([
    ["uncapped", BASE],
    ["capped", CAPPED],
  ])("notices a change of any signal of the witness but the free inverses: %s", (_, mandate) => {
    const free = prover.system.unnoticed(witnessOf(factsOf(mandate)));
    // IsZero leaves `inv` free exactly where its input is 0, which is what its output then says. κ′ is a hint: any
    // value of its interval proves the same statement.
    expect(free.filter((name) => !name.endsWith(".inv"))).toEqual([]);
  });

  describe("P-1: words are their lanes, the triangle is the committed one", () => {
    it.each(["budgets", "caps", "weights"] as const)("refuses %s with a lane after the last asset", (word) => {
      const violated = violationsOf({ ...facts, [word]: moved(facts[word], 3, 1n) });
      expect(violated).toHaveLength(1);
      expect(violated[0]).toMatch(/^main\.UnpackLanes/);
    });

    it("refuses a third lane in portfolio", () => {
      const violated = violationsOf({ ...facts, portfolio: moved(facts.portfolio, 2, 1n) });
      expect(violated.join()).toMatch(/^main\.UnpackLanes[^,]*$/);
    });

    it("refuses a triangle that is not the committed one", () => {
      const commitment = covarianceCommitmentOf(facts.covarianceTriangle);
      const other = facts.covarianceTriangle.map((entry) => entry * 4n);
      const words = parityStatement(facts, SIZES.small).words;
      const violated = violationsOf(
        { ...factsOf(BASE), covarianceTriangle: other, portfolio: packLanes([0n, 0n]) },
        { "main.covarianceCommitment": commitment },
        statementOf("parity", words, SIZES.small),
      );
      expect(violated.join()).toMatch(/main\.Sponge/);
    });
  });

  describe("P-2: shrinkage of correlations", () => {
    it("refuses shrinkage above one", () => {
      const lane = term("shrinkage");
      const above = { ...facts, terms: moved(facts.terms, lane, PPM + 1n) };
      expect(violationsOf(above).join()).toMatch(/main\.contributions\.AtMost/);
    });

    // a violated constraint is named by its last-declared signal
    it.each([
      ["main.contributions.cross[0][1]", "main.contributions.cross[0][1]"],
      ["main.contributions.shrunk[1]", "main.contributions.shrunk[1]"],
      ["main.contributions.R[2]", "main.contributions.shrunk[2]"],
    ])("refuses another %s", (name, violated) => {
      expect(violationsOf(facts, { [name]: 10n ** 20n })).toContain(violated);
    });

    it("refuses weights that are right under another shrinkage", () => {
      const other = factsOf({ ...BASE, shrinkage: PPM });
      const violated = violationsOf({ ...other, terms: facts.terms });
      expect(violated.join()).toMatch(/main\.optimality\.NonNegative/);
    });
  });

  describe("P-3: equal risk, to the tolerance", () => {
    it.each([
      [0, 1],
      [1, 2],
      [2, 0],
    ])("refuses 100 ppm moved from asset %i to asset %i", (from, to) => {
      const weights = moved(moved(facts.weights, from, -100n), to, 100n);
      const violated = violationsOf({ ...facts, weights }).filter((path) => !path.startsWith("main.risk."));
      expect(violated.length).toBeGreaterThan(0);
      for (const path of violated) expect(path).toMatch(/^main\.optimality\.NonNegative/);
    });

    it("refuses any κ for weights that are not risk parity", () => {
      const weights = packLanes([333_334n, 333_333n, 333_333n]);
      for (const kappa of [1n, facts.kappa / 2n, facts.kappa, facts.kappa * 2n]) {
        expect(violationsOf({ ...facts, weights, kappa }).join()).toMatch(/main\.optimality\.NonNegative/);
      }
    });

    it("refuses κ of zero, and with it a portfolio without risk", () => {
      expect(violationsOf({ ...facts, kappa: 0n }).join()).toMatch(/main\.optimality\.NonNegative/);
      const flat = facts.covarianceTriangle.map(() => 0n);
      for (const kappa of [0n, 1n]) {
        const violated = violationsOf({
          ...facts,
          covarianceTriangle: flat,
          portfolio: packLanes([0n, BASE.maxExposure]),
          kappa,
        });
        expect(violated.join()).toMatch(/^main\.optimality\.NonNegative/);
      }
    });

    describe("normaliser", () => {
      const name = "main.optimality.normaliser";

      it.each([
        ["twice as large, which would tighten the tolerance", (normaliser: bigint) => normaliser * 2n],
        ["half as large, which would loosen it", (normaliser: bigint) => normaliser / 2n],
        ["one below the least", (normaliser: bigint) => normaliser - 1n],
        ["zero", () => 0n],
      ])("refuses one that is %s", (_, change) => {
        const normaliser = witnessOf(facts)[prover.system.indexOf.get(name) as number] as bigint;
        const violated = violationsOf(facts, { [name]: change(normaliser) });
        expect(violated.join()).toMatch(/main\.optimality\.NonNegative/);
      });

      it("refuses one that reaches the range only by wrapping around the field", () => {
        const total = witnessOf(facts)[prover.system.indexOf.get("main.optimality.total") as number] as bigint;
        const wrapping = (NORMALISED_TOTAL * inverse(total)) % FIELD_MODULUS;
        expect((wrapping * total) % FIELD_MODULUS).toBe(NORMALISED_TOTAL);
        expect(violationsOf(facts, { [name]: wrapping }).join()).toMatch(/main\.optimality\.NonNegative/);
      });
    });

    it.each([1n, -1n])("refuses an error moved by %i", (change) => {
      const at = "main.optimality.error[1]";
      const error = witnessOf(facts)[prover.system.indexOf.get(at) as number] as bigint;
      expect(violationsOf(facts, { [at]: error + change }).join()).toMatch(/main\.optimality\.NonNegative/);
    });

    it("refuses an asset at its cap that carries more than its budget", () => {
      // the first asset held at a cap above its parity weight
      const high = packLanes([600_000n, 200_000n, 200_000n]);
      const caps = packLanes([600_000n, PPM, PPM]);
      for (const kappa of [facts.kappa, facts.kappa * 2n, facts.kappa / 2n]) {
        expect(violationsOf({ ...facts, caps, weights: high, kappa }).join()).toMatch(/main\.optimality\.NonNegative/);
      }
    });

    it("refuses the claim that an asset is at its cap", () => {
      const name = "main.optimality.atCap[1]";
      expect(violationsOf(facts, { [name]: 1n }).join()).toMatch(/main\.optimality\.IsZero/);
    });

    it("refuses a total that is not the sum of the contributions", () => {
      expect(violationsOf(facts, { "main.contributions.total": 2n ** 120n }).join()).toMatch(
        /main\.contributions\.total/,
      );
    });
  });

  describe("P-4: budgets and caps", () => {
    it("refuses weights that do not sum to one", () => {
      const violated = violationsOf({ ...facts, weights: moved(facts.weights, 0, 1n) });
      expect(violated.some((path) => /main\.optimality\.w\[/.test(path))).toBe(true);
    });

    it("refuses budgets that do not sum to one", () => {
      const violated = violationsOf({ ...facts, budgets: moved(facts.budgets, 1, 1n) });
      expect(violated.some((path) => /main\.optimality\.b\[/.test(path))).toBe(true);
    });

    it("refuses a weight above its cap", () => {
      const caps = packLanes([100_000n, PPM, PPM]);
      expect(violationsOf({ ...facts, caps }).join()).toMatch(/main\.optimality\.NonNegative/);
    });

    it("refuses a weight without a budget", () => {
      const lie = factsOf(UNBUDGETED);
      const violated = violationsOf({ ...lie, weights: moved(moved(lie.weights, 2, 1n), 0, -1n) });
      expect(violated.join()).toMatch(/main\.optimality\.unbudgeted\[2\]/);
    });
  });

  describe("P-5: portfolio volatility rounded down", () => {
    it.each([1n, -1n])("refuses it moved by %i ppm", (change) => {
      const violated = violationsOf({ ...facts, portfolio: moved(facts.portfolio, 0, change) });
      expect(violated.join()).toMatch(/main\.risk\.NonNegative/);
    });

    it("refuses a decay that is not on the menu", () => {
      const terms = moved(facts.terms, term("decayIndex"), 4n);
      expect(violationsOf({ ...facts, terms }).join()).toMatch(/main\.risk\./);
    });

    it("refuses the sum of another decay", () => {
      const flat = packMandate({ ...BASE, decayIndex: 3 }).terms;
      expect(violationsOf({ ...facts, terms: flat }).join()).toMatch(/main\.risk\.NonNegative/);
    });
  });

  describe("P-6: the largest exposure allowed", () => {
    it.each([1n, -1n])("refuses it moved by %i ppm", (change) => {
      const violated = violationsOf({ ...facts, portfolio: moved(facts.portfolio, 1, change) });
      expect(violated).toHaveLength(1);
      expect(violated[0]).toMatch(/^main\.risk\.NonNegative/);
    });

    it("refuses exposure above its maximum", () => {
      const calm = factsOf({ ...BASE, maxExposure: 100_000n });
      expect(violationsOf({ ...calm, portfolio: moved(calm.portfolio, 1, 1n) }).join()).toMatch(
        /^main\.risk\.NonNegative/,
      );
      expect(violationsOf({ ...calm, portfolio: moved(calm.portfolio, 1, -1n) }).join()).toMatch(
        /^main\.risk\.NonNegative/,
      );
    });
  });

  describe("statement", () => {
    it("refuses another evaluation, challenge or commitment", () => {
      const statement = parityStatement(facts, SIZES.small);
      expect(violationsOf(facts, { "main.evaluation": statement.evaluation + 1n }).join()).toMatch(
        /^main\.statement\./,
      );
      expect(violationsOf(facts, { "main.challenge": statement.challenge + 1n }).join()).toMatch(/^main\.statement\./);
      expect(violationsOf(facts, { "main.commitment": statement.commitment + 1n }).join()).toMatch(
        /^main\.Sponge[^,]*$/,
      );
    });
  });
});
