import { beforeAll, describe, expect, it } from "vitest";
import { seededBook } from "../../sdk/src/model/margin/seededBook.ts";
import { SIZES } from "../../sdk/src/protocol.ts";
import {
  type MarginFacts,
  type MarginParameters,
  marginFacts,
  marginInput,
  marginStatement,
  riskArrayFacts,
  type Statement,
  statementOf,
} from "../../sdk/src/statements/index.ts";
import { CheatingProver } from "./cheating-prover.ts";
import { tamperable } from "./systems.ts";

const size = SIZES.small;
const TIMEOUT = 240_000;

type Inputs = ReturnType<typeof marginInput>;

let prover: CheatingProver;
beforeAll(async () => {
  prover = new CheatingProver(await tamperable("margin_small"));
}, TIMEOUT);

function parametersOf(seed: number, options: Parameters<typeof seededBook>[1] = {}): MarginParameters {
  const book = seededBook(seed, { size, ...options });
  const arrays = book.arrays.map((array) => array && riskArrayFacts(array, size));
  return { ...book, arrays, level: "maintenance" };
}

const honest = (parameters: MarginParameters): { facts: MarginFacts; input: Inputs; statement: Statement } => {
  const { facts } = marginFacts(parameters, size);
  const statement = marginStatement(facts, size);
  return { facts, input: marginInput(facts, statement, size), statement };
};

/** A nested input as the signals of the circuit. */
function signalsOf(name: string, value: unknown): [string, bigint][] {
  if (Array.isArray(value)) return value.flatMap((entry, k) => signalsOf(`${name}[${k}]`, entry));
  return [[name, BigInt(value as string)]];
}

const WORDS = [
  "positions",
  "cash",
  "collateral",
  "collateralPrices",
  "collateralHaircuts",
  "collateralSlopes",
  "collateralArrays",
  "marginTerms",
  "jointStates",
  "result",
  "greeks",
] as const;

/** The witness of a prover who states these inputs, true or false, with public inputs that fit the statement. */
function witnessOf(
  truth: ReturnType<typeof honest>,
  lie: Partial<Inputs> = {},
  forced: Record<string, bigint> = {},
  commitments: readonly bigint[] = truth.statement.words.slice(-4),
): bigint[] {
  const input = { ...truth.input, ...lie };
  const words = [...WORDS.flatMap((word) => [input[word]].flat().map(BigInt)), ...commitments];
  const statement = statementOf("margin", words, size);
  const stated = { ...input, challenge: String(statement.challenge), evaluation: String(statement.evaluation) };
  const given = Object.fromEntries(Object.entries(stated).flatMap(([name, value]) => signalsOf(`main.${name}`, value)));
  return prover.witness(given, forced);
}

const violationsOf = (...lie: Parameters<typeof witnessOf>): string[] => prover.system.violations(witnessOf(...lie));

describe("margin", () => {
  it.each([1, 2, 3])("accepts what the model says of a seeded book: %i", (seed) => {
    expect(violationsOf(honest(parametersOf(seed)))).toEqual([]);
  });
});
