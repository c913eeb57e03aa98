import { inversePerpetualPnl, type ScanLeg, type StressBook, scanningRisk, stressTest } from "@equipoise/sdk";
import { type Command, type CommandOutcome, textOption, UsageWrong } from "./command.ts";
import { formatFigure } from "./figure.ts";
import { readStressCase } from "./stressCase.ts";
import { formatTable } from "./table.ts";

/** `equipoise stress`: a book of derivatives scenario by scenario, and what its margin requirements leave. */
export const stress: Command = {
  name: "stress",
  summary: "profits and losses of a book in every scenario, and what both margins leave",
  usage: ["stress --case FILE.json [--json]"],
  options: {
    case: {
      value: "FILE.json",
      summary:
        "a case or its inputs: a book with the parameters of its model (and `scenarios`, else the standard set), a SPAN risk array with a position, or an inverse perpetual",
    },
  },
  run: async ({ values }) => {
    const path = textOption(values, "case");
    if (path === undefined) throw new UsageWrong("stress needs --case FILE.json: see equipoise stress --help");
    const asked = readStressCase(path);
    switch (asked.kind) {
      case "book":
        return ofBook(asked.book);
      case "scan":
        return ofScan(asked.names, asked.legs);
      case "inverse":
        return ofInverse(asked.position, asked.shocks);
    }
  },
};

function ofBook(book: StressBook): CommandOutcome {
  const stressed = stressTest(book);
  const { scenarios, worst, initialMarginNet, maintenanceMarginNet, charges } = stressed;
  const rows = scenarios.map(({ spot, vol, dampening, pnl }) => [
    formatFigure(spot),
    vol,
    formatFigure(dampening),
    formatFigure(pnl),
  ]);
  const sums: [string, number][] = [
    ["worst regular", stressed.worstRegular],
    ["worst tail", stressed.worstTail],
    ["worst skew", stressed.worstSkew],
    ["forward contingency", stressed.forwardContingency],
    ["worst of them", worst],
    ["option value", stressed.optionValue],
    ["charges, maintenance", charges.maintenance],
    ["charges, initial", charges.initial],
    ["maintenance margin net", maintenanceMarginNet],
    ["initial margin net", initialMarginNet],
  ];
  return {
    ok: true,
    result: { scenarios, worst, initialMarginNet, maintenanceMarginNet },
    text: [
      formatTable(["spot", "vol", "dampening", "pnl"], rows),
      "",
      formatTable(
        ["figure", "value"],
        sums.map(([name, value]) => [name, formatFigure(value)]),
      ),
      "",
      `net is equity less the requirement: ${initialMarginNet < 0 ? "the book lacks initial margin" : "the book has its initial margin"}`,
    ].join("\n"),
  };
}

function ofScan(names: readonly string[], legs: readonly ScanLeg[]): CommandOutcome {
  const { pnl, scanningRisk: risk, worst } = scanningRisk(legs);
  const scenarios = pnl.map((profit, s) => ({ scenario: names[s] as string, pnl: profit }));
  return {
    ok: true,
    result: { scenarios, worst: pnl[worst], scanningRisk: risk },
    text: `${formatTable(
      ["scenario", "pnl"],
      scenarios.map(({ scenario, pnl }) => [scenario, formatFigure(pnl)]),
    )}\n\nscanning risk ${formatFigure(risk)}, in scenario ${names[worst]}`,
  };
}

function ofInverse(position: number, shocks: readonly number[]): CommandOutcome {
  const pnl = inversePerpetualPnl(position, shocks);
  const scenarios = shocks.map((priceShock, i) => ({ priceShock, pnl: pnl[i] as number }));
  const worst = Math.min(...pnl);
  return {
    ok: true,
    result: { scenarios, worst },
    text: `${formatTable(
      ["price shock", "pnl in coins"],
      scenarios.map(({ priceShock, pnl }) => [formatFigure(priceShock), formatFigure(pnl)]),
    )}\n\nworst ${formatFigure(worst)}`,
  };
}
