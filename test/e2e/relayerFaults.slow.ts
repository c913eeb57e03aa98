/**
 * Slow, not part of `npm test`: `npm run test:faults`. A relayer process is killed (−9) at each step of the pipeline in turn, restarted,
 * and in the end every chain has the same allocation, every vault is within its band, and nothing was done twice.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  advanceTime,
  bringSpokesUp,
  chainTime,
  hubSite,
  observePrices,
  publishPrices,
  sitesOf,
  ticksOf,
  type VaultSite,
  vaultSitesOf,
} from "@equipoise/relayer";
import { unpackMandate } from "@equipoise/sdk";
import {
  observationLogAbi,
  parityVaultAbi,
  readAllocation,
  readLatestRiskIndex,
  readMandate,
  riskOracleAbi,
} from "@equipoise/sdk/actions";
import { type Account, erc20Abi } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, LOCAL_MNEMONIC } from "../../relayer/src/chains/anvil.ts";
import { mineBlocks } from "../../relayer/src/chains/clock.ts";
import { receiveLibraryAbi } from "../../relayer/src/layerzero/abi.ts";
import { allocatedAt, countOf, sentOf } from "./daemonEpoch.ts";
import { type DaemonProcess, keyOf, type Line, spawnRelayer } from "./daemonProcess.ts";
import { openFeeds } from "./localFeeds.ts";
import { type PipelineFixture, startPipeline } from "./pipelineFixture.ts";

const KEYS = { EQUIPOISE_RELAYER_KEY: keyOf(1), EQUIPOISE_BIDDER_KEY: keyOf(2) };

const ALLOCATING = ["prover", "allocator", "broadcaster", "deliverer"];
let fixture: PipelineFixture;
let folder: string;
let configFile: string;
let writeConfig: (roles: readonly string[]) => void;
/** {s} of the chains that pass with a block; as much as on the clock when 0 */
let blockSeconds = 0;
/** {blocks} between two publications of prices: they may be two hours old */
const PRICED_EVERY = 200;
let blocks = 0;
let keepPrices: () => Promise<unknown> = async () => undefined;
let mining: NodeJS.Timeout;
let running: DaemonProcess | undefined;

beforeAll(async () => {
  fixture = await startPipeline(
    { prove: () => Promise.reject(new Error("the test proves nothing itself")) },
    { chainIds: [31_361, 31_362] },
  );
  const context = fixture.restarted();
  await observePrices(context, ticksOf(fixture.series));
  const [hub, spoke] = sitesOf(context);
  await advanceTime(spoke!.chain, await chainTime(hub!.chain));
  folder = mkdtempSync(join(tmpdir(), "equipoise-faults-"));
  writeFileSync(
    join(folder, "deployment.json"),
    JSON.stringify({ version: 1, transactions: [], deployment: context.deployment }),
  );
  configFile = join(folder, "relayer.json");
  const port = await freePort();
  writeConfig = (roles) => {
    const config = {
      deployment: "deployment.json",
      database: { directory: "data" },
      roles,
      chains: sitesOf(context).map(({ chain }) => ({
        eid: chain.eid,
        rpcUrls: [chain.rpcUrl],
        quorum: 1,
        finality: 2,
      })),
      keys: { relayer: { variable: "EQUIPOISE_RELAYER_KEY" }, bidder: { variable: "EQUIPOISE_BIDDER_KEY" } },
      lookEverySeconds: 1,
      port,
    };
    writeFileSync(configFile, JSON.stringify(config));
  };
  mining = setInterval(() => {
    for (const { chain } of sitesOf(context)) mineBlocks(chain, 1, blockSeconds).catch(() => undefined);
    blocks += 1;
    if (blocks % PRICED_EVERY === 0) void keepPrices().catch(() => undefined);
  }, 400);
}, 600_000);

afterAll(async () => {
  clearInterval(mining);
  await running?.kill();
  await fixture?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const BIDDER = mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex: 2 }).address;

/** What a line of the log says happened; nothing for lines that are no step. */
const stepOf = ({ msg, chain, event, duty, stage, reason, signer }: Line): string | undefined => {
  if (reason !== undefined) return undefined;
  const bid = signer === BIDDER ? "bid " : "";
  if (msg === "transaction")
    return event === "broadcast" || event === "final" ? `${bid}${event} on ${chain}` : undefined;
  if (msg === "packet") return `packet ${stage}`;
  if (msg === "done") return `${duty} done`;
  return msg === "proof" ? "proof" : undefined;
};

