import { setTimeout as pause } from "node:timers/promises";
import { type Address, type Hash, type Hex, keccak256, parseTransaction } from "viem";
import type { SubmitterNode } from "../../relayer/src/transactions/node.ts";

/** What a simulated chain is like. */
export type ChainFigures = {
  /** {ms} until an endpoint answers */
  readonly latencyMs: number;
  /** {ms} between two blocks */
  readonly blockMs: number;
  /** of the relayer's transactions that a block takes at most */
  readonly perBlock: number;
  /** {blocks} until one counts, its own included */
  readonly finality: number;
};

/** A chain that takes one account's transactions in the order of their nonces, so many a block. Nothing of it is executed. */
export type SimulatedChain = {
  readonly node: SubmitterNode;
  /** one question answered after the latency */
  readonly ask: () => Promise<void>;
  /** questions so far */
  readonly questions: () => number;
  readonly stop: () => void;
};

export function simulateChain({ latencyMs, blockMs, perBlock, finality }: ChainFigures): SimulatedChain {
  const waiting = new Map<number, Hash>();
  const mined = new Map<Hash, { blockNumber: bigint; blockHash: Hash }>();
  let height = 1n;
  let nonce = 0;
  const countAt = new Map<bigint, number>([[height, 0]]);
  let questions = 0;
  const timer = setInterval(() => {
    height += 1n;
    const blockHash = keccak256(`0x${height.toString(16).padStart(64, "0")}`);
    for (let taken = 0; taken < perBlock && waiting.has(nonce); taken++, nonce++) {
      mined.set(waiting.get(nonce) as Hash, { blockNumber: height, blockHash });
      waiting.delete(nonce);
    }
    countAt.set(height, nonce);
  }, blockMs);
  const ask = async (count = 1): Promise<void> => {
    questions += count;
    await pause(latencyMs * count);
  };
  const finalHeight = (): bigint => height - BigInt(finality) + 1n;
  return {
    ask: () => ask(),
    questions: () => questions,
    stop: () => clearInterval(timer),
    node: {
      marketFees: async () => {
        await ask(); // both of its questions at once
        questions += 1;
        return { maxFeePerGas: 10n ** 9n, maxPriorityFeePerGas: 10n ** 8n };
      },
      countLatest: async (_: Address) => {
        await ask();
        return BigInt(nonce);
      },
      countFinal: async (_: Address) => {
        await ask(2);
        return BigInt(countAt.get(finalHeight()) ?? 0);
      },
      broadcast: async (raw: Hex) => {
        await ask();
        const transaction = parseTransaction(raw);
        const own = transaction.nonce ?? 0;
        if (own >= nonce) waiting.set(own, keccak256(raw));
        return undefined;
      },
      findMined: async (hashes) => {
        for (const hash of hashes) {
          const found = mined.get(hash);
          await ask(found === undefined ? 1 : 2); // the receipt, then whether its block is canonical
          if (found !== undefined) return { hash, ...found };
        }
        return undefined;
      },
      holds: async () => {
        await ask();
        return true; // it never goes back
      },
      finalBlock: async () => {
        await ask();
        return finalHeight();
      },
      receipt: async (hash) => {
        await ask(2);
        return mined.get(hash) === undefined ? undefined : { transactionHash: hash, status: "0x1" };
      },
    },
  };
}
