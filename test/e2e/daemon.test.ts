/** `equipoise relay` as an operator has it: a process with an embedded database, asked by the other commands. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { WINDOW_LENGTH } from "@equipoise/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../relayer/src/chains/anvil.ts";
import { runCommandLine } from "../../relayer/src/cli/commandLine.ts";
import { COMMANDS } from "../../relayer/src/cli/commands.ts";
import { stopChain } from "../../relayer/src/daemon/stoppedChains.ts";
import { openDatabase } from "../../relayer/src/database/database.ts";
import { beginEpoch } from "./daemonEpoch.ts";
import { BIDDER_VARIABLE, type DaemonFixture, type FaultySite, startDaemonFixture } from "./daemonFixture.ts";
import { askDaemon, type DaemonProcess, said, spawnRelayer } from "./daemonProcess.ts";
import { TWO_MANDATES } from "./pipelineFixture.ts";

/** All but those of clearing, which is not deployed here. */
const ROLES = [
  ...["observer", "prover", "allocator", "broadcaster", "deliverer"],
  ...["rebalancer", "filler", "reporter"],
];
const INDEX = BigInt(WINDOW_LENGTH);

let fixture: DaemonFixture;
let relayer: DaemonProcess | undefined;
let config: string;
let port: number;
let directory: string;

beforeAll(async () => {
  fixture = await startDaemonFixture([31_361, 31_362], { mandates: TWO_MANDATES.slice(0, 1), isWindowFull: false });
  directory = join(fixture.folder, "embedded");
  port = await freePort();
  const bidder = { variable: BIDDER_VARIABLE };
  const keys = { relayer: { variable: "EQUIPOISE_FAULTS_KEY" }, bidder };
  config = fixture.written({ roles: ROLES, database: { directory }, keys, port });
}, 300_000);
afterAll(async () => {
  await relayer?.kill();
  await fixture?.stop();
}, 60_000);

async function run(...argv: readonly string[]) {
  const [out, errors]: [string[], string[]] = [[], []];
  const terminal = { out: (line: string) => void out.push(line), error: (line: string) => void errors.push(line) };
  const code = await runCommandLine([...argv, "--config", config], COMMANDS, terminal);
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}
const askPath = async (path: string) => {
  const response = await askDaemon({ port }, path);
  return { status: response.status, text: await response.text() };
};

describe("equipoise relay in its own process", () => {
  it("default: a dry run and a status before it, an observation carried to every vault, what it says of itself, and its end", async () => {
    const [{ chain: hub }, { chain: spoke }] = fixture.sites as [FaultySite, FaultySite];
    const before = await run("relay", "--dry-run");
    expect(before.errors).toBe("");
    expect(before.out).toMatch(new RegExp(`^observer:${hub.eid} +would send 0x`, "m"));
    expect(before.out).toMatch(new RegExp(`^deliverer:${spoke.eid} +nothing to do$`, "m"));
    expect(before.out).toMatch(/^prover +nothing is ordered$/m);
    expect(existsSync(directory)).toBe(false);

    const epoch = await beginEpoch(fixture.context, INDEX);
    relayer = spawnRelayer(config);
    const { lines, ended } = relayer;
    await said(lines, ({ msg }) => msg === "started");
    expect((await askPath("/healthz")).status).toBe(200);
    await epoch.done();
    expect(lines.some(({ duty, done }) => duty === `observer:${hub.eid}` && done === "observed")).toBe(true);
    await expect.poll(() => askPath("/readyz"), { timeout: 60_000 }).toEqual({ status: 200, text: "ready\n" });

    const shown = await run("status", "--once");
    expect(shown.code).toBe(0);
    expect(shown.out).toContain("proofs kept: 2; dead letters: 0");
    // on a busy machine a chain may take longer than a status waits for it
    const patience = { timeout: 60_000 };
    const follows = { riskIndex: `${INDEX}`, allocations: { parity: `${INDEX}` } };
    const chainsAsked = async () => (JSON.parse((await run("status", "--json")).out) as { chains: object[] }).chains;
    await expect.poll(chainsAsked, patience).toMatchObject([
      { role: "hub", ...follows },
      { role: "spoke", ...follows },
    ]);
    const metrics = async () => (await askPath("/metrics")).text;
    for (const { chainId } of fixture.sites.map(({ chain }) => chain)) {
      await expect.poll(metrics, patience).toContain(`equipoise_chain_answers{chain="${chainId}"} 1`);
      const text = await metrics();
      expect(text).toContain(`equipoise_allocation_index{chain="${chainId}",mandate="parity"} ${INDEX}`);
      expect(text).toMatch(new RegExp(`equipoise_balance_ether\\{chain="${chainId}",account="bidder"\\} \\d`));
    }
    expect(await metrics()).toContain("equipoise_proof_seconds_count 2");
    expect((await run("relay", "--dry-run")).out).toMatch(/^database +not read: .* is open in process/m);
    expect((await run("retry")).out).toBe("0 jobs are tried again, 0 chains go on");

    relayer.terminate();
    expect(await ended).toEqual({ code: 0, complaint: "ended by SIGTERM\n" });
    expect(lines.some(({ msg }) => msg === "status")).toBe(true);
    expect(lines.filter(({ msg, passes }) => msg === "failed" && passes === false)).toEqual([]);
    expect(await epoch.wrong(Object.fromEntries(fixture.sites.map(({ chain }) => [chain.chainId, undefined])))).toEqual(
      [],
    );
  }, 400_000);

  it("behavior: without it status, retry and a dry run read its database", async () => {
    const [{ chain: hub }, { chain: spoke }] = fixture.sites as [FaultySite, FaultySite];
    const database = await openDatabase({ directory });
    await stopChain(database, spoke.chainId, "they disagree");
    await database.close();
    const shown = await run("status", "--once");
    expect(shown.out).toContain("packets: 1 delivered; proofs kept: 2; dead letters: 0");
    expect(shown.out).toContain(`chain ${spoke.chainId} is STOPPED: they disagree`);
    const stopped = await run("relay", "--dry-run");
    expect(stopped.out).toMatch(
      new RegExp(`^deliverer:${spoke.eid} +waits: chain ${spoke.chainId} is stopped: they`, "m"),
    );
    expect((await run("retry")).out).toBe("0 jobs are tried again, 1 chains go on");
    const after = await run("relay", "--dry-run");
    for (const duty of [
      `allocator:${hub.eid}`,
      `allocator:${spoke.eid}:vault:parity`,
      `deliverer:${hub.eid}`,
      `broadcaster:${hub.eid}`,
    ])
      expect(after.out).toMatch(new RegExp(`^${duty} +nothing to do$`, "m"));
  }, 120_000);
});
