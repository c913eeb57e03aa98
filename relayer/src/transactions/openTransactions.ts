import { type Hash, keccak256 } from "viem";
import type { LocalAccount } from "viem/accounts";
import type { Database, Queries } from "../database/database.ts";
import { fewAtOnce } from "../fewAtOnce.ts";
import { escalatedFees, type FeePolicy, type Fees, firstFees } from "./fees.ts";
import {
  type Attempt,
  type Content,
  markBroadcast,
  readAttempts,
  readOpen,
  reopenFrom,
  type WrittenTransaction,
  writeAttempt,
  writeFilling,
  writeState,
} from "./ledger.ts";
import type { SubmitterNode } from "./node.ts";

/** What a submitter says while it works. */
export type SubmitterEvent = {
  readonly event:
    | "lookFailed"
    | "broadcast"
    | "escalated"
    | "atCap"
    | "reorganised"
    | "refused"
    | "filled"
    | "final"
    | "displaced";
  readonly nonce?: bigint;
  readonly hash?: Hash;
  readonly reason?: string;
};

export type OpenParameters = {
  readonly database: Database;
  readonly chainId: number;
  readonly account: LocalAccount;
  readonly node: SubmitterNode;
  readonly policy: FeePolicy;
  readonly unpayableAfterMs: number;
  readonly displacedAfterMs: number;
  /** within a transaction: nobody else signs for the account until it ends */
  readonly lock: (within: Queries) => Promise<unknown>;
  readonly onEvent: (event: SubmitterEvent) => void;
};

/** What an account has written down and does not count yet. */
export type OpenTransactions = {
  /** Signs an attempt at a nonce, and writes it down within a transaction that has the lock. */
  readonly sign: (
    within: Queries,
    content: Content & { nonce: bigint },
    fees: Fees,
    fills: boolean,
  ) => Promise<Pick<Attempt, "hash" | "raw">>;
  readonly broadcast: (nonce: bigint, attempt: Pick<Attempt, "hash" | "raw">) => Promise<void>;
  /** Reads where everything open stands, and moves it on: how many are left. */
  readonly look: () => Promise<number>;
};

/** {ms} a transaction that is not in a block is broadcast again: nodes forget */
const BROADCAST_AGAIN_MS = 15_000;
/** {gas} of a transfer of nothing to oneself */
export const FILLING_GAS = 21_000n;

