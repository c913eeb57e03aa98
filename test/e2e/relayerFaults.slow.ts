/**
 * Slow, not part of `npm test`: `npm run test:faults`. A relayer process is killed (−9) at each step of the pipeline in turn, restarted,
 * and in the end every chain has the same allocation and nothing was done twice.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { advanceTime, chainTime, hubSite, observePrices, sitesOf, ticksOf } from "@equipoise/relayer";
import {
  parityVaultAbi,
  readAllocation,
  readLatestRiskIndex,
  riskBeaconAbi,
  riskOracleAbi,
} from "@equipoise/sdk/actions";
import { type Abi, type Address, parseEventLogs, toHex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, LOCAL_MNEMONIC } from "../../relayer/src/chains/anvil.ts";
import { mineBlocks } from "../../relayer/src/chains/clock.ts";
import { receiveLibraryAbi } from "../../relayer/src/layerzero/abi.ts";
import { type PipelineFixture, startPipeline } from "./pipelineFixture.ts";

const ROOT = join(import.meta.dirname, "../..");
const RELAYER_KEY = toHex(mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex: 1 }).getHdKey().privateKey as Uint8Array);

let fixture: PipelineFixture;
let folder: string;
let configFile: string;
let mining: NodeJS.Timeout;
const running = new Set<ChildProcess>();

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
  const config = {
    deployment: "deployment.json",
    database: { directory: "data" },
    roles: ["prover", "allocator", "broadcaster", "deliverer"],
    chains: sitesOf(context).map(({ chain }) => ({ eid: chain.eid, rpcUrls: [chain.rpcUrl], quorum: 1, finality: 2 })),
    keys: { relayer: { variable: "EQUIPOISE_RELAYER_KEY" } },
    lookEverySeconds: 1,
    port: await freePort(),
  };
  writeFileSync(configFile, JSON.stringify(config));
  mining = setInterval(() => {
    for (const { chain } of sitesOf(context)) mineBlocks(chain, 1).catch(() => undefined);
  }, 400);
}, 600_000);

afterAll(async () => {
  clearInterval(mining);
  for (const child of running) child.kill("SIGKILL");
  await fixture?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

type Line = Record<string, string | number | boolean | undefined>;

/** What a line of the log says happened; nothing for lines that are no step. */
const stepOf = ({ msg, chain, event, duty, stage, reason }: Line): string | undefined => {
  if (reason !== undefined) return undefined;
  if (msg === "transaction") return event === "broadcast" || event === "final" ? `${event} on ${chain}` : undefined;
  if (msg === "packet") return `packet ${stage}`;
  if (msg === "done") return `${duty} done`;
  return msg === "proof" ? "proof" : undefined;
};

/** A step that is taken for several things is killed at as often: two proofs; two signatures, a commit, an execution. */
const timesOf = (step: string): number => (step === "proof" ? 2 : step.startsWith("broadcast") ? 4 : 1);

/** Runs a relayer until a step that no earlier run was killed at, and kills it there; or until `done`. */
async function runUntilNewStep(
  killedAt: Map<string, number>,
  done: () => Promise<boolean>,
): Promise<string | undefined> {
  const child = spawn(process.execPath, ["relayer/src/cli/main.ts", "relay", "--config", configFile], {
    cwd: ROOT,
    env: { ...process.env, EQUIPOISE_RELAYER_KEY: RELAYER_KEY },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const ended = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk;
  });
  let step: string | undefined;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    if (process.env.EQUIPOISE_LOG !== undefined) process.stdout.write(`${text}\n`);
    step = stepOf(line);
    if (step !== undefined && (killedAt.get(step) ?? 0) < timesOf(step)) break;
    step = undefined;
    if (await done()) break;
  }
  child.kill("SIGKILL");
  await ended;
  running.delete(child);
  if (step === undefined && !(await done())) throw new Error(`the relayer ended by itself: ${complaint}`);
  return step;
}

async function count(
  site: { chain: ReturnType<typeof hubSite>["chain"] },
  address: Address,
  abi: Abi,
  eventName: string,
) {
  const logs = await site.chain.reader.getLogs({ address, fromBlock: 0n });
  return parseEventLogs({ abi, eventName, logs }).length;
}

describe("equipoise relay, killed (−9) at each step in turn", () => {
  it("default: every chain ends at the same allocation, and nothing was done twice", async () => {
    const context = fixture.restarted();
    const sites = sitesOf(context);
    const allocationsOf = () =>
      Promise.all(sites.map(({ chain, deployment }) => readAllocation(chain.reader, deployment)));
    const done = async () => (await allocationsOf()).every(({ index }) => index === 240n);
    const killedAt = new Map<string, number>();
    for (let run = 0; run < 60; run++) {
      const step = await runUntilNewStep(killedAt, done);
      if (step === undefined) break;
      killedAt.set(step, (killedAt.get(step) ?? 0) + 1);
      process.stdout.write(`killed at: ${step}\n`);
    }
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

    const hub = hubSite(context);
    const [, spoke] = sites;
    expect(await readLatestRiskIndex(spoke!.chain.reader, spoke!.deployment)).toBe(240n);
    expect(await count(hub, hub.deployment.riskState, riskOracleAbi, "RiskStateAccepted")).toBe(1);
    expect(await count(hub, hub.deployment.riskBeacon, riskBeaconAbi, "RiskStateBroadcast")).toBe(1);
    expect(await count(spoke!, spoke!.deployment.layerZero.receiveLibrary, receiveLibraryAbi, "PayloadVerified")).toBe(
      2,
    );
    for (const site of sites) expect(await count(site, site.deployment.vault, parityVaultAbi, "Allocated")).toBe(1);
  }, 1_200_000);
});
