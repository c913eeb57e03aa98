import type { Statement } from "@equipoise/sdk";
import type { Proof } from "@equipoise/sdk/prover";
import type { Database } from "../database/database.ts";
import type { Jobs } from "../database/jobs.ts";
import { ProofAwaited, type ProverPort } from "../pipeline/proverPort.ts";
import type { Store } from "../store/store.ts";

export const PROOF_QUEUE = "proof";
/** {s} the largest circuit on a slow machine */
export const PROOF_LIMIT = 900;

type Words = { readonly [name in keyof Statement]: name extends "words" ? readonly string[] : string };
type ProofOrder = { readonly statement: Words; readonly input: object };

/** JSON as it can be written down: bigints as decimal strings. */
export const withoutBigints = (value: unknown): object =>
  JSON.parse(JSON.stringify(value, (_, entry: unknown) => (typeof entry === "bigint" ? String(entry) : entry)));

/** Of accounts: as many as there are changes of them, and anybody changes one. Everything else waits for the others. */
const LATER: ReadonlySet<Statement["circuit"]> = new Set(["margin", "solvency"]);

const orderKey = (circuit: Statement["circuit"], commitment: bigint): string => `${circuit}:${commitment}`;

/** Who orders proofs from whichever process of this database has the role of prover. */
export function orderingProver(database: Database, jobs: Jobs): ProverPort {
  return {
    prove: async (statement, input) => {
      const { circuit, commitment } = statement;
      const order: ProofOrder = { statement: withoutBigints(statement) as Words, input: withoutBigints(input) };
      const [key, priority] = [orderKey(circuit, commitment), LATER.has(circuit) ? 0 : 1];
      await database.transaction((within) => jobs.enqueue(within, PROOF_QUEUE, key, order, 0, priority));
      throw new ProofAwaited(circuit);
    },
    keepOnly: (circuit, commitments) =>
      jobs.withdraw(
        PROOF_QUEUE,
        `${circuit}:`,
        commitments.map((commitment) => orderKey(circuit, commitment)),
      ),
  };
}

/** A proof that its own maker does not believe. */
export class ProofWrong extends Error {
  override name = "ProofWrong";
  constructor(circuit: string) {
    super(
      `the ${circuit} proof made here does not verify, so it was thrown away: another worker is to make it; if this comes ` +
        "again, look at this machine's memory and keys",
    );
  }
}

/** What a worker makes proofs with, and looks at them with before anybody else sees them. */
export type CheckedProver = ProverPort & {
  readonly verify: (statement: Statement, proof: Proof) => Promise<boolean>;
};

export type ProofWork = {
  readonly jobs: Jobs;
  readonly store: Pick<Store, "proof" | "keepProof">;
  readonly prover: CheckedProver;
  readonly onProof: (ms: number) => void;
  /** a proof of this worker was wrong, or it could not go back to work */
  readonly onWrong: (error: Error) => void;
  /** {ms} a worker whose proof was wrong leaves the work to others */
  readonly restMs?: number;
};

const REST_MS = 60_000;

/** Makes ordered proofs, one at a time: each uses every core. */
export async function workProofs(work: ProofWork): Promise<void> {
  const { jobs, store, prover, onProof, onWrong, restMs = REST_MS } = work;
  await jobs.work<ProofOrder>(PROOF_QUEUE, 1, async ({ data: { statement: words, input } }) => {
    const statement: Statement = {
      circuit: words.circuit as Statement["circuit"],
      words: words.words.map(BigInt),
      commitment: BigInt(words.commitment),
      challenge: BigInt(words.challenge),
      evaluation: BigInt(words.evaluation),
    };
    if ((await store.proof(statement.circuit, statement.commitment)) !== undefined) return;
    const { proof, witnessMs, proveMs } = await prover.prove(statement, input);
    if (!(await prover.verify(statement, proof))) {
      const wrong = new ProofWrong(statement.circuit);
      onWrong(wrong);
      await jobs.leave(PROOF_QUEUE); // the job goes back to the queue, where another worker finds it
      setTimeout(() => void workProofs(work).catch(onWrong), restMs).unref();
      throw wrong;
    }
    await store.keepProof(statement.circuit, statement.commitment, { proof, witnessMs, proveMs });
    onProof(witnessMs + proveMs);
  });
}
