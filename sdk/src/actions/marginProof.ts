import { SIZES, STATEMENT_WORDS } from "../protocol.ts";
import type { Proof } from "../prover/proof.ts";
import type { Statement } from "../statements/index.ts";

/** What of a margin statement only the prover knows, and the proof. All other words are the house's own. */
export type MarginProof = {
  readonly result: bigint;
  readonly greeks: readonly [bigint, bigint, bigint];
  readonly commitment: bigint;
  readonly proof: Proof;
};

const WORDS = STATEMENT_WORDS.margin(SIZES.full);

/** The words of one name in a margin statement. */
export function marginWordsOf(words: readonly bigint[], name: (typeof WORDS)[number]["name"]): readonly bigint[] {
  const place = WORDS.findIndex((entry) => entry.name === name);
  const from = WORDS.slice(0, place).reduce((sum, { count }) => sum + count, 0);
  return words.slice(from, from + (WORDS[place]?.count ?? 0));
}

/** What the house takes of a proven margin statement. */
export function marginProofOf(
  { words, commitment }: Pick<Statement, "words" | "commitment">,
  proof: Proof,
): MarginProof {
  const [first, second, third] = marginWordsOf(words, "greeks") as [bigint, bigint, bigint];
  const [result] = marginWordsOf(words, "result") as [bigint];
  return { result, greeks: [first, second, third], commitment, proof };
}

/** For an account that then has no position and owes nothing: the house does not look at it. */
export const NO_MARGIN_PROOF: MarginProof = {
  result: 0n,
  greeks: [0n, 0n, 0n],
  commitment: 0n,
  proof: {
    a: [0n, 0n],
    b: [
      [0n, 0n],
      [0n, 0n],
    ],
    c: [0n, 0n],
  },
};
