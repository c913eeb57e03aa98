import { numberToHex } from "viem";
import type { Chain, DecidedAt } from "./chain.ts";

/** A local chain was asked to go back in time. */
export class TimeRunsForward extends Error {
  override name = "TimeRunsForward";
  constructor(chainId: number, time: bigint, latest: bigint) {
    super(`chain ${chainId} is at ${latest} s and cannot go back to ${time} s; start a new chain for an earlier time`);
  }
}

/** {s} timestamp of the newest block. */
export async function chainTime(chain: Chain): Promise<bigint> {
  return (await chain.reader.getBlock()).timestamp;
}

/** The newest block: asked for before what a step decides on. */
export async function newestBlock(chain: Chain): Promise<DecidedAt> {
  const { number, hash } = await chain.reader.getBlock();
  return { number, hash };
}

type LocalMethod = {
  Method: "evm_setNextBlockTimestamp" | "anvil_mine" | "anvil_reorg";
  Parameters: unknown[];
  ReturnType: unknown;
};
const askLocal = (chain: Chain, method: LocalMethod["Method"], parameters: unknown[]): Promise<unknown> =>
  chain.reader.request<LocalMethod>({ method, params: parameters });

/**
 * Local chains only: gives the next block this time. Calls against the pending block see it too.
 * Equal to the newest block's time is allowed, so several transactions can share a second.
 */
export async function setNextBlockTime(chain: Chain, time: bigint): Promise<void> {
  const latest = await chainTime(chain);
  if (time < latest) throw new TimeRunsForward(chain.chainId, time, latest);
  await askLocal(chain, "evm_setNextBlockTimestamp", [numberToHex(time)]);
}

/** Local chains only: one empty block at this time, so that the newest block carries it. */
export async function advanceTime(chain: Chain, time: bigint): Promise<void> {
  await setNextBlockTime(chain, time);
  await mineBlocks(chain, 1);
}

/** Local chains only: empty blocks, each so many seconds after the one before; as the clock says when 0. */
export async function mineBlocks(chain: Chain, count: number, seconds = 0): Promise<void> {
  await askLocal(chain, "anvil_mine", [numberToHex(count), ...(seconds === 0 ? [] : [numberToHex(seconds)])]);
}

/** Local chains only: forgets the newest blocks and mines as many empty ones. */
export async function reorganise(chain: Chain, depth: number): Promise<void> {
  await askLocal(chain, "anvil_reorg", [depth, []]);
}
