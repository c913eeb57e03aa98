import { allocate, DECAYS, type RiskBudgeting, riskBudgeting } from "@equipoise/sdk";
import { formatTime } from "../prices/series.ts";
import { type Command, type CommandOutcome, textOption, UsageWrong } from "./command.ts";
import { readCovarianceFile } from "./covarianceFile.ts";
import { formatPercent } from "./fraction.ts";
import { formatTable } from "./table.ts";
import { MANDATE_OPTIONS, mandateFrom, WINDOW_OPTIONS, windowFrom } from "./windowOptions.ts";

/** `equipoise weights`: risk-parity weights of a covariance matrix, or of real prices as they would be proven. */
export const weights: Command = {
  name: "weights",
  summary: "risk-parity weights from a covariance matrix, or from prices as they are proven",
  usage: [
    "weights --covariance FILE.json [--json]",
    "weights --prices FILE.csv|coinbase|simulated [--at ISO] [options] [--json]",
  ],
  options: {
    covariance: {
      value: "FILE.json",
      summary: "{covariance, budgets?, caps?}: full floating precision, any number of assets",
    },
    ...WINDOW_OPTIONS,
    ...MANDATE_OPTIONS,
  },
  run: async ({ values }) => {
    const covariance = textOption(values, "covariance");
    if (covariance === undefined && textOption(values, "prices") === undefined) {
      throw new UsageWrong(
        "weights needs --covariance FILE.json or --prices FILE.csv|coinbase|simulated: see equipoise weights --help",
      );
    }
    if (covariance !== undefined) {
      const other = Object.keys({ ...WINDOW_OPTIONS, ...MANDATE_OPTIONS }).find((name) => values[name] !== undefined);
      if (other !== undefined)
        throw new UsageWrong(`--${other} belongs to --prices; with --covariance budgets and caps are in the file`);
      return fromCovariance(covariance);
    }
    return fromPrices(values);
  },
};

function fromCovariance(path: string): CommandOutcome {
  const solution: RiskBudgeting = riskBudgeting(readCovarianceFile(path));
  const { weights, riskShares, iterations, residual } = solution;
  const rows = weights.map((weight, i) => [String(i), String(weight), String(riskShares[i])]);
  return {
    ok: true,
    result: { weights, riskShares, iterations, residual },
    text: `${formatTable(["asset", "weight", "risk share"], rows)}\n\n${iterations} iterations, residual ${residual}`,
  };
}

async function fromPrices(values: Parameters<Command["run"]>[0]["values"]): Promise<CommandOutcome> {
  const window = await windowFrom(values);
  const mandate = mandateFrom(values, window.assets.length);
  const { decayIndex } = mandate;
  const triangle = window.figures.triangles[decayIndex] as bigint[];
  const allocation = allocate({ triangle, decayIndex, mandate });
  const listed = <T>(lanes: readonly T[]): T[] => lanes.slice(0, window.assets.length);
  const ppm = (lanes: readonly bigint[]): number[] => listed(lanes).map(Number);
  const decay = DECAYS[decayIndex]?.name ?? "";
  const span = { from: formatTime(window.from), to: formatTime(window.to) };
  const rows = listed(allocation.weights).map((weight, i) => [
    window.assets[i] as string,
    formatPercent(weight),
    formatPercent(allocation.riskShares[i] as bigint),
    formatPercent(mandate.budgets[i] as bigint),
    formatPercent(window.figures.volatilities[i] as bigint),
  ]);
  return {
    ok: true,
    result: {
      source: window.source,
      assets: window.assets,
      window: span,
      observations: window.observations.length,
      decay,
      shrinkage: Number(mandate.shrinkage),
      budgets: mandate.budgets.map(Number),
      caps: mandate.caps.map(Number),
      weights: ppm(allocation.weights),
      riskShares: ppm(allocation.riskShares),
      volatilities: ppm(window.figures.volatilities),
      portfolioVolatility: Number(allocation.portfolioVolatility),
      exposure: Number(allocation.exposure),
      tolerance: Number(mandate.tolerance),
      maxRiskShareErrorPpm: allocation.maxRiskShareError,
      kappa: allocation.kappa.toString(),
    },
    text: [
      `${window.source === "simulated" ? "SIMULATED prices" : `prices from ${window.source}`}, known ${span.from} to ${span.to}, ${window.observations.length} observations, decay ${decay}, shrinkage ${formatPercent(mandate.shrinkage)}`,
      "",
      formatTable(["asset", "weight", "risk share", "budget", `volatility (${DECAYS[0].name})`], rows),
      "",
      `portfolio volatility  ${formatPercent(allocation.portfolioVolatility)} per observation`,
      `exposure              ${formatPercent(allocation.exposure)}, the rest in cash`,
      `largest risk-share error ${allocation.maxRiskShareError} ppm, tolerance ${mandate.tolerance} ppm`,
    ].join("\n"),
  };
}
