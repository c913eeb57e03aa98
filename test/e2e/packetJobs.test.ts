import { type Deployment, readLatestRiskIndex, readRiskState } from "@equipoise/sdk/actions";
import { pino } from "pino";
import type { LocalAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mineBlocks, reorganise } from "../../relayer/src/chains/index.ts";
import { findPackets, PACKET_QUEUE, resumePackets, workPackets } from "../../relayer/src/daemon/packetJobs.ts";
import { type Database, openDatabase } from "../../relayer/src/database/database.ts";
import { type Jobs, startJobs } from "../../relayer/src/database/jobs.ts";
import { type Context, hubSite, sitesOf } from "../../relayer/src/pipeline/index.ts";
import { submitterNode } from "../../relayer/src/transactions/node.ts";
import { signingClient } from "../../relayer/src/transactions/signingClient.ts";
import { type Submitter, startSubmitter } from "../../relayer/src/transactions/submitter.ts";
import { CONFIRMATIONS, type Path, riskStateOf, sendState, startPath } from "./pathFixture.ts";

let path: Path;
let database: Database;
let jobs: Jobs;
let submitter: Submitter;
let context: Context;
let mayWork = true;

const start = (): Promise<Jobs> => startJobs(database, { [PACKET_QUEUE]: { limit: 60, retries: 2 } }, () => undefined);

beforeAll(async () => {
  path = await startPath();
  database = await openDatabase();
  const { source, destination } = path.route;
  submitter = startSubmitter({
    database,
    chainId: destination.chain.chainId,
    account: path.accounts.relayer as LocalAccount,
    node: submitterNode(destination.chain.reader, 1),
    lookEveryMs: 50,
  });
  const signer = signingClient(destination.chain.reader, submitter);
  const chains = [source.chain, { ...destination.chain, signer: () => signer }];
  // what carrying packets reads of a deployment
  const deployment = {
    version: 1,
    chains: [
      { ...source.chain, block: 0, layerZero: source.layerZero, riskBeacon: path.beacon },
      { ...destination.chain, block: 0, layerZero: destination.layerZero },
    ],
  } as unknown as Deployment;
  const prover = { prove: () => Promise.reject(new Error("nothing is proven here")) };
  const store = {} as Context["store"];
  context = { chains, deployment, accounts: path.accounts, prover, store };
}, 240_000);
afterAll(async () => {
  await jobs?.stop();
  await submitter?.close();
  await database?.close();
  await path?.local.stop();
});

const find = (): Promise<number> => findPackets(context, database, jobs, hubSite(context));
const work = (): Promise<void> =>
  workPackets(
    () => context,
    (eid) => sitesOf(context).find(({ chain }) => chain.eid === eid)!,
    database,
    jobs,
    async () => mayWork,
    async () => undefined,
    pino({ level: "silent" }),
  );
const stages = async (): Promise<string[]> => {
  const rows = await database.query<{ stage: string }>("SELECT stage FROM equipoise.packets ORDER BY block_number");
  return rows.map(({ stage }) => stage);
};
const mirrored = (): Promise<bigint> =>
  readLatestRiskIndex(path.route.destination.chain.reader, { riskState: path.mirror });

describe("workPackets", () => {
  it("default: a packet is a row and a job at once, carried as far as its confirmations let it, and found once", async () => {
    jobs = await start();
    await sendState(path, 240n);
    expect(await find()).toBe(1);
    expect(await find()).toBe(0);
    expect(await stages()).toEqual(["seen"]);
    await work();
    await expect.poll(stages, { timeout: 20_000 }).toEqual(["confirming"]);
    expect(await mirrored()).toBe(0n);
    await mineBlocks(path.route.source.chain, CONFIRMATIONS);
    await expect.poll(stages, { timeout: 30_000 }).toEqual(["delivered"]);
    expect(await mirrored()).toBe(240n);
  }, 120_000);

  it("behavior: after a reorg the same guid carries another payload: the first row ends orphaned, the second delivered", async () => {
    mayWork = false; // a stopped chain: jobs wait
    const first = await sendState(path, 264n, 1n);
    expect(await find()).toBe(1);
    await reorganise(path.route.source.chain, 2);
    const second = await sendState(path, 264n, 2n);
    expect(second.sent.packet.guid).toBe(first.sent.packet.guid);
    expect(await find()).toBe(1);
    await mineBlocks(path.route.source.chain, CONFIRMATIONS);
    expect(await stages()).toEqual(["delivered", "seen", "seen"]);
    await jobs.stop();

    mayWork = true;
    jobs = await start(); // another process: what is open has a job again, and no job twice
    await resumePackets(database, jobs);
    await resumePackets(database, jobs);
    await work();
    await expect
      .poll(async () => (await stages()).sort(), { timeout: 40_000 })
      .toEqual(["delivered", "delivered", "orphaned"]);
    const state = await readRiskState(path.route.destination.chain.reader, { riskState: path.mirror, index: 264n });
    expect(state.windowCommitment).toBe(riskStateOf(264n, 2n).windowCommitment);
  }, 120_000);
});
