import { beginEpoch, CallReverted, readEpoch, readEpochNumbers, riskArraysAbi } from "@equipoise/sdk/actions";
import { parseEventLogs } from "viem";
import { runStep } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";

export type BegunEpoch = {
  readonly number: bigint;
  /** nothing where the epoch had begun before */
  readonly gasUsed?: bigint;
};

/**
 * The newest epoch, if its facts are of `since` or later; else another one. So there is one for each observation, whoever
 * begins it.
 * @param since {s}
 */
export function beginEpochSince(context: Context, since: bigint): Promise<BegunEpoch> {
  return runStep("begin epoch", async () => {
    const { chain, clearing } = clearingSite(context);
    const { riskArrays } = clearing;
    const newest = async (): Promise<bigint | undefined> => {
      const { latest } = await readEpochNumbers(chain.reader, { riskArrays });
      if (latest === 0n) return undefined;
      const { time } = await readEpoch(chain.reader, { riskArrays, number: latest });
      return time >= since ? latest : undefined;
    };
    const known = await newest();
    if (known !== undefined) return { number: known };
    try {
      const { gasUsed, logs } = await beginEpoch(chain.signer(context.accounts.relayer), { riskArrays });
      const [begun] = parseEventLogs({ abi: riskArraysAbi, eventName: "EpochBegun", logs: [...logs] });
      return { number: begun?.args.epoch ?? 0n, gasUsed };
    } catch (error) {
      const other = error instanceof CallReverted && error.reason === "EpochTooEarly" ? await newest() : undefined;
      if (other !== undefined) return { number: other };
      throw error;
    }
  });
}
