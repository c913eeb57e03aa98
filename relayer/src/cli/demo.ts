import { readConfig } from "../config.ts";
import { openDemoPrices } from "../demo/prices.ts";
import { reportOf } from "../demo/report.ts";
import { MINIMUM_EPOCHS, runDemo, ticksNeeded } from "../demo/run.ts";
import { demoTables } from "../demo/tables.ts";
import { parseTime } from "../prices/series.ts";
import { type Command, textOption, UsageWrong } from "./command.ts";
import { parseWhole } from "./fraction.ts";
import { MANDATE_OPTIONS, mandateFrom, priceOptions, WINDOW_OPTIONS } from "./windowOptions.ts";

const { prices, assets, seed } = WINDOW_OPTIONS;

/** Fewer epochs than show a rebalance after a rebalance, or more than anybody waits for. */
export class EpochsOutOfRange extends Error {
  override name = "EpochsOutOfRange";
  constructor(epochs: bigint) {
    super(`--epochs is ${epochs} and must be ${MINIMUM_EPOCHS} to 100: choose a number in that range`);
  }
}

/** `equipoise demo`: the whole way on three local chains. */
export const demo: Command = {
  name: "demo",
  summary: "from prices to three vaults on three local chains, with real proofs and messages",
  usage: ["demo [--prices FILE.csv|coinbase|simulated] [--from ISO] [options] [--json]"],
  options: {
    prices: { ...prices, summary: `${prices.summary} (default simulated, and labelled so)` },
    from: { value: "ISO", summary: "first price (default: the end of the longest stretch without a gap)" },
    epochs: { value: "N", summary: `risk states, 24 observations apart (default and least ${MINIMUM_EPOCHS})` },
    assets,
    seed,
    ...MANDATE_OPTIONS,
  },
  run: async ({ values, positionals, progress }) => {
    if (positionals.length > 0) {
      throw new UsageWrong(`demo takes no argument, found "${positionals[0]}": see equipoise demo --help`);
    }
    const epochs = parseWhole(textOption(values, "epochs") ?? String(MINIMUM_EPOCHS), "--epochs");
    if (epochs < MINIMUM_EPOCHS || epochs > 100n) throw new EpochsOutOfRange(epochs);
    const from = textOption(values, "from");
    const series = await openDemoPrices({
      prices: textOption(values, "prices") ?? "simulated",
      from: from === undefined ? undefined : parseTime(from, "--from"),
      ticks: ticksNeeded(Number(epochs)),
      ...priceOptions(values),
    });
    const mandate = mandateFrom(values, series.assets.length);
    const run = await runDemo({ series, mandate, epochs: Number(epochs), config: readConfig(), progress });
    const report = reportOf(run);
    return { ok: report.redeemed, result: report, text: demoTables(run, report) };
  },
};
