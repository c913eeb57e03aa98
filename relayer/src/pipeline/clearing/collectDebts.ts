import { LANE_COUNT, PPM, PPT } from "@equipoise/sdk";
import {
  buyCollateral,
  callDebt,
  DEBT_NOTICE,
  DEBT_SALE,
  type Debt,
  type LiquidationWords,
  liquidationAbi,
  readAccount,
  readDebt,
} from "@equipoise/sdk/actions";
import { type Account, type Hex, parseEventLogs } from "viem";
import { openAttempts } from "../../attempts.ts";
import { chainTime } from "../../chains/clock.ts";
import { runStep, StepFailed, unlessRefused } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import type { AssessedAccount, AssessedHouse } from "./assessAccounts.ts";
import { type ClearingSite, clearingSite } from "./clearingSite.ts";
import { liquidationWords } from "./keepAuction.ts";

/** Who buys what secures debts, and for what. */
export type DebtBuyer = {
  readonly owner: Account;
  /** free, with dollars */
  readonly account: Hex;
  /** {ppm of the epoch's price} below it, at which it buys */
  readonly discount: bigint;
};

/** What was done about a debt: money {ppm of a dollar}, amounts {ppm of a token}. */
export type CollectedDebt = {
  readonly account: Hex;
  readonly debt: bigint;
  readonly gasUsed: bigint;
  /** nothing where the debt was called */
  readonly bought?: { readonly lane: number; readonly amount: bigint; readonly paid: bigint };
};

/** {ppm of a dollar} a smaller debt is not worth the gas of its call */
export const LEAST_CALLED = PPM;

/** Refusals that say no more than: not this account or lane, not now, or somebody else has been here. */
const NOT_NOW = [
  "DebtCalledBefore",
  "NothingOwed",
  "EpochNotNewest",
  "PriceAboveLimit",
  "PurchaseTooSmall",
  "NothingToSell",
  "LaneSilent",
  "SaleNotOpen",
  "AccountShort",
] as const;

/** The account that is to buy has nothing to pay with. */
export class BuyerTooPoor extends StepFailed {
  override name = "BuyerTooPoor";
  constructor(buyer: Hex, debtor: Hex) {
    super(`account ${buyer} has no dollars to buy of ${debtor} with: deposit some into it`, { retry: true });
  }
}

/**
 * Calls what accounts owe that have something to sell, and buys of it once the price has fallen far enough: their dollars are
 * what others wait for (L-12). Over the newest epoch; nothing waits for a prover. An account that cannot be dealt with holds up no
 * other: why not is thrown in the end, of each.
 */
export function collectDebts(context: Context, house: AssessedHouse, buyer: DebtBuyer): Promise<CollectedDebt[]> {
  return runStep("collect debts", async () => {
    const words = { epoch: house.epoch.number, arrayWords: liquidationWords(house), block: house.block };
    const own = buyer.account.toLowerCase();
    const { attempt, end } = openAttempts();
    const results: CollectedDebt[] = [];
    for (const debtor of house.accounts.filter(({ account, debt }) => account !== own && debt > 0n)) {
      await attempt(debtor.account, () => collectDebt(context, debtor, words, buyer, results));
    }
    end();
    return results;
  });
}

type DebtWords = Pick<AssessedHouse, "block"> & { readonly epoch: bigint; readonly arrayWords: LiquidationWords };

/** The same for one account. @param results takes what is done: what was done before a failure stands */
async function collectDebt(
  context: Context,
  { account, holdings }: AssessedAccount,
  { block, ...words }: DebtWords,
  buyer: DebtBuyer,
  results: CollectedDebt[],
): Promise<void> {
  const site = clearingSite(context);
  const { chain, clearing } = site;
  for (const lane of lanesOf(holdings)) {
    const owed = await readDebt(chain.reader, { ...clearing, ...words, account, lane });
    const stage = stageOf(owed, await chainTime(chain));
    if (stage === "quiet") return;
    if (stage === "due") {
      // a call that ends without a purchase would only be made again
      if (!isWorthCalling(owed, buyer)) continue;
      const client = chain.signer(context.accounts.relayer, block);
      const called = await unlessRefused(NOT_NOW, () => callDebt(client, { ...clearing, ...words, account }));
      if (called !== undefined) results.push({ account, debt: owed.debt, gasUsed: called.gasUsed });
      return;
    }
    const limit = (owed.price * (PPM - buyer.discount)) / PPM;
    const amount = await affordable(site, buyer, account, holdings.collateral[lane]?.balance ?? 0n, limit);
    if (amount === 0n) continue;
    const offer = { account, buyer: buyer.account, lane, amount, limit };
    const sent = await unlessRefused(NOT_NOW, () =>
      buyCollateral(chain.signer(buyer.owner, block), { ...clearing, ...words, ...offer }),
    );
    if (sent === undefined) continue;
    const [sold] = parseEventLogs({ abi: liquidationAbi, eventName: "CollateralSold", logs: [...sent.logs] });
    if (sold === undefined) continue;
    const { amount: bought, paid } = sold.args;
    results.push({ account, debt: owed.debt, gasUsed: sent.gasUsed, bought: { lane, amount: bought, paid } });
  }
}

/**
 * {ppm of a token} of a balance that the buyer has dollars for.
 * @param price {ppt of a dollar} the most it pays
 * @throws BuyerTooPoor
 */
async function affordable(
  { chain, clearing }: ClearingSite,
  { account: buyer }: DebtBuyer,
  debtor: Hex,
  balance: bigint,
  price: bigint,
): Promise<bigint> {
  const { cash } = await readAccount(chain.reader, { ...clearing, account: buyer });
  if (cash <= 0n) throw new BuyerTooPoor(buyer, debtor);
  if (price === 0n) return 0n;
  // {ppm of a token} = {ppm of a dollar} * {ppt} / {ppt of a dollar}, rounded down, as what is paid is rounded up
  const most = ((cash - 1n) * PPT) / price;
  return most < balance ? most : balance;
}

const lanesOf = ({ collateral }: AssessedAccount["holdings"]): number[] =>
  Array.from({ length: LANE_COUNT }, (_, lane) => lane).filter((lane) => (collateral[lane]?.balance ?? 0n) > 0n);

/** Whether the sale of a lane comes down to where the buyer buys; one of a token whose source is silent never does. */
export const isWorthCalling = (
  { haircut }: Pick<Debt, "haircut">,
  { discount }: Pick<DebtBuyer, "discount">,
): boolean => haircut > discount && haircut < PPM;

/** Whether a debt may be called, is for sale, or there is nothing to do. @param now {s} */
export function stageOf({ debt, calledAt }: Pick<Debt, "debt" | "calledAt">, now: bigint): "due" | "sale" | "quiet" {
  const over = calledAt + DEBT_NOTICE + DEBT_SALE;
  if (calledAt !== 0n && now >= calledAt + DEBT_NOTICE && now < over) return debt > 0n ? "sale" : "quiet";
  return debt >= LEAST_CALLED && now >= over ? "due" : "quiet";
}
