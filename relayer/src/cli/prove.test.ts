import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FIELD_MODULUS, WORD_LIMIT } from "@equipoise/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";

const TIMEOUT = 200_000;
let folder: string;
let proven: string;

/** Runs `equipoise …`; the last line of standard output, and the lines of standard error. */
async function equipoise(
  ...argv: string[]
): Promise<{ code: number; result: Record<string, unknown>; errors: string }> {
  const out: string[] = [];
  const errors: string[] = [];
  const terminal = { out: (line: string) => out.push(line), error: (line: string) => errors.push(line) };
  const code = await runCommandLine([...argv, "--json"], COMMANDS, terminal);
  return { code, result: JSON.parse(out.at(-1) ?? "{}"), errors: errors.join("\n") };
}

/** A copy of the proven directory with one file changed. */
function changed(file: string, change: (content: Record<string, unknown>) => unknown): string {
  const copy = mkdtempSync(join(folder, "changed-"));
  for (const name of readdirSync(proven)) writeFileSync(join(copy, name), readFileSync(join(proven, name)));
  const content = JSON.parse(readFileSync(join(copy, file), "utf8"));
  writeFileSync(join(copy, file), JSON.stringify(change(content) ?? content));
  return copy;
}

const withWord = (place: number, change: (word: bigint) => bigint): string =>
  changed("statement.json", (statement) => {
    const words = statement.words as string[];
    words[place] = String(change(BigInt(words[place] as string)));
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-prove-"));
  proven = join(folder, "proven");
  const { code } = await equipoise("prove", "parity", "--prices", "simulated", "--seed", "5", "--out", proven);
  expect(code).toBe(0);
}, TIMEOUT);

afterAll(() => rmSync(folder, { recursive: true }));

describe("equipoise prove", () => {
  it("default: the four files, and nothing beside them", () => {
    expect(readdirSync(proven).sort()).toEqual(["proof.json", "public.json", "statement.json", "vkey.json"]);
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it(
    "error: OutputOccupied, and what is there stays",
    async () => {
      const occupied = join(folder, "occupied");
      mkdirSync(occupied);
      writeFileSync(join(occupied, "letter.txt"), "dear");
      const { code, errors } = await equipoise("prove", "parity", "--prices", "simulated", "--out", occupied);
      expect(code).toBe(1);
      expect(errors).toContain("error: OutputOccupied");
      expect(readdirSync(occupied)).toEqual(["letter.txt"]);
    },
    TIMEOUT,
  );

  it.each([
    [["--prices", "missing.csv"], 1, "PriceFile"],
    [["--prices", "simulated", "--budgets", "0.5,0.2,0.1,0.1,0.05"], 1, "BudgetsNotOne"],
    [["--prices", "simulated", "--caps", "0.1,0.1,0.1,0.1,0.1"], 1, "CapsNotReachable"],
    [["--prices", "simulated", "--budgets", "0.9996,0.0001,0.0001,0.0001,0.0001"], 1, "BudgetBelowTolerances"],
    [["--prices", "simulated", "--at", "2024-01-05"], 1, "WindowTooShort"],
    [["--decay", "ewma-0.5", "--prices", "simulated"], 1, "DecayUnknown"],
    [["--price", "simulated"], 2, "UsageWrong"],
  ])("error: %j is refused and leaves nothing", async (options, expected, name) => {
    const out = join(folder, "refused");
    const { code, result, errors } = await equipoise("prove", "parity", ...options, "--out", out);
    expect(code).toBe(expected);
    expect(errors).toContain(`error: ${name}`);
    expect((result.error as { name: string }).name).toContain(name);
    expect(existsSync(out)).toBe(false);
  });
});

describe("equipoise verify", () => {
  it("default: valid", async () => {
    expect(await equipoise("verify", proven)).toMatchObject({ code: 0, result: { valid: true, circuit: "parity" } });
  });

  it.each([0, 1, 2, 3, 4, 5])("behavior: word %i altered is not valid", async (place) => {
    const { code, result } = await equipoise(
      "verify",
      withWord(place, (word) => word ^ 1n),
    );
    expect(code).toBe(1);
    expect(result).toMatchObject({ valid: false });
  });

  it("behavior: the commitment altered is not valid", async () => {
    const directory = changed("statement.json", (statement) => {
      statement.commitment = String(BigInt(statement.commitment as string) + 1n);
    });
    expect(await equipoise("verify", directory)).toMatchObject({ code: 1, result: { valid: false } });
  });

  it("behavior: the proof altered is not valid", async () => {
    const directory = changed("proof.json", (proof) => {
      proof.pi_c = proof.pi_a;
    });
    expect(await equipoise("verify", directory)).toMatchObject({ code: 1, result: { valid: false } });
  });

  it("error: StatementWordOutOfRange for a word of 2²⁵² or more, and for a commitment of r or more", async () => {
    const lanes = await equipoise(
      "verify",
      withWord(3, (word) => word + WORD_LIMIT),
    );
    expect(lanes.errors).toContain("error: StatementWordOutOfRange: word 3 (weights)");
    const commitment = await equipoise(
      "verify",
      withWord(5, (word) => word + FIELD_MODULUS),
    );
    expect(commitment.errors).toContain("error: StatementWordOutOfRange: word 5 (covarianceCommitment)");
  });

  it("error: KeyNotShipped for another key", async () => {
    const directory = changed("vkey.json", (key) => {
      key.vk_delta_2 = key.vk_gamma_2;
    });
    expect((await equipoise("verify", directory)).errors).toContain("error: KeyNotShipped");
  });

  it("error: ProvenDirectoryUnreadable", async () => {
    expect((await equipoise("verify", join(folder, "nowhere"))).errors).toContain("ProvenDirectoryUnreadable");
    const words = changed("statement.json", (statement) => {
      statement.words = [1, 2];
    });
    expect((await equipoise("verify", words)).errors).toContain("has a word that is no integer");
  });
});
