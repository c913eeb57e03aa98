import { type AccountMargin, PPM, scenarioName, WINDOW_LENGTH } from "@equipoise/sdk";
import { clearingHouseAbi, readObservationLog } from "@equipoise/sdk/actions";
import { chainTime } from "../../chains/clock.ts";
import {
  assessAccounts,
  beginEpochSince,
  CASH_LANE,
  type Context,
  clearingSite,
  deliverPackets,
  depositAt,
  hubSite,
  type LiquidatedAccount,
  liquidateAccount,
  listMissingSeries,
  matchOrders,
  type ObtainedProof,
  observePrices,
  proveAndAcceptArrays,
  readEpochAccount,
  reportVolatilities,
  type SeriesListing,
  seriesNumber,
  shortAccounts,
  takeCollateralSnapshot,
  ticksOf,
  withdrawAt,
} from "../../pipeline/index.ts";
import type { PriceSeries } from "../../prices/series.ts";
import { cashNeeded, changeOf, fairPrice, type PlannedTrade, pickOption, plannedListings } from "./book.ts";
import { type Cast, castOf, mintTokens, ROLES, type Role } from "./cast.ts";
import { type OptionView, realisedVolatility, reportOf, simulatedView, viewFromFile } from "./surface.ts";

/** Hours after its beginning that the act watches for a crash. */
export const CLEARING_HOURS = 24;

/** {ppt of a dollar/D18} divides */
const D18_PER_PPT = 10n ** 6n;
const DOLLAR = PPM;
/** {ppm of a dollar} */
const STAKE = 100_000n * DOLLAR;
/** {ppm} of the initial requirement that the gambler has beyond it */
const SPARE = 20_000n;

/** One step with what it cost. */
export type ClearingStep = { readonly step: string; readonly chainId: number; readonly gas: number };

/** An account at one moment {ppm of a dollar}. */
export type AccountMoment = { readonly role: Role; readonly positions: number; readonly cash: bigint } & Pick<
  AccountMargin,
  "equity" | "maintenanceMargin" | "initialMargin"
>;

/** One hour that the keeper looked at. */
export type WatchedHour = { readonly time: number; readonly spot: bigint; readonly accounts: readonly AccountMoment[] };

export type ClearingAct = {
  readonly asset: string;
  readonly volatilities: string;
  readonly listings: readonly SeriesListing[];
  readonly trades: readonly PlannedTrade[];
  readonly deposits: readonly {
    readonly role: Role;
    readonly chainId: number;
    readonly lane: string;
    readonly amount: bigint;
  }[];
  readonly withdrawal: { readonly chainId: number; readonly amount: bigint };
  readonly hours: readonly WatchedHour[];
  /** nothing where no account fell below its requirement */
  readonly liquidation?: LiquidatedAccount & { readonly role: Role; readonly scenarioName: string };
  readonly after: readonly AccountMoment[];
  readonly steps: readonly ClearingStep[];
  readonly proofs: readonly ObtainedProof[];
};

export type ClearingActParameters = {
  readonly context: Context;
  readonly series: PriceSeries;
  /** that the hub has observed last */
  readonly tick: number;
  readonly listings: readonly SeriesListing[];
  /** an options file and its content; simulated where absent */
  readonly options?: { readonly source: string; readonly text: string } | undefined;
  readonly progress: (line: string) => void;
};

/** The lane that the demo lists options on: bitcoin's where there is one. */
export const underlyingOf = ({ assets }: PriceSeries): number => Math.max(0, assets.indexOf("BTC"));

const spotAt = ({ prices }: PriceSeries, tick: number, lane: number): bigint =>
  (prices[tick]?.[lane] ?? 0n) / D18_PER_PPT;

/** Announces the demo's series to the governor's timelock, a day before they can be listed. */
export async function announceSeries(context: Context, series: PriceSeries, tick: number): Promise<SeriesListing[]> {
  const underlying = underlyingOf(series);
  const listings = plannedListings(
    underlying,
    spotAt(series, tick, underlying),
    await chainTime(hubSite(context).chain),
  );
  await listMissingSeries(context, listings);
  return listings;
}

/**
 * Local chains: options and a perpetual from listing to liquidation. Two accounts deposit on spokes and trade with margin
 * proofs, one withdraws to a spoke with another, and a keeper watches hour after hour until one falls short.
 */
