import { releaseProver } from "@equipoise/sdk/prover";
import type { Logger } from "pino";
import { type Database, onceThere, openDatabase } from "../database/database.ts";
import { JobHopeless, type Jobs, startJobs } from "../database/jobs.ts";
import type { Context } from "../pipeline/context.ts";
import { ProofAwaited } from "../pipeline/proverPort.ts";
import { disagreementIn } from "../rpc/transport.ts";
import { runStep, StepFailed } from "../stepFailed.ts";
import { takeProofs } from "./circuitProver.ts";
import { type ConnectedChain, connectDaemonChain } from "./connect.ts";
import { type RelayerConfig, ROLES, type Role } from "./daemonConfig.ts";
import { claimDatabase, databaseStore } from "./databaseStore.ts";
import { growingDelays } from "./growingDelays.ts";
import { openKey } from "./keys.ts";
import { relayerMetrics } from "./metrics.ts";
import { findPackets, PACKET_LIMIT, PACKET_QUEUE, resumePackets, workPackets } from "./packetJobs.ts";
import { orderingProver, PROOF_LIMIT, PROOF_QUEUE, withoutBigints } from "./proofJobs.ts";
import { readStatus } from "./readStatus.ts";
import { type Duty, dutiesOf, type Works } from "./roles.ts";
import { startServer, troublesOf } from "./server.ts";
import { readStoppedChains, resumeChains, stopChain } from "./stoppedChains.ts";

/** Every queue a database of relayers has, whichever roles a process takes. */
export const QUEUES = {
  [PACKET_QUEUE]: { limit: PACKET_LIMIT, retries: 8 },
  [PROOF_QUEUE]: { limit: PROOF_LIMIT, retries: 8, heartbeat: 120, alone: true },
  // what a duty cannot do it says itself; a job that ends otherwise ended with its process, or with the database
  ...Object.fromEntries(ROLES.map((role) => [role, { limit: 600, retries: 100 }])),
};

/** A relayer that runs. */
export type RunningRelayer = {
  readonly port: number;
  /** why it could not begin its work: it does nothing then, and has to be stopped */
  readonly failed: Promise<Error>;
  readonly stop: () => Promise<void>;
};

/** {s} */
const AFTER_SUCCESS = 1;
const AFTER_ORDERING = 2;
const WHILE_STOPPED = 5;

/** Each asks the database for its next job every two seconds, also where there is none: `docs/scaling.md`. */
const DUTIES_AT_ONCE = 200;

