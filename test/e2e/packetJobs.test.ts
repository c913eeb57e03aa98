import { type Deployment, readLatestRiskIndex, readRiskState } from "@equipoise/sdk/actions";
import { pino } from "pino";
import { type Account, createPublicClient, custom, type Hash, numberToHex } from "viem";
import type { LocalAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chain, mineBlocks, reorganise } from "../../relayer/src/chains/index.ts";
import { findPackets, PACKET_QUEUE, resumePackets, workPackets } from "../../relayer/src/daemon/packetJobs.ts";
import { type Database, openDatabase } from "../../relayer/src/database/database.ts";
import { type Jobs, startJobs } from "../../relayer/src/database/jobs.ts";
import { deliver, encodeReceiveOptions } from "../../relayer/src/layerzero/index.ts";
import { type Context, hubSite, sitesOf } from "../../relayer/src/pipeline/index.ts";
import { submitterNode } from "../../relayer/src/transactions/node.ts";
import { signingClient } from "../../relayer/src/transactions/signingClient.ts";
import { type Submitter, startSubmitter } from "../../relayer/src/transactions/submitter.ts";
import { deliverUntil } from "./deliverySteps.ts";
import { CONFIRMATIONS, type Path, riskStateOf, sendState, startPath } from "./pathFixture.ts";

let path: Path;
let database: Database;
let jobs: Jobs;
const submitters: Submitter[] = [];
let context: Context;
let mayWork = true;
/** {s} */
const TAKE_OVER_AFTER = 8;
/** {gas} paid for with each packet */
const RECEIVE_GAS = 400_000n;

const start = (): Promise<Jobs> => startJobs(database, { [PACKET_QUEUE]: { limit: 60, retries: 2 } }, () => undefined);

beforeAll(async () => {
  path = await startPath(RECEIVE_GAS);
  database = await openDatabase();
  context = contextOf(path.accounts.relayer);
}, 240_000);
afterAll(async () => {
  await jobs?.stop();
  await Promise.all(submitters.map((submitter) => submitter.close()));
  await database?.close();
  await path?.local.stop();
});

/** What carrying packets knows where this account sends. The verifiers are operated by the fixture's relayer. */
function contextOf(account: Account): Context {
  const { source, destination } = path.route;
  const submitter = startSubmitter({
    database,
    chainId: destination.chain.chainId,
    account: account as LocalAccount,
    node: submitterNode(destination.chain.reader, 1),
    lookEveryMs: 50,
  });
  submitters.push(submitter);
  const signer = signingClient(destination.chain.reader, submitter);
  const chains = [source.chain, { ...destination.chain, signer: () => signer }];
  // what carrying packets reads of a deployment
  const named = ({ chainId, eid, role }: Chain) => ({ chainId, eid, role, block: 0 });
  const deployment = {
    version: 3,
    chains: [
      { ...named(source.chain), layerZero: source.layerZero, riskBeacon: path.beacon },
      { ...named(destination.chain), layerZero: destination.layerZero },
    ],
  } as unknown as Deployment;
  const prover = { prove: () => Promise.reject(new Error("nothing is proven here")) };
  const store = {} as Context["store"];
  return { chains, deployment, accounts: { ...path.accounts, relayer: account as LocalAccount }, prover, store };
}

