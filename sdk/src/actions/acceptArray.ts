import type { Address } from "viem";
import type { Proof } from "../prover/proof.ts";
import type { Statement } from "../statements/index.ts";
import { riskArraysAbi } from "./abi/riskArrays.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type AcceptArrayParameters = {
  readonly riskArrays: Address;
  /** number of the epoch whose facts the statement has */
  readonly epoch: bigint;
  readonly array: number;
  /** a riskArray statement */
  readonly statement: Pick<Statement, "words" | "commitment">;
  readonly proof: Proof;
};

/** Puts a proven array on chain. Refused with `ArrayAlreadyAccepted`, `EpochNotNewer`, `FactsDiffer`, or for the proof. */
export const acceptArray = (client: WritingClient, parameters: AcceptArrayParameters): Promise<Sent> =>
  sendCall(client, acceptArrayCall(parameters));

export const acceptArrayCall = ({ riskArrays, epoch, array, statement, proof }: AcceptArrayParameters): ContractCall =>
  contractCall({
    address: riskArrays,
    abi: riskArraysAbi,
    functionName: "accept",
    args: [epoch, BigInt(array), [...statement.words], statement.commitment, proof],
  });
