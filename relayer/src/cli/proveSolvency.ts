import { type AccountMargin, solvencyFacts, solvencyInput, solvencyStatement } from "@equipoise/sdk";
import { readAccountsFile } from "./accountsFile.ts";
import { dollars } from "./dollars.ts";
import type { ProvableMargin } from "./proveMargin.ts";
import { formatTable } from "./table.ts";

/** The solvency of the accounts in a file, over the arrays that their market gives. */
export function solvencyOf(path: string): ProvableMargin {
  const { parameters, labels } = readAccountsFile(path);
  const { margins, totals, facts } = solvencyFacts(parameters);
  const statement = solvencyStatement(facts);
  const { level } = parameters;
  const figures = ({ equity, maintenanceMargin, initialMargin }: Omit<AccountFigures, "shortfall">) => ({
    equity: dollars(equity),
    maintenanceMargin: dollars(maintenanceMargin),
    initialMargin: dollars(initialMargin),
  });
  const accounts = margins.map((margin, n) => ({
    name: labels[n] as string,
    ...figures(margin),
    healthy: margin.excess[level] >= 0n,
  }));
  const sums = { ...figures(totals), shortfall: dollars(totals.shortfall) };
  const rows = accounts.map(({ name, healthy, ...row }) => [name, ...Object.values(row), healthy ? "yes" : "no"]);
  return {
    statement,
    input: solvencyInput(facts, statement),
    result: { level, accounts, totals: sums },
    text: [
      formatTable(
        ["dollars", "equity", "maintenance margin", "initial margin", `healthy, ${level}`],
        [...rows, ["all", sums.equity, sums.maintenanceMargin, sums.initialMargin, ""]],
      ),
      totals.shortfall === 0n
        ? "solvent: no account owes more than it has"
        : `short of ${sums.shortfall}: what accounts owe beyond what they have`,
    ].join("\n"),
  };
}

type AccountFigures = Pick<AccountMargin, "equity" | "maintenanceMargin" | "initialMargin">;
