import { type CircuitArtifacts, circuitArtifacts } from "@equipoise/circuits";
import { prove, releaseProver, verify } from "@equipoise/sdk/prover";
import { simulatedAllocation } from "@equipoise/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../database/database.ts";
import { type Jobs, startJobs } from "../database/jobs.ts";
import { keptProofs } from "./databaseStore.ts";
import { type CheckedProver, orderingProver, PROOF_LIMIT, PROOF_QUEUE, ProofWrong, workProofs } from "./proofJobs.ts";

const QUEUES = { [PROOF_QUEUE]: { limit: PROOF_LIMIT, retries: 3, heartbeat: 120, alone: true } };
let database: Database;
let parity: CircuitArtifacts;
const workers: Jobs[] = [];
/** another worker of the same database */
async function worker(): Promise<Jobs> {
  const jobs = await startJobs(database, QUEUES, () => undefined);
  workers.push(jobs);
  return jobs;
}

beforeAll(async () => {
  database = await openDatabase();
  parity = await circuitArtifacts("parity_full");
}, 240_000);
afterAll(async () => {
  await Promise.all(workers.map((jobs) => jobs.stop()));
  await database?.close();
  await releaseProver();
});

describe("workProofs", () => {
  it("behavior: a worker that makes a wrong proof throws it away and rests; another makes the right one", async () => {
    const store = keptProofs(database);
    const made = { wrong: 0, right: 0 };
    const honest: CheckedProver = {
      prove: (statement, input) => {
        made.right += 1;
        return prove(statement, input, parity);
      },
      verify: (statement, proof) => verify(statement, proof, parity.verificationKey),
    };
    const other = simulatedAllocation({ seed: 2 });
    const faulty: CheckedProver = {
      ...honest,
      prove: async () => {
        made.wrong += 1; // memory that has lost its content: a proof, of something else
        return prove(other.statement, other.input, parity);
      },
    };
    const { statement, input } = simulatedAllocation({ seed: 1 });
    const jobs = await worker();
    await expect(orderingProver(database, jobs).prove(statement, input)).rejects.toThrow("being made");
    const refused: Error[] = [];
    const onWrong = (error: Error): void => void refused.push(error);
    await workProofs({ jobs, store, prover: faulty, onProof: () => undefined, onWrong });
    await expect.poll(() => refused.length, { timeout: 60_000 }).toBe(1);
    expect(refused[0]).toBeInstanceOf(ProofWrong);
    const { circuit, commitment } = statement;
    expect(await store.proof(circuit, commitment)).toBeUndefined();

    await workProofs({ jobs: await worker(), store, prover: honest, onProof: () => undefined, onWrong });
    await expect.poll(() => store.proof(circuit, commitment), { timeout: 60_000 }).toBeDefined();
    const kept = await store.proof(circuit, commitment);
    expect(await verify(statement, kept!.proof, parity.verificationKey)).toBe(true);
    expect(made).toEqual({ wrong: 1, right: 1 });
  }, 240_000);

  it("behavior: after its rest the worker is asked again", async () => {
    const store = keptProofs(database);
    await Promise.all(workers.splice(0).map((jobs) => jobs.stop()));
    const jobs = await worker();
    const [{ statement, input }, other] = [simulatedAllocation({ seed: 3 }), simulatedAllocation({ seed: 4 })];
    let made = 0;
    const prover: CheckedProver = {
      prove: () => {
        const asked = made++ === 0 ? other : { statement, input };
        return prove(asked.statement, asked.input, parity);
      },
      verify: (asked, proof) => verify(asked, proof, parity.verificationKey),
    };
    await expect(orderingProver(database, jobs).prove(statement, input)).rejects.toThrow("being made");
    await workProofs({ jobs, store, prover, onProof: () => undefined, onWrong: () => undefined, restMs: 500 });
    const { circuit, commitment } = statement;
    await expect.poll(() => store.proof(circuit, commitment), { timeout: 120_000 }).toBeDefined();
    expect(made).toBe(2);
  }, 240_000);
});

describe("orderingProver", () => {
  it("default: proofs of accounts wait for all others; those that are wanted no more are taken back", async () => {
    await Promise.all(workers.splice(0).map((jobs) => jobs.stop()));
    const jobs = await worker();
    const { prove: order, keepOnly } = orderingProver(database, jobs);
    const orders = [
      ["solvency", 1n],
      ["solvency", 2n],
      ["riskArray", 1n],
      ["solvency", 3n],
      ["parity", 12n],
    ] as const;
    for (const [circuit, commitment] of orders) {
      const statement = { circuit, words: [], commitment, challenge: 0n, evaluation: 0n };
      await expect(order(statement, {})).rejects.toThrow("being made");
    }
    await keepOnly?.("solvency", [2n, 12n]);
    const done: string[] = [];
    await jobs.work<{ statement: { circuit: string; commitment: string } }>(PROOF_QUEUE, 1, async ({ data }) => {
      done.push(`${data.statement.circuit}:${data.statement.commitment}`);
    });
    await expect.poll(() => done, { timeout: 30_000 }).toEqual(["riskArray:1", "parity:12", "solvency:2"]);
    const waiting = await database.query("SELECT 1 FROM pgboss.job WHERE name = $1 AND state < 'active'", [
      PROOF_QUEUE,
    ]);
    expect(waiting).toEqual([]);
  }, 60_000);
});
