import { openRebalance, readRebalance, type VaultRebalance } from "@equipoise/sdk/actions";
import { chainTime } from "../chains/clock.ts";
import { runStep, unlessRefused } from "../stepFailed.ts";
import type { Context, VaultSite } from "./context.ts";

/** A rebalance that warms up or runs. */
export type OpenedRebalance = {
  readonly rebalance: VaultRebalance;
  /** nothing where it was already open */
  readonly gasUsed?: bigint;
};

/** Opens a vault's auctions; nothing when every lane is within the mandate's band. Finds those that already run. */
export function openVaultRebalance(
  context: Context,
  { chain, deployment, mandate, vault }: VaultSite,
): Promise<OpenedRebalance | undefined> {
  return runStep(`open rebalance of ${mandate} on eid ${deployment.eid}`, async () => {
    const latest = await readRebalance(chain.reader, { vault });
    if (latest.id > 0n && (await chainTime(chain)) < latest.endTime) return { rebalance: latest };
    const opened = await unlessRefused(["DriftWithinBand"], () =>
      openRebalance(chain.signer(context.accounts.relayer), { vault }),
    );
    if (opened === undefined) return undefined;
    return { rebalance: await readRebalance(chain.reader, { vault }), gasUsed: opened.gasUsed };
  });
}
