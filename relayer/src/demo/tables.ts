import { WAD } from "@equipoise/sdk";
import { formatTable } from "../cli/table.ts";
import { formatTime } from "../prices/series.ts";
import { clearingTables } from "./clearing/tables.ts";
import type { Portfolio } from "./portfolio.ts";
import type { DemoReport } from "./report.ts";
import type { DemoEpoch, DemoRun } from "./run.ts";

/** The figures of a run as a person reads them. */
export function demoTables(run: DemoRun, report: DemoReport): string {
  const label = report.source === "simulated" ? "SIMULATED prices" : `prices from ${report.source}`;
  return [
    `\n${label}: ${report.observations} hourly observations of ${report.assets.join(", ")}`,
    ...run.epochs.map((epoch, place) => epochTables(run, epoch, place)),
    gasTable(report),
    ...(report.clearing === undefined ? [] : [clearingTables(report.clearing)]),
    proofTable(report),
    closing(run, report),
  ].join("\n\n");
}

function epochTables(run: DemoRun, epoch: DemoEpoch, place: number): string {
  const allocation = epoch.report.allocations.find((vault) => vault.allocation !== undefined)?.allocation;
  const header = [
    "asset",
    "budget",
    "proven weight",
    "proven share",
    ...run.chains.flatMap(({ chainId }) => [`${chainId}: share before`, "after"]),
  ];
  const rows = run.series.assets.map((asset, lane) => [
    asset,
    percent(run.mandate.budgets[lane]),
    percent(allocation?.weights[lane]),
    percent(allocation?.riskShares[lane]),
    ...epoch.vaults.flatMap(({ before, after }) => [share(before, lane), share(after, lane)]),
  ]);
  const vaults = epoch.vaults.map(({ eid, before, after }, at) => {
    const rounds = epoch.report.rebalances.find((vault) => vault.eid === eid)?.rounds ?? [];
    const latency = epoch.report.latencies.find(({ dstEid }) => dstEid === eid)?.ms;
    return [
      `${run.chains[at]?.chainId}`,
      run.chains[at]?.role ?? "",
      money(before.value),
      money(after.value),
      percent(before.exposure),
      percent(after.exposure),
      `${rounds.length}`,
      `${rounds.reduce((sum, { bids }) => sum + bids.length, 0)}`,
      latency === undefined ? "-" : `${Math.round(latency)} ms`,
    ];
  });
  return [
    `Epoch ${place + 1}, ${formatTime(epoch.time)}: risk shares of what each vault holds, before and after its auctions`,
    formatTable(header, rows),
    "",
    formatTable(
      ["chain", "role", "value before", "value after", "exposure before", "after", "auctions", "bids", "message"],
      vaults,
    ),
    `proven exposure ${percent(allocation?.exposure)}, portfolio volatility ${percent(allocation?.portfolioVolatility)} per observation`,
  ].join("\n");
}

function gasTable({ chains }: DemoReport): string {
  const steps = ["acceptRisk", "receiveRisk", "allocate", "openRebalance", "bid"] as const;
  const rows = steps.map((step) => [step, ...chains.map(({ gas }) => gas[step]?.toLocaleString("en-US") ?? "-")]);
  const header = ["gas", ...chains.map(({ chainId, role }) => `${chainId} (${role})`)];
  return formatTable(header, rows);
}

const proofTable = ({ proofs }: DemoReport): string =>
  formatTable(
    ["proof", "constraints", "witness", "proof time"],
    proofs.map(({ circuit, constraints, witnessMs, proveMs }) => [
      circuit,
      constraints.toLocaleString("en-US"),
      `${witnessMs} ms`,
      `${proveMs} ms`,
    ]),
  );

function closing(run: DemoRun, report: DemoReport): string {
  const redeemed = run.redemptions.map(({ eid, complete, gasUsed }) => {
    const chain = run.chains.find((candidate) => candidate.eid === eid);
    return `${chain?.chainId} ${complete ? "complete" : "INCOMPLETE"} (${gasUsed.toLocaleString("en-US")} gas)`;
  });
  return [
    `largest risk-share error   ${report.maxRiskShareErrorPpm} ppm, tolerance ${run.mandate.tolerance} ppm`,
    `redemption in kind         ${redeemed.join(", ")}`,
    `elapsed                    ${report.elapsedSeconds} s`,
    ...(report.source === "simulated" ? ["These prices were SIMULATED: give --prices FILE.csv for real ones."] : []),
  ].join("\n");
}

const percent = (ppm: bigint | undefined): string => (ppm === undefined ? "-" : `${(Number(ppm) / 1e4).toFixed(2)} %`);
const share = ({ riskShares }: Portfolio, lane: number): string =>
  riskShares === undefined ? "cash" : percent(riskShares[lane]);
const money = (value: bigint): string => (Number(value / (WAD / 100n)) / 100).toLocaleString("en-US");
