import type { Address } from "viem";
import { parityVaultAbi } from "./abi/parityVault.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type OpenRebalanceParameters = { readonly vault: Address };

/** Opens auctions towards the allocation. Refused with `DriftWithinBand` where there is nothing to do. */
export const openRebalance = (client: WritingClient, parameters: OpenRebalanceParameters): Promise<Sent> =>
  sendCall(client, openRebalanceCall(parameters));

export const openRebalanceCall = ({ vault }: OpenRebalanceParameters): ContractCall =>
  contractCall({ address: vault, abi: parityVaultAbi, functionName: "openRebalance", args: [] });
