import type { Address, Client, Hex } from "viem";
import { readContract } from "viem/actions";
import { collateralGateAbi } from "./abi/collateralGate.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type DepositCollateralParameters = {
  readonly collateralGate: Address;
  /** its owner's own deposit counts as it arrives, anybody else's waits until the owner accepts it */
  readonly account: Hex;
  /** 0 to 11, or 12 for the dollar token */
  readonly lane: number;
  /** {token units} that the gate may take */
  readonly amount: bigint;
  /** type 3, on top of the enforced ones; none when absent */
  readonly options?: Hex | undefined;
};

/** Brings tokens to an account on the hub, paying what the message costs now. The sender has approved them. */
export async function depositCollateral(client: WritingClient, parameters: DepositCollateralParameters): Promise<Sent> {
  const fee = await quoteDeposit(client, parameters);
  return sendCall(client, depositCollateralCall({ ...parameters, fee }));
}

/** {wei} of a deposit's message now; 0 on the hub's own chain */
export async function quoteDeposit(
  client: Client,
  { collateralGate: address, options }: Pick<DepositCollateralParameters, "collateralGate" | "options">,
): Promise<bigint> {
  const contract = { address, abi: collateralGateAbi } as const;
  const hub = await readContract(client, { ...contract, functionName: "hubEid" });
  return readContract(client, { ...contract, functionName: "quote", args: [hub, options ?? "0x"] });
}

/** @param parameters.fee {wei} at least {@link quoteDeposit}; what is too much comes back */
export const depositCollateralCall = (
  parameters: DepositCollateralParameters & { readonly fee: bigint },
): ContractCall =>
  contractCall({
    address: parameters.collateralGate,
    abi: collateralGateAbi,
    functionName: "deposit",
    args: [parameters.account, BigInt(parameters.lane), parameters.amount, parameters.options ?? "0x"],
    value: parameters.fee,
  });
