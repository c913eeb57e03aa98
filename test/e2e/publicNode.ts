import type { Chain } from "@equipoise/relayer";
import { createPublicClient, custom, type Hex, hexToBigInt, type RpcLog } from "viem";

/** {blocks} that public endpoints answer one question for logs for */
const ALLOWED = 2_000n;

/** A chain's node as public endpoints are: logs of more blocks are refused. */
export type PublicNode = Chain & {
  /** {blocks} of each question for logs, in their order */
  readonly asked: bigint[];
};

/** @param change what it makes of its logs on their way: nothing when left out */
export function publicNode(chain: Chain, change: (logs: RpcLog[]) => RpcLog[] = (logs) => logs): PublicNode {
  const asked: bigint[] = [];
  const honest = chain.reader.request as (question: object) => Promise<unknown>;
  const request = async (question: { method: string; params?: unknown }): Promise<unknown> => {
    if (question.method !== "eth_getLogs") return honest(question);
    const [{ blockHash, fromBlock, toBlock }] = question.params as [
      { blockHash?: Hex; fromBlock?: Hex; toBlock?: Hex },
    ];
    const head = await chain.reader.getBlockNumber();
    const block = (name: string | undefined): bigint => (name?.startsWith("0x") ? hexToBigInt(name as Hex) : head);
    const blocks = blockHash === undefined ? block(toBlock) - block(fromBlock) + 1n : 1n;
    asked.push(blocks);
    if (blocks > ALLOWED) throw new Error(`${blocks} blocks are more than ${ALLOWED}`);
    return change((await honest(question)) as RpcLog[]);
  };
  const { chain: named, pollingInterval } = chain.reader;
  const transport = custom({ request }, { retryCount: 0 });
  return { ...chain, reader: createPublicClient({ chain: named, transport, pollingInterval, cacheTime: 0 }), asked };
}
