import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { IMPLIED_FILE } from "../replay/events.ts";
import { readPath } from "../replay/readPath.ts";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";

const DATA = new URL("../../../../shared/data/", import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), "equipoise-replay-"));
const HOUR = 3_600;
const BEGIN = Date.parse("2022-01-01T00:00:00Z") / 1_000;
const iso = (time: number): string => new Date(time * 1_000).toISOString().replace(".000Z", "Z");

/** Hours known from BEGIN + 1 h on: 300 of ±0.5 %, then a day in which ONE loses a third and TWO two fifths. */
function pricesFile(name = "prices.csv", step = HOUR): string {
  const rows = Array.from({ length: 330 }, (_, hour) => {
    const calm = hour % 2 === 0 ? 1 : 1.005;
    const fallen = Math.min(1, Math.max(0, (hour - 306) / 4));
    const [one, two] = [1_000 * calm * (1 - fallen / 3), 50 * calm * (1 - 0.4 * fallen)];
    return `${iso(BEGIN + hour * step)},${one.toFixed(4)},${two.toFixed(4)}`;
  });
  const path = join(directory, name);
  writeFileSync(path, ["open_time_utc,ONE,TWO", ...rows].join("\n"));
  return path;
}
const PRICES = pricesFile();
/** known then: the 299th hour, at 1,005 */
const FROM = "2022-01-13T12:00:00Z";
const TO = "2022-01-14T12:00:00Z";
const OWN = ["--prices", PRICES, "--from", FROM, "--to", TO, "--assets", "ONE,TWO"];

async function run(...argv: string[]) {
  const [out, error]: [string[], string[]] = [[], []];
  const code = await runCommandLine(["replay", ...argv], COMMANDS, {
    out: (line) => out.push(line),
    error: (line) => error.push(line),
  });
  const result = argv.includes("--json") && out.length > 0 ? JSON.parse(out.at(-1)!) : undefined;
  return { code, out: out.join("\n"), error: error.join("\n"), result };
}

describe("equipoise replay", () => {
  it("default: one object with every method and kind of liquidators over the same books", async () => {
    const { code, result, error } = await run(...OWN, "--accounts", "16", "--json");
    expect(code).toBe(0);
    const [event] = result.events;
    expect(event).toMatchObject({
      event: "own",
      from: FROM,
      to: TO,
      hours: 25,
      impliedVolatility: "rule from realised volatility",
    });
    expect(event.runs).toHaveLength(12);
    const [portfolio, fixed, equal] = ["portfolio", "static", "static-equal"].map((method) =>
      event.runs.find((one: { method: string }) => one.method === method),
    );
    expect(new Set(event.runs.map((one: { accounts: number }) => one.accounts))).toEqual(new Set([16]));
    // collateral that is part of a strategy is the same; what deposits are made in coins differs
    expect(portfolio.exposure / fixed.exposure).toBeCloseTo(1, 0);
    expect(equal.capital / portfolio.capital).toBeCloseTo(1, 2);
    for (const one of event.runs) {
      expect(one.accountsLiquidated).toBeGreaterThan(0);
      expect(one.badDebtOfCapital).toBeCloseTo(one.badDebt / one.capital, 9);
      expect(one.socialisedLoss).toBeLessThanOrEqual(one.badDebt);
      expect(one.peakRequirement).toBeGreaterThanOrEqual(one.startRequirement);
    }
    expect(portfolio.scenariosNamed.length).toBeGreaterThan(0);
    expect(fixed.scenariosNamed).toEqual([]);
    expect(error).toContain("own: portfolio, liquidators prompt: 25 hours");
  });

  it("behavior: the seed decides, and nothing else does", async () => {
    const asked = [...OWN, "--accounts", "10", "--methods", "portfolio", "--liquidators", "prompt", "--json"];
    const [first, again, other] = [
      await run(...asked, "--seed", "7"),
      await run(...asked, "--seed", "7"),
      await run(...asked, "--seed", "8"),
    ];
    expect(first.out).toBe(again.out);
    expect(other.result.events[0].runs[0].capital).not.toBe(first.result.events[0].runs[0].capital);
  });

  it("behavior: a table without --json, parameters where they belong", async () => {
    const asked = [...OWN, "--accounts", "10", "--methods", "static,portfolio", "--liquidators", "thin"];
    const { code, out } = await run(...asked);
    expect(code).toBe(0);
    expect(out).toMatch(/^portfolio +thin/m);
    expect(out).toMatch(/^static +thin/m);
    expect(out).not.toMatch(/prompt/);
    const { result } = await run(...asked, "--json", "--impact", "0", "--epoch-hours", "2", "--minimum-range", "0.3");
    expect(result.parameters.house).toMatchObject({ epochHours: 2, minimumStep: "100000" });
    for (const one of result.events[0].runs) expect(one.largestImpact.move).toBe(0);
  });

  it.each([
    [["--event", "2020-03"], "UsageWrong", 2],
    [["--data", directory, "--event", "2019-01"], "EventUnknown", 1],
    [["--data", directory, "--event", "2022-05"], "PriceFileMissing", 1],
    [["--data", directory, "--prices", PRICES], "UsageWrong", 2],
    [["--prices", PRICES, "--from", FROM, "--to", TO], "UsageWrong", 2],
    [[...OWN, "--accounts", "0"], "AccountsOutOfRange", 1],
    [[...OWN, "--methods", "guess"], "ChoiceUnknown", 1],
    [[...OWN, "--impact", "2"], "ReplayParameterInvalid", 1],
    [[...OWN.slice(0, 2), "--from", "2022-01-05", "--to", TO, "--assets", "ONE,TWO"], "PathUnusable", 1],
    [[...OWN.slice(0, 2), "--from", FROM, "--to", "2022-03-01", "--assets", "ONE,TWO"], "SpanNotCovered", 1],
    [["--prices", pricesFile("daily.csv", 24 * HOUR), ...OWN.slice(2)], "PricesNotHourly", 1],
    [[...OWN, "extra"], "UsageWrong", 2],
  ])("error: %j is %s", async (argv, name, expected) => {
    const { code, result } = await run(...argv, "--json");
    expect(result.error.name).toBe(name);
    expect(code).toBe(expected);
  });
});

