import {
  beginEpoch,
  CallReverted,
  clearingHouseAbi,
  type HaltedArray,
  readEpoch,
  readEpochNumbers,
  readHaltedArrays,
  readObservationLog,
  riskArraysAbi,
} from "@equipoise/sdk/actions";
import { parseEventLogs } from "viem";
import { chainTime, newestBlock } from "../../chains/clock.ts";
import { runStep, unlessRefused } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";

export type BegunEpoch = {
  readonly number: bigint;
  /** nothing where the epoch had begun before, as all below */
  readonly gasUsed?: bigint;
  /** arrays of which nothing may be wanted, and why: for whoever looks after feeds, reports and risk states */
  readonly halted?: readonly HaltedArray[];
};

/**
 * The newest epoch, if its facts are of `since` or later; else another one. So there is one for each observation, whoever
 * begins it.
 * @param since {s}
 */
export const beginEpochSince = (context: Context, since: bigint): Promise<BegunEpoch> =>
  runStep("begin epoch", () => beginSince(context, since));

/**
 * The newest epoch, one for each observation; another one too where the log rests and the newest has three quarters of the age at which
 * nobody is measured by it any more: liquidation waits for no observer. Nothing before there is one, or while it is too early.
 */
export function beginDueEpoch(context: Context): Promise<BegunEpoch | undefined> {
  return runStep("begin epoch", async () => {
    const { chain, hub, clearing } = clearingSite(context);
    const house = { address: clearing.clearingHouse, abi: clearingHouseAbi } as const;
    const [{ lastObservedAt }, maxArrayAge, now] = await Promise.all([
      readObservationLog(chain.reader, hub),
      chain.reader.readContract({ ...house, functionName: "maxArrayAge" }),
      chainTime(chain),
    ]);
    const stale = now - (maxArrayAge * 3n) / 4n;
    const since = stale > lastObservedAt ? stale : lastObservedAt;
    return unlessRefused(["EpochTooEarly", "NothingListed"], () => beginSince(context, since));
  });
}

async function beginSince(context: Context, since: bigint): Promise<BegunEpoch> {
  const { chain, clearing } = clearingSite(context);
  const { riskArrays } = clearing;
  const newest = async (): Promise<bigint | undefined> => {
    const { latest } = await readEpochNumbers(chain.reader, { riskArrays });
    if (latest === 0n) return undefined;
    const { time } = await readEpoch(chain.reader, { riskArrays, number: latest });
    return time >= since ? latest : undefined;
  };
  const client = chain.signer(context.accounts.relayer, await newestBlock(chain));
  const known = await newest();
  if (known !== undefined) return { number: known };
  try {
    const { gasUsed, logs, blockNumber: fromBlock } = await beginEpoch(client, { riskArrays });
    const [begun] = parseEventLogs({ abi: riskArraysAbi, eventName: "EpochBegun", logs: [...logs] });
    const number = begun?.args.epoch ?? 0n;
    return { number, gasUsed, halted: await readHaltedArrays(chain.reader, { riskArrays, number, fromBlock }) };
  } catch (error) {
    const other = error instanceof CallReverted && error.reason === "EpochTooEarly" ? await newest() : undefined;
    if (other !== undefined) return { number: other };
    throw error;
  }
}