export async function runClearingAct(parameters: ClearingActParameters): Promise<ClearingAct> {
  const { context, series, listings, progress } = parameters;
  const cast = castOf(context);
  const lane = underlyingOf(series);
  const steps: ClearingStep[] = [];
  const proofs: ObtainedProof[] = [];
  const chainIdOf = (eid: number): number => context.chains.find((chain) => chain.eid === eid)?.chainId ?? 0;
  const hubId = hubSite(context).chain.chainId;
  const note = (step: string, gas: bigint | undefined, chainId: number = hubId): void => {
    if (gas !== undefined) steps.push({ step, chainId, gas: Number(gas) });
  };
  const proven = (proof: ObtainedProof | undefined): void => {
    if (proof !== undefined && !proof.reused) proofs.push(proof);
  };
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const since = performance.now();
    const result = await work();
    progress(`  ${name}: ${((performance.now() - since) / 1000).toFixed(1)} s`);
    return result;
  };

  // --- facts of an hour: volatilities, an epoch, collateral
  const realisedAt = (tick: number): number =>
    realisedVolatility(
      series.prices.slice(tick - WINDOW_LENGTH, tick + 1).map((row) => row[lane] ?? 1n),
      series.step,
    );
  let view: OptionView | undefined;
  let level = 1;
  const beginHour = async (tick: number): Promise<bigint> => {
    const spot = spotAt(series, tick, lane);
    const { lastObservedAt: time } = await readObservationLog(
      hubSite(context).chain.reader,
      hubSite(context).deployment,
    );
    const seen = { time, spot, realised: realisedAt(tick) };
    const { options } = parameters;
    view ??= options === undefined ? simulatedView(seen) : viewFromFile(options.source, options.text, seen);
    const drafted = reportOf(view, { ...seen, underlying: lane, level });
    level = drafted.level;
    note("report volatilities", (await reportVolatilities(context, drafted.report)).gasUsed);
    return time;
  };
  const beginEpoch = async (time: bigint): Promise<bigint> => {
    const begun = await beginEpochSince(context, time);
    note("begin epoch", begun.gasUsed);
    note("snapshot collateral", await takeCollateralSnapshot(context, begun.number));
    return begun.number;
  };

  // --- listing, and the first epoch with its proof
  const time = await timed("volatilities reported by a quorum", () => beginHour(parameters.tick));
  const listed = await timed("series listed by the governor", () => listMissingSeries(context, listings));
  note("list series", listed.gasUsed);
  const epoch = await timed("epoch begun", () => beginEpoch(time));
  for (const accepted of await timed("risk array proven and accepted", () => proveAndAcceptArrays(context, epoch))) {
    note("accept risk array", accepted.gasUsed);
    proven(accepted.proof);
  }

  // --- deposits on the spokes, trades with proofs
  const plan = await planBook(context, cast, listings, lane);
  for (const { role, lane: of, amount } of plan.deposits) {
    const move = { ...cast[role], lane: of, amount };
    await mintTokens(context, move);
    const gas = await timed(`${role} deposits on ${chainIdOf(move.eid)}`, () => depositAt(context, move));
    note("deposit", gas, chainIdOf(move.eid));
  }
  const delivered = await timed("deposits carried to the hub", () => deliverPackets(context));
  note(
    "receive deposit",
    delivered.findLast(({ delivery }) => delivery.gas.execute !== undefined)?.delivery.gas.execute,
  );
  for (const [salt, planned] of plan.trades.entries()) {
    const { listing, quantity } = planned;
    const matched = await timed(`trade of ${listing.kind}, two margin proofs`, async () => {
      const [maker, taker] = await ordersOf(context, cast, planned, BigInt(salt));
      return matchOrders(context, maker, taker, quantity);
    });
    note(`trade ${listing.kind}`, matched?.gasUsed);
    proven(matched?.maker.obtained);
    proven(matched?.taker.obtained);
  }

  // --- a withdrawal to a spoke
  const withdrawal = { ...cast.hedger, eid: cast.gambler.eid, lane: CASH_LANE, amount: 5_000n * DOLLAR };
  const withdrawn = await timed("withdrawal with a margin proof", () => withdrawAt(context, withdrawal));
  note("withdraw", withdrawn.gasUsed);
  proven(withdrawn.proven.obtained);
  const paid = await timed("payment carried to the spoke", () => deliverPackets(context));
  const payment = paid.findLast(({ delivery }) => delivery.gas.execute !== undefined)?.delivery.gas.execute;
  note("receive payment", payment, chainIdOf(withdrawal.eid));

  // --- hour after hour, until somebody is short
  const hours: WatchedHour[] = [await watch(context, cast, series, parameters.tick)];
  let liquidation: ClearingAct["liquidation"];
  for (let hour = 1; hour <= CLEARING_HOURS && liquidation === undefined; hour++) {
    const tick = parameters.tick + hour;
    if (series.times[tick] === undefined) break;
    await observePrices(context, ticksOf(series, tick, tick + 1));
    await beginEpoch(await beginHour(tick));
    hours.push(await watch(context, cast, series, tick));
    const house = await assessAccounts(context);
    const short = shortAccounts(house)[0];
    if (short === undefined) continue;
    const role = roleOf(cast, short.account);
    progress(`  hour ${hour}: the ${role} is short`);
    const { owner, account } = cast.keeper;
    const keeper = { owner, account, minimumProfit: 50_000n };
    const taken = await timed("liquidation without a prover", () => liquidateAccount(context, house, short, keeper));
    note("start liquidation", taken.startGas);
    note("bid", taken.slices.at(-1)?.gasUsed);
    note("stop liquidation", taken.stopGas);
    liquidation = { ...taken, role, scenarioName: scenarioName(taken.scenario) };
  }
  const last = hours.at(-1);
  return {
    asset: series.assets[lane] ?? "",
    volatilities: view?.source ?? "simulated",
    listings,
    trades: plan.trades,
    deposits: plan.deposits.map(({ role, lane: of, amount }) => ({
      role,
      chainId: chainIdOf(cast[role].eid),
      lane: of === CASH_LANE ? "cash" : (series.assets[of] ?? ""),
      amount,
    })),
    withdrawal: { chainId: chainIdOf(withdrawal.eid), amount: withdrawal.amount },
    hours,
    ...(liquidation === undefined ? {} : { liquidation }),
    after: liquidation === undefined ? (last?.accounts ?? []) : await moments(context, cast),
    steps,
    proofs,
  };
}

