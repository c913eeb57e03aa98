import { formatTable } from "../../cli/table.ts";
import type { AccountFigures, ClearingReport } from "./report.ts";

const dollars = (value: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const tokens = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 6 });

/** The clearing act as a person reads it. */
export function clearingTables(report: ClearingReport): string {
  const label =
    report.volatilities === "simulated" ? "SIMULATED volatilities" : `volatilities from ${report.volatilities}`;
  return [
    `Clearing of ${report.asset}: ${report.series.length} series, ${label}`,
    bookTable(report),
    solvencyLine(report),
    hoursTable(report),
    liquidationTable(report),
    gasTable(report),
  ].join("\n\n");
}

function bookTable({ deposits, trades, withdrawal, series }: ReportParts): string {
  const nameOf = (number: number): string => {
    const found = series.find((listed) => listed.series === number);
    return found?.strike === undefined ? "perpetual" : `${found.kind} ${tokens(found.strike)} of ${found.expiry}`;
  };
  return [
    formatTable(
      ["deposit", "on chain", "token", "amount"],
      deposits.map(({ account, chainId, token, amount }) => [account, `${chainId}`, token, tokens(amount)]),
    ),
    "",
    formatTable(
      ["traded", "buyer", "contracts", "price"],
      trades.map(({ series: number, buyer, quantity, price }) => [
        nameOf(number),
        buyer,
        tokens(quantity),
        dollars(price),
      ]),
    ),
    `the hedger withdrew ${dollars(withdrawal.amount)} to chain ${withdrawal.chainId} with a margin proof`,
  ].join("\n");
}

type ReportParts = Pick<ClearingReport, "deposits" | "trades" | "withdrawal" | "series">;

const solvencyLine = ({ solvency }: ClearingReport): string => {
  const { accounts, proofs, equity, maintenanceMargin, shortfall, backstopCash } = solvency;
  return (
    `All ${accounts} open accounts, in ${proofs} proof${proofs === 1 ? "" : "s"}: equity ${dollars(equity)}, maintenance ` +
    `${dollars(maintenanceMargin)}, owed beyond what is there ${dollars(shortfall)}; the backstop has ${dollars(backstopCash)}`
  );
};

const cells = ({ equity, maintenanceMargin, initialMargin }: AccountFigures): string[] => [
  dollars(equity),
  dollars(maintenanceMargin),
  dollars(initialMargin),
];

function hoursTable({ hours, after }: ClearingReport): string {
  const header = ["time", "spot", "account", "equity", "maintenance", "initial", ""];
  const mark = ({ equity, maintenanceMargin }: AccountFigures): string => (equity < maintenanceMargin ? "SHORT" : "");
  const rows = hours.flatMap(({ time, spot, accounts }) =>
    accounts.map((account, place) => [
      place === 0 ? time : "",
      place === 0 ? dollars(spot) : "",
      account.account,
      ...cells(account),
      mark(account),
    ]),
  );
  const last = after.map((account, place) => [
    place === 0 ? "after all" : "",
    "",
    account.account,
    ...cells(account),
    mark(account),
  ]);
  return formatTable(header, [...rows, ...last]);
}

function liquidationTable({ liquidations }: ClearingReport): string {
  if (liquidations.length === 0) return "No account fell below its maintenance requirement: nothing was liquidated.";
  const header = ["hour", "account", "scenario", "equity", "needed", "sold", "value", "paid", "penalty", "after"];
  const rows = liquidations.flatMap(({ hour, account, scenario, scenarioName, equity, requirement, slices }) =>
    slices.map(({ sharePpm, value, paid, penalty, afterSeconds }) => [
      `${hour}`,
      account,
      `${scenario}: ${scenarioName}`,
      dollars(equity),
      dollars(requirement),
      `${(sharePpm / 1e4).toFixed(2)} %`,
      dollars(value),
      dollars(paid),
      dollars(penalty),
      `${afterSeconds} s`,
    ]),
  );
  return `Liquidations by one named scenario, over facts that the chain priced itself\n${formatTable(header, rows)}`;
}

const gasTable = ({ gas }: ClearingReport): string =>
  formatTable(
    ["clearing step", "gas"],
    Object.entries(gas).map(([step, used]) => [step, used.toLocaleString("en-US")]),
  );
