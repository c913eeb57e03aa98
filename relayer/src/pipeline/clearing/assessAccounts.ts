import {
  type AccountMargin,
  type ArrayWords,
  accountEquity,
  accountMargin,
  arrayOf,
  type MarginAccount,
  marginAccountOf,
  marginMarketOf,
  PPM,
  unpackLanes,
} from "@equipoise/sdk";
import { clearingHouseAbi, type Epoch, marginTermsAbi, readEpoch, readEpochNumbers } from "@equipoise/sdk/actions";
import type { Hex } from "viem";
import type { DecidedAt } from "../../chains/chain.ts";
import { newestBlock } from "../../chains/clock.ts";
import { runStep } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { isFree } from "./accountStatement.ts";
import { epochArrays } from "./arrayFacts.ts";
import { clearingSite } from "./clearingSite.ts";
import { isBareDebt, readHouseAccounts } from "./houseAccounts.ts";

/** An account over the newest epoch, as the model has it: no proof, no transaction. */
export type AssessedAccount = {
  readonly account: Hex;
  readonly holdings: MarginAccount;
  /** `worst` names the scenario in which equity − requirement is lowest */
  readonly margin: AccountMargin;
  /** {ppm of a dollar} what its cash and positions come to below 0, which can be called (L-12); 0 where they do not */
  readonly debt: bigint;
  /** holds what the epoch has no price of its own for: what it says the account is worth may be of long ago */
  readonly unpriced: boolean;
};

/** The newest epoch that has begun and has its snapshot of collateral, proven or not, and every account in it. */
export type AssessedHouse = {
  /** newest when it was read: what is done about it was decided on that state */
  readonly block: DecidedAt;
  readonly epoch: Epoch;
  readonly arrays: readonly (ArrayWords | undefined)[];
  readonly accounts: readonly AssessedAccount[];
};

/** The house as it was read last: whoever looks at it on the same block sees the same. */
const lastRead = new WeakMap<object, { readonly block: DecidedAt; readonly house: Promise<AssessedHouse> }>();

/** Measures every account that is not free but the backstop over the newest epoch; bare debts are for {@link writeOffDebts}. */
export function assessAccounts(context: Context): Promise<AssessedHouse> {
  return runStep("assess accounts", async () => {
    const block = await newestBlock(clearingSite(context).chain);
    const last = lastRead.get(context.deployment);
    if (last?.block.hash === block.hash) return last.house;
    const house = assessAt(context, block);
    lastRead.set(context.deployment, { block, house });
    // what could not be read is read anew
    house.catch(() => lastRead.delete(context.deployment));
    return house;
  });
}

async function assessAt(context: Context, block: DecidedAt): Promise<AssessedHouse> {
  const { chain, clearing } = clearingSite(context);
  const { latest } = await readEpochNumbers(chain.reader, clearing);
  const marginTerms = { address: clearing.marginTerms, abi: marginTermsAbi, args: [latest] } as const;
  const [epoch, arrays, terms, strictTerms, backstop, accounts] = await Promise.all([
    readEpoch(chain.reader, { riskArrays: clearing.riskArrays, number: latest }),
    epochArrays(context, latest),
    chain.reader.readContract({ ...marginTerms, functionName: "factsAt" }),
    chain.reader.readContract({ ...marginTerms, functionName: "strictFactsAt" }),
    chain.reader.readContract({
      address: clearing.clearingHouse,
      abi: clearingHouseAbi,
      functionName: "backstop",
    }),
    readHouseAccounts(context),
  ]);
  const market = marginMarketOf({ marginTerms: terms[7], jointStates: epoch.jointStates, arrays });
  const assessed = accounts
    .filter(({ account, due }) => account !== backstop && !isFree(due) && !isBareDebt(due))
    .map(({ account, words }): AssessedAccount => {
      const holdings = marginAccountOf({
        positions: words.slice(0, 6),
        cash: words[6] as bigint,
        collateral: words.slice(7),
        collateralPrices: terms.slice(0, 4),
        collateralHaircuts: terms[4],
        collateralSlopes: terms[5],
        collateralArrays: terms[6],
      });
      const owned = accountEquity({ ...holdings, collateral: [] }, market);
      const debt = owned < 0n ? -owned : 0n;
      const unpriced = isUnpriced(holdings, epoch.halted, unpackLanes(strictTerms[4]));
      return { account, holdings, margin: accountMargin(holdings, market), debt, unpriced };
    });
  return { block, epoch, arrays, accounts: assessed };
}

/**
 * Whether an account holds a series of a halted array, or a token whose source was silent (H-2.5).
 * @param halted mask of arrays
 * @param haircuts {ppm} of the strict snapshot: all of a token whose source was silent
 */
export const isUnpriced = (
  { positions, collateral }: MarginAccount,
  halted: number,
  haircuts: readonly bigint[],
): boolean =>
  positions.some(({ series }) => ((halted >> arrayOf(series)) & 1) === 1) ||
  collateral.some(({ balance }, lane) => balance > 0n && haircuts[lane] === PPM);

/** Accounts below their maintenance requirement, the one that lacks most first. */
export const shortAccounts = ({ accounts }: AssessedHouse): AssessedAccount[] =>
  accounts
    .filter(({ margin }) => margin.excess.maintenance < 0n)
    .toSorted((one, other) => (one.margin.excess.maintenance < other.margin.excess.maintenance ? -1 : 1));
