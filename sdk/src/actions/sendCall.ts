import type { Account, Address, Chain, Client, Hash, Hex, Log, TransactionReceipt, Transport } from "viem";
import { numberToHex, TransactionReceiptNotFoundError } from "viem";
import { getTransactionReceipt, sendTransaction, call as simulate } from "viem/actions";
import { CallReverted, revertDataOf } from "./callReverted.ts";
import type { ContractCall } from "./contractCall.ts";

/** What a mined transaction did. */
export type Sent = {
  readonly hash: Hash;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  /** {gas} with calldata and the transaction's base */
  readonly gasUsed: bigint;
  readonly logs: readonly Log<bigint, number, false>[];
};

/** A transaction was sent and its receipt has not come. It may still be mined: look before sending again. */
export class ReceiptNotSeen extends Error {
  override name = "ReceiptNotSeen";
  readonly hash: Hash;
  constructor(hash: Hash, limitMs: number) {
    super(
      `no receipt for ${hash} within ${limitMs} ms; it may still be mined: read the chain's state before sending again`,
    );
    this.hash = hash;
  }
}

const RECEIPT_LIMIT_MS = 180_000;
/** Gas above the estimate, rounded up: state may move between the estimate and the block. */
const GAS_HEADROOM = { numerator: 5n, denominator: 4n } as const;

/** A client that can sign on a known chain. */
export type WritingClient = Client<Transport, Chain, Account>;

/**
 * Simulates a call on the pending block, sends it, and waits until it is mined.
 *
 * Errors: {@link CallReverted} before anything is sent, or when the block's state refused what the simulation had
 * allowed (a lost race); {@link ReceiptNotSeen}.
 */
export async function sendCall(client: WritingClient, call: ContractCall): Promise<Sent> {
  const { address: to, data, value, moreGas = 0n } = call;
  const gas = moreGas + (await named(call, () => gasOf(client, { to, data, value })));
  const hash = await named(call, () =>
    sendTransaction(client, {
      account: client.account,
      chain: client.chain,
      to,
      data,
      value,
      gas,
    }),
  );
  const receipt = await receiptOf(client, hash);
  if (receipt.status === "reverted") {
    const { blockNumber } = receipt;
    await named(call, () => simulate(client, { account: client.account, to, data, value, blockNumber }));
    throw new CallReverted(call, undefined);
  }
  const { blockHash, blockNumber, gasUsed, logs } = receipt;
  return { hash, blockNumber, blockHash, gasUsed, logs };
}

/**
 * {gas} to give a transaction, estimated on the pending block so that it sees the next block's time. Asked of the node
 * directly: viem's own estimate lets nodes that can fill transactions choose the block.
 */
export async function gasOf(
  client: WritingClient,
  { to, data, value }: { readonly to?: Address; readonly data: Hex; readonly value: bigint },
): Promise<bigint> {
  const from = client.account.address;
  const transaction = { from, data, value: numberToHex(value), ...(to === undefined ? {} : { to }) };
  const gas = BigInt(await client.request({ method: "eth_estimateGas", params: [transaction, "pending"] }));
  return (gas * GAS_HEADROOM.numerator + GAS_HEADROOM.denominator - 1n) / GAS_HEADROOM.denominator;
}

async function named<result>(call: ContractCall, request: () => Promise<result>): Promise<result> {
  try {
    return await request();
  } catch (error) {
    const data = revertDataOf(error);
    if (data === undefined) throw error;
    throw new CallReverted(call, data === "none" ? undefined : data, { cause: error });
  }
}

/** The receipt of a transaction, once it is in a block. */
export async function receiptOf(
  client: Client,
  hash: Hash,
  limitMs: number = RECEIPT_LIMIT_MS,
): Promise<TransactionReceipt> {
  for (let waited = 0; waited <= limitMs; waited += client.pollingInterval) {
    try {
      return await getTransactionReceipt(client, { hash });
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, client.pollingInterval));
  }
  throw new ReceiptNotSeen(hash, limitMs);
}
