import { accountOf, type DeskDeployment, readEpochNumbers, readProtection } from "@equipoise/sdk/actions";
import { openAttempts } from "../attempts.ts";
import { proveAndAcceptArrays } from "../pipeline/clearing/acceptArrays.ts";
import { assessAccounts } from "../pipeline/clearing/assessAccounts.ts";
import { beginDueEpoch } from "../pipeline/clearing/beginEpoch.ts";
import { clearingSite } from "../pipeline/clearing/clearingSite.ts";
import { type CollectedDebt, collectDebts } from "../pipeline/clearing/collectDebts.ts";
import { fundDeskShare, returnDeskExcess } from "../pipeline/clearing/deskMargin.ts";
import { openDeskAuctions } from "../pipeline/clearing/keepDesk.ts";
import { type KeptMargins, keepMargins } from "../pipeline/clearing/keepMargins.ts";
import { readListedSeries } from "../pipeline/clearing/listedSeries.ts";
import { proveOpenAccounts } from "../pipeline/clearing/proveHouse.ts";
import { recordSettlements, settleEnded } from "../pipeline/clearing/settleExpiries.ts";
import { takeCollateralSnapshot } from "../pipeline/clearing/snapshotCollateral.ts";
import { writeOffDebts } from "../pipeline/clearing/writeOffDebts.ts";
import type { Context } from "../pipeline/context.ts";
import type { KeeperTerms } from "./daemonConfig.ts";

/** One thing that is done for clearing at the hub: its name, and what it did, for the log. */
export type ClearingDuty = readonly [name: string, run: () => Promise<string | undefined>];

/** Keeps what trades and withdrawals wait for: an epoch, its proof, its collateral; settlement; and what all accounts come to. */
export const clearerDuties = (context: Context): ClearingDuty[] => [
  ["epoch", () => keepEpoch(context)],
  ["arrays", () => proveArrays(context)],
  ["settlement", () => settle(context)],
  ["house", () => proveHouse(context)],
];

/** Sells what is short and what secures debts. It begins epochs itself where nobody does: nothing of it waits for a prover. */
export const keeperDuties = (context: Context, terms: KeeperTerms): ClearingDuty[] => [
  ["margins", () => liquidate(context, terms)],
  ["debts", () => collect(context, terms)],
];

/**
 * Margin for the desk of the hub's vault, or back from it, and an auction of each series that it has too little or too much of; each without
 * the other.
 */
export async function serveDesk(context: Context): Promise<string | undefined> {
  const { desk } = clearingSite(context).clearing;
  if (desk === undefined || (await numbersOf(context)).current === 0n) return undefined;
  const { attempt, end } = openAttempts();
  const funded = await attempt("margin", () => fundDeskShare(context, desk));
  const returned = funded === 0n ? await attempt("margin back", () => returnDeskExcess(context, desk)) : undefined;
  const opened = await attempt("auctions", () => openTradedAuctions(context, desk));
  end();
  return said([
    ...(funded === undefined || funded === 0n ? [] : [`desk funded with ${funded} ppm of a dollar`]),
    ...(returned === undefined || returned === 0n ? [] : [`desk gave back ${returned} ppm of a dollar`]),
    ...[...(opened ?? [])].flatMap(([series, { left, buying, isNew }]) =>
      isNew ? [`auction of ${left} ppm of series ${series} that the desk ${buying ? "buys" : "sells"} opened`] : [],
    ),
  ]);
}

/** Auctions of what a desk trades: perpetuals, and options where its governor asks for any. */
async function openTradedAuctions(context: Context, desk: DeskDeployment) {
  const { asked } = await readProtection(clearingSite(context).chain.reader, desk);
  const buysOptions = asked.gamma > 0 || asked.vega > 0;
  const listed = await readListedSeries(context);
  const traded = listed.filter(({ kind }) => kind === "perpetual" || buysOptions).map(({ series }) => series);
  return openDeskAuctions(context, desk, traded);
}

const said = (parts: readonly string[]): string | undefined => (parts.length === 0 ? undefined : parts.join("; "));
const numbersOf = (context: Context) => {
  const { chain, clearing } = clearingSite(context);
  return readEpochNumbers(chain.reader, clearing);
};

