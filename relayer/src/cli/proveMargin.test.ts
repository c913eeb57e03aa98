import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MARGIN_RESULT, statementLength } from "@equipoise/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAccountFile } from "./accountFile.ts";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";
import { decimalUnits, UnitsUnreadable } from "./decimalUnits.ts";
import { AccountFileUnreadable } from "./marketFile.ts";
import { marginOf } from "./proveMargin.ts";

const TIMEOUT = 300_000;
const ACCOUNT = {
  underlyings: [
    {
      name: "BTC",
      spot: 63_217.41,
      range: 0.15,
      volatility: 0.004,
      series: [
        { type: "perpetual", basis: 0.0001 },
        { type: "call", strike: 65_000, days: 7, volatility: 0.55, basis: 0.001 },
        { type: "put", strike: 58_000, days: 28, volatility: 0.6, basis: 0.004 },
      ],
    },
    { name: "ETH", spot: "2613.12", range: 0.18, volatility: 0.006, series: [{ type: "perpetual" }] },
    {
      name: "BTC",
      spot: 63_217.41,
      range: 0.15,
      volatility: 0.004,
      series: [{ type: "call", strike: 70_000, days: 28, volatility: 0.5 }],
    },
  ],
  correlations: [0.8],
  multiple: 15,
  terms: {
    maintenanceLossFactor: 0.8,
    initialLossFactor: 1,
    maintenancePerpetual: 0.015,
    initialPerpetual: 0.02,
    maintenanceNakedShort: 0.003,
    initialNakedShort: 0.005,
    shortOptionMinimum: 0.01,
    basis: 0.005,
  },
  account: {
    cash: -12_000.5,
    positions: [
      { underlying: 2, series: 0, quantity: 1 },
      { underlying: 0, series: 1, quantity: -1 },
      { underlying: 0, series: 2, quantity: 0.5 },
      { underlying: 1, series: 0, quantity: -2.25 },
    ],
    collateral: [
      { balance: 1.5, price: 63_200, haircut: 0.05, slope: 0.01, underlying: 0 },
      { balance: 20_000, price: 1, haircut: 0.01 },
    ],
  },
};

let folder: string;
const written = (content: unknown): string => {
  const path = join(folder, `${Math.abs(JSON.stringify(content).length)}-account.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-margin-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("decimalUnits", () => {
  it.each([
    [0.25, 6, 250_000n],
    ["1e-7", 12, 100_000n],
    [1e-7, 6, 0n],
    [-1e-7, 6, -1n],
    ["-12.5", 0, -13n],
    [1e21, 6, 10n ** 27n],
  ])("default: %s in units of 10^-%i", (value, decimals, expected) => {
    expect(decimalUnits(value, "figure", decimals)).toBe(expected);
  });

  it("behavior: rounds up where asked to", () => {
    expect(decimalUnits("0.0000001", "figure", 6, "up")).toBe(1n);
    expect(decimalUnits("-0.0000001", "figure", 6, "up")).toBe(0n);
    expect(decimalUnits("3", "figure", 6, "up")).toBe(3_000_000n);
  });

  it.each(["", "x", "1,5", ".", "1e99", null, undefined, Number.NaN, {}])("error: UnitsUnreadable, %s", (value) => {
    expect(() => decimalUnits(value, "figure", 6)).toThrow(UnitsUnreadable);
  });
});

describe("readAccountFile", () => {
  it("default: plain numbers become the model's integers", () => {
    const { parameters, names } = readAccountFile(written(ACCOUNT));
    expect(names).toEqual(["BTC", "ETH", "BTC"]);
    expect(parameters.account.cash).toBe(-12_000_500_000n);
    expect(parameters.account.positions.map(({ series }) => series)).toEqual([1, 2, 16, 32]);
    expect(parameters.terms.maintenancePerpetual).toBe(15_000n);
    expect(parameters.arrays).toHaveLength(3);
    // fifteen volatilities of 0.4 % are 1.2 steps of 5 %, rounded outwards: kin move alike
    expect(parameters.jointLevels[16]).toBe(5);
    expect(parameters.jointLevels[18]).toBe(5);
    expect(parameters.level).toBe("initial");
  });

  it("error: AccountFileUnreadable", () => {
    expect(() => readAccountFile(join(folder, "nothing.json"))).toThrow(AccountFileUnreadable);
    const path = join(folder, "broken.json");
    writeFileSync(path, "{");
    expect(() => readAccountFile(path)).toThrow(AccountFileUnreadable);
  });

  it.each([
    ["a correlation too few", { correlations: [] }],
    ["a term that is missing", { terms: {} }],
    ["a level that is none", { level: "final" }],
    ["a position in no underlying", { account: { positions: [{ underlying: 3, series: 0, quantity: 1 }] } }],
    ["five underlyings", { underlyings: new Array(5).fill(ACCOUNT.underlyings[1]) }],
    ["a series of no kind", { underlyings: [{ ...ACCOUNT.underlyings[1], series: [{ type: "swap" }] }] }],
  ])("error: UnitsUnreadable, %s", (_, change) => {
    expect(() => readAccountFile(written({ ...ACCOUNT, ...change }))).toThrow(UnitsUnreadable);
  });
});

describe("equipoise prove margin", () => {
  it("default: figures of the account", () => {
    const { result, text } = marginOf(written(ACCOUNT));
    expect(result).toMatchObject({ level: "initial", healthy: true });
    // 1.5 at 63,200 and 20,000 in dollars, less the debt and the positions
    expect(Number(result.equity)).toBeGreaterThan(80_000);
    expect(Number(result.equity)).toBeLessThan(115_000);
    expect(Number(result.maintenanceMargin)).toBeLessThan(Number(result.initialMargin));
    expect(text).toContain("healthy at the initial level");
  });

  it(
    "default: a directory that verifies, and does not once the account is called richer",
    async () => {
      const out = join(folder, "proven");
      const lines: string[] = [];
      const terminal = { out: (line: string) => lines.push(line), error: () => undefined };
      const run = (...argv: string[]) => runCommandLine([...argv, "--json"], COMMANDS, terminal);
      expect(await run("prove", "margin", "--account", written(ACCOUNT), "--out", out)).toBe(0);
      expect(JSON.parse(lines.at(-1) as string)).toMatchObject({ circuit: "margin", healthy: true });
      expect(await run("verify", out)).toBe(0);
      const path = join(out, "statement.json");
      const statement = JSON.parse(readFileSync(path, "utf8"));
      const place = statementLength("margin") - 8;
      statement.words[place] = String(BigInt(statement.words[place]) + (1n << BigInt(21 * MARGIN_RESULT.equity)));
      writeFileSync(path, JSON.stringify(statement));
      expect(await run("verify", out)).toBe(1);
    },
    TIMEOUT,
  );

  it("error: an option of another statement", async () => {
    const errors: string[] = [];
    const terminal = { out: () => undefined, error: (line: string) => errors.push(line) };
    const run = (...argv: string[]) => runCommandLine(argv, COMMANDS, terminal);
    expect(await run("prove", "margin", "--out", join(folder, "none"))).toBe(2);
    expect(await run("prove", "margin", "--account", "a", "--decay", "flat", "--out", "none")).toBe(2);
    expect(await run("prove", "margin", "--account", "a", "--prices", "simulated", "--out", "none")).toBe(2);
    expect(await run("prove", "parity", "--account", "a", "--prices", "simulated", "--out", "none")).toBe(2);
    expect(errors.join("\n")).toContain("--account");
  });
});