describe("readPath", () => {
  it("default: an index is linear between the ends of its days, in parts of one", () => {
    const implied = join(directory, "index.csv");
    // a day's figure is known when it ends: 60 at the start of the 13th, 84 a day later
    writeFileSync(
      implied,
      "date,ONE_DVOL,TWO_DVOL\n2022-01-11,50,90\n2022-01-12,60,100\n2022-01-13,84,100\n2022-01-14,84,76\n",
    );
    const selection = { assets: ["ONE", "TWO"], from: Date.parse(FROM) / 1_000, to: Date.parse(TO) / 1_000 };
    const { path, impliedSource } = readPath({ prices: PRICES, implied }, selection);
    expect(impliedSource).toBe("index.csv");
    expect(path.implied[path.start]).toEqual([720_000_000_000n, 10n ** 12n]);
    expect(path.implied.at(-1)).toEqual([840_000_000_000n, 880_000_000_000n]);
    expect(path.prices[path.start]).toEqual([1_005n * 10n ** 12n, 50_250n * 10n ** 9n]);
  });
});

describe.skipIf(!existsSync(DATA))("on what happened (skipped where ../shared/data is absent)", () => {
  it("default: March 2020 and November 2022, portfolio margin beside static haircuts of the same capital", async () => {
    const { code, result } = await run(
      ...["--data", DATA, "--event", "2020-03,2022-11", "--accounts", "40", "--liquidators", "prompt,late", "--json"],
    );
    expect(code).toBe(0);
    const [march, november] = result.events;
    expect(march.impliedVolatility).toBe("rule from realised volatility");
    expect(november).toMatchObject({ impliedVolatility: IMPLIED_FILE, assets: ["BTC", "ETH", "SOL"] });
    const found = (event: typeof march, method: string, liquidators: string) =>
      event.runs.find((one: typeof march) => one.method === method && one.liquidators === liquidators);
    // a fall of a quarter within an hour or two leaves debts whoever bids
    expect(found(march, "portfolio", "prompt").badDebt).toBeGreaterThan(0);
    expect(found(march, "portfolio", "prompt").badDebt).toBeLessThan(found(march, "static-equal", "prompt").badDebt);
    expect(march.runs[0].worstHour.time.slice(0, 10)).toBe("2020-03-12");
    expect(november.runs[0].worstHour.time.slice(0, 7)).toBe("2022-11");
  });
});
