/** A prover that cheats about risk arrays of the small size. */
import type { ScenarioTerms, SeriesTerms } from "../../sdk/src/model/pricing/index.ts";
import { LANE_BITS, PAIR_LANES, SERIES_VALUE_WORDS, SIZES } from "../../sdk/src/protocol.ts";
import { type ArrayWords, evaluationOf, riskArrayFacts } from "../../sdk/src/statements/index.ts";
import { CheatingProver } from "./cheating-prover.ts";
import type { ConstraintSystem } from "./constraint-system.ts";
import { mod } from "./linear-system.ts";
import { tamperable } from "./systems.ts";

/** {s} */
export const DAY = 86_400n;
export const PAIRS_PER_WORD = 6;
export const PAIR_BITS = BigInt(LANE_BITS * PAIR_LANES);

/** {ppt of a dollar} */
export const SPOT = 63_123_456_789_012_345n;
const TERMS = { version: 1n, step: 60_000n, upShock: 450_000n, downShock: 300_000n, minimumUpVolatility: 600_000n };

/** A call at the money for 30 days at 60 %, with changes. @param strike {thousandths of the spot} */
export const option = (changes: Partial<SeriesTerms> = {}, strike = 1_000n): SeriesTerms => ({
  kind: "call",
  expirySlot: 1,
  basis: 1_234n,
  volatility: 600_000_000_000n,
  seconds: 30n * DAY,
  strike: (SPOT * strike) / 1_000n,
  ...changes,
});
export const PUT = option({ kind: "put", basis: -2_000n, volatility: 700_000_000_000n, seconds: 7n * DAY }, 900n);

export const factsOf = (series: readonly SeriesTerms[], terms: Partial<ScenarioTerms> = {}): ArrayWords =>
  riskArrayFacts(
    { market: { spot: SPOT, time: 1_700_000_000n, underlying: 3 }, terms: { ...TERMS, ...terms }, series },
    SIZES.small,
  );

const CHALLENGE = 2n ** 200n + 7n;

/** The circuit's inputs, with a challenge of our own and no evaluation yet. */
export function inputsOf(facts: ArrayWords): Record<string, bigint> {
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

/** A value follows from its series, never from the word that is said to hold it. */
const packs = (names: readonly string[]): boolean =>
  names.some((name) => name.startsWith("main.seriesValues")) && names.some((name) => name.includes(".pairs["));

export class RiskArrayProver {
  readonly system: ConstraintSystem;
  readonly prover: CheatingProver;

  constructor(system: ConstraintSystem) {
    this.system = system;
    this.prover = new CheatingProver(system, packs);
  }

  static async ready(): Promise<RiskArrayProver> {
    const ready = new RiskArrayProver(await tamperable("riskArray_small"));
    // the first witness finds the order of all others, which takes longer than a test may
    ready.witness(factsOf([option(), PUT]));
    return ready;
  }

  index(name: string): number {
    const index = this.system.indexOf.get(name);
    if (index === undefined) throw new Error(`the circuit has no signal ${name}`);
    return index;
  }

  at(witness: readonly bigint[], name: string): bigint {
    return witness[this.index(name)] as bigint;
  }

  /** The signals whose names match. */
  named(pattern: RegExp): string[] {
    return this.system.names.filter((name) => pattern.test(name));
  }

  /** The first of them. */
  first(pattern: RegExp): string {
    const name = this.system.names.find((found) => pattern.test(found));
    if (name === undefined) throw new Error(`the circuit has no signal like ${pattern}`);
    return name;
  }

  /** The witness of a prover who states these facts, true or false, with an evaluation that fits them. */
  witness(facts: ArrayWords, forced: Record<string, bigint> = {}): bigint[] {
    const witness = this.prover.witness(inputsOf(facts), forced);
    const { stateSet, scenarioTerms, market, seriesTerms, seriesValues } = facts;
    const commitment = this.at(witness, "main.array.commitment");
    const words = [stateSet, scenarioTerms, market, ...seriesTerms, ...seriesValues.flat(), commitment];
    witness[this.index("main.evaluation")] = evaluationOf(words, CHALLENGE);
    return witness;
  }

  violations(facts: ArrayWords, forced: Record<string, bigint> = {}): string[] {
    return this.system.violations(this.witness(facts, forced));
  }

  /** The words of values that follow from what a prover forces: a lie that is consistent wherever it can be. */
  followed(facts: ArrayWords, forced: Record<string, bigint>): ArrayWords {
    const witness = this.prover.witness(inputsOf(facts), forced);
    const pair = (k: number, place: number): bigint => this.at(witness, `main.priced[${k}].pairs[${place}]`);
    const wordOf = (k: number, w: number): bigint => {
      let word = 0n;
      for (let i = PAIRS_PER_WORD - 1; i >= 0; i--) word = (word << PAIR_BITS) + pair(k, w * PAIRS_PER_WORD + i);
      return mod(word);
    };
    return {
      ...facts,
      seriesValues: facts.seriesTerms.map((_, k) => Array.from({ length: SERIES_VALUE_WORDS }, (_, w) => wordOf(k, w))),
    };
  }

  /** What stands between a lie and a proof when all else is made to fit it. */
  refusals(facts: ArrayWords, forced: Record<string, bigint> = {}): string[] {
    return this.violations(this.followed(facts, forced), forced);
  }
}
