import type { Address, Client, ContractFunctionReturnType, Hex } from "viem";
import { readContract } from "viem/actions";
import { clearingHouseAbi } from "./abi/clearingHouse.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";
import type { SolvencyProof } from "./solvencyProof.ts";

export type ProveSolvencyParameters = {
  readonly clearingHouse: Address;
  /** strictly ascending, at most as many as a proof has places for */
  readonly accounts: readonly Hex[];
  readonly proof: SolvencyProof;
};

/**
 * Proves several accounts as they are over the current epoch, for others to read. Refused with `AccountsNotAscending`,
 * `AccountCountOutOfRange`, `ArraysTooOld`, or for the proof.
 */
export const proveSolvency = (client: WritingClient, parameters: ProveSolvencyParameters): Promise<Sent> =>
  sendCall(client, proveSolvencyCall(parameters));

export const proveSolvencyCall = ({ clearingHouse, accounts, proof }: ProveSolvencyParameters): ContractCall =>
  contractCall({
    address: clearingHouse,
    abi: clearingHouseAbi,
    functionName: "proveSolvency",
    args: [accounts, proof],
  });

/** What all open accounts come to {ppm of a dollar}, and what the backstop has. */
export type HouseSolvency = ContractFunctionReturnType<typeof clearingHouseAbi, "view", "solvency">;

/**
 * Reads what all open accounts come to by what has been proven of them. Refused with `AccountsMissing`, `AccountsNotAscending`,
 * `AccountFree`, `HealthNotProven` or `ArraysTooOld` where it is not of all of them as they are.
 */
export const readSolvency = (
  client: Client,
  { clearingHouse: address, accounts }: Omit<ProveSolvencyParameters, "proof">,
): Promise<HouseSolvency> =>
  readContract(client, { address, abi: clearingHouseAbi, functionName: "solvency", args: [accounts] });
