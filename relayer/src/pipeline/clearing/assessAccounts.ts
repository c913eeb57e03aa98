import {
  type AccountMargin,
  type ArrayWords,
  accountMargin,
  type MarginAccount,
  marginAccountOf,
  marginMarketOf,
} from "@equipoise/sdk";
import { clearingHouseAbi, type Epoch, marginTermsAbi, readEpoch, readEpochNumbers } from "@equipoise/sdk/actions";
import type { Hex } from "viem";
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
};

/** The newest epoch that has begun and has its snapshot of collateral, proven or not, and every account in it. */
export type AssessedHouse = {
  readonly epoch: Epoch;
  readonly arrays: readonly (ArrayWords | undefined)[];
  readonly accounts: readonly AssessedAccount[];
};

/** Measures every account that is not free but the backstop over the newest epoch; bare debts are for {@link writeOffDebts}. */
export function assessAccounts(context: Context): Promise<AssessedHouse> {
  return runStep("assess accounts", async () => {
    const { chain, clearing } = clearingSite(context);
    const { latest } = await readEpochNumbers(chain.reader, clearing);
    const [epoch, arrays, terms, backstop, accounts] = await Promise.all([
      readEpoch(chain.reader, { riskArrays: clearing.riskArrays, number: latest }),
      epochArrays(context, latest),
      chain.reader.readContract({
        address: clearing.marginTerms,
        abi: marginTermsAbi,
        functionName: "factsAt",
        args: [latest],
      }),
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
        return { account, holdings, margin: accountMargin(holdings, market) };
      });
    return { epoch, arrays, accounts: assessed };
  });
}

/** Accounts below their maintenance requirement, the one that lacks most first. */
export const shortAccounts = ({ accounts }: AssessedHouse): AssessedAccount[] =>
  accounts
    .filter(({ margin }) => margin.excess.maintenance < 0n)
    .toSorted((one, other) => (one.margin.excess.maintenance < other.margin.excess.maintenance ? -1 : 1));
