import { type CovarianceFacts, covarianceFactsOf } from "@equipoise/sdk";
import { type ObservedWindow, observationLogAbi, readWindow } from "@equipoise/sdk/actions";
import { type Context, hubSite } from "./context.ts";

/**
 * Facts of recent windows by hub and head: the head commits to every word before it, and so to the window. The index does not:
 * after a reorg the same one ends another window.
 */
const known = new WeakMap<object, Map<string, CovarianceFacts>>();
/** The window that was read last: the next one has most of its words. */
const lastRead = new WeakMap<object, ObservedWindow>();
const KEPT_WINDOWS = 8;

/** What the window ending at an index says, read from the hub's log and computed by the model. */
export async function windowFacts(context: Context, index: bigint): Promise<CovarianceFacts> {
  const { chain, deployment } = hubSite(context);
  const windows = known.get(context.deployment) ?? new Map<string, CovarianceFacts>();
  known.set(context.deployment, windows);
  const { observationLog } = deployment;
  const log = { address: observationLog, abi: observationLogAbi } as const;
  const head = await chain.reader.readContract({ ...log, functionName: "head", args: [index] });
  const kept = windows.get(head);
  if (kept !== undefined) return kept;
  const window = await readWindow(chain.reader, {
    observationLog,
    index,
    fromBlock: BigInt(deployment.block),
    known: lastRead.get(context.deployment),
  });
  lastRead.set(context.deployment, window);
  const facts = covarianceFactsOf(window.observations);
  windows.set(head, facts);
  for (const oldest of [...windows.keys()].slice(0, -KEPT_WINDOWS)) windows.delete(oldest);
  return facts;
}