/** What will be deposited and traded: the gambler has little more than it needs. */
async function planBook(context: Context, cast: Cast, listings: readonly SeriesListing[], lane: number) {
  const { chain, clearing } = clearingSite(context);
  const house = { address: clearing.clearingHouse, abi: clearingHouseAbi } as const;
  const feeRate = await chain.reader.readContract({ ...house, functionName: "tradeFee" });
  const { account: empty, market } = await readEpochAccount(context, cast.gambler.account);
  const array = market.arrays[0];
  if (array === undefined) throw new RangeError("the first array has no series: list some first");
  // {ppm of a contract} = {ppm of a dollar} · {ppt} / {ppt of a dollar}
  const contracts = (STAKE * 10n ** 12n) / array.spot;
  const [perpetual] = listings;
  const put = pickOption(listings, "put", (array.spot * 95n) / 100n);
  const call = pickOption(listings, "call", (array.spot * 105n) / 100n);
  const planned = (listing: SeriesListing, buyer: PlannedTrade["buyer"], quantity: bigint): PlannedTrade => ({
    listing,
    buyer,
    quantity,
    price: fairPrice(array, seriesNumber(listing)),
  });
  const trades = [
    planned(put, "hedger", contracts / 2n),
    planned(call, "gambler", contracts / 2n),
    planned(perpetual as SeriesListing, "gambler", contracts),
  ];
  const changes = trades.map((trade) => changeOf(trade, "gambler", feeRate));
  const { cash, margin } = cashNeeded(empty, market, changes, SPARE);
  return {
    trades,
    deposits: [
      { role: "hedger", lane, amount: contracts + contracts / 5n },
      { role: "hedger", lane: CASH_LANE, amount: STAKE / 5n },
      { role: "gambler", lane: CASH_LANE, amount: cash },
      { role: "keeper", lane: CASH_LANE, amount: 4n * margin.initialMargin },
    ] satisfies { role: Role; lane: number; amount: bigint }[],
  };
}

/** The two orders of a planned trade, the buyer's as the maker's. */
async function ordersOf(context: Context, cast: Cast, { listing, buyer, quantity, price }: PlannedTrade, salt: bigint) {
  const deadline = (await chainTime(hubSite(context).chain)) + 86_400n;
  const { kind, expiry, strike } = listing;
  const terms = {
    series: seriesNumber(listing),
    kind,
    expiry,
    strike,
    quantity,
    price,
    maxFee: 1_000n,
    deadline,
    salt,
  };
  const order = (role: "hedger" | "gambler", buys: boolean) => ({
    order: { ...terms, account: cast[role].account, buys },
    owner: cast[role].owner,
  });
  const seller = buyer === "hedger" ? "gambler" : "hedger";
  return [order(buyer, true), order(seller, false)] as const;
}

const roleOf = (cast: Cast, account: string): Role =>
  ROLES.find((role) => cast[role].account.toLowerCase() === account.toLowerCase()) ?? "keeper";

async function watch(context: Context, cast: Cast, series: PriceSeries, tick: number): Promise<WatchedHour> {
  const spot = spotAt(series, tick, underlyingOf(series));
  return { time: series.times[tick] ?? 0, spot, accounts: await moments(context, cast) };
}

/** Every account with positions as the keeper sees it now. */
async function moments(context: Context, cast: Cast): Promise<AccountMoment[]> {
  const { accounts } = await assessAccounts(context);
  return accounts.map(({ account, holdings, margin }) => ({
    role: roleOf(cast, account),
    positions: holdings.positions.length,
    cash: holdings.cash,
    equity: margin.equity,
    maintenanceMargin: margin.maintenanceMargin,
    initialMargin: margin.initialMargin,
  }));
}
