import { hasCollateralSnapshot, snapshotCollateral } from "@equipoise/sdk/actions";
import { newestBlock } from "../../chains/clock.ts";
import { runStep, unlessRefused } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";

/** Takes the snapshot of collateral for an epoch, again where it is no longer kept. @returns {gas}; nothing where it is kept */
export function takeCollateralSnapshot(context: Context, epoch: bigint): Promise<bigint | undefined> {
  return runStep("snapshot collateral", async () => {
    const { chain, clearing } = clearingSite(context);
    const { marginTerms } = clearing;
    const client = chain.signer(context.accounts.relayer, await newestBlock(chain));
    if (await hasCollateralSnapshot(chain.reader, { marginTerms, epoch })) return undefined;
    const taken = await unlessRefused(["SnapshotTakenBefore"], () =>
      snapshotCollateral(client, { marginTerms, epoch }),
    );
    return taken?.gasUsed;
  });
}
