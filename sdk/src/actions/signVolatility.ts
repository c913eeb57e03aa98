import { type Account, type Address, type Chain, type Client, type Hex, hashTypedData, type Transport } from "viem";
import { signTypedData } from "viem/actions";
import type { VolatilityReport } from "../model/volatilitySurface.ts";

/** What an EIP-712 signature over a report is for: one log on one chain. */
export type VolatilityReportParameters = {
  readonly volatilityLog: Address;
  readonly report: VolatilityReport;
};

/** A signer's word for a report. */
export type VolatilitySignature = { readonly signer: Address; readonly signature: Hex };

const types = {
  VolatilityReport: [
    { name: "underlying", type: "uint256" },
    { name: "observedAt", type: "uint64" },
    { name: "spot", type: "uint256" },
    { name: "slices", type: "VolatilitySlice[]" },
  ],
  VolatilitySlice: [
    { name: "expiry", type: "uint64" },
    { name: "basis", type: "int256" },
    { name: "strikes", type: "uint256[]" },
    { name: "volatilities", type: "uint256[]" },
  ],
} as const;

/** What a wallet shows and signs. */
export const volatilityTypedData = (chainId: number, { volatilityLog, report }: VolatilityReportParameters) =>
  ({
    domain: { name: "Equipoise VolatilityLog", version: "1", chainId, verifyingContract: volatilityLog },
    types,
    primaryType: "VolatilityReport",
    message: report,
  }) as const;

/** The hash that a report's signatures are over; `hashReport` of the contract says the same. */
export const hashVolatilityReport = (chainId: number, parameters: VolatilityReportParameters): Hex =>
  hashTypedData(volatilityTypedData(chainId, parameters));

/** Signs a report with the client's account, for the log of the client's chain. */
export async function signVolatilityReport(
  client: Client<Transport, Chain, Account>,
  parameters: VolatilityReportParameters,
): Promise<VolatilitySignature> {
  const data = volatilityTypedData(client.chain.id, parameters);
  return {
    signer: client.account.address,
    signature: await signTypedData(client, { ...data, account: client.account }),
  };
}
