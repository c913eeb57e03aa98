import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulatedAllocation } from "@equipoise/sdk/testing";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../database/database.ts";
import { startJobs } from "../database/jobs.ts";
import { ProofAwaited } from "../pipeline/proverPort.ts";
import { readConfigFile } from "./configFile.ts";
import type { WorkerConfig } from "./daemonConfig.ts";
import { keptProofs } from "./databaseStore.ts";
import { orderingProver } from "./proofJobs.ts";
import { startProofWorker } from "./proofWorker.ts";
import { QUEUES } from "./relayer.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-worker-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("startProofWorker", () => {
  it("default: told the database and nothing else, it makes what others have ordered there", async () => {
    const configFile = join(folder, "worker.json");
    writeFileSync(configFile, JSON.stringify({ database: { directory: "data" }, roles: ["prover"], port: 0 }));
    const config = readConfigFile(configFile) as WorkerConfig;
    const { statement, input } = simulatedAllocation({ seed: 5 });

    const ordering = await openDatabase(config.database);
    const jobs = await startJobs(ordering, QUEUES, () => undefined);
    await expect(orderingProver(ordering, jobs).prove(statement, input)).rejects.toThrow(ProofAwaited);
    await jobs.stop();
    await ordering.close();

    const worker = await startProofWorker(config, pino({ level: "silent" }));
    const proofsKept = async (): Promise<unknown> => {
      const response = await fetch(`http://127.0.0.1:${worker.port}/status`);
      return ((await response.json()) as { proofs: number }).proofs;
    };
    await expect.poll(proofsKept, { timeout: 120_000, interval: 500 }).toBe(1);
    expect((await fetch(`http://127.0.0.1:${worker.port}/readyz`)).status).toBe(200);
    await worker.stop();

    const looking = await openDatabase(config.database);
    expect(await keptProofs(looking).proof("parity", statement.commitment)).toBeDefined();
    await looking.close();
  }, 180_000);
});
