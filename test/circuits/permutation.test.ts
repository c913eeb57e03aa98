import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { compileCircuit, repositoryRoot } from "../../circuits/setup/compile.ts";
import { FIELD_MODULUS } from "../../sdk/src/protocol.ts";
import { absorb } from "../../sdk/src/statements/index.ts";
import { CheatingProver } from "./cheating-prover.ts";
import { ConstraintSystem } from "./constraint-system.ts";

const TIMEOUT = 120_000;

/** [17] pseudo-random field elements: the capacity and what it absorbs. */
function stateOf(seed: bigint): bigint[] {
  const state: bigint[] = [];
  let value = seed;
  for (let i = 0n; i < 17n; i++) {
    value = (value ** 5n + 3n ** 160n + i) % FIELD_MODULUS;
    state.push(value);
  }
  return state;
}

let prover: CheatingProver;
beforeAll(async () => {
  const { r1cs, sym } = await compileCircuit({
    source: join(import.meta.dirname, "fixtures/permutation.circom"),
    into: join(repositoryRoot, "build/tests/permutation"),
    level: "O0",
  });
  prover = new CheatingProver(await ConstraintSystem.read(r1cs, sym));
}, TIMEOUT);

function witnessOf([capacity, ...elements]: bigint[], forced: Record<string, bigint> = {}): bigint[] {
  const given = Object.fromEntries(elements.map((element, i) => [`main.elements[${i}]`, element]));
  return prover.witness({ "main.capacity": capacity as bigint, ...given }, forced);
}

const signalOf = (witness: readonly bigint[], name: string): bigint =>
  witness[prover.system.indexOf.get(name) as number] as bigint;

/** What a lie about one signal violates. Everything after it is computed from the lie. */
function violationsOf(pattern: RegExp, change = 1n): string[] {
  const name = prover.system.names.find((path) => pattern.test(path)) as string;
  expect(name, `a signal like ${pattern}`).toBeDefined();
  const honest = witnessOf(stateOf(7n));
  return prover.system.violations(witnessOf(stateOf(7n), { [name]: signalOf(honest, name) + change }));
}

describe("Permutation", () => {
  it.each([
    { of: "zeros", state: Array.from({ length: 17 }, () => 0n) },
    { of: "the largest elements", state: Array.from({ length: 17 }, () => FIELD_MODULUS - 1n) },
    ...[1n, 2n, 3n, 4n, 5n].map((seed) => ({ of: `state ${seed}`, state: stateOf(seed) })),
  ])("is circomlib's and the statements': of $of", ({ state }) => {
    const witness = witnessOf(state);
    expect(prover.system.violations(witness)).toEqual([]);
    expect(signalOf(witness, "main.ours")).toBe(signalOf(witness, "main.reference"));
    expect(signalOf(witness, "main.ours")).toBe(absorb(state[0] as bigint, state.slice(1)));
  });

  it("notices a change of any signal of the witness", () => {
    expect(prover.system.unnoticed(witnessOf(stateOf(6n)))).toEqual([]);
  });

  // a full round's constraints hold all of its results: one that lies breaks all seventeen
  it.each([
    ["a full round before the partial ones", /FullRound_\w+\[0\]\.next\[3\]$/, /FullRound_\w+\[0\]\.\w+\[\d+\]$/, 17],
    ["a full round after the partial ones", /FullRound_\w+\[2\]\.next\[0\]$/, /FullRound_\w+\[2\]\.\w+\[\d+\]$/, 17],
    ["the step before the partial rounds", /PartialRounds_\w+\.capacity\[0\]$/, /PartialRounds_\w+\.fifth\[15\]$/, 1],
    ["a partial round", /PartialRounds_\w+\.capacity\[40\]$/, /PartialRounds_\w+\.fourthOfCapacity\[39\]$/, 1],
    ["an element that is held", /Held_\w+\[5\]\.wire$/, /Held_\w+\[5\]\.one$/, 1],
    ["the last round", /LastRound_\w+\.end$/, /LastRound_\w+\.fifth\[15\]$/, 1],
  ])("refuses another value out of %s", (_, lie, rule, count) => {
    const violated = violationsOf(lie);
    expect(violated.filter((path) => rule.test(path))).toEqual(violated);
    expect(violated).toHaveLength(count);
  });

  it.each([-2n, -1n, 1n])("refuses 1 + %i in place of the one that holds wires", (change) => {
    expect(violationsOf(/^main\.One_\w+\.one$/, change)).toContainEqual(expect.stringMatching(/^main\.One_\w+\.one$/));
  });
});
