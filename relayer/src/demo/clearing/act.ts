import { PPM, SERIES_PER_ARRAY, scenarioName } from "@equipoise/sdk";
import { chainTime } from "../../chains/clock.ts";
import {
  CASH_LANE,
  type DeliveredPacket,
  deliverPackets,
  depositAt,
  type HouseTotals,
  hubSite,
  type LiquidatedAccount,
  type LocalContext,
  liquidateAccount,
  listMissingSeries,
  matchOrders,
  type ObtainedProof,
  observePrices,
  proveAndAcceptArrays,
  proveTogether,
  readListedSeries,
  type SeriesListing,
  shortAccounts,
  ticksOf,
  withdrawAt,
  writeOffDebts,
} from "../../pipeline/index.ts";
import type { PriceSeries } from "../../prices/series.ts";
import { type PlannedTrade, plannedListings } from "./book.ts";
import { type Cast, castOf, mintTokens, type Role, roleOf } from "./cast.ts";
import { type ClearingStep, chainIdOf, type Diary, openDiary } from "./diary.ts";
import { type Market, type OptionsFile, openMarket, spotAt, underlyingOf } from "./market.ts";
import { ordersOf, type Plan, planBook } from "./plan.ts";
import { type AccountMoment, type WatchedHour, watch } from "./watch.ts";

/** Hours after its beginning that the act watches at most, and how many of them once somebody has been liquidated. */
export const CLEARING_HOURS = 24;
const HOURS_AFTER = 3;
/** {ppm of a dollar} that the hedger withdraws to the other spoke */
const WITHDRAWAL = 5_000n * PPM;
/** {ppm of a slice's requirement} */
const KEEPER_PROFIT = 50_000n;

/** A liquidation, by whom and when. */
export type ClearingLiquidation = LiquidatedAccount & {
  readonly role: Role;
  readonly scenarioName: string;
  readonly hour: number;
};

/** All of the act. Money {ppm of a dollar}, amounts {ppm of a token}. */
export type ClearingAct = {
  readonly asset: string;
  readonly volatilities: string;
  readonly listings: readonly SeriesListing[];
  readonly trades: readonly PlannedTrade[];
  readonly deposits: readonly {
    readonly role: Role;
    readonly chainId: number;
    readonly token: string;
    readonly amount: bigint;
  }[];
  readonly withdrawal: { readonly chainId: number; readonly amount: bigint };
  /** of all open accounts in the epoch in which they traded */
  readonly solvency: HouseTotals["solvency"] & { readonly accounts: number; readonly proofs: number };
  readonly hours: readonly WatchedHour[];
  /** none where no account fell below its requirement */
  readonly liquidations: readonly ClearingLiquidation[];
  readonly after: readonly AccountMoment[];
  readonly steps: readonly ClearingStep[];
  readonly proofs: readonly ObtainedProof[];
};

export type ClearingActParameters = {
  readonly context: LocalContext;
  readonly series: PriceSeries;
  /** that the hub has observed last */
  readonly tick: number;
  readonly listings: readonly SeriesListing[];
  /** simulated volatilities where absent */
  readonly options?: OptionsFile | undefined;
  readonly progress: (line: string) => void;
};

/** Announces the act's series to the governor's timelock, a day before they can be listed; those of kept chains stay. */
export async function announceSeries(
  context: LocalContext,
  series: PriceSeries,
  tick: number,
): Promise<SeriesListing[]> {
  const listed = await readListedSeries(context);
  if (listed.length > 0) {
    return listed.map(({ series: number, kind, expiry, strike, underlying }) => ({
      array: Math.floor(number / SERIES_PER_ARRAY),
      place: number % SERIES_PER_ARRAY,
      kind,
      expiry,
      strike,
      underlying,
    }));
  }
  const now = await chainTime(hubSite(context).chain);
  const listings = plannedListings(underlyingOf(series), spotAt(series, tick), now);
  await listMissingSeries(context, listings);
  return listings;
}

/**
 * Local chains: options and a perpetual from listing to liquidation. Two accounts deposit on spokes and trade with margin
 * proofs, one withdraws to a spoke with another, and a keeper watches hour after hour for who falls short.
 */
export async function runClearingAct(parameters: ClearingActParameters): Promise<ClearingAct> {
  const { context, series, listings, tick, progress } = parameters;
  const cast = castOf(context);
  const diary = openDiary(context, progress);
  const market = openMarket(context, series, parameters.options, diary);
  const lane = underlyingOf(series);
  await firstEpoch(context, market, listings, tick, diary);
  const plan = await planBook(context, cast, listings, lane);
  await depositAll(context, cast, plan, diary);
  await tradeAll(context, cast, plan, diary);
  await withdrawSome(context, cast, diary);
  const solvency = await proveAll(context, diary);
  const watched = await watchHours(parameters, cast, market, diary);
  return {
    asset: series.assets[lane] ?? "",
    volatilities: market.volatilities(),
    listings,
    trades: plan.trades,
    deposits: plan.deposits.map(({ role, lane: of, amount }) => ({
      role,
      chainId: chainIdOf(context, cast[role].eid),
      token: of === CASH_LANE ? "cash" : (series.assets[of] ?? ""),
      amount,
    })),
    withdrawal: { chainId: chainIdOf(context, cast.gambler.eid), amount: WITHDRAWAL },
    solvency,
    ...watched,
    steps: diary.steps,
    proofs: diary.proofs,
  };
}

