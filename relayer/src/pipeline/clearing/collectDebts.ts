import { LANE_COUNT, PPM, PPT } from "@equipoise/sdk";
import {
  buyCollateral,
  callDebt,
  DEBT_NOTICE,
  DEBT_SALE,
  type Debt,
  liquidationAbi,
  readAccount,
  readDebt,
} from "@equipoise/sdk/actions";
import { type Account, type Hex, parseEventLogs } from "viem";
import { chainTime } from "../../chains/clock.ts";
import { runStep, unlessRefused } from "../../stepFailed.ts";
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

/**
 * Calls what accounts owe that have something to sell, and buys of it once the price has fallen far enough: their dollars are
 * what others wait for (L-12). Over the newest epoch; nothing waits for a prover.
 */
export function collectDebts(context: Context, house: AssessedHouse, buyer: DebtBuyer): Promise<CollectedDebt[]> {
  return runStep("collect debts", async () => {
    const site = clearingSite(context);
    const { chain, clearing } = site;
    const words = { epoch: house.epoch.number, arrayWords: liquidationWords(house) };
    const results: CollectedDebt[] = [];
    for (const { account, holdings } of house.accounts) {
      // with cash above 0 too: what it has lost in positions may be more
      if (account === buyer.account.toLowerCase()) continue;
      for (const lane of lanesOf(holdings)) {
        const owed = await readDebt(chain.reader, { ...clearing, ...words, account, lane });
        const stage = stageOf(owed, await chainTime(chain));
        if (stage === "quiet") break;
        if (stage === "due") {
          const client = chain.signer(context.accounts.relayer);
          const called = await unlessRefused(NOT_NOW, () => callDebt(client, { ...clearing, ...words, account }));
          if (called !== undefined) results.push({ account, debt: owed.debt, gasUsed: called.gasUsed });
          break;
        }
        const limit = (owed.price * (PPM - buyer.discount)) / PPM;
        const amount = await affordable(site, buyer, holdings.collateral[lane]?.balance ?? 0n, limit);
        if (amount === 0n) continue;
        const offer = { account, buyer: buyer.account, lane, amount, limit };
        const sent = await unlessRefused(NOT_NOW, () =>
          buyCollateral(chain.signer(buyer.owner), { ...clearing, ...words, ...offer }),
        );
        if (sent === undefined) continue;
        const [sold] = parseEventLogs({ abi: liquidationAbi, eventName: "CollateralSold", logs: [...sent.logs] });
        if (sold === undefined) continue;
        const { amount: bought, paid } = sold.args;
        results.push({ account, debt: owed.debt, gasUsed: sent.gasUsed, bought: { lane, amount: bought, paid } });
      }
    }
    return results;
  });
}

/** {ppm of a token} of a balance that the buyer has dollars for. @param price {ppt of a dollar} the most it pays */
async function affordable({ chain, clearing }: ClearingSite, { account }: DebtBuyer, balance: bigint, price: bigint) {
  const { cash } = await readAccount(chain.reader, { ...clearing, account });
  if (cash <= 0n || price === 0n) return 0n;
  // {ppm of a token} = {ppm of a dollar} * {ppt} / {ppt of a dollar}, rounded down, as what is paid is rounded up
  const most = ((cash - 1n) * PPT) / price;
  return most < balance ? most : balance;
}

const lanesOf = ({ collateral }: AssessedAccount["holdings"]): number[] =>
  Array.from({ length: LANE_COUNT }, (_, lane) => lane).filter((lane) => (collateral[lane]?.balance ?? 0n) > 0n);

/** Whether a debt may be called, is for sale, or there is nothing to do. @param now {s} */
export function stageOf({ debt, calledAt }: Pick<Debt, "debt" | "calledAt">, now: bigint): "due" | "sale" | "quiet" {
  const over = calledAt + DEBT_NOTICE + DEBT_SALE;
  if (calledAt !== 0n && now >= calledAt + DEBT_NOTICE && now < over) return debt > 0n ? "sale" : "quiet";
  return debt >= LEAST_CALLED && now >= over ? "due" : "quiet";
}
