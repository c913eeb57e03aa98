import { type Address, BaseError, type Client, ContractFunctionRevertedError } from "viem";
import { readContract } from "viem/actions";
import { marginTermsAbi } from "./abi/marginTerms.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type SnapshotCollateralParameters = {
  readonly marginTerms: Address;
  /** the current epoch's number or the newest's */
  readonly epoch: bigint;
};

/** Takes the prices and haircuts of collateral for an epoch. Refused with `SnapshotTakenBefore`, `EpochNotOpen`. */
export const snapshotCollateral = (client: WritingClient, parameters: SnapshotCollateralParameters): Promise<Sent> =>
  sendCall(client, snapshotCollateralCall(parameters));

export const snapshotCollateralCall = ({ marginTerms, epoch }: SnapshotCollateralParameters): ContractCall =>
  contractCall({ address: marginTerms, abi: marginTermsAbi, functionName: "snapshot", args: [epoch] });

/**
 * Whether the chain keeps the snapshot of an epoch. Logs do not tell: one of a newer epoch takes its place while neither is
 * current, and then it has to be taken again.
 */
export async function hasCollateralSnapshot(
  client: Client,
  { marginTerms: address, epoch }: SnapshotCollateralParameters,
): Promise<boolean> {
  try {
    await readContract(client, { address, abi: marginTermsAbi, functionName: "factsAt", args: [epoch] });
    return true;
  } catch (error) {
    const revert =
      error instanceof BaseError ? error.walk((cause) => cause instanceof ContractFunctionRevertedError) : null;
    if (revert instanceof ContractFunctionRevertedError && revert.data?.errorName === "SnapshotMissing") return false;
    throw error;
  }
}
