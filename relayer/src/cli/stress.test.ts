import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";

const directory = mkdtempSync(join(tmpdir(), "equipoise-stress-"));
const REFERENCE = new URL("../../../../shared/reference/margin.json", import.meta.url);

async function run(...argv: string[]) {
  const [out, error]: [string[], string[]] = [[], []];
  const code = await runCommandLine(["stress", ...argv], COMMANDS, {
    out: (line) => out.push(line),
    error: (line) => error.push(line),
  });
  const result = argv.includes("--json") && out.length > 0 ? JSON.parse(out.at(-1)!) : undefined;
  return { code, out: out.join("\n"), error: error.join("\n"), result };
}
let files = 0;
function fileOf(content: unknown): string {
  const path = join(directory, `${files++}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}
const stressed = async (content: unknown) => run("--case", fileOf(content), "--json");

/** Round figures of our own, none of an exchange. */
const INPUTS = {
  cash: 500,
  spot: 1000,
  spot_confidence: 1,
  perpetuals: { amount: 2, price: 1000, confidence: 1, unrealised: 5 },
  stable_price: 1,
  options: [{ type: "put", strike: 900, amount: -1, seconds_to_expiry: 2_592_000, volatility: 0.7, discount: 0.99 }],
  forwards: [{ seconds_to_expiry: 2_592_000, forward: 1010, rate: 0.1, min_confidence: 1 }],
  parameters: {
    up_shock: 0.4,
    down_shock: 0.2,
    short_power: 0.25,
    long_power: 0.1,
    days_floor: 2,
    minimum_up_volatility: 0.3,
    discount_positive: { base: 0.97, rate_multiplier: 1, rate_addition: 0.05 },
    discount_negative: { base: 1.02, rate_multiplier: 1, rate_addition: 0.05 },
    loss_factor: { maintenance: 0.7, initial: 1.1 },
    skew: {
      linear_cap: 0.2,
      linear_slope: -0.04,
      abs_cap: 0.2,
      abs_slope: -0.04,
      k_min: 0.02,
      width: 3,
      vol_static: 0.5,
      vol_slope: -0.1,
    },
    forward_contingency: { up: 1.05, down: 0.95, add: 0.4, multiply_years: 1 },
    per_perp: { maintenance: 0.01, initial_extra: 0.01 },
    per_naked_short_option: { maintenance: 0.02, initial_extra: 0.03 },
    confidence: { threshold: 0.5, factor: 2 },
    peg: { threshold: 0.9, factor: 3 },
  },
};

describe("equipoise stress", () => {
  it("default: scenarios, the worst, and what both margins leave", async () => {
    const { code, result } = await stressed(INPUTS);
    expect(code).toBe(0);
    expect(Object.keys(result)).toEqual(["scenarios", "worst", "initialMarginNet", "maintenanceMarginNet"]);
    expect(result.scenarios).toHaveLength(31);
    expect(Object.keys(result.scenarios[0])).toEqual(["spot", "vol", "dampening", "pnl"]);
    expect(result.worst).toBe(Math.min(...result.scenarios.map(({ pnl }: { pnl: number }) => pnl)));
    expect(result.initialMarginNet).toBeLessThan(result.maintenanceMarginNet);
  });
  it("behavior: the inputs alone and the case around them are the same", async () => {
    const { result } = await stressed({ id: "a case", source: "ours", inputs: INPUTS, tolerance: { pnl: 1 } });
    expect(result).toEqual((await stressed(INPUTS)).result);
  });
  it("behavior: scenarios come from the inputs, or from what a case expects of them", async () => {
    const scenarios = [{ spot: 0.5, vol: "up", dampening: 0.25 }];
    const own = (await stressed({ ...INPUTS, scenarios })).result;
    expect(own.scenarios).toHaveLength(1);
    expect(own.scenarios[0]).toMatchObject(scenarios[0]!);
    const expected = { scenarios: [{ ...scenarios[0], pnl: 12_345 }], initial_margin_net: 7 };
    expect((await stressed({ inputs: INPUTS, expected })).result).toEqual(own);
    expect((await stressed({ inputs: { ...INPUTS, scenarios: [] }, expected })).result.scenarios).toEqual([]);
    expect((await stressed({ inputs: INPUTS, expected: { worst: 3 } })).result.scenarios).toHaveLength(31);
  });
  it("behavior: tables without --json, and help", async () => {
    const { out } = await run("--case", fileOf(INPUTS));
    expect(out).toMatch(/^spot +vol +dampening +pnl\n/);
    for (const line of ["worst regular", "forward contingency", "initial margin net", "charges, maintenance"])
      expect(out).toContain(`\n${line}  `);
    expect((await run("--help")).out).toContain("--case FILE.json");
  });
  it("behavior: a SPAN risk array", async () => {
    const inputs = {
      scenario: ["up", "down"],
      long_future: [10, -10],
      long_put: [-4, 7],
      position: { future: 2, put: 3 },
    };
    const { result } = await stressed({ inputs });
    expect(result).toEqual({
      scenarios: [
        { scenario: "up", pnl: 8 },
        { scenario: "down", pnl: 1 },
      ],
      worst: 1,
      scanningRisk: 0,
    });
    const { out } = await run("--case", fileOf({ ...inputs, position: { future: 1, put: 0 } }));
    expect(out).toContain("\nscanning risk 10, in scenario down");
  });
  it("behavior: an inverse perpetual", async () => {
    const inputs = { contract: "inverse", price_shocks: [-0.5, 0.5], position_btc: 3 };
    expect((await stressed({ inputs })).result).toEqual({
      scenarios: [
        { priceShock: -0.5, pnl: -3 },
        { priceShock: 0.5, pnl: 1 },
      ],
      worst: -3,
    });
    expect((await run("--case", fileOf(inputs))).out).toMatch(/\nworst -3$/);
  });
  it("error: UsageWrong exits 2", async () => {
    for (const argv of [[], ["--case"], ["stray"], [fileOf(INPUTS)], ["--case", fileOf(INPUTS), "stray"]]) {
      const { code, error } = await run(...argv);
      expect(code, argv.join(" ")).toBe(2);
      expect(error).toMatch(/^error: UsageWrong: /);
    }
  });
  it("error: each bad input has its name, value, limit and remedy", async () => {
    const changed = (path: string, value: unknown) => {
      const inputs = structuredClone(INPUTS);
      const fields = path.split(".");
      const last = fields.pop() as string;
      // biome-ignore lint/suspicious/noExplicitAny: any field of the inputs
      const parent = fields.reduce((object: any, field) => object[field], inputs);
      parent[last] = value;
      return inputs;
    };
    const cases: [unknown, string, RegExp][] = [
      [changed("options.0.volatility", -0.1), "StressFieldInvalid", /^options\[0\]\.volatility is -0\.1 and must be /],
      [changed("options.0.seconds_to_expiry", "9"), "StressFieldInvalid", /^options\[0\]\.seconds_to_expiry is "9"/],
      [changed("options.0.seconds_to_expiry", 9), "ForwardMissing", /expires in 9 s/],
      [changed("options", 3), "StressFieldInvalid", /^options is 3 and must be a list/],
      [changed("cash", null), "StressFieldInvalid", /^cash is null/],
      [
        changed("parameters.skew.k_min", 0),
        "StressFieldInvalid",
        /^parameters\.skew\.k_min is 0 and must be .* above 0/,
      ],
      [changed("parameters.up_shock", undefined), "StressFieldInvalid", /^parameters\.up_shock is missing/],
      [changed("parameters.upShock", 1), "StressFieldUnknown", /^parameters\.upShock is no field/],
      [changed("futures", []), "StressFieldUnknown", /^futures is no field of a book/],
      [changed("perpetuals.price", 0), "PerpetualPriceMissing", /is 0 and must be above 0/],
      [{ inputs: INPUTS, expected: { scenarios: ["up"] } }, "StressFieldInvalid", /^scenarios\[0\] is "up"/],
      [JSON.stringify(INPUTS).replace("500", "NaN"), "StressCaseMalformed", /is not JSON/],
      ["[1]", "StressCaseMalformed", /holds no object/],
      ["{", "StressCaseMalformed", /is not JSON/],
      [{ inputs: 3 }, "StressCaseMalformed", /holds no object under `inputs`/],
      [{}, "StressCaseMalformed", /of no layout/],
      [{ cases: [] }, "StressCaseMalformed", /has the fields cases/],
      [{ position: {}, long_a: [1] }, "StressCaseMalformed", /no quantities/],
      [{ position: { a: "1" }, long_a: [1] }, "StressCaseMalformed", /no number under `position.a`/],
      [{ position: { a: 1 } }, "StressCaseMalformed", /no list of numbers under `long_a`/],
      [{ position: { a: 1 }, long_a: [1], scenario: ["x", "y"] }, "StressCaseMalformed", /does not name 1 scenarios/],
      [
        { position: { a: 1, b: 1 }, long_a: [1], long_b: [1, 2] },
        "ScanLengthMismatch",
        /has 2 scenarios and the first has 1/,
      ],
      [{ price_shocks: [-1], position_btc: 1 }, "ShockNotAbovePrice", /is -1 and must be .* above -1/],
      [{ price_shocks: [], position_btc: 1 }, "StressCaseMalformed", /no list of numbers under `price_shocks`/],
      [{ price_shocks: [0.1] }, "StressCaseMalformed", /no number under `position_btc`/],
    ];
    for (const [content, name, message] of cases) {
      const { code, error, result } = await stressed(content);
      expect(result.error.name, JSON.stringify(content).slice(0, 80)).toBe(name);
      expect(result.error.message).toMatch(message);
      expect(error).toContain(`error: ${name}: `);
      expect(code).toBe(1);
    }
    const { result } = await run("--case", join(directory, "absent.json"), "--json");
    expect(result.error.name).toBe("StressCaseMissing");
    expect((await run("--case", directory, "--json")).result.error.name).toBe("StressCaseMissing");
  });
});

// biome-ignore lint/suspicious/noExplicitAny: three layouts, read field by field
type Case = { id: string; inputs: any; expected: any; tolerance: any };
const cases: Case[] = existsSync(REFERENCE) ? JSON.parse(readFileSync(REFERENCE, "utf8")).cases : [];

describe.skipIf(cases.length === 0)(
  "equipoise stress on published cases (skipped where ../shared/reference is absent)",
  () => {
    it.each(cases.map((reference) => [reference.id, reference] as const))("behavior: %s", async (_, reference) => {
      const { inputs, expected, tolerance } = reference;
      const { code, result } = await stressed(reference);
      expect(code).toBe(0);
      if ("options" in inputs) {
        const worst = Math.min(expected.worst_regular, expected.worst_tail, expected.worst_skew);
        expect(Math.abs(result.worst - worst)).toBeLessThanOrEqual(tolerance.pnl);
        expect(Math.abs(result.initialMarginNet - expected.initial_margin_net)).toBeLessThanOrEqual(tolerance.margin);
        expect(Math.abs(result.maintenanceMarginNet - expected.maintenance_margin_net)).toBeLessThanOrEqual(
          tolerance.margin,
        );
        expect(result.scenarios).toHaveLength(expected.scenarios.length);
        for (const [s, wanted] of expected.scenarios.entries()) {
          const { pnl, ...scenario } = result.scenarios[s];
          expect(Math.abs(pnl - wanted.pnl)).toBeLessThanOrEqual(tolerance.pnl);
          expect({ ...scenario, pnl: wanted.pnl }).toEqual(wanted);
        }
      } else if ("position" in inputs) {
        expect(result.scenarios.map(({ pnl }: { pnl: number }) => pnl)).toEqual(expected.position_pnl);
        expect(result.scanningRisk).toBe(expected.scanning_risk_covered_write);
      } else {
        for (const [i, wanted] of expected.pnl_btc.entries()) {
          const relative = i === expected.pnl_btc.length - 1 ? tolerance.last_entry : tolerance.relative;
          expect(Math.abs(result.scenarios[i].pnl - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted));
        }
      }
    });
    it("behavior: the bare inputs give the same but for the case with scenarios of its own", async () => {
      const books = cases.filter(({ inputs }) => "options" in inputs);
      expect(books).toHaveLength(8);
      for (const { inputs, expected } of books) {
        const { result } = await stressed(inputs);
        const own = expected.scenarios.some(({ dampening }: { dampening: number }) => dampening > 1);
        expect(Math.abs(result.initialMarginNet - expected.initial_margin_net) > 1e-4).toBe(own);
      }
    });
  },
);
