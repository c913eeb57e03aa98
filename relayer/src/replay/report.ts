import { scenarioName } from "@equipoise/sdk";
import { formatTable } from "../cli/table.ts";
import { formatTime } from "../prices/series.ts";
import type { ReadPath } from "./readPath.ts";
import type { ReplayRun } from "./runReplays.ts";

/** An event with what came of it. */
export type ReplayedEvent = {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly read: ReadPath;
  readonly runs: readonly ReplayRun[];
};

/** {dollars} of {ppm of a dollar} */
const dollars = (amount: bigint): number => Number(amount) / 1e6;

/** One run as --json prints it: money in dollars, shares in parts of one. */
export function runReport({ method, liquidators, scale, result }: ReplayRun) {
  const { worstHour } = result;
  return {
    method,
    liquidators,
    staticScale: scale === undefined ? undefined : Number(scale) / 1e6,
    accounts: result.accounts,
    exposure: dollars(result.exposure),
    capital: dollars(result.capital),
    startRequirement: dollars(result.startRequirement),
    peakRequirement: dollars(result.peakRequirement),
    liquidations: result.liquidations,
    accountsLiquidated: result.accountsLiquidated,
    accountsDoomed: result.accountsDoomed,
    accountsNeedless: result.accountsNeedless,
    liquidatedExposure: dollars(result.liquidatedExposure),
    fees: dollars(result.fees),
    penalties: dollars(result.penalties),
    accountsInsolvent: result.accountsInsolvent,
    badDebt: dollars(result.badDebt),
    badDebtAfterEnd: dollars(result.badDebtAfterEnd),
    badDebtOfCapital: result.capital === 0n ? 0 : Number(result.badDebt) / Number(result.capital),
    backstop: dollars(result.backstop),
    socialisedLoss: dollars(result.socialisedLoss),
    largestImpact: result.largestImpact,
    worstHour:
      worstHour === undefined
        ? undefined
        : {
            time: formatTime(worstHour.time),
            badDebt: dollars(worstHour.badDebt),
            liquidatedExposure: dollars(worstHour.liquidatedExposure),
          },
    kinds: result.kinds.map((kind) => ({
      ...kind,
      capital: dollars(kind.capital),
      badDebt: dollars(kind.badDebt),
    })),
    scenariosNamed: result.scenarios
      .slice(0, 5)
      .map(({ scenario, count }) => ({ scenario, name: scenarioName(scenario), count })),
  };
}

/** One event as --json prints it. */
export function eventReport({ name, title, source, read, runs }: ReplayedEvent) {
  const { path, impliedSource } = read;
  return {
    event: name,
    title,
    prices: source,
    impliedVolatility: impliedSource,
    assets: path.assets,
    from: formatTime(path.times[path.start] as number),
    to: formatTime(path.times.at(-1) as number),
    hours: path.times.length - path.start,
    runs: runs.map(runReport),
  };
}

/** {thousand dollars}, whole */
const thousands = (amount: number): string => (amount / 1000).toFixed(0);
/** {thousand dollars} */
const fine = (amount: number): string => (amount / 1000).toFixed(1);
const percent = (share: number): string => (100 * share).toFixed(2);

const HEADER = [
  "method",
  "liquidators",
  "capital",
  "requirement",
  "peak",
  "slices",
  "accounts",
  "needless",
  "liquidated",
  "bad debt",
  "% of capital",
  "shared",
  "impact %",
  "worst hour",
];

/** What a replay came to, as a table for each event. */
export function replayTables(events: readonly ReplayedEvent[]): string {
  const sections = events.map((event) => {
    const report = eventReport(event);
    const first = report.runs[0];
    const rows = report.runs.map((run) => [
      run.method,
      run.liquidators,
      thousands(run.capital),
      thousands(run.startRequirement),
      thousands(run.peakRequirement),
      String(run.liquidations),
      `${run.accountsLiquidated}/${run.accounts}`,
      String(run.accountsNeedless),
      thousands(run.liquidatedExposure),
      fine(run.badDebt),
      percent(run.badDebtOfCapital),
      fine(run.socialisedLoss),
      `${run.largestImpact.asset} ${percent(run.largestImpact.move)}`,
      run.worstHour?.time.slice(5, 16) ?? "none",
    ]);
    return [
      `${report.event}, ${report.title}: ${report.assets.join(" ")} from ${report.prices}, ${report.from} to ${report.to}, implied volatility: ${report.impliedVolatility}; exposure ${thousands(first?.exposure ?? 0)}, backstop ${fine(first?.backstop ?? 0)}`,
      "",
      formatTable(HEADER, rows),
    ].join("\n");
  });
  return [
    ...sections,
    "money in thousand dollars; requirement: maintenance at the start, peak: at its greatest; accounts: liquidated of all; needless: of these would have stayed above 0 untouched; shared: bad debt beyond the backstop",
  ].join("\n\n");
}