async function firstEpoch(
  context: LocalContext,
  market: Market,
  listings: readonly SeriesListing[],
  tick: number,
  { timed, note, proven }: Diary,
): Promise<void> {
  const since = await timed("volatilities reported by a quorum", () => market.report(tick));
  const listed = await timed("series listed by the governor", () => listMissingSeries(context, listings));
  note("list series", listed.gasUsed);
  const epoch = await timed("epoch begun", () => market.beginEpoch(since));
  const accepted = await timed("risk array proven and accepted", () => proveAndAcceptArrays(context, epoch));
  for (const { proof, gasUsed } of accepted) {
    note("accept risk array", gasUsed);
    proven(proof);
  }
}

/** {gas} of the last packet whose receiver has run */
const receiveGas = (delivered: readonly DeliveredPacket[]): bigint | undefined =>
  delivered.findLast(({ delivery }) => delivery.gas.execute !== undefined)?.delivery.gas.execute;

async function depositAll(
  context: LocalContext,
  cast: Cast,
  { deposits }: Plan,
  { timed, note }: Diary,
): Promise<void> {
  for (const { role, lane, amount } of deposits) {
    const move = { ...cast[role], lane, amount };
    await mintTokens(context, move);
    const chain = chainIdOf(context, move.eid);
    note("deposit", await timed(`the ${role} deposits on ${chain}`, () => depositAt(context, move)), move.eid);
  }
  note("receive deposit", receiveGas(await timed("deposits carried to the hub", () => deliverPackets(context))));
}

async function tradeAll(
  context: LocalContext,
  cast: Cast,
  { trades }: Plan,
  { timed, note, proven }: Diary,
): Promise<void> {
  for (const [place, trade] of trades.entries()) {
    const { kind } = trade.listing;
    const matched = await timed(`trade of a ${kind} with two margin proofs`, async () => {
      const [maker, taker] = await ordersOf(context, cast, trade, BigInt(place));
      return matchOrders(context, maker, taker, trade.quantity);
    });
    note(`trade of a ${kind}`, matched?.gasUsed);
    proven(matched?.maker.obtained);
    proven(matched?.taker.obtained);
  }
}

/** The hedger's dollars leave on the gambler's spoke: what lies where is the hub's matter, not the account's. */
async function withdrawSome(context: LocalContext, cast: Cast, { timed, note, proven }: Diary): Promise<void> {
  const { eid } = cast.gambler;
  const withdrawn = await timed("withdrawal with a margin proof", () =>
    withdrawAt(context, { ...cast.hedger, eid, lane: CASH_LANE, amount: WITHDRAWAL }),
  );
  note("withdraw", withdrawn.gasUsed);
  proven(withdrawn.proven.obtained);
  note("receive payment", receiveGas(await timed("payment carried to the spoke", () => deliverPackets(context))), eid);
}

/**
 * What the house comes to, by one proof of all open accounts: what a prover makes in an epoch in which nobody trades. Here each
 * account has just been proven by itself as well.
 */
async function proveAll(context: LocalContext, { timed, note, proven }: Diary): Promise<ClearingAct["solvency"]> {
  const together = () => proveTogether(context);
  const { batches, accounts, solvency } = await timed("solvency of all open accounts proven", together);
  for (const { proof, gasUsed } of batches) {
    note("prove solvency", gasUsed);
    proven(proof);
  }
  return { ...solvency, accounts: accounts.length, proofs: batches.length };
}

/** Hour after hour: observation, volatilities, epoch, and whoever is short is liquidated over that epoch's facts. */
async function watchHours(
  { context, series, tick, progress }: ClearingActParameters,
  cast: Cast,
  market: Market,
  { timed, note }: Diary,
): Promise<Pick<ClearingAct, "hours" | "liquidations" | "after">> {
  const hours: WatchedHour[] = [(await watch(context, cast, series, tick)).hour];
  const liquidations: ClearingLiquidation[] = [];
  const last = (): number => (liquidations[0] === undefined ? CLEARING_HOURS : liquidations[0].hour + HOURS_AFTER);
  for (let hour = 1; hour <= last() && series.times[tick + hour] !== undefined; hour++) {
    await observePrices(context, ticksOf(series, tick + hour, tick + hour + 1));
    await market.beginEpoch(await market.report(tick + hour));
    const seen = await watch(context, cast, series, tick + hour);
    hours.push(seen.hour);
    for (const { gasUsed } of await writeOffDebts(context)) note("write off a debt", gasUsed);
    const short = shortAccounts(seen.house).find(({ account }) => roleOf(cast, account) !== "keeper");
    if (short === undefined) continue;
    const role = roleOf(cast, short.account);
    progress(`  hour ${hour}: the ${role} is short of margin`);
    const keeper = { ...cast.keeper, minimumProfit: KEEPER_PROFIT };
    const taken = await timed("liquidation without a prover", () =>
      liquidateAccount(context, seen.house, short, keeper),
    );
    note("start liquidation", taken.startGas);
    for (const { gasUsed } of taken.slices) note("bid", gasUsed);
    note("stop liquidation", taken.stopGas);
    liquidations.push({ ...taken, role, hour, scenarioName: scenarioName(taken.scenario) });
  }
  const { accounts } = (await watch(context, cast, series, tick)).hour;
  return { hours, liquidations, after: accounts };
}
