import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { readConfig } from "../config.ts";
import { CLEARING_HOURS } from "../demo/clearing/act.ts";
import type { OptionsFile } from "../demo/clearing/market.ts";
import { openDemoPrices } from "../demo/prices.ts";
import { reportOf } from "../demo/report.ts";
import { MINIMUM_EPOCHS, runDemo, ticksNeeded } from "../demo/run.ts";
import { demoTables } from "../demo/tables.ts";
import { parseTime } from "../prices/series.ts";
import { type Command, type OptionValues, textOption, UsageWrong } from "./command.ts";
import { parseWhole } from "./fraction.ts";
import { MANDATE_OPTIONS, mandateFrom, priceOptions, WINDOW_OPTIONS } from "./windowOptions.ts";

const { prices, assets, seed } = WINDOW_OPTIONS;

/** Fewer epochs than show a rebalance after a rebalance, or more than anybody waits for. */
export class EpochsOutOfRange extends Error {
  override name = "EpochsOutOfRange";
  constructor(epochs: bigint, minimum: number) {
    super(`--epochs is ${epochs} and must be ${minimum} to 100: choose a number in that range`);
  }
}

/** Hours between the last epoch and the crash of simulated prices. */
const CALM_HOURS = 2;

/** An options file that cannot be read. */
export class OptionsFileMissing extends Error {
  override name = "OptionsFileMissing";
  constructor(path: string, reason: string) {
    super(`options file ${path} cannot be read (${reason}): give the path of a CSV file with one day's option marks`);
  }
}

/** What the act of clearing is asked for; nothing without --clearing. */
function clearingFrom(values: OptionValues): { options?: OptionsFile } | undefined {
  const path = textOption(values, "options");
  if (values.clearing !== true) {
    if (path !== undefined) throw new UsageWrong("--options belongs to --clearing: see equipoise demo --help");
    return undefined;
  }
  if (path === undefined) return {};
  try {
    return { options: { source: basename(path), text: readFileSync(path, "utf8") } };
  } catch (error) {
    throw new OptionsFileMissing(path, (error as NodeJS.ErrnoException).code ?? String(error));
  }
}

/** `equipoise demo`: the whole way on three local chains. */
export const demo: Command = {
  name: "demo",
  summary: "from prices to three vaults on three local chains, with real proofs and messages",
  usage: [
    "demo [--prices FILE.csv|coinbase|simulated] [--from ISO] [options] [--json]",
    "demo --clearing [--options FILE.csv] [--epochs 1] [options] [--json]",
  ],
  options: {
    prices: { ...prices, summary: `${prices.summary} (default simulated, and labelled so)` },
    from: { value: "ISO", summary: "first price (default: the end of the longest stretch without a gap)" },
    epochs: { value: "N", summary: `risk states, 24 observations apart (default and least ${MINIMUM_EPOCHS})` },
    clearing: {
      summary: "then options and a perpetual: margin proofs, a withdrawal, a liquidation (allows --epochs 1)",
    },
    options: {
      value: "FILE.csv",
      summary:
        "with --clearing, an exchange's option marks of one day, moved to the demo's spot and time (default: simulated)",
    },
    assets,
    seed,
    ...MANDATE_OPTIONS,
  },
  run: async ({ values, progress }) => {
    const clearing = clearingFrom(values);
    const minimum = clearing === undefined ? MINIMUM_EPOCHS : 1;
    const epochs = parseWhole(textOption(values, "epochs") ?? String(MINIMUM_EPOCHS), "--epochs");
    if (epochs < minimum || epochs > 100n) throw new EpochsOutOfRange(epochs, minimum);
    const from = textOption(values, "from");
    const series = await openDemoPrices({
      prices: textOption(values, "prices") ?? "simulated",
      from: from === undefined ? undefined : parseTime(from, "--from"),
      ticks: ticksNeeded(Number(epochs)) + (clearing === undefined ? 0 : CLEARING_HOURS),
      crashTick: clearing === undefined ? undefined : ticksNeeded(Number(epochs)) + CALM_HOURS,
      ...priceOptions(values),
    });
    const mandate = mandateFrom(values, series.assets.length);
    const run = await runDemo({ series, mandate, epochs: Number(epochs), clearing, config: readConfig(), progress });
    const report = reportOf(run);
    return { ok: report.redeemed, result: report, text: demoTables(run, report) };
  },
};