/** A step that is taken for several things is killed at as often: two proofs; two signatures, a commit, an execution. */
const allocationTimes = (step: string): number => (step === "proof" ? 2 : step.startsWith("broadcast") ? 4 : 1);
const observationTimes = (step: string): number => (step.startsWith("broadcast") ? 2 : 1);
/** two bids of several: while an auction is killed it runs on */
const rebalanceTimes = (step: string): number => (step.startsWith("bid") ? 2 : 1);

/** Runs a relayer until a step that no earlier run was killed at, and kills it there; or until `done`. */
async function runUntilNewStep(
  killedAt: Map<string, number>,
  timesOf: (step: string) => number,
  done: () => Promise<boolean>,
): Promise<string | undefined> {
  running = spawnRelayer(configFile, KEYS);
  let step: string | undefined;
  for await (const text of running.output) {
    step = stepOf(JSON.parse(text) as Line);
    if (step !== undefined && (killedAt.get(step) ?? 0) < timesOf(step)) break;
    step = undefined;
    if (await done()) break;
  }
  await running.kill();
  const { complaint } = await running.ended;
  if (step === undefined && !(await done())) throw new Error(`the relayer ended by itself: ${complaint}`);
  return step;
}

/** Kills a relayer at every step it has not been killed at, until it is done; how often at which. */
async function killAtEach(
  timesOf: (step: string) => number,
  done: (killedAt: ReadonlyMap<string, number>) => Promise<boolean>,
): Promise<Map<string, number>> {
  const killedAt = new Map<string, number>();
  for (let run = 0; run < 60; run++) {
    const step = await runUntilNewStep(killedAt, timesOf, () => done(killedAt));
    if (step === undefined) return killedAt;
    killedAt.set(step, (killedAt.get(step) ?? 0) + 1);
    process.stdout.write(`killed at: ${step}\n`);
  }
  throw new Error(`not done after sixty runs: ${[...killedAt.keys()].join(", ")}`);
}

