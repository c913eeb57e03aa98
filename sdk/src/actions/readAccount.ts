import { type Address, type Client, type ContractFunctionReturnType, concat, type Hex, toHex } from "viem";
import { readContract } from "viem/actions";
import type { AccountHoldings } from "../model/margin/account.ts";
import { readSigned, unpackNumbers } from "../numbers.ts";
import { MARGIN_LEVELS, type MarginLevel } from "../protocol.ts";
import { type MarginFacts, unpackPositions } from "../statements/index.ts";
import { clearingHouseAbi } from "./abi/clearingHouse.ts";
import { marginWordsOf } from "./marginProof.ts";

/** An account of a clearing house; {@link accountOf} says its name. */
export type AccountParameters = { readonly clearingHouse: Address; readonly account: Hex };

/** The last proven figures of an account {ppm of a dollar}. */
export type AccountHealth = ContractFunctionReturnType<typeof clearingHouseAbi, "view", "health">;

/** The house's name of an account: its owner, and a number of the owner's. */
export const accountOf = (owner: Address, number = 0n): Hex => concat([owner, toHex(number, { size: 12 })]);

/** Reads what an account holds after what is due to it. */
export async function readAccount(
  client: Client,
  { clearingHouse: address, account }: AccountParameters,
): Promise<AccountHoldings> {
  const words = await readContract(client, {
    address,
    abi: clearingHouseAbi,
    functionName: "accountWords",
    args: [account],
  });
  return holdingsOf(words);
}

/** What the ten words of an account say. */
export function holdingsOf(words: readonly bigint[]): AccountHoldings {
  const [positions, [cash], collateral] = [words.slice(0, 6), words.slice(6, 7), words.slice(7, 10)];
  return {
    positions: unpackPositions(positions),
    cash: readSigned("triple", 0, cash as bigint),
    balances: unpackNumbers("triple", collateral),
  };
}

/** Words of an account's margin statement over the current epoch that the chain knows. */
export type AccountFacts = Omit<MarginFacts, "result" | "greeks" | "arrays"> & {
  readonly arrayCommitments: readonly bigint[];
};

/** Reads them. Refused with `ArraysTooOld` or `SnapshotMissing`. */
export async function readAccountFacts(
  client: Client,
  { clearingHouse: address, account }: AccountParameters,
): Promise<AccountFacts> {
  const words = await readContract(client, {
    address,
    abi: clearingHouseAbi,
    functionName: "statementWords",
    args: [account],
  });
  return accountFactsOf(words);
}

/** What the words of a margin statement say, but for what a proof adds. */
export function accountFactsOf(words: readonly bigint[]): AccountFacts {
  const all = (name: Parameters<typeof marginWordsOf>[1]): readonly bigint[] => marginWordsOf(words, name);
  const one = (name: Parameters<typeof marginWordsOf>[1]): bigint => all(name)[0] as bigint;
  return {
    positions: all("positions"),
    cash: one("cash"),
    collateral: all("collateral"),
    collateralPrices: all("collateralPrices"),
    collateralHaircuts: one("collateralHaircuts"),
    collateralSlopes: one("collateralSlopes"),
    collateralArrays: one("collateralArrays"),
    marginTerms: one("marginTerms"),
    jointStates: all("jointStates"),
    arrayCommitments: all("arrayCommitments"),
  };
}

/** The last proven figures, whether or not they are still of the account's state. */
export const readHealth = (client: Client, { clearingHouse, account }: AccountParameters): Promise<AccountHealth> =>
  readContract(client, { address: clearingHouse, abi: clearingHouseAbi, functionName: "health", args: [account] });

/** Counts the changes of an account. */
export const readAccountVersion = (client: Client, { clearingHouse, account }: AccountParameters): Promise<number> =>
  readContract(client, { address: clearingHouse, abi: clearingHouseAbi, functionName: "version", args: [account] });

/** How many accounts have a position or negative cash, by what is stored: before what is due to them. */
export const readOpenAccounts = (
  client: Client,
  { clearingHouse }: Pick<AccountParameters, "clearingHouse">,
): Promise<bigint> =>
  readContract(client, { address: clearingHouse, abi: clearingHouseAbi, functionName: "openAccounts" });

/** Whether the account as it is has been proven over the current epoch and reaches the level. */
export const readIsHealthy = (
  client: Client,
  { clearingHouse, account, level }: AccountParameters & { readonly level: MarginLevel },
): Promise<boolean> =>
  readContract(client, {
    address: clearingHouse,
    abi: clearingHouseAbi,
    functionName: "isHealthy",
    args: [account, BigInt(MARGIN_LEVELS.indexOf(level))],
  });
