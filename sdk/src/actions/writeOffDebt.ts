import type { Address, Hex } from "viem";
import { liquidationAbi } from "./abi/liquidation.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type WriteOffDebtParameters = { readonly liquidation: Address; readonly account: Hex };

/** Pays the debt of an account that holds nothing, from the backstop. Anyone. Refused with `NoBareDebt`. */
export const writeOffDebt = (client: WritingClient, parameters: WriteOffDebtParameters): Promise<Sent> =>
  sendCall(client, writeOffDebtCall(parameters));

export const writeOffDebtCall = ({ liquidation, account }: WriteOffDebtParameters): ContractCall =>
  contractCall({ address: liquidation, abi: liquidationAbi, functionName: "writeOff", args: [account] });
