import { groth16, type MemoryFile, wtns } from "snarkjs";
import { publicInputsOf, type Statement } from "../statements/index.ts";
import { type Artifacts, openArtifact } from "./artifacts.ts";
import { type Proof, proofFromSnarkjs } from "./proof.ts";

/** A statement with its proof, and what it took. */
export type ProvenStatement = {
  readonly statement: Statement;
  readonly proof: Proof;
  /** {ms} */
  readonly witnessMs: number;
  /** {ms} */
  readonly proveMs: number;
};

/** The circuit has no witness for this statement: it breaks a rule of the circuit, or its words were altered. */
export class StatementNotProvable extends Error {
  override name = "StatementNotProvable";
  constructor(circuit: string, cause: unknown) {
    const at = cause instanceof Error ? cause.message.split("\n").slice(0, 3).join(" ").trim() : String(cause);
    super(`no witness satisfies the ${circuit} circuit (${at}): check the facts with the model before proving`, {
      cause,
    });
  }
}

/** The proof's public signals are not the statement's: the key is of another circuit. */
export class PublicInputsDiffer extends Error {
  override name = "PublicInputsDiffer";
  constructor(circuit: string, position: number, given: string | undefined, expected: bigint) {
    super(
      `public input ${position} of the ${circuit} proof is ${given}, not ${expected}: use the artifacts of this circuit`,
    );
  }
}

/**
 * Proves a statement with snarkjs.
 * @param input the circuit's inputs (`covarianceInput`, `parityInput`)
 * @throws ArtifactNotFetched, StatementNotProvable, PublicInputsDiffer
 */
export async function prove(statement: Statement, input: object, artifacts: Artifacts): Promise<ProvenStatement> {
  const [wasm, zkey] = await Promise.all([openArtifact(artifacts.wasm), openArtifact(artifacts.zkey)]);
  const witness: MemoryFile = { type: "mem" };
  const started = performance.now();
  try {
    await wtns.calculate(input, wasm, witness);
  } catch (cause) {
    throw new StatementNotProvable(statement.circuit, cause);
  }
  const calculated = performance.now();
  const { proof, publicSignals } = await groth16.prove(zkey, witness);
  const proven = performance.now();

  publicInputsOf(statement).forEach((expected, position) => {
    const given = publicSignals[position];
    if (given !== String(expected)) throw new PublicInputsDiffer(statement.circuit, position, given, expected);
  });
  return {
    statement,
    proof: proofFromSnarkjs(proof),
    witnessMs: calculated - started,
    proveMs: proven - calculated,
  };
}

/** Ends the worker threads snarkjs keeps between proofs; without it a Node process does not exit by itself. */
export async function releaseProver(): Promise<void> {
  const curve = (globalThis as { curve_bn128?: { terminate(): Promise<void> } | null }).curve_bn128;
  await curve?.terminate();
}
