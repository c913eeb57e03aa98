import type { DaemonConfig } from "../daemon/daemonConfig.ts";
import { refuseOtherDeployment } from "../daemon/databaseStore.ts";
import { QUEUES } from "../daemon/relayer.ts";
import { resumeChains } from "../daemon/stoppedChains.ts";
import { openAsMade } from "../database/database.ts";
import { startJobs } from "../database/jobs.ts";
import type { Command } from "./command.ts";
import { configFrom } from "./relay.ts";
import { askRelayer } from "./status.ts";

type Retried = { readonly chains: number; readonly jobs: number };

/** `equipoise retry`: what was given up is tried again. */
export const retry: Command = {
  name: "retry",
  summary: "gives dead letters back to their queues, and lets work on stopped chains go on",
  usage: ["retry --config FILE.json [--json]"],
  options: { config: { value: "FILE.json", summary: "the relayer's configuration" } },
  run: async ({ values }) => {
    const config = configFrom(values);
    const result = (await askRelayer<Retried>(config, "/retry", "POST")) ?? (await retryAlone(config));
    return { ok: true, result, text: `${result.jobs} jobs are tried again, ${result.chains} chains go on` };
  },
};

async function retryAlone({ database: place, deployment }: DaemonConfig): Promise<Retried> {
  const database = await openAsMade(place);
  try {
    if (deployment !== undefined) await refuseOtherDeployment(database, deployment);
    const jobs = await startJobs(database, QUEUES, () => undefined);
    const retried = { chains: await resumeChains(database), jobs: await jobs.redrive() };
    await jobs.stop();
    return retried;
  } finally {
    await database.close();
  }
}
