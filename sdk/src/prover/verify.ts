import { groth16 } from "snarkjs";
import { FIELD_MODULUS } from "../protocol.ts";
import { publicInputsOf, type Statement, statementOf } from "../statements/index.ts";
import { type Proof, proofToSnarkjs } from "./proof.ts";

/**
 * Whether a proof holds for a statement under a verification key, checked the way a contract does: the challenge and
 * evaluation are formed again from the words and the commitment, never taken from whoever sent them.
 */
export async function verify(
  statement: Pick<Statement, "circuit" | "words" | "commitment">,
  proof: Proof,
  verificationKey: object,
): Promise<boolean> {
  const expected = statementOf(statement.circuit, statement.words);
  if (statement.commitment !== expected.commitment || statement.commitment >= FIELD_MODULUS) return false;
  return groth16.verify(verificationKey, publicInputsOf(expected).map(String), proofToSnarkjs(proof));
}
