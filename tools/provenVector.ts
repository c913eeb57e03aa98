/** Statements with real proofs for the forge suite: what `npm run vectors:*` write. */
import { writeFileSync } from "node:fs";
import { circuitArtifacts } from "@equipoise/circuits";
import type { Statement } from "@equipoise/sdk";
import { prove, verify } from "@equipoise/sdk/prover";

/** A statement's words, its public inputs, and the verifiers' eight words a, b, c. */
export type ProvenVector = Pick<Statement, "words" | "commitment" | "challenge" | "evaluation"> & {
  readonly proof: readonly bigint[];
};

/** Proves a statement with the full circuit's development key. @throws Error where the proof does not verify */
export async function provenVector(statement: Statement, input: object): Promise<ProvenVector> {
  const artifacts = await circuitArtifacts(`${statement.circuit}_full`);
  const { proof, witnessMs, proveMs } = await prove(statement, input, artifacts);
  if (!(await verify(statement, proof, artifacts.verificationKey))) throw new Error("the proof does not verify");
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(
    `${statement.circuit}: witness ${Math.round(witnessMs)} ms, proof ${Math.round(proveMs)} ms, at most ${Math.round(peak)} MB\n`,
  );
  const { words, commitment, challenge, evaluation } = statement;
  const { a, b, c } = proof;
  return { words, commitment, challenge, evaluation, proof: [...a, ...b.flat(), ...c] };
}

/** Integers as decimal strings, one to a line. */
export function writeVector(path: string, vector: object): void {
  const text = JSON.stringify(vector, (_, value) => (typeof value === "bigint" ? value.toString() : value), 1);
  writeFileSync(path, `${text}\n`);
}
