import { type Address, type Hash, type Hex, hexToBigInt, numberToHex, type PublicClient, RpcRequestError } from "viem";
import type { DecidedAt } from "../chains/chain.ts";
import { isHopeless, isThereAlready, isUnpayable } from "../rpc/refusal.ts";
import { type Fees, marketFees } from "./fees.ts";
import type { MinedAt } from "./ledger.ts";

/** When a block counts: after so many blocks (its own is the first), or when the chain itself says so. */
export type Finality = number | "safe" | "finalized";

/** A node did not take a transaction. */
export type Refusal = {
  readonly message: string;
  /** no node will ever take it, whatever is offered and however long one waits */
  readonly hopeless: boolean;
  /** the account has less than it may cost */
  readonly unpayable: boolean;
};

/** What a submitter asks of its chain. */
export type SubmitterNode = {
  readonly marketFees: () => Promise<Fees>;
  /** transactions of an account in the newest block's state */
  readonly countLatest: (address: Address) => Promise<bigint>;
  /** those in the state that counts */
  readonly countFinal: (address: Address) => Promise<bigint>;
  readonly broadcast: (raw: Hex) => Promise<Refusal | undefined>;
  /** which of some hashes the canonical chain holds */
  readonly findMined: (hashes: readonly Hash[]) => Promise<MinedAt | undefined>;
  /** the newest block that counts; below zero on a chain that is younger than its finality */
  readonly finalBlock: () => Promise<bigint>;
  /** whether a block is at its height in the chain */
  readonly holds: (block: DecidedAt) => Promise<boolean>;
  /** as the node writes it, re-fetched; nothing where its block is not canonical */
  readonly receipt: (hash: Hash) => Promise<object | undefined>;
};

type RawReceipt = { readonly transactionHash: Hash; readonly blockHash: Hash; readonly blockNumber: Hex };

/** A submitter's questions, asked through a client. */
export function submitterNode(reader: PublicClient, finality: Finality): SubmitterNode {
  const holds = async ({ number, hash }: DecidedAt): Promise<boolean> => {
    const block = await reader.request({ method: "eth_getBlockByNumber", params: [numberToHex(number), false] });
    return block?.hash === hash;
  };
  const receipt = async (hash: Hash): Promise<RawReceipt | undefined> => {
    const found = (await reader.request({ method: "eth_getTransactionReceipt", params: [hash] })) as RawReceipt | null;
    if (found === null) return undefined;
    return (await holds({ number: hexToBigInt(found.blockNumber), hash: found.blockHash })) ? found : undefined;
  };
  const finalBlock = async (): Promise<bigint> =>
    typeof finality === "number"
      ? (await reader.getBlockNumber()) - BigInt(finality) + 1n
      : (await reader.getBlock({ blockTag: finality })).number;
  return {
    holds,
    receipt,
    marketFees: async () => {
      const [{ baseFeePerGas }, priorityFee] = await Promise.all([
        reader.getBlock(),
        reader.estimateMaxPriorityFeePerGas(),
      ]);
      return marketFees(baseFeePerGas ?? 0n, priorityFee > 0n ? priorityFee : 1n);
    },
    countLatest: async (address) => BigInt(await reader.getTransactionCount({ address, blockTag: "latest" })),
    countFinal: async (address) => {
      const blockNumber = await finalBlock();
      return blockNumber < 0n ? 0n : BigInt(await reader.getTransactionCount({ address, blockNumber }));
    },
    broadcast: async (raw) => {
      try {
        await reader.request({ method: "eth_sendRawTransaction", params: [raw] });
        return undefined;
      } catch (error) {
        const said = answerOf(error);
        if (said === undefined) throw error;
        if (isThereAlready(said)) return undefined;
        return { message: said, hopeless: isHopeless(said), unpayable: isUnpayable(said) };
      }
    },
    findMined: async (hashes) => {
      for (const hash of hashes) {
        const found = await receipt(hash);
        if (found !== undefined)
          return { hash, blockHash: found.blockHash, blockNumber: hexToBigInt(found.blockNumber) };
      }
      return undefined;
    },
    finalBlock,
  };
}

/** What a node answered; nothing where there was no answer. */
function answerOf(error: unknown): string | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RpcRequestError) return cause.details || cause.message;
  }
  return undefined;
}
