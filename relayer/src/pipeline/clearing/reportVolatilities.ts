import type { VolatilityReport } from "@equipoise/sdk";
import { CallReverted, reportVolatility, signVolatilityReport, volatilityLogAbi } from "@equipoise/sdk/actions";
import { runStep } from "../../stepFailed.ts";
import type { LocalContext } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";

export type ReportedVolatilities = {
  /** {s} of the latest report after the step */
  readonly observedAt: bigint;
  /** nothing where the log already had the report or a newer one */
  readonly gasUsed?: bigint;
};

/** Has the local signers sign a report, and brings it to the log unless there is one as new. */
export function reportVolatilities(context: LocalContext, report: VolatilityReport): Promise<ReportedVolatilities> {
  return runStep("report volatilities", async () => {
    const { chain, clearing } = clearingSite(context);
    const { volatilityLog } = clearing;
    const latest = async (): Promise<bigint> => {
      const args = [report.underlying] as const;
      const read = { address: volatilityLog, abi: volatilityLogAbi, functionName: "latest", args } as const;
      return (await chain.reader.readContract(read))[0];
    };
    const before = await latest();
    if (before >= report.observedAt) return { observedAt: before };
    const signatures = await Promise.all(
      context.accounts.volatilitySigners.map((signer) =>
        signVolatilityReport(chain.signer(signer), { volatilityLog, report }),
      ),
    );
    try {
      const client = chain.signer(context.accounts.relayer);
      const { gasUsed } = await reportVolatility(client, { volatilityLog, report, signatures });
      return { observedAt: report.observedAt, gasUsed };
    } catch (error) {
      const now = await latest();
      const lost = error instanceof CallReverted && error.reason === "ReportNotNewer" && now >= report.observedAt;
      if (lost) return { observedAt: now };
      throw error;
    }
  });
}
