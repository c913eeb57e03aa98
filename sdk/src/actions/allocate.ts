import type { Address } from "viem";
import type { Proof } from "../prover/proof.ts";
import type { Statement } from "../statements/index.ts";
import { parityVaultAbi } from "./abi/parityVault.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type AllocateParameters = {
  readonly vault: Address;
  /** of the risk state the weights follow from */
  readonly index: bigint;
  /** words of lanes, as in the statement */
  readonly weights: bigint;
  readonly portfolio: bigint;
  /** a parity statement; the vault forms its words again from its own mandate */
  readonly statement: Pick<Statement, "commitment">;
  readonly proof: Proof;
};

/** Gives a vault proven weights. Refused with `AllocationNotNewer`, `RiskStateTooOld`, or for the proof. */
export const allocate = (client: WritingClient, parameters: AllocateParameters): Promise<Sent> =>
  sendCall(client, allocateCall(parameters));

export const allocateCall = (parameters: AllocateParameters): ContractCall =>
  contractCall({
    address: parameters.vault,
    abi: parityVaultAbi,
    functionName: "allocate",
    args: [
      parameters.index,
      parameters.weights,
      parameters.portfolio,
      parameters.statement.commitment,
      parameters.proof,
    ],
  });
