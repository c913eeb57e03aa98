import { type CovarianceFacts, covarianceFactsOf } from "@equipoise/sdk";
import { readWindow } from "@equipoise/sdk/actions";
import { type Context, hubSite } from "./context.ts";

/** Facts of recent windows by hub and index: they follow from the log alone, so they are worth keeping in memory. */
const known = new WeakMap<object, Map<bigint, CovarianceFacts>>();
const KEPT_WINDOWS = 8;

/** What the window ending at an index says, read from the hub's log and computed by the model. */
export async function windowFacts(context: Context, index: bigint): Promise<CovarianceFacts> {
  const { chain, deployment } = hubSite(context);
  const windows = known.get(context.deployment) ?? new Map<bigint, CovarianceFacts>();
  known.set(context.deployment, windows);
  const kept = windows.get(index);
  if (kept !== undefined) return kept;
  const { observationLog } = deployment;
  const { observations } = await readWindow(chain.reader, {
    observationLog,
    index,
    fromBlock: BigInt(deployment.block),
  });
  const facts = covarianceFactsOf(observations);
  windows.set(index, facts);
  for (const oldest of [...windows.keys()].slice(0, -KEPT_WINDOWS)) windows.delete(oldest);
  return facts;
}
