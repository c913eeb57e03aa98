import {
  GREEKS,
  MARGIN_LEVELS,
  marginFacts,
  marginInput,
  marginStatement,
  type Statement,
  scenarioName,
} from "@equipoise/sdk";
import { readAccountFile } from "./accountFile.ts";
import { dollars } from "./dollars.ts";
import { formatTable } from "./table.ts";

/** A statement of clearing, and what is said of it beside the proof. */
export type ProvableMargin = {
  readonly statement: Statement;
  readonly input: object;
  readonly result: Readonly<Record<string, unknown>>;
  readonly text: string;
};

/** The margin of an account in a file, over the arrays that its market gives. */
export function marginOf(path: string): ProvableMargin {
  const { parameters, names } = readAccountFile(path);
  const { margin, facts } = marginFacts(parameters);
  const statement = marginStatement(facts);
  const { equity, maintenanceMargin, initialMargin, excess, worst, haircuts } = margin;
  const { level } = parameters;
  const healthy = excess[level] >= 0n;
  const loss = -margin.scenarioProfits[worst.scenario]! / 10n ** 24n;
  const rows = [
    ["equity", dollars(equity)],
    ["maintenance margin", dollars(maintenanceMargin)],
    ["initial margin", dollars(initialMargin)],
    ...MARGIN_LEVELS.map((name) => [`excess, ${name}`, dollars(excess[name])]),
    ["haircuts", dollars(haircuts)],
    ["worst loss", dollars(loss)],
  ];
  const greeks = names.map((name, a) => [name, ...GREEKS.map((greek) => dollars(margin.greeks[greek][a] as bigint))]);
  return {
    statement,
    input: marginInput(facts, statement),
    result: {
      level,
      healthy,
      equity: dollars(equity),
      maintenanceMargin: dollars(maintenanceMargin),
      initialMargin: dollars(initialMargin),
      worst: { scenario: worst.scenario, name: scenarioName(worst.scenario), loss: dollars(loss) },
      greeks: Object.fromEntries(
        GREEKS.map((greek) => [greek, margin.greeks[greek].slice(0, names.length).map(dollars)]),
      ),
    },
    text: [
      `${healthy ? "healthy" : "short of margin"} at the ${level} level`,
      formatTable(["dollars", ""], rows),
      `worst: ${scenarioName(worst.scenario)}`,
      formatTable(["dollars", "delta per 1 %", "gamma per 1 %", "vega per point"], greeks),
    ].join("\n"),
  };
}