const find = (): Promise<number> => findPackets(context, database, jobs, hubSite(context));
const work = (within = context, queues = jobs): Promise<void> =>
  workPackets(
    () => within,
    (eid) => sitesOf(within).find(({ chain }) => chain.eid === eid)!,
    database,
    queues,
    async () => mayWork,
    async () => undefined,
    TAKE_OVER_AFTER,
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
    const grown = { ...context, deployment: { ...context.deployment, mandates: ["another"] } };
    expect(await findPackets(grown, database, jobs, hubSite(grown))).toBe(0); // another record's looks from the start, and writes it once
    expect(await database.query("SELECT count(DISTINCT record) AS records FROM equipoise.cursors")).toEqual([
      { records: 2n },
    ]);
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

  it("behavior: a packet whose block was gone and is in the chain again is carried on", async () => {
    await jobs.stop();
    jobs = await start();
    const { reader } = path.route.source.chain;
    let gone: string | undefined;
    const request = async (question: { method: string; params?: readonly unknown[] }): Promise<unknown> =>
      question.method === "eth_getBlockByHash" && question.params?.[0] === gone
        ? null
        : reader.request(question as never);
    const transport = custom({ request }, { retryCount: 0 });
    const { chain, pollingInterval } = reader;
    const forgetting = createPublicClient({ chain, pollingInterval, cacheTime: 0, transport });
    const [source, destination] = context.chains as [Chain, Chain];
    await work({ ...context, chains: [{ ...source, reader: forgetting }, destination] });
    const { sent } = await sendState(path, 270n);
    gone = sent.blockHash; // as while the chain is another one
    expect(await find()).toBe(1);
    const newest = async (): Promise<string | undefined> => (await stages()).at(-1);
    await expect.poll(newest, { timeout: 20_000 }).toBe("orphaned");
    gone = undefined;
    await mineBlocks(path.route.source.chain, CONFIRMATIONS);
    expect(await find()).toBe(1);
    expect(await find()).toBe(0);
    await expect.poll(newest, { timeout: 30_000 }).toBe("delivered");
    expect(await find()).toBe(0);
    expect(await mirrored()).toBe(270n);
  }, 120_000);

  it("behavior: a packet that cannot be read now is looked at again later and later, until it can", async () => {
    await jobs.stop();
    jobs = await start();
    await sendState(path, 276n);
    await mineBlocks(path.route.source.chain, CONFIRMATIONS);
    expect(await find()).toBe(1);
    const { chain, pollingInterval } = path.route.source.chain.reader;
    let silent = true;
    const request = (question: { method: string; params?: unknown }): Promise<unknown> =>
      silent ? Promise.reject(new Error("silent")) : path.route.source.chain.reader.request(question as never);
    const reader = createPublicClient({
      ...{ chain, pollingInterval, cacheTime: 0 },
      transport: custom({ request }, { retryCount: 0 }),
    });
    const [source, destination] = context.chains as [Chain, Chain];
    const waits: number[] = [];
    const enqueue: Jobs["enqueue"] = (within, queue, key, data, after = 0) => {
      waits.push(after);
      return jobs.enqueue(within, queue, key, data); // at once: how long it would be is what counts
    };
    await work({ ...context, chains: [{ ...source, reader }, destination] }, { ...jobs, enqueue });
    await expect.poll(() => waits.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
    for (const [place, wait] of waits.entries()) {
      const most = Math.min(60, 2 ** (place + 1));
      expect(wait).toBeGreaterThanOrEqual(most / 2);
      expect(wait).toBeLessThanOrEqual(most);
    }
    silent = false;
    await expect.poll(async () => (await stages()).at(-1), { timeout: 30_000 }).toBe("delivered");
  }, 120_000);

  it("behavior: where others verify it never does; what their executor leaves lying it commits and executes after a delay", async () => {
    await jobs.stop();
    const { investor } = path.accounts; // operates no verifier
    context = contextOf(investor);
    jobs = await start();
    await work();
    const { reader } = path.route.destination.chain;
    const sentCount = (): Promise<number> => reader.getTransactionCount({ address: investor.address });
    const before = await sentCount();
    const { sent } = await sendState(path, 288n);
    expect(await find()).toBe(1);
    await mineBlocks(path.route.source.chain, CONFIRMATIONS);
    const newest = async (): Promise<string | undefined> => (await stages()).at(-1);
    await expect.poll(newest, { timeout: 30_000 }).toBe("verifying");

    expect(await deliverUntil(path, sent, "committing")).toBe("committing"); // the verifiers' own operator
    await expect.poll(newest, { timeout: 30_000 }).toBe("committing");
    const verified = performance.now();
    expect(await sentCount()).toBe(before); // not a signature of its own, and nothing before the delay
    await expect.poll(newest, { timeout: 60_000 }).toBe("delivered");
    expect(performance.now() - verified).toBeGreaterThan((TAKE_OVER_AFTER - 2) * 1_000);
    expect(await mirrored()).toBe(288n);
    expect((await sentCount()) - before).toBe(2); // commits, executes
    const logs = await reader.getLogs({ address: path.mirror, fromBlock: 0n });
    const execution = await reader.getTransaction({ hash: logs.at(-1)?.transactionHash as Hash });
    expect(execution).toMatchObject({ from: investor.address.toLowerCase() });
    expect(execution.gas).toBeGreaterThan(RECEIVE_GAS); // the receiver's alone, whatever it would make do with
  }, 180_000);

  it("behavior: where the executor of others is in time there is nothing to send", async () => {
    const { reader } = path.route.destination.chain;
    const sentCount = (): Promise<number> => reader.getTransactionCount({ address: path.accounts.investor.address });
    const before = await sentCount();
    const { sent } = await sendState(path, 312n);
    expect(await find()).toBe(1);
    await mineBlocks(path.route.source.chain, CONFIRMATIONS);
    expect(await deliverUntil(path, sent, "delivered")).toBe("delivered");
    await expect.poll(async () => (await stages()).at(-1), { timeout: 30_000 }).toBe("delivered");
    expect(await sentCount()).toBe(before);
    expect(await mirrored()).toBe(312n);
  }, 120_000);

  it.each([
    ["more gas than a limit", 324n, { gas: 6_000_000n, value: 0n }, "6400000 gas, more than 5000000"],
    ["money", 336n, { gas: 1n, value: 7n }, "paid 7 wei"],
  ])(
    "behavior: what buys its receiver %s is committed and left to its executor",
    async (_, index, bought, reason) => {
      const { reader } = path.route.destination.chain;
      const { investor } = path.accounts;
      const sentCount = (): Promise<number> => reader.getTransactionCount({ address: investor.address });
      const { sent } = await sendState(path, index, 0n, encodeReceiveOptions(bought));
      await mineBlocks(path.route.source.chain, CONFIRMATIONS);
      expect(await deliverUntil(path, sent, "committing")).toBe("committing");
      const before = await sentCount();
      expect(await find()).toBe(1);
      await expect.poll(async () => (await stages()).at(-1), { timeout: 40_000 }).toBe("leftToExecutor");
      expect((await sentCount()) - before).toBe(1); // later packets of the path wait for nothing but that
      const { source, destination } = path.route;
      const signer = context.chains.at(-1)!;
      const end = { ...destination, chain: signer, operator: investor };
      const left = await deliver({ source, destination: end }, sent, true);
      expect(left.stage.name).toBe("executing");
      expect(left.leftToExecutor).toContain(reason);
      expect((await sentCount()) - before).toBe(1);
      expect(await mirrored()).toBeLessThan(index);
    },
    120_000,
  );

  it("behavior: what no node takes is a dead letter after some tries, and carried on when it is given back", async () => {
    await jobs.stop();
    jobs = await start();
    await work();
    const { sent } = await sendState(path, 348n);
    await mineBlocks(path.route.source.chain, CONFIRMATIONS);
    expect(await deliverUntil(path, sent, "executing")).toBe("executing");
    const limitBlocks = (gas: number) =>
      path.route.destination.chain.reader.request({
        method: "evm_setBlockGasLimit",
        params: [numberToHex(gas)],
      } as never);
    await limitBlocks(500_000); // more than the receiver uses, less than it is to be given
    expect(await find()).toBe(1);
    const dead = async (): Promise<string[]> => (await jobs.deadLetters()).map(({ reason }) => reason);
    await expect.poll(dead, { timeout: 90_000 }).toEqual([expect.stringContaining("given up")]);
    await limitBlocks(30_000_000);
    expect(await jobs.redrive()).toBe(1);
    await expect.poll(async () => (await stages()).at(-1), { timeout: 30_000 }).toBe("delivered");
    expect(await mirrored()).toBe(348n);
  }, 180_000);
});
