import { SERIES_PER_ARRAY } from "@equipoise/sdk";
import { seriesNumber } from "../../pipeline/index.ts";
import { formatTime } from "../../prices/series.ts";
import type { ClearingAct, ClearingLiquidation } from "./act.ts";
import type { AccountMoment } from "./watch.ts";

/** {dollars} and {tokens} in reports are numbers: they are for reading, the chain's integers are exact. */
const fromPpm = (ppm: bigint): number => Number(ppm) / 1e6;
const fromPpt = (ppt: bigint): number => Number(ppt) / 1e12;

/** An account at one moment, in dollars. */
export type AccountFigures = {
  readonly account: string;
  readonly positions: number;
  readonly cash: number;
  readonly equity: number;
  readonly maintenanceMargin: number;
  readonly initialMargin: number;
};

/** What `equipoise demo --clearing --json` adds under `clearing`. Money in dollars, shares in ppm. */
export type ClearingReport = {
  readonly asset: string;
  /** `simulated`, or the options file whose smile it is */
  readonly volatilities: string;
  readonly series: readonly {
    readonly series: number;
    readonly kind: string;
    readonly strike?: number;
    readonly expiry?: string;
  }[];
  readonly trades: readonly {
    readonly series: number;
    readonly kind: string;
    readonly buyer: string;
    readonly quantity: number;
    readonly price: number;
  }[];
  readonly deposits: readonly {
    readonly account: string;
    readonly chainId: number;
    readonly token: string;
    readonly amount: number;
  }[];
  readonly withdrawal: { readonly chainId: number; readonly amount: number };
  /** of all open accounts, in dollars */
  readonly solvency: {
    readonly accounts: number;
    readonly proofs: number;
    readonly equity: number;
    readonly maintenanceMargin: number;
    readonly initialMargin: number;
    readonly shortfall: number;
    readonly backstopCash: number;
  };
  readonly hours: readonly {
    readonly time: string;
    readonly spot: number;
    readonly accounts: readonly AccountFigures[];
  }[];
  readonly liquidations: readonly {
    readonly account: string;
    readonly hour: number;
    readonly scenario: number;
    readonly scenarioName: string;
    readonly equity: number;
    readonly requirement: number;
    readonly slices: readonly {
      readonly phase: string;
      readonly sharePpm: number;
      readonly value: number;
      readonly paid: number;
      readonly penalty: number;
      readonly afterSeconds: number;
    }[];
  }[];
  readonly after: readonly AccountFigures[];
  /** {gas} whole transactions, the last of each kind */
  readonly gas: Readonly<Record<string, number>>;
};

/** The figures of the act, as they are printed. */
export function clearingReportOf(act: ClearingAct): ClearingReport {
  return {
    asset: act.asset,
    volatilities: act.volatilities,
    series: act.listings.map((listing) => ({
      series: seriesNumber(listing),
      kind: listing.kind,
      ...(listing.kind === "perpetual"
        ? {}
        : { strike: fromPpt(listing.strike), expiry: formatTime(Number(listing.expiry)) }),
    })),
    trades: act.trades.map(({ listing, buyer, quantity, price }) => ({
      series: SERIES_PER_ARRAY * listing.array + listing.place,
      kind: listing.kind,
      buyer,
      quantity: fromPpm(quantity),
      price: fromPpt(price),
    })),
    deposits: act.deposits.map(({ role, chainId, token, amount }) => ({
      account: role,
      chainId,
      token,
      amount: fromPpm(amount),
    })),
    withdrawal: { chainId: act.withdrawal.chainId, amount: fromPpm(act.withdrawal.amount) },
    solvency: {
      accounts: act.solvency.accounts,
      proofs: act.solvency.proofs,
      equity: fromPpm(act.solvency.equity),
      maintenanceMargin: fromPpm(act.solvency.maintenanceMargin),
      initialMargin: fromPpm(act.solvency.initialMargin),
      shortfall: fromPpm(act.solvency.shortfall),
      backstopCash: fromPpm(act.solvency.backstopCash),
    },
    hours: act.hours.map(({ time, spot, accounts }) => ({
      time: formatTime(time),
      spot: fromPpt(spot),
      accounts: accounts.map(figuresOf),
    })),
    liquidations: act.liquidations.map(liquidationOf),
    after: act.after.map(figuresOf),
    gas: Object.fromEntries(act.steps.map(({ step, gas }) => [step, gas])),
  };
}

const figuresOf = (moment: AccountMoment): AccountFigures => ({
  account: moment.role,
  positions: moment.positions,
  cash: fromPpm(moment.cash),
  equity: fromPpm(moment.equity),
  maintenanceMargin: fromPpm(moment.maintenanceMargin),
  initialMargin: fromPpm(moment.initialMargin),
});

const liquidationOf = (liquidation: ClearingLiquidation): ClearingReport["liquidations"][number] => ({
  account: liquidation.role,
  hour: liquidation.hour,
  scenario: liquidation.scenario,
  scenarioName: liquidation.scenarioName,
  equity: fromPpm(liquidation.equity),
  requirement: fromPpm(liquidation.requirement),
  slices: liquidation.slices.map(({ phase, share, value, paid, penalty, after }) => ({
    phase,
    sharePpm: Number(share),
    value: fromPpm(value),
    paid: fromPpm(paid),
    penalty: fromPpm(penalty),
    afterSeconds: Number(after),
  })),
});
