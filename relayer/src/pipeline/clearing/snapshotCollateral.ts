import { CallReverted, marginTermsAbi, snapshotCollateral } from "@equipoise/sdk/actions";
import { getAbiItem } from "viem";
import { runStep } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";

/** Takes the snapshot of collateral for an epoch. @returns {gas}; nothing where it had been taken */
export function takeCollateralSnapshot(context: Context, epoch: bigint): Promise<bigint | undefined> {
  return runStep("snapshot collateral", async () => {
    const { chain, clearing } = clearingSite(context);
    const taken = await chain.reader.getLogs({
      address: clearing.marginTerms,
      event: getAbiItem({ abi: marginTermsAbi, name: "SnapshotTaken" }),
      args: { epoch },
      fromBlock: BigInt(clearing.block),
    });
    if (taken.length > 0) return undefined;
    const { marginTerms } = clearing;
    try {
      return (await snapshotCollateral(chain.signer(context.accounts.relayer), { marginTerms, epoch })).gasUsed;
    } catch (error) {
      if (error instanceof CallReverted && error.reason === "SnapshotTakenBefore") return undefined;
      throw error;
    }
  });
}
