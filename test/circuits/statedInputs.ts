/** A prover that cheats about the inputs of a statement, as snarkjs takes them, in the small size. */
import { SIZES } from "../../sdk/src/protocol.ts";
import { type Statement, statementOf } from "../../sdk/src/statements/index.ts";
import { CheatingProver } from "./cheating-prover.ts";
import { tamperable } from "./systems.ts";

/** A nested input as the signals of the circuit. */
function signalsOf(name: string, value: unknown): [string, bigint][] {
  if (Array.isArray(value)) return value.flatMap((entry, k) => signalsOf(`${name}[${k}]`, entry));
  return [[name, BigInt(value as string)]];
}

/**
 * What a prover of this circuit can state, true or false.
 * @param wordsOf the inputs that are words of the statement, in its order; commitments to arrays come after them
 */
export function statedInputs<Inputs extends object>(
  circuit: "margin" | "solvency",
  wordsOf: readonly (keyof Inputs & string)[],
) {
  let prover: CheatingProver | undefined;
  /** To be awaited before the rest. */
  const ready = async (): Promise<CheatingProver> => {
    prover ??= new CheatingProver(await tamperable(`${circuit}_small`));
    return prover;
  };
  /** The witness with public inputs that fit what is stated. */
  const witnessOf = (
    truth: { readonly input: Inputs; readonly statement: Statement },
    lie: Partial<Inputs> = {},
    forced: Record<string, bigint> = {},
    commitments: readonly bigint[] = truth.statement.words.slice(-4),
  ): bigint[] => {
    const input = { ...truth.input, ...lie };
    const words = wordsOf.flatMap((name) => [input[name]].flat().map((word) => BigInt(word as string)));
    const { challenge, evaluation } = statementOf(circuit, [...words, ...commitments], SIZES.small);
    const given = Object.entries({ ...input, challenge, evaluation });
    const signals = Object.fromEntries(given.flatMap(([name, value]) => signalsOf(`main.${name}`, value)));
    return (prover as CheatingProver).witness(signals, forced);
  };
  const violationsOf = (...lie: Parameters<typeof witnessOf>): string[] =>
    (prover as CheatingProver).system.violations(witnessOf(...lie));
  return { ready, witnessOf, violationsOf };
}