/** An epoch for each observation, and the collateral of the newest and of the current one: either may have lost its snapshot. */
async function keepEpoch(context: Context): Promise<string | undefined> {
  const begun = await beginDueEpoch(context);
  const parts: string[] = [];
  if (begun?.gasUsed !== undefined) {
    const halted = (begun.halted ?? []).map(
      ({ array, reasons }) => `array ${array} halted for ${reasons.join(" and ")}`,
    );
    parts.push([`epoch ${begun.number} begun`, ...halted].join(", "));
  }
  const { current, latest } = await numbersOf(context);
  for (const number of new Set([latest, current])) {
    if (number === 0n || (await takeCollateralSnapshot(context, number)) === undefined) continue;
    parts.push(`collateral of epoch ${number} kept`);
  }
  return said(parts);
}

/** Of the newest epoch only: an older one that is not proven yet is of no use to anybody. */
async function proveArrays(context: Context): Promise<string | undefined> {
  const { current, latest } = await numbersOf(context);
  if (latest === current) return undefined;
  const accepted = await proveAndAcceptArrays(context, latest);
  return said(accepted.map(({ array }) => `array ${array} of epoch ${latest} accepted`));
}

async function settle(context: Context): Promise<string | undefined> {
  const recorded = await recordSettlements(context);
  const settled = await settleEnded(context);
  return said([
    ...recorded.map(
      ({ lane, expiry, price }) => `expiry ${expiry} of lane ${lane} ${price === undefined ? "counted" : "final"}`,
    ),
    ...(settled.length === 0 ? [] : [`${settled.length} accounts settled`]),
  ]);
}

/** What is proven over an epoch that the next one is about to replace is proven for nothing. */
async function proveHouse(context: Context): Promise<string | undefined> {
  const { current, latest } = await numbersOf(context);
  if (current === 0n || current !== latest) return undefined;
  const batches = await proveOpenAccounts(context);
  return said(
    batches.map(
      ({ accounts, totals }) => `${accounts.length} accounts proven with a shortfall of ${totals.shortfall} ppm`,
    ),
  );
}

async function liquidate(context: Context, { minimumProfit }: KeeperTerms): Promise<string | undefined> {
  const kept = await keepEpoch(context);
  const { latest } = await numbersOf(context);
  if (latest === 0n) return undefined;
  const owner = context.accounts.bidder;
  const keeper = { owner, account: accountOf(owner.address), minimumProfit };
  const margins = await keepMargins(context, await assessAccounts(context), keeper);
  return said([...(kept === undefined ? [] : [kept]), ...marginsSaid(margins)]);
}

const marginsSaid = ({ looks, stopped }: KeptMargins): string[] => [
  ...looks.flatMap(({ account, auction, startGas, confirmGas, slice }) => [
    ...(startGas === undefined ? [] : [`auction ${auction} of ${account} started`]),
    ...(confirmGas === undefined ? [] : [`auction ${auction} of ${account} confirmed`]),
    ...(slice === undefined ? [] : [`${slice.share} ppm of ${account} taken for ${slice.paid} ppm of a dollar`]),
  ]),
  ...stopped.map((account) => `auction of ${account} stopped`),
];

/** Collateral is bought by another account than the slices go to: its buyer must be free (L-12). */
async function collect(context: Context, { discount }: KeeperTerms): Promise<string | undefined> {
  const written = await writeOffDebts(context);
  const parts = written.map(({ account, paid }) => `${paid} ppm of a dollar written off for ${account}`);
  const { latest } = await numbersOf(context);
  if (latest === 0n) return said(parts);
  const owner = context.accounts.bidder;
  const buyer = { owner, account: accountOf(owner.address, 1n), discount };
  const collected = await collectDebts(context, await assessAccounts(context), buyer);
  return said([...parts, ...collected.map(debtSaid)]);
}

const debtSaid = ({ account, debt, bought }: CollectedDebt): string =>
  bought === undefined
    ? `${debt} ppm of a dollar called from ${account}`
    : `${bought.amount} ppm of lane ${bought.lane} bought of ${account} for ${bought.paid} ppm of a dollar`;