describe("equipoise relay, killed (−9) at each step in turn", () => {
  it("default: every chain ends at the same allocation, and nothing was done twice", async () => {
    const context = fixture.restarted();
    const sites = sitesOf(context);
    const vaults = vaultSitesOf(context);
    const allocationsOf = () => Promise.all(vaults.map(({ chain, vault }) => readAllocation(chain.reader, { vault })));
    writeConfig(ALLOCATING);
    // the spoke may have its allocation before the relayer has noted that the packet arrived
    const killedAt = await killAtEach(
      allocationTimes,
      async (already) =>
        already.has("packet delivered") && (await allocationsOf()).every(({ index }) => index === 240n),
    );
    const [onHub, onSpoke] = await allocationsOf();
    expect(onHub).toMatchObject({ index: 240n });
    expect(onSpoke?.weights).toEqual(onHub?.weights);
    const steps = [
      "proof",
      "broadcast on 31361",
      "final on 31361",
      "broadcast on 31362",
      "final on 31362",
      "packet delivered",
    ];
    for (const step of steps) expect(killedAt.get(step), step).toBeGreaterThan(0);
    expect([...killedAt.values()].reduce((sum, times) => sum + times)).toBeGreaterThanOrEqual(10);

    const [hub, spoke] = sites;
    expect(await readLatestRiskIndex(spoke!.chain.reader, spoke!.deployment)).toBe(240n);
    const { receiveLibrary } = spoke!.deployment.layerZero;
    const accepted = { abi: riskOracleAbi, eventName: "RiskStateAccepted" };
    expect(await countOf(hub!, hub!.deployment.riskState, accepted)).toBe(1);
    expect(await sentOf(context)).toBe(1);
    expect(await countOf(spoke!, receiveLibrary, { abi: receiveLibraryAbi, eventName: "PayloadVerified" })).toBe(2);
    for (const site of sites) expect(await allocatedAt(site)).toBe(1);
  }, 1_200_000);

  it("behavior: rebalances: every vault ends within its band, each bid is paid once, and no token is lost", async () => {
    const context = fixture.restarted();
    const sites = vaultSitesOf(context); // one mandate: a vault a chain
    const allocated = async () => {
      const all = await Promise.all(sites.map(({ chain, vault }) => readAllocation(chain.reader, { vault })));
      return all.every(({ index }) => index === 240n);
    };
    if (!(await allocated())) {
      writeConfig(ALLOCATING); // where this test runs alone
      await runUntilNewStep(new Map(), () => 0, allocated);
    }
    const prices = fixture.series.prices.at(-1) as readonly bigint[];
    await bringSpokesUp(context, prices);
    await publishPrices(context, hubSite(context), prices);
    const { relayer, bidder } = context.accounts;
    const read = () =>
      Promise.all(
        sites.map(async ({ chain: { reader }, vault, deployment: { tokens, cash } }) => {
          const nonceOf = (account: Account) => reader.getTransactionCount({ address: account.address });
          const held = await Promise.all(
            [...tokens, cash].map(async ({ address }) => {
              const token = { address, abi: erc20Abi, functionName: "balanceOf" } as const;
              const ofBoth = [vault, bidder.address].map((owner) => reader.readContract({ ...token, args: [owner] }));
              const [inVault, ofBidder] = await Promise.all(ofBoth);
              return (inVault as bigint) + (ofBidder as bigint);
            }),
          );
          return { held, opened: await nonceOf(relayer), bid: await nonceOf(bidder) };
        }),
      );
    const within = async ({ chain: { reader }, vault }: VaultSite): Promise<boolean> => {
      const asked = { address: vault, abi: parityVaultAbi } as const;
      const drift = await reader.readContract({ ...asked, functionName: "drift" });
      return drift <= unpackMandate(await readMandate(reader, { vault })).driftBand;
    };
    for (const site of sites) expect(await within(site)).toBe(false);
    const feeds = await Promise.all(sites.map(openFeeds));
    keepPrices = () => Promise.all(feeds.map(({ publish }) => publish(prices)));
    const before = await read();
    blockSeconds = 8;
    writeConfig(["rebalancer", "filler"]);
    const killedAt = await killAtEach(rebalanceTimes, async () =>
      (await Promise.all(sites.map(within))).every(Boolean),
    );
    for (const { chainId } of sites.map(({ chain }) => chain)) {
      for (const step of ["broadcast", "final", "bid broadcast", "bid final"])
        expect(killedAt.get(`${step} on ${chainId}`), `${step} on ${chainId}`).toBeGreaterThan(0);
    }
    const after = await read();
    for (const [place, site] of sites.entries()) {
      expect(after[place]?.held).toEqual(before[place]?.held);
      const { vault } = site;
      const opened = await countOf(site, vault, { abi: parityVaultAbi, eventName: "RebalanceOpened" });
      const filled = await countOf(site, vault, { abi: parityVaultAbi, eventName: "BidFilled" });
      expect(after[place]!.opened - before[place]!.opened, "transactions that open").toBe(opened);
      // a bid that was signed before a kill may come when its auction has ended, and then buys nothing
      const late = after[place]!.bid - before[place]!.bid - filled;
      expect(late, "bids that came too late").toBeGreaterThanOrEqual(0);
      expect(late, "bids that came too late").toBeLessThanOrEqual(
        killedAt.get(`bid broadcast on ${site.chain.chainId}`) ?? 0,
      );
    }
  }, 1_800_000);

  it("behavior: observations: an hour after the one before, each once", async () => {
    const hub = hubSite(fixture.restarted());
    const log = { address: hub.deployment.observationLog, abi: observationLogAbi } as const;
    const relayer = fixture.restarted().accounts.relayer.address;
    const read = async () => ({
      index: await hub.chain.reader.readContract({ ...log, functionName: "index" }),
      nonce: await hub.chain.reader.getTransactionCount({ address: relayer }),
    });
    const feeds = await openFeeds(hub);
    const prices = fixture.series.prices.at(-1) as readonly bigint[];
    const publishing = setInterval(() => void feeds.publish(prices).catch(() => undefined), 5_000);
    await feeds.publish(prices);
    const before = await read();
    const fromBlock = (await hub.chain.reader.getBlockNumber()) + 1n;
    blockSeconds = 60; // an hour in 24 seconds
    writeConfig(["observer"]);
    const killedAt = await killAtEach(observationTimes, async () => (await read()).index >= before.index + 4n);
    blockSeconds = 0;
    clearInterval(publishing);
    for (const step of ["broadcast on 31361", "final on 31361"]) expect(killedAt.get(step), step).toBeGreaterThan(0);
    const after = await read();
    const countOfLog = (eventName: string): Promise<number> =>
      countOf(hub, log.address, { abi: observationLogAbi, eventName, fromBlock });
    const [observed, rebased] = (await Promise.all(["Observed", "Rebased"].map(countOfLog))) as [number, number];
    expect(after.index - before.index).toBe(BigInt(observed));
    // the hours of the test before are a gap, after which the log begins with prices alone
    expect(after.nonce - before.nonce, "transactions that observe").toBe(observed + rebased);
  }, 900_000);
});
