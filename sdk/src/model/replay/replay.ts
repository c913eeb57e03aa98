import { PPM } from "../../protocol.ts";
import { larger, magnitude } from "../integers.ts";
import type { MarginMarket } from "../margin/account.ts";
import { type Book, openBooks } from "./books.ts";
import { impacted, impactOf, noImpact, type PriceImpact, passHour, sell } from "./impact.ts";
import {
  checkConservation,
  deltasOf,
  deposit,
  equityOf,
  exposureOf,
  type Holding,
  heldAccount,
  type Ledger,
} from "./ledger.ts";
import { coverDebts, liquidate, shareLoss } from "./liquidation.ts";
import { type EpochTerms, epochTerms, marketAt } from "./market.ts";
import type { Assessment, MarginMethod } from "./methods.ts";
import { momentAt, openingOf } from "./opening.ts";
import { checkParameters, type ReplayParameters } from "./parameters.ts";
import { type ReplayPath, returnsUntil, worstHours } from "./path.ts";
import { kindsOf, type ReplayHour, type ReplayResult, worstOf } from "./result.ts";

/** A replay between two hours. */
export type Replay = {
  readonly ledger: Ledger;
  readonly hours: readonly ReplayHour[];
  /** {hours} replayed, and all there are */
  readonly done: number;
  readonly total: number;
};

/** What a replay starts from. */
export type ReplayInputs = {
  readonly path: ReplayPath;
  readonly method: MarginMethod;
  readonly parameters: ReplayParameters;
  /** from the market of the first hour */
  readonly books: (market: MarginMarket) => readonly Book[];
};

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

/**
 * Replays a path hour by hour against books of accounts, yielding after each hour; what it returns is the result. The ledger it
 * yields is the one it goes on with, and is checked for conservation every hour.
 * @throws PathUnusable, ReplayParameterInvalid, DepositUnreachable, LedgerBroken
 */
