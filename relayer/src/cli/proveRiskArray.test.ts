import { SERIES_VALUE_WORDS, SIZES, statementLength } from "@equipoise/sdk";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";
import { marginOf } from "./proveMargin.ts";
import { riskArrayOf } from "./proveRiskArray.ts";

const EXAMPLE = new URL("../../../docs/examples/account.json", import.meta.url).pathname;

async function refusal(...args: string[]): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const terminal = { out: () => undefined, error: (line: string) => void lines.push(line) };
  return { code: await runCommandLine(["prove", ...args], COMMANDS, terminal), said: lines.join("\n") };
}

describe("riskArrayOf", () => {
  it("default: the example's array, sixteen places of which three are listed", () => {
    const { statement, result, text } = riskArrayOf(EXAMPLE, 0);
    expect(statement.words).toHaveLength(statementLength("riskArray"));
    expect(statement.words).toHaveLength(4 + SIZES.full.series * (1 + SERIES_VALUE_WORDS));
    expect(result).toMatchObject({ name: "BTC", spot: 63_217.41, series: 16 });
    expect(text).toMatch(/2: put/);
  });

  it("behavior: its commitment is the one that the account's margin leans on", () => {
    const commitments = marginOf(EXAMPLE).statement.words.slice(-4);
    expect(commitments.slice(0, 2)).toEqual([0, 1].map((array) => riskArrayOf(EXAMPLE, array).statement.words.at(-1)));
    expect(commitments.slice(2)).toEqual([0n, 0n]);
  });
});

describe("equipoise prove riskArray", () => {
  it("error: UsageWrong for what it takes nothing from, or an array that is not there", async () => {
    expect(await refusal("riskArray", "--out", "x")).toMatchObject({ code: 2 });
    const prices = await refusal("riskArray", "--account", EXAMPLE, "--prices", "simulated", "--out", "x");
    expect(prices).toMatchObject({ code: 2, said: expect.stringContaining("--prices") });
    const array = await refusal("riskArray", "--account", EXAMPLE, "--array", "2", "--out", "x");
    expect(array).toMatchObject({ code: 2, said: expect.stringContaining("0 to 1") });
    const margin = await refusal("margin", "--account", EXAMPLE, "--array", "0", "--out", "x");
    expect(margin).toMatchObject({ code: 2, said: expect.stringContaining("--array") });
  });
});
