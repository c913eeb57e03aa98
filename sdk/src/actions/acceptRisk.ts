import type { Address } from "viem";
import type { Proof } from "../prover/proof.ts";
import type { Statement } from "../statements/index.ts";
import { riskOracleAbi } from "./abi/riskOracle.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type AcceptRiskParameters = {
  readonly riskOracle: Address;
  /** of the window's last observation */
  readonly index: bigint;
  /** a covariance statement */
  readonly statement: Pick<Statement, "words" | "commitment">;
  readonly proof: Proof;
};

/** Puts a proven risk state on the hub. Refused with `WindowNotNewer`, `WindowNotInLog`, or for the proof. */
export const acceptRisk = (client: WritingClient, parameters: AcceptRiskParameters): Promise<Sent> =>
  sendCall(client, acceptRiskCall(parameters));

export const acceptRiskCall = ({ riskOracle, index, statement, proof }: AcceptRiskParameters): ContractCall =>
  contractCall({
    address: riskOracle,
    abi: riskOracleAbi,
    functionName: "accept",
    args: [index, [...statement.words], statement.commitment, proof],
  });