/** Starts the roles of a configuration. What an earlier process left open is finished first. */
export async function startRelayer(config: RelayerConfig, log: Logger): Promise<RunningRelayer> {
  const metrics = relayerMetrics();
  const relayer = await openKey(config.keys.relayer);
  const bidder = config.keys.bidder === undefined ? relayer : await openKey(config.keys.bidder);
  const { roles } = config;
  // Who only proves or reports takes no lease from who sends.
  const sends = roles.some((role) => !["prover", "reporter", "filler"].includes(role));
  const bids = roles.some((role) => role === "filler" || role === "keeper");
  const senders = [...(sends ? [relayer] : []), ...(bids ? [bidder] : [])];
  const accounts = senders.filter(
    ({ address }, place) => senders.findIndex((one) => one.address === address) === place,
  );
  const database = await openDatabase(config.database);
  await claimDatabase(database, config.deployment);
  const store = await databaseStore(database, config.deployment);
  const jobs = await startJobs(database, QUEUES, (error) => log.warn({ error: error.message }, "jobs"));
  const connected = config.deployment.chains.map((deployment): ConnectedChain => {
    const chain = config.chains.find(({ eid }) => eid === deployment.eid);
    if (chain === undefined) throw new TypeError(`eid ${deployment.eid} is not configured`);
    return connectDaemonChain({
      deployment,
      config: chain,
      accounts,
      database,
      onEndpoint: (event) => {
        metrics.endpoints.inc({ chain: deployment.chainId, event: event.event });
        log.warn({ chain: deployment.chainId, ...event }, "endpoint");
      },
      onTransaction: (signer, { nonce, ...event }) => {
        metrics.transactions.inc({ chain: deployment.chainId, event: event.event });
        const line = {
          chain: deployment.chainId,
          signer,
          ...(nonce === undefined ? {} : { nonce: Number(nonce) }),
          ...event,
        };
        if (event.event === "lookFailed") log.warn(line, "transaction");
        else log.info(line, "transaction");
      },
    });
  });
  const chains = connected.map(({ chain }) => chain);
  const prover = orderingProver(database, jobs);
  const context: Context = { chains, deployment: config.deployment, accounts: { relayer, bidder }, prover, store };

  const settled = new Set<number>();
  const settling = connected.map(async ({ chain, submitters }) => {
    await Promise.all(submitters.map((submitter) => submitter.settled()));
    settled.add(chain.chainId);
  });
  const readWorks = async (): Promise<Works> => {
    const stopped = await readStoppedChains(database);
    return (id) => settled.has(id) && !stopped.some(({ chainId }) => chainId === id);
  };
  const mayWork = async (chainIds: readonly number[]): Promise<boolean> => chainIds.every(await readWorks());
  const onFailure = async (error: unknown): Promise<void> => {
    const disagreement = disagreementIn(error);
    if (disagreement === undefined) return;
    log.error({ chain: disagreement.chainId, reason: disagreement.message }, "chain stopped");
    await stopChain(database, disagreement.chainId, disagreement.message);
  };

  if (roles.includes("prover")) await takeProofs({ jobs, store }, { metrics, log });
  const status = () => readStatus(context, database, Object.keys(QUEUES));
  const duties = dutiesOf(
    context,
    roles,
    config.keeper,
    (site) => findPackets(context, database, jobs, site),
    async () => log.info(withoutBigints(await status()), "status"),
  );
  // A relayer that waits for another one's leases takes no jobs from it.
  let stopping = false;
  const isWanted = (): boolean => !stopping;
  const begin = async (): Promise<void> => {
    await Promise.any(settling);
    if (stopping) return;
    if (roles.includes("deliverer")) {
      const siteOf = (eid: number) => ({
        chain: chains.find((chain) => chain.eid === eid)!,
        deployment: config.deployment.chains.find((chain) => chain.eid === eid)!,
      });
      await workPackets(() => context, siteOf, database, jobs, mayWork, onFailure, config.takeOverAfter, log);
      await onceThere(isWanted, () => resumePackets(database, jobs));
    }
    await workDuties({ duties, database, jobs, readWorks, onFailure, isWanted, lookEvery: config.lookEvery, log });
  };
  let hasBegun = false;
  const begun = begin().then(
    () => {
      hasBegun = true;
      return undefined;
    },
    (error: Error) => error,
  );
  const failed = new Promise<Error>((resolve) => void begun.then((error) => error && resolve(error)));
  const troubles = async (): Promise<string[]> => {
    const unsettled = chains.filter(({ chainId }) => !settled.has(chainId));
    return [
      ...troublesOf(await status()),
      ...unsettled.map(({ chainId }) => `chain ${chainId}: waits for its lease and for transactions that are open`),
      ...(hasBegun ? [] : ["work has not begun"]),
    ];
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    await jobs.stop();
    await Promise.all(connected.flatMap(({ submitters }) => submitters.map((submitter) => submitter.close())));
    await begun;
    await database.close();
    await releaseProver();
    log.info("stopped");
  };
  const server = await startServer(config, {
    metrics: async () => {
      metrics.show(await status());
      return metrics.text();
    },
    status,
    troubles,
    retry: async () => ({ chains: await resumeChains(database), jobs: await jobs.redrive() }),
  }).catch(async (error: unknown) => {
    await stop(); // the port is taken
    throw error;
  });
  log.info({ roles, port: server.port, account: relayer.address, database: database.kind }, "started");
  return {
    port: server.port,
    failed,
    stop: async () => {
      await server.stop();
      await stop();
    },
  };
}

type DutyWork = {
  readonly duties: readonly Duty[];
  readonly database: Database;
  readonly jobs: Jobs;
  readonly readWorks: () => Promise<Works>;
  readonly onFailure: (error: unknown) => Promise<void>;
  readonly isWanted: () => boolean;
  readonly lookEvery: number;
  readonly log: Logger;
};

/** Each duty has one job; when it is done the next one is written, sooner or later by what came of it. */
async function workDuties(work: DutyWork): Promise<void> {
  const { duties, database, jobs, readWorks, onFailure, isWanted, lookEvery, log } = work;
  const delays = growingDelays();
  const next = (duty: Duty, after: number): Promise<void> =>
    database.transaction((within) => jobs.enqueue(within, duty.role, duty.name, { duty: duty.name }, after));
  const roles = new Set<Role>(duties.map(({ role }) => role));
  for (const role of roles) {
    const own = duties.filter((duty) => duty.role === role);
    await jobs.work<{ duty: string }>(role, Math.min(own.length, DUTIES_AT_ONCE), async ({ data }) => {
      const duty = own.find(({ name }) => name === data.duty);
      if (duty === undefined) return; // of another deployment's time
      const works = await readWorks();
      if (!duty.chainIds.every(works)) return next(duty, settledSoon(lookEvery));
      try {
        const done = await runStep(duty.name, () => duty.run(works));
        delays.end(duty.name);
        if (done !== undefined) log.info({ duty: duty.name, done }, "done");
        return await next(duty, done === undefined ? lookEvery : AFTER_SUCCESS);
      } catch (error) {
        if (error instanceof ProofAwaited) return next(duty, AFTER_ORDERING);
        await onFailure(error);
        const { message } = error as Error;
        const passes = error instanceof StepFailed && error.retry;
        log.warn({ duty: duty.name, passes, reason: message }, "failed");
        if (disagreementIn(error) !== undefined) return next(duty, WHILE_STOPPED);
        if (!passes) throw new JobHopeless(message);
        return next(duty, delays.after(duty.name));
      }
    });
  }
  for (const duty of duties) await onceThere(isWanted, () => next(duty, 0));
}

const settledSoon = (lookEvery: number): number => Math.min(WHILE_STOPPED, lookEvery, 1);