export function* replayHours({ path, method, parameters, books }: ReplayInputs): Generator<Replay, ReplayResult, void> {
  checkParameters(parameters);
  const { house, liquidators, impact } = parameters;
  const { times, start } = path;
  const observed = path.prices.slice(0, start + 1).map((row) => [...row]);
  const away = worstHours(path, liquidators.absentHours);
  const impacts = path.assets.map(noImpact);

  const opening = openingOf(path, house);
  const epochAt = (hour: number): EpochTerms => epochTerms(returnsUntil(times, observed, hour), house);
  const marketOf = (hour: number, terms: EpochTerms): MarginMarket =>
    marketAt(opening.listings, momentAt(path, hour, observed[hour]), terms, house);
  let { epoch, market } = opening;
  let [epochHour, epochMarket] = [start, market];
  const ledger = openBooks(books(market), market, epoch, house, method);
  const whole = sum(ledger.accounts.map((account) => exposureOf(account, market)));
  const capitals = ledger.accounts.map((account) => equityOf(account, market));
  const backstop = (whole * parameters.backstop) / PPM;
  deposit(ledger, ledger.backstop, backstop);
  /** {ppm of a dollar} by asset, what impacts are measured in */
  const held = ledger.accounts
    .map((account) => deltasOf(account, market))
    .reduce(
      (total, deltas) => total.map((value, a) => value + magnitude(deltas[a] ?? 0n)),
      path.assets.map(() => 0n),
    );
  const untouched = ledger.accounts.map(
    (account): Holding => ({
      ...account,
      positions: [...account.positions],
      balances: [...account.balances],
    }),
  );

  const hours: ReplayHour[] = [];
  const dueSince = new Map<number, number>();
  const touched = new Set<number>();
  const doomed = new Set<number>();
  const named = new Map<number, number>();
  let [fees, penalties, socialisedLoss] = [0n, 0n, 0n];
  let largest = { asset: path.assets[0] as string, move: 0 };

  const owed = ledger.accounts.map(() => 0n);
  const cover = (): bigint => {
    const paid = coverDebts(ledger);
    paid.forEach((debt, i) => {
      owed[i]! += debt;
    });
    socialisedLoss += shareLoss(ledger, market);
    return sum(paid);
  };

  for (let hour = start; hour < times.length; hour++) {
    if (hour > start) {
      impacts.forEach((moved) => {
        passHour(moved, impact);
      });
      observed.push((path.prices[hour] as bigint[]).map((price, a) => impacted(price, impacts[a] as PriceImpact)));
      const due = (hour - start) % house.epochHours === 0;
      if (due) epoch = epochAt(hour);
      market = marketOf(hour, epoch);
      if (due) [epochHour, epochMarket] = [hour, market];
    }
    untouched.forEach((holding, i) => {
      if (equityOf(holding, market) < 0n) doomed.add(i);
    });

    const judged = hour - epochHour < house.maxArrayAge ? epochMarket : market;
    const assess = method(judged);
    const assessments = ledger.accounts.map((account) =>
      assess(heldAccount(account, judged, epoch.haircuts, house.haircutSlope)),
    );
    const bidding = hour < away.first || hour >= away.end;
    const queue = assessments
      .map((assessment, i) => ({ assessment, i }))
      .filter(({ assessment, i }) => {
        if (assessment.equity >= assessment.maintenanceMargin) {
          dueSince.delete(i);
          return false;
        }
        if (!dueSince.has(i)) dueSince.set(i, hour);
        return bidding && hour - (dueSince.get(i) as number) >= liquidators.delayHours;
      })
      .toSorted((one, other) => compareHealth(one.assessment, other.assessment) || one.i - other.i);

    let [depth, taken, liquidations] = [(whole * liquidators.depth) / PPM, 0n, 0];
    const sold = path.assets.map(() => 0n);
    for (const { assessment, i } of queue) {
      const account = ledger.accounts[i] as Holding;
      const slice = liquidate(ledger, account, assessment, market, parameters, depth);
      if (slice === undefined) continue;
      depth -= slice.exposure;
      taken += slice.exposure;
      fees += slice.fee;
      penalties += slice.penalty;
      liquidations++;
      touched.add(i);
      slice.sold.forEach((dollars, a) => {
        sold[a]! += dollars;
      });
      if (assessment.scenario !== undefined) named.set(assessment.scenario, (named.get(assessment.scenario) ?? 0) + 1);
    }
    sold.forEach((dollars, a) => {
      const moved = impacts[a] as PriceImpact;
      if (dollars !== 0n) sell(moved, Number(dollars) / Number(held[a] || 1n), impact);
      const move = Math.exp(impactOf(moved)) - 1;
      if (Math.abs(move) > Math.abs(largest.move)) largest = { asset: path.assets[a] as string, move };
    });
    const badDebt = cover();
    checkConservation(ledger, hour - start);
    hours.push({
      time: times[hour] as number,
      liquidations,
      liquidatedExposure: taken,
      badDebt,
      maintenanceMargin: sum(assessments.map(({ maintenanceMargin }) => maintenanceMargin)),
    });
    yield { ledger, hours, done: hour - start + 1, total: times.length - start };
  }

  closeInsolvent(ledger, market);
  const badDebtAfterEnd = cover();
  checkConservation(ledger, times.length - start);
  return {
    accounts: ledger.accounts.length,
    capital: sum(capitals),
    exposure: whole,
    startRequirement: hours[0]?.maintenanceMargin ?? 0n,
    peakRequirement: hours.reduce((most, { maintenanceMargin }) => larger(most, maintenanceMargin), 0n),
    liquidations: hours.reduce((total, { liquidations }) => total + liquidations, 0),
    accountsLiquidated: touched.size,
    accountsDoomed: doomed.size,
    accountsNeedless: [...touched].filter((i) => !doomed.has(i)).length,
    liquidatedExposure: sum(hours.map(({ liquidatedExposure }) => liquidatedExposure)),
    fees,
    penalties,
    badDebt: sum(hours.map(({ badDebt }) => badDebt)) + badDebtAfterEnd,
    badDebtAfterEnd,
    accountsInsolvent: owed.filter((debt) => debt > 0n).length,
    backstop,
    socialisedLoss,
    largestImpact: largest,
    worstHour: worstOf(hours),
    kinds: kindsOf(
      ledger.accounts.map(({ name }, i) => ({
        kind: name,
        capital: capitals[i] as bigint,
        badDebt: owed[i] as bigint,
      })),
    ),
    scenarios: [...named]
      .map(([scenario, count]) => ({ scenario, count }))
      .sort((one, other) => other.count - one.count || one.scenario - other.scenario),
  };
}

/** The whole of {@link replayHours}. */
export function replay(inputs: ReplayInputs): ReplayResult {
  const hours = replayHours(inputs);
  for (;;) {
    const { done, value } = hours.next();
    if (done) return value;
  }
}

/** The least share of its requirement first; requirements may be 0. */
function compareHealth(one: Assessment, other: Assessment): number {
  const difference = one.equity * other.maintenanceMargin - other.equity * one.maintenanceMargin;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** After the last hour: whoever is below 0 hands all it has over at the mark, so that what it owes is known. */
function closeInsolvent(ledger: Ledger, market: MarginMarket): void {
  for (const account of ledger.accounts) {
    if (equityOf(account, market) >= 0n) continue;
    const price = equityOf({ ...account, cash: 0n }, market);
    account.positions.forEach((quantity, series) => {
      ledger.liquidators.positions[series]! += quantity;
      account.positions[series] = 0n;
    });
    account.balances.forEach((balance, asset) => {
      ledger.liquidators.balances[asset]! += balance;
      account.balances[asset] = 0n;
    });
    account.cash += price;
    ledger.liquidators.cash -= price;
  }
}
