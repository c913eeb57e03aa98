import { volatilityLogAbi } from "./abi/volatilityLog.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";
import type { VolatilityReportParameters, VolatilitySignature } from "./signVolatility.ts";

export type ReportVolatilityParameters = VolatilityReportParameters & {
  /** of a quorum of signers, in any order */
  readonly signatures: readonly VolatilitySignature[];
};

/** Brings a signed report to a volatility log. Refused with the name of what is wrong, for example `QuorumMissing`. */
export const reportVolatility = (client: WritingClient, parameters: ReportVolatilityParameters): Promise<Sent> =>
  sendCall(client, reportVolatilityCall(parameters));

export function reportVolatilityCall({ volatilityLog, report, signatures }: ReportVolatilityParameters): ContractCall {
  const ascending = signatures.toSorted((a, b) => (BigInt(a.signer) < BigInt(b.signer) ? -1 : 1));
  const { underlying, observedAt, spot } = report;
  const slices = report.slices.map((slice) => ({
    expiry: slice.expiry,
    basis: slice.basis,
    strikes: [...slice.strikes],
    volatilities: [...slice.volatilities],
  }));
  return contractCall({
    address: volatilityLog,
    abi: volatilityLogAbi,
    functionName: "report",
    args: [{ underlying, observedAt, spot, slices }, ascending.map(({ signature }) => signature)],
  });
}
