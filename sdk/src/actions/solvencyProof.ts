import { SIZES, STATEMENT_WORDS } from "../protocol.ts";
import type { Proof } from "../prover/proof.ts";
import type { Statement } from "../statements/index.ts";

/** What of a statement of solvency only the prover knows, and the proof. All other words are the house's own. */
export type SolvencyProof = {
  readonly results: readonly [bigint, bigint, bigint, bigint];
  readonly totals: bigint;
  readonly commitment: bigint;
  readonly proof: Proof;
};

/** Words of a statement after its accounts and what judges them. */
const TAIL = STATEMENT_WORDS.solvency(SIZES.full).slice(-3);
const TAIL_LENGTH = TAIL.reduce((sum, { count }) => sum + count, 0);

/** What the house takes of a proven statement of solvency. */
export function solvencyProofOf(
  { words, commitment }: Pick<Statement, "words" | "commitment">,
  proof: Proof,
): SolvencyProof {
  const [first, second, third, fourth, totals] = words.slice(-TAIL_LENGTH) as [bigint, bigint, bigint, bigint, bigint];
  return { results: [first, second, third, fourth], totals, commitment, proof };
}
