import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SOLVENCY_TOTALS, statementLength } from "@equipoise/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAccountsFile } from "./accountsFile.ts";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";
import { UnitsUnreadable } from "./decimalUnits.ts";
import { AccountFileUnreadable } from "./marketFile.ts";
import { marginOf } from "./proveMargin.ts";
import { solvencyOf } from "./proveSolvency.ts";

const TIMEOUT = 300_000;
const EXAMPLE = new URL("../../../docs/examples/accounts.json", import.meta.url).pathname;
const ONE = new URL("../../../docs/examples/account.json", import.meta.url).pathname;
const content = JSON.parse(readFileSync(EXAMPLE, "utf8"));

let folder: string;
let count = 0;
const written = (change: object): string => {
  const path = join(folder, `${++count}.json`);
  writeFileSync(path, JSON.stringify({ ...content, ...change }));
  return path;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-solvency-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]): Promise<{ code: number; said: string; errors: string }> {
  const [out, errors]: [string[], string[]] = [[], []];
  const terminal = { out: (line: string) => void out.push(line), error: (line: string) => void errors.push(line) };
  const code = await runCommandLine([...argv, "--json"], COMMANDS, terminal);
  return { code, said: out.at(-1) ?? "{}", errors: errors.join("\n") };
}

describe("readAccountsFile", () => {
  it("default: plain numbers become the model's integers, names are kept", () => {
    const { parameters, labels } = readAccountsFile(EXAMPLE);
    expect(labels).toEqual(["writer", "buyer", "hedger"]);
    expect(parameters.accounts.map(({ cash }) => cash)).toEqual([12_000_500_000n, 6_000_000_000n, -9_000_000_000n]);
    expect(parameters.accounts[2]?.balances).toEqual([0n, 40_000_000_000n]);
    expect(parameters.collateral.map(({ array }) => array)).toEqual([0, undefined]);
    expect(readAccountsFile(written({ accounts: [{}] })).labels).toEqual(["0"]);
  });

  const positions = [{ underlying: 2, series: 0, quantity: 1 }];
  it.each([
    ["more accounts than a proof has places for", { accounts: new Array(5).fill({}) }, "accounts"],
    ["no accounts", { accounts: undefined }, "accounts"],
    ["a position in no underlying", { accounts: [{ positions }] }, "accounts[0].positions[0].underlying"],
    ["a balance of no collateral", { accounts: [{}, { balances: [0, 0, 1] }] }, "accounts[1].balances"],
    ["a balance that is no number", { accounts: [{ balances: ["much"] }] }, "accounts[0].balances[0]"],
    ["a price that is missing", { collateral: [{}] }, "collateral[0].price"],
  ])("error: UnitsUnreadable, %s", (_, change, field) => {
    expect(() => readAccountsFile(written(change))).toThrow(UnitsUnreadable);
    expect(() => readAccountsFile(written(change))).toThrow(field);
  });

  it("error: AccountFileUnreadable", () => {
    expect(() => readAccountsFile(join(folder, "nothing.json"))).toThrow(AccountFileUnreadable);
  });
});

describe("equipoise prove solvency", () => {
  it("default: an account's figures are those of its own margin, whoever stands beside it", () => {
    const { result, text } = solvencyOf(EXAMPLE);
    const [writer] = result.accounts as [Record<string, unknown>];
    const { equity, maintenanceMargin, initialMargin } = marginOf(ONE).result;
    expect(writer).toEqual({ name: "writer", equity, maintenanceMargin, initialMargin, healthy: true });
    expect(result.totals).toMatchObject({ shortfall: "0.000000" });
    expect(text).toContain("solvent");
  });

  it("behavior: what one owes is short, whatever the others have", () => {
    const poor = { ...content.accounts[1], cash: -900_000 };
    const { result, text } = solvencyOf(written({ accounts: [content.accounts[0], poor] }));
    const { shortfall } = result.totals as { shortfall: string };
    expect(Number(shortfall)).toBeGreaterThan(850_000);
    expect(text).toContain(`short of ${shortfall}`);
  });

  it(
    "default: a directory that verifies, and does not once less is owed or an account is called richer",
    async () => {
      const out = join(folder, "proven");
      const proven = await run("prove", "solvency", "--accounts", EXAMPLE, "--out", out);
      expect(proven).toMatchObject({ code: 0 });
      expect(JSON.parse(proven.said)).toMatchObject({ circuit: "solvency", totals: { shortfall: "0.000000" } });
      expect(await run("verify", out)).toMatchObject({ code: 0 });
      const path = join(out, "statement.json");
      const statement = readFileSync(path, "utf8");
      // the totals stand before the four commitments, results before them
      for (const place of [5, 9]) {
        const { words, ...rest } = JSON.parse(statement);
        const at = statementLength("solvency") - place;
        words[at] = String(BigInt(words[at]) + (1n << BigInt(21 * SOLVENCY_TOTALS.equity)));
        writeFileSync(path, JSON.stringify({ ...rest, words }));
        expect(await run("verify", out)).toMatchObject({ code: 1 });
      }
    },
    TIMEOUT,
  );

  it("error: an option of another statement, too many different series", async () => {
    const refused = (...argv: string[]) => run("prove", ...argv, "--out", join(folder, "none"));
    expect(await refused("solvency")).toMatchObject({ code: 2, errors: expect.stringContaining("--accounts") });
    const foreign = await refused("solvency", "--accounts", EXAMPLE, "--account", ONE);
    expect(foreign).toMatchObject({ code: 2, errors: expect.stringContaining("--account is not for prove solvency") });
    expect(await refused("solvency", "--accounts", EXAMPLE, "--array", "0")).toMatchObject({ code: 2 });
    expect(await refused("margin", "--account", ONE, "--accounts", EXAMPLE)).toMatchObject({ code: 2 });
    expect(await refused("parity", "--prices", "simulated", "--accounts", EXAMPLE)).toMatchObject({ code: 2 });

    const series = Array.from({ length: 16 }, (_, k) => ({
      type: "call",
      strike: 50_000 + 1_000 * k,
      days: 7,
      volatility: 0.5,
    }));
    const underlyings = content.underlyings.map((entry: object) => ({ ...entry, spot: 60_000, series }));
    const holding = (underlying: number) => ({
      positions: series.slice(0, 13).map((_, k) => ({ underlying, series: k, quantity: 1 })),
    });
    const many = written({ underlyings, accounts: [holding(0), holding(1)], collateral: [] });
    expect(await refused("solvency", "--accounts", many)).toMatchObject({
      code: 1,
      errors: expect.stringContaining("26 different series; there is room for 24"),
    });
  });
});
