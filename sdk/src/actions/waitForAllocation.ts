import { type Client, getAbiItem, type Hash } from "viem";
import { getBlockNumber, getLogs } from "viem/actions";
import { parityVaultAbi } from "./abi/parityVault.ts";
import { type LogRangeParameters, logRangesBack } from "./logRanges.ts";
import { looks, type PollingParameters, unlessAborted } from "./polling.ts";
import { readAllocation, type VaultAllocation, type VaultParameters } from "./readVault.ts";

/** Whose allocation, and what counts as new. */
export type WaitForAllocationParameters = VaultParameters &
  PollingParameters &
  LogRangeParameters & {
    /** index that is known: an allocation of a later one is yielded at once; only what comes from now on when left out */
    readonly after?: bigint | undefined;
  };

/** An allocation a vault has come to follow. */
export type NewAllocation = VaultAllocation & {
  /** the transaction that proved it; nothing where it came before the waiting began, or the node does not show it */
  readonly transaction?: { readonly hash: Hash; readonly blockNumber: bigint };
};

/**
 * Yields what a vault follows each time that changes: a newer risk state, a newer mandate, or a better proof of the same; or
 * what it followed before, where a reorg took an allocation back. The state is polled, so no lost event is missed; of two
 * changes between two looks the later one is yielded. The vault's event tells the transaction. Does not end by itself; where the
 * node gives no answer, however often the client's transport asks, it throws, and another one goes on from what is known by `after`:
 *
 * ```ts
 * for await (const { index, weights } of waitForAllocation(client, { vault, signal: AbortSignal.timeout(60_000) })) break;
 * ```
 */
export async function* waitForAllocation(
  client: Client,
  parameters: WaitForAllocationParameters,
): AsyncGenerator<NewAllocation, void, undefined> {
  const { vault, after, signal } = parameters;
  let known: VaultAllocation | undefined;
  let fromBlock: bigint | undefined;
  let lookedAgain = false;
  for await (const _ of looks(client, parameters)) {
    // the number first: what is proven in between is then in a block that the next look searches
    const blockNumber = await unlessAborted(getBlockNumber(client, { cacheTime: 0 }), signal);
    const current = await unlessAborted(readAllocation(client, { vault }), signal);
    const isNew = known === undefined ? after !== undefined && current.index > after : !same(known, current);
    if (isNew) {
      const transaction =
        fromBlock === undefined
          ? undefined
          : await unlessAborted(transactionOf(client, parameters, current, fromBlock), signal);
      // a node can show a block's state before its logs, and a reorg's state has none: one more look tells them apart
      if (fromBlock !== undefined && transaction === undefined && !lookedAgain) {
        lookedAgain = true;
        continue;
      }
      yield { ...current, ...(transaction === undefined ? {} : { transaction }) };
    }
    known = current;
    fromBlock = blockNumber;
    lookedAgain = false;
  }
}

const same = (one: VaultAllocation, other: VaultAllocation): boolean =>
  one.index === other.index &&
  one.mandateVersion === other.mandateVersion &&
  one.portfolioVolatility === other.portfolioVolatility &&
  one.exposure === other.exposure &&
  one.weights.every((weight, lane) => weight === other.weights[lane]);

/** The newest transaction since a block that gave the vault this allocation. */
async function transactionOf(
  client: Client,
  { vault: address, logRange }: VaultParameters & LogRangeParameters,
  { index, mandateVersion }: VaultAllocation,
  fromBlock: bigint,
): Promise<NewAllocation["transaction"]> {
  const event = getAbiItem({ abi: parityVaultAbi, name: "Allocated" });
  const args = { index, mandateVersion: BigInt(mandateVersion) };
  const head = await getBlockNumber(client, { cacheTime: 0 });
  for (const range of logRangesBack(fromBlock, head, logRange)) {
    const log = (await getLogs(client, { address, event, args, ...range })).at(-1);
    if (log !== undefined) return { hash: log.transactionHash, blockNumber: log.blockNumber };
  }
  return undefined;
}
