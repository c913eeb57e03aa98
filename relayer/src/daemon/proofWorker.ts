import { releaseProver } from "@equipoise/sdk/prover";
import type { Logger } from "pino";
import { openDatabase } from "../database/database.ts";
import { startJobs } from "../database/jobs.ts";
import { takeProofs } from "./circuitProver.ts";
import type { WorkerConfig } from "./daemonConfig.ts";
import { keptProofs } from "./databaseStore.ts";
import { relayerMetrics } from "./metrics.ts";
import { readWork } from "./readStatus.ts";
import { QUEUES, type RunningRelayer } from "./relayer.ts";
import { startServer, troublesOf } from "./server.ts";
import { resumeChains } from "./stoppedChains.ts";

/** Makes the proofs that the relayers of a database order. It knows that database and nothing else: no chain, no key, no deployment. */
export async function startProofWorker(config: WorkerConfig, log: Logger): Promise<RunningRelayer> {
  const { roles } = config;
  const metrics = relayerMetrics();
  const database = await openDatabase(config.database);
  const jobs = await startJobs(database, QUEUES, (error) => log.warn({ error: error.message }, "jobs"));
  const stop = async (): Promise<void> => {
    await jobs.stop();
    await database.close();
    await releaseProver();
    log.info("stopped");
  };
  const status = async () => ({ chains: [], ...(await readWork(database, Object.keys(QUEUES))) });
  await takeProofs({ jobs, store: keptProofs(database) }, { metrics, log });
  const server = await startServer(config, {
    metrics: async () => {
      metrics.show(await status());
      return metrics.text();
    },
    status,
    troubles: async () => troublesOf(await status()), // the database answers
    retry: async () => ({ chains: await resumeChains(database), jobs: await jobs.redrive() }),
  }).catch(async (error: unknown) => {
    await stop(); // the port is taken
    throw error;
  });
  log.info({ roles, port: server.port, database: database.kind }, "started");
  return {
    port: server.port,
    failed: new Promise(() => undefined), // it has begun
    stop: async () => {
      await server.stop();
      await stop();
    },
  };
}
