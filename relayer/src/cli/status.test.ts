import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulatedDeployment } from "@equipoise/sdk/testing";
import { generatePrivateKey } from "viem/accounts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";

const deployment = simulatedDeployment();
process.env.EQUIPOISE_STATUS_KEY = generatePrivateKey();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-status-"));
  writeFileSync(join(folder, "deployment.json"), JSON.stringify({ version: 1, transactions: [], deployment }));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A configuration of chains that nobody answers for; nobody listens at its port either. */
function written(more: object = {}): string {
  const path = join(folder, "relayer.json");
  const config = {
    deployment: "deployment.json",
    database: { directory: "below/data" },
    roles: ["observer"],
    chains: deployment.chains.map(({ eid }) => ({ eid, rpcUrls: ["http://127.0.0.1:1"] })),
    keys: { relayer: { variable: "EQUIPOISE_STATUS_KEY" } },
    port: 1,
    ...more,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function run(...argv: readonly string[]) {
  const [out, errors]: [string[], string[]] = [[], []];
  const terminal = { out: (line: string) => void out.push(line), error: (line: string) => void errors.push(line) };
  return { code: await runCommandLine(argv, COMMANDS, terminal), out: out.join("\n"), errors: errors.join("\n") };
}

describe("equipoise status and retry", () => {
  it("default: where no relayer has made a database, there is nothing in it, and to ask makes none", async () => {
    const config = written();
    const { code, out, errors } = await run("status", "--once", "--config", config);
    expect(errors).toBe("");
    expect(out).toContain("packets: none; proofs kept: 0; dead letters: 0");
    expect(out).toContain("chain 31337 does not answer: ");
    expect(code).toBe(0);
    expect(await run("retry", "--config", config)).toMatchObject({ code: 0, errors: "" });
    expect(readdirSync(folder).sort()).toEqual(["deployment.json", "relayer.json"]);
    expect(existsSync(join(folder, "below"))).toBe(false);
  }, 240_000);
});
