import type { Address } from "viem";
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
