import { keccak_256 } from "@noble/hashes/sha3";
import {
  type CircuitName,
  DOMAINS,
  FIELD_MODULUS,
  SIZES,
  type Size,
  STATEMENT_DOMAIN,
  STATEMENT_WORDS,
  statementLength,
  WORD_LIMIT,
} from "../protocol.ts";
import { sponge } from "./sponge.ts";

/**
 * What a proof is about (SYSTEM §3): words both sides know, and the three public inputs that tie a proof to them.
 */
export type Statement = {
  readonly circuit: CircuitName;
  /** field elements in the order of STATEMENT_WORDS */
  readonly words: readonly bigint[];
  /** C, the sponge of the words */
  readonly commitment: bigint;
  /** z = keccak256(abi.encode(KIND, words, C)) mod r */
  readonly challenge: bigint;
  /** y = Σ words[i] · zⁱ mod r */
  readonly evaluation: bigint;
};

/** The number of words is not that of the circuit's statement. */
export class WordCountWrong extends Error {
  override name = "WordCountWrong";
  constructor(circuit: CircuitName, count: number, expected: number) {
    super(`${circuit} statement has ${count} words; it needs ${expected}: give the words in the order of the protocol`);
  }
}

/** A word of a statement is negative or above what its kind can hold. */
export class StatementWordOutOfRange extends Error {
  override name = "StatementWordOutOfRange";
  constructor(circuit: CircuitName, position: number, name: string, value: bigint, limit: bigint) {
    super(
      `word ${position} (${name}) of the ${circuit} statement is ${value}; it must be 0 to ${limit - 1n}: ` +
        "the statement was altered or packed wrongly; build it again from its source",
    );
  }
}

const bytes32 = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, place) => Number((value >> BigInt(8 * (31 - place))) & 0xffn));

/** keccak256(abi.encode(uint256 kind, uint256[] words, uint256 commitment)) mod r */
export function challengeOf(circuit: CircuitName, words: readonly bigint[], commitment: bigint): bigint {
  const hash = keccak_256.create();
  const head = [BigInt(DOMAINS[STATEMENT_DOMAIN[circuit]]), 0x60n, commitment, BigInt(words.length)];
  for (const value of [...head, ...words]) hash.update(bytes32(value));
  return hash.digest().reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) % FIELD_MODULUS;
}

/** Σ words[i] · challengeⁱ mod r */
export const evaluationOf = (words: readonly bigint[], challenge: bigint): bigint =>
  words.reduceRight((sum, word) => (sum * challenge + word) % FIELD_MODULUS, 0n);

/** Throws unless each word is in the range of its kind: below 2²⁵² for lanes, below r for commitments. */
export function checkWords(circuit: CircuitName, words: readonly bigint[], size: Size = SIZES.full): void {
  const expected = statementLength(circuit, size);
  if (words.length !== expected) throw new WordCountWrong(circuit, words.length, expected);
  let position = 0;
  for (const { name, count, kind } of STATEMENT_WORDS[circuit](size)) {
    const limit = kind === "lanes" ? WORD_LIMIT : FIELD_MODULUS;
    for (const end = position + count; position < end; position++) {
      const value = words[position] as bigint;
      if (value < 0n || value >= limit) throw new StatementWordOutOfRange(circuit, position, name, value, limit);
    }
  }
}

/**
 * The statement a contract would form from these words: commitment by sponge, challenge and evaluation from it.
 * @throws WordCountWrong, StatementWordOutOfRange
 */
export function statementOf(circuit: CircuitName, words: readonly bigint[], size: Size = SIZES.full): Statement {
  checkWords(circuit, words, size);
  const commitment = sponge(STATEMENT_DOMAIN[circuit], words);
  const challenge = challengeOf(circuit, words, commitment);
  return { circuit, words, commitment, challenge, evaluation: evaluationOf(words, challenge) };
}

/** The public inputs of a statement in the order of PUBLIC_INPUTS. */
export const publicInputsOf = (statement: Statement): [bigint, bigint, bigint] => [
  statement.commitment,
  statement.challenge,
  statement.evaluation,
];