/** Follows an account's open transactions: broadcast again, offered more for, or their nonces used up, until each counts. */
export function openTransactions(parameters: OpenParameters): OpenTransactions {
  const { database, chainId, account, node, policy, unpayableAfterMs, displacedAfterMs, lock, onEvent } = parameters;
  const { address } = account;
  const signer = { chainId, address };

  const sign: OpenTransactions["sign"] = async (within, content, fees, fills) => {
    const raw = await account.signTransaction({ type: "eip1559", chainId, ...envelope(content), ...fees });
    const hash = keccak256(raw);
    await writeAttempt(within, signer, { nonce: content.nonce, hash, raw, fees, fills });
    return { hash, raw };
  };

  /** since when a quorum has said of a nonce's transactions, without a break, that they cannot be paid for */
  const unpayable = new Map<bigint, number>();

  const broadcast = async (nonce: bigint, { hash, raw }: Pick<Attempt, "hash" | "raw">): Promise<void> => {
    const refusal = await node.broadcast(raw);
    await markBroadcast(database, hash);
    if (refusal === undefined) onEvent({ event: "broadcast", nonce, hash });
    else onEvent({ event: "refused", nonce, hash, reason: refusal.message });
    if (refusal?.unpayable !== true) unpayable.delete(nonce);
    else if (!unpayable.has(nonce)) unpayable.set(nonce, performance.now());
    if (refusal?.hopeless === true || (await isLeft(nonce))) await writeFilling(database, signer, nonce);
  };

  /** Whether it could not be paid for long enough, nor does any node have what was signed before, with lower fees: asked by sending that again. */
  const isLeft = async (nonce: bigint): Promise<boolean> => {
    if (performance.now() - (unpayable.get(nonce) ?? Number.POSITIVE_INFINITY) < unpayableAfterMs) return false;
    for (const { raw } of await readAttempts(database, signer, nonce)) {
      const refusal = await node.broadcast(raw);
      if (refusal?.unpayable === true || refusal?.hopeless === true) continue;
      unpayable.delete(nonce);
      return false;
    }
    return true;
  };

  /** One transaction that no block holds: broadcast again, offered more for, or its nonce used up. */
  const push = async (transaction: WrittenTransaction, attempts: readonly Attempt[]): Promise<void> => {
    const { nonce, filling } = transaction;
    const [newest] = attempts;
    const content = filling
      ? { nonce, to: address, data: "0x" as const, value: 0n, gas: FILLING_GAS }
      : { ...transaction };
    const firstFill = filling && newest?.fills === false;
    if (newest === undefined || firstFill || newest.age > policy.escalateAfterMs) {
      const market = await node.marketFees();
      // what a quorum refused no node has to be outbid for
      const first = newest === undefined || firstFill;
      const fees = first ? firstFees(market, policy) : escalatedFees(newest.fees, market, policy);
      if (fees === undefined) onEvent({ event: "atCap", nonce });
      else {
        const attempt = await database.transaction(async (within) => {
          await lock(within);
          return sign(within, content, fees, filling);
        });
        onEvent({ event: filling ? "filled" : "escalated", nonce, hash: attempt.hash });
        return broadcast(nonce, attempt);
      }
    }
    if (newest !== undefined && (newest.broadcastAge ?? Number.POSITIVE_INFINITY) > BROADCAST_AGAIN_MS)
      await broadcast(nonce, newest);
  };

  /** since when, at each look and at the last one when, a nonce counted as used and none of its transactions was in the chain */
  const usedElsewhere = new Map<bigint, { readonly since: number; readonly seen: number }>();

  /** Whether something else has used a nonce. Not at once: a node may have a block's state before it has its receipts, or another's behind one address. */
  const isDisplaced = async (nonce: bigint, count: bigint): Promise<boolean> => {
    if (nonce >= count || nonce >= (await node.countFinal(address))) {
      usedElsewhere.delete(nonce);
      return false;
    }
    const now = performance.now();
    const known = usedElsewhere.get(nonce);
    const since = known !== undefined && now - known.seen < displacedAfterMs ? known.since : now;
    usedElsewhere.set(nonce, { since, seen: now });
    return now - since >= displacedAfterMs;
  };

  /** Reads where everything open stands, and moves it on. */
  const look = async (): Promise<number> => {
    const count = await node.countLatest(address);
    const reopened = await database.transaction((within) => reopenFrom(within, signer, count));
    for (const nonce of reopened) onEvent({ event: "reorganised", nonce });
    const open = await readOpen(database, signer);
    if (open.length === 0) return 0;
    const finalBlock = await node.finalBlock();
    const seen = await fewAtOnce(open, async (transaction) => {
      const attempts = await readAttempts(database, signer, transaction.nonce);
      return { transaction, attempts, mined: await node.findMined(attempts.map(({ hash }) => hash)) };
    });
    let left = 0;
    for (const { transaction, attempts, mined } of seen) {
      const { nonce } = transaction;
      if (mined === undefined) {
        if (nonce >= count) await push(transaction, attempts);
        if (await isDisplaced(nonce, count)) {
          usedElsewhere.delete(nonce);
          await writeState(database, signer, nonce, "displaced");
          onEvent({ event: "displaced", nonce });
        } else left += 1;
        continue;
      }
      unpayable.delete(nonce);
      usedElsewhere.delete(nonce);
      const final = mined.blockNumber <= finalBlock;
      const fills = attempts.find(({ hash }) => hash === mined.hash)?.fills === true;
      await writeState(database, signer, nonce, final ? (fills ? "filled" : "final") : "mined", mined);
      if (final) onEvent({ event: "final", nonce, hash: mined.hash });
      else left += 1;
    }
    return left;
  };

  return { sign, broadcast, look };
}

const envelope = ({ nonce, to, data, value, gas }: Content & { nonce: bigint }) => ({
  nonce: Number(nonce),
  ...(to === undefined ? {} : { to }),
  data,
  value,
  gas,
});
