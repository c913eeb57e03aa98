import { QUEUES } from "../daemon/relayer.ts";
import { resumeChains } from "../daemon/stoppedChains.ts";
import { openToRead } from "../database/database.ts";
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
    const result = (await askRelayer<Retried>(config, "/retry", "POST")) ?? (await retryAlone(config.database));
    return { ok: true, result, text: `${result.jobs} jobs are tried again, ${result.chains} chains go on` };
  },
};

async function retryAlone(place: Parameters<typeof openToRead>[0]): Promise<Retried> {
  const database = await openToRead(place);
  try {
    const jobs = await startJobs(database, QUEUES, () => undefined);
    const retried = { chains: await resumeChains(database), jobs: await jobs.redrive() };
    await jobs.stop();
    return retried;
  } finally {
    await database.close();
  }
}
