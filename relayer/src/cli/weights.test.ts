import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";

const directory = mkdtempSync(join(tmpdir(), "equipoise-weights-"));
const DATA = new URL("../../../../shared/data/hourly-binance-5-usdt-2020-2023.csv", import.meta.url).pathname;
const REFERENCE = new URL("../../../../shared/reference/erc.json", import.meta.url);

async function run(...argv: string[]) {
  const [out, error]: [string[], string[]] = [[], []];
  const code = await runCommandLine(argv, COMMANDS, {
    out: (line) => out.push(line),
    error: (line) => error.push(line),
  });
  return {
    code,
    out: out.join("\n"),
    error: error.join("\n"),
    result: argv.includes("--json") ? JSON.parse(out.at(-1)!) : undefined,
  };
}
function fileOf(content: unknown): string {
  const path = join(
    directory,
    `${Math.abs(JSON.stringify(content).length)}-${JSON.stringify(content).slice(0, 12).replaceAll(/\W/g, "_")}.json`,
  );
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("equipoise", () => {
  it("default: help names every command and exits 0", async () => {
    for (const argv of [["--help"], [], ["help"]]) {
      const { code, out } = await run(...argv);
      expect(code).toBe(0);
      for (const { name } of COMMANDS) expect(out).toContain(name);
    }
  });
  it("behavior: help of a command lists its options", async () => {
    const { code, out } = await run("weights", "--help");
    expect(code).toBe(0);
    for (const option of [
      "--covariance",
      "--prices",
      "--at",
      "--decay",
      "--shrinkage",
      "--budgets",
      "--caps",
      "--target-volatility",
      "--json",
    ])
      expect(out).toContain(option);
  });
  it("error: UsageWrong exits 2", async () => {
    for (const argv of [
      ["nonsense"],
      ["weights"],
      ["weights", "--nonsense"],
      ["weights", "stray", "--prices", "simulated"],
      ["weights", "--prices"],
      ["weights", "--covariance", "x", "--caps", "1"],
    ]) {
      const { code, error } = await run(...argv);
      expect(code, argv.join(" ")).toBe(2);
      expect(error).toMatch(/^error: UsageWrong: /);
    }
    expect((await run("weights", "--json")).result.error.name).toBe("UsageWrong");
  });
});

describe("equipoise weights --covariance", () => {
  it("default: full precision", async () => {
    const { code, result } = await run(
      "weights",
      "--covariance",
      fileOf({
        covariance: [
          [0.04, 0],
          [0, 0.01],
        ],
        budgets: [0.2, 0.8],
      }),
      "--json",
    );
    expect(code).toBe(0);
    expect(Object.keys(result)).toEqual(["weights", "riskShares", "iterations", "residual"]);
    expect(result.weights[0]).toBeCloseTo(0.2, 14);
    expect(result.riskShares[1]).toBeCloseTo(0.8, 14);
  });
  it("behavior: a table without --json", async () => {
    const { out } = await run("weights", "--covariance", fileOf({ covariance: [[1]] }));
    expect(out).toMatch(/^asset {2}weight {2}risk share\n/);
  });
  it.skipIf(!existsSync(REFERENCE))(
    "behavior: a published case (skipped where ../shared/reference is absent)",
    async () => {
      const { cases } = JSON.parse(readFileSync(REFERENCE, "utf8"));
      const { inputs, expected, tolerance } = cases.find(({ id }: { id: string }) => id === "riskfolio-10-stocks-erc");
      const { result } = await run("weights", "--covariance", fileOf({ covariance: inputs.covariance }), "--json");
      expected.weights.forEach((weight: number, i: number) => {
        expect(Math.abs(result.weights[i] - weight)).toBeLessThan(tolerance.weights);
      });
    },
  );
  it("error: each bad input has its name and exits 1", async () => {
    const cases: [unknown, string][] = [
      [
        {
          covariance: [
            [1, 2],
            [2, 1],
          ],
        },
        "CovarianceNotPositiveDefinite",
      ],
      [{ covariance: [[1, 0]] }, "CovarianceNotSquare"],
      [
        {
          covariance: [
            [1, 0.5],
            [0.4, 1],
          ],
        },
        "CovarianceNotSymmetric",
      ],
      [{ covariance: [[null]] }, "CovarianceNotFinite"],
      [{ covariance: [[1]], budgets: [0.9] }, "BudgetsNotOne"],
      [{ covariance: [[1]], caps: [0.9] }, "CapsNotReachable"],
      [{ covariance: [[1]], budgets: "all" }, "CovarianceFileMalformed"],
      [{ matrix: [[1]] }, "CovarianceFileMalformed"],
      ["{", "CovarianceFileMalformed"],
      ["null", "CovarianceFileMalformed"],
    ];
    for (const [content, name] of cases) {
      const { code, error, result } = await run("weights", "--covariance", fileOf(content), "--json");
      expect(result.error.name, JSON.stringify(content)).toBe(name);
      expect(error).toContain(`error: ${name}: `);
      expect(code).toBe(1);
    }
    expect((await run("weights", "--covariance", join(directory, "absent"), "--json")).result.error.name).toBe(
      "CovarianceFileMissing",
    );
  });
});

describe("equipoise weights --prices", () => {
  const sums = (values: number[]) => values.reduce((a, b) => a + b, 0);

  it("default: simulated prices are labelled and their weights sum to a million", async () => {
    const { code, result } = await run("weights", "--prices", "simulated", "--json");
    expect(code).toBe(0);
    expect(result.source).toBe("simulated");
    expect(sums(result.weights)).toBe(1_000_000);
    expect(result.maxRiskShareErrorPpm).toBeLessThan(10);
    expect(result.kappa).toMatch(/^\d+$/);
    expect((await run("weights", "--prices", "simulated")).out).toMatch(/^SIMULATED prices/);
  });
  it("behavior: every option reaches the allocation", async () => {
    const { result } = await run(
      "weights",
      "--prices",
      "simulated",
      "--assets",
      "SIM-A,SIM-C,SIM-E",
      "--at",
      "2024-01-12T00:00:00Z",
      "--decay",
      "flat",
      "--shrinkage",
      "0.3",
      "--budgets",
      "0.5,0.25,0.25",
      "--caps",
      "0.4,1,1",
      "--target-volatility",
      "0.001",
      "--max-exposure",
      "0.9",
      "--tolerance",
      "20",
      "--json",
    );
    expect(result).toMatchObject({
      assets: ["SIM-A", "SIM-C", "SIM-E"],
      window: { from: "2024-01-02T00:00:00Z", to: "2024-01-12T00:00:00Z" },
      decay: "flat",
      shrinkage: 300_000,
      budgets: [500_000, 250_000, 250_000],
      caps: [400_000, 1_000_000, 1_000_000],
      tolerance: 20,
    });
    expect(result.weights[0]).toBe(400_000);
    expect(result.exposure).toBe(Math.floor(1e9 / result.portfolioVolatility));
  });
  it("error: each bad input has its name", async () => {
    const cases: [string[], string][] = [
      [["--at", "2024-01-05"], "WindowTooShort"],
      [["--at", "soon"], "TimeUnreadable"],
      [["--shrinkage", "1.1"], "MandateTermOutOfRange"],
      [["--shrinkage", "0.1234567"], "FractionUnreadable"],
      [["--budgets", "0.3,0.3,0.3,0.05,0.04"], "BudgetsNotOne"],
      [["--budgets", "1"], "ListLengthMismatch"],
      [["--caps", "0.1,0.1,0.1,0.1,0.1"], "CapsNotReachable"],
      [["--decay", "0.95"], "DecayUnknown"],
      [["--tolerance", "1.5"], "WholeNumberUnreadable"],
      [["--assets", "BTC"], "AssetUnknown"],
    ];
    for (const [options, name] of cases) {
      const { code, result } = await run("weights", "--prices", "simulated", ...options, "--json");
      expect(result.error?.name, options.join(" ")).toBe(name);
      expect(code).toBe(1);
    }
    expect((await run("weights", "--prices", join(directory, "absent.csv"), "--json")).result.error.name).toBe(
      "PriceFileMissing",
    );
  });
  it("error: AssetNeverMoves names the asset's position", async () => {
    const hours = Array.from(
      { length: 241 },
      (_, hour) => `${new Date(1.7e12 - 2e6 + hour * 3.6e6).toISOString()},${100 + Math.sin(hour)},1`,
    );
    const path = join(directory, "still.csv");
    writeFileSync(path, ["time,A,STILL", ...hours].join("\n"));
    const { result } = await run("weights", "--prices", path, "--json");
    expect(result.error.name).toBe("AssetNeverMoves");
    expect((await run("weights", "--prices", path, "--budgets", "1,0", "--json")).result.weights).toEqual([
      1_000_000, 0,
    ]);
  });

  describe.skipIf(!existsSync(DATA))("on real prices (skipped where ../shared/data is absent)", () => {
    it("behavior: the week an exchange failed", async () => {
      const { result } = await run("weights", "--prices", DATA, "--at", "2022-11-10T00:00:00Z", "--json");
      expect(result.assets).toEqual(["BTC", "ETH", "SOL", "XRP", "BNB"]);
      expect(result.window).toEqual({ from: "2022-10-31T00:00:00Z", to: "2022-11-10T00:00:00Z" });
      expect(sums(result.weights)).toBe(1_000_000);
      // Solana fell by half that week: it gets least
      expect(result.weights[2]).toBe(Math.min(...result.weights));
    });
    it("error: GapInWindow, PricesEndEarlier", async () => {
      expect((await run("weights", "--prices", DATA, "--at", "2021-02-12T00:00:00Z", "--json")).result.error.name).toBe(
        "GapInWindow",
      );
      expect((await run("weights", "--prices", DATA, "--at", "2025-01-01", "--json")).result.error.name).toBe(
        "PricesEndEarlier",
      );
    });
  });
});
