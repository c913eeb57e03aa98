import { type Address, type Client, type Hex, pad } from "viem";
import { readContract } from "viem/actions";
import { clearingHouseAbi } from "./abi/clearingHouse.ts";
import { collateralHubAbi } from "./abi/collateralHub.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { MarginProof } from "./marginProof.ts";
import type { AccountParameters } from "./readAccount.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type WithdrawCollateralParameters = AccountParameters & {
  readonly collateralHub: Address;
  /** 0 to 11, or 12 for the dollar token */
  readonly lane: number;
  /** {ppm of a token} */
  readonly amount: bigint;
  /** endpoint of the chain to be paid on */
  readonly eid: number;
  /** on that chain */
  readonly receiver: Address;
  /** of the account after it; `NO_MARGIN_PROOF` where it then has no position and owes nothing */
  readonly proof: MarginProof;
  /** type 3, on top of the enforced ones; none when absent */
  readonly options?: Hex | undefined;
};

/**
 * Takes from the sender's account and has the gate of a chain pay it out, paying what the message costs now. Refused with
 * `AccountUnhealthy`, `CashLent`, `CollateralMissing`, `EscrowMissing`, or for the proof.
 */
export async function withdrawCollateral(
  client: WritingClient,
  parameters: WithdrawCollateralParameters,
): Promise<Sent> {
  const fee = await quoteWithdrawal(client, parameters);
  return sendCall(client, withdrawCollateralCall({ ...parameters, fee }));
}

/** {wei} of a payment's message now; 0 on the hub's own chain */
export const quoteWithdrawal = (
  client: Client,
  { collateralHub, eid, options }: Pick<WithdrawCollateralParameters, "collateralHub" | "eid" | "options">,
): Promise<bigint> =>
  readContract(client, {
    address: collateralHub,
    abi: collateralHubAbi,
    functionName: "quote",
    args: [eid, options ?? "0x"],
  });

/** @param parameters.fee {wei} at least {@link quoteWithdrawal}; what is too much comes back */
export const withdrawCollateralCall = (
  parameters: Omit<WithdrawCollateralParameters, "collateralHub"> & { readonly fee: bigint },
): ContractCall => {
  const { clearingHouse, account, lane, amount, eid, receiver, options, proof, fee } = parameters;
  return contractCall({
    address: clearingHouse,
    abi: clearingHouseAbi,
    functionName: "withdraw",
    args: [account, BigInt(lane), amount, eid, pad(receiver, { size: 32 }), options ?? "0x", proof],
    value: fee,
  });
};
