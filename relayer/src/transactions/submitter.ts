import { randomUUID } from "node:crypto";
import { type Address, encodeAbiParameters, type Hash, type Hex, hexToBigInt, keccak256, zeroAddress } from "viem";
import type { LocalAccount } from "viem/accounts";
import type { DecidedAt } from "../chains/chain.ts";
import type { Database, Queries } from "../database/database.ts";
import { fewAtOnce } from "../fewAtOnce.ts";
import { DEFAULT_FEE_POLICY, escalatedFees, type FeePolicy, type Fees, firstFees } from "./fees.ts";
import { endLease, SignerHeld, takeLease } from "./lease.ts";
import {
  type Attempt,
  type Content,
  findByHash,
  findOpenIntent,
  markBroadcast,
  readAttempts,
  readOpen,
  reopenFrom,
  type WrittenTransaction,
  writeAttempt,
  writeFilling,
  writeState,
  writeTransaction,
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

export type SubmitterParameters = {
  readonly database: Database;
  readonly chainId: number;
  readonly account: LocalAccount;
  readonly node: SubmitterNode;
  readonly fees?: FeePolicy;
  /** {ms} a lease runs for so long without its holder's word */
  readonly leaseMs?: number;
  /** {ms} between two looks at what is open */
  readonly lookEveryMs?: number;
  /** {ms} a transaction that the account cannot pay for keeps its nonce for so long: what it was estimated at may have been made up */
  readonly unpayableAfterMs?: number;
  readonly onEvent?: (event: SubmitterEvent) => void;
};

/** The only one that sends for an account of a chain. Whatever it signs is in the database before it is anywhere else. */
export type Submitter = {
  readonly address: Address;
  /**
   * Signs and broadcasts a transaction with the next nonce. One that does the same and is still open is not written again:
   * its hash is returned; but where it was in the state of the block that the sender has decided on, another one is meant. Refused with
   * {@link SignerHeld} while another relayer has the lease.
   */
  readonly submit: (content: Content, decidedAt?: DecidedAt) => Promise<Hash>;
  /**
   * Where a transaction ended, by any hash signed for it; nothing while it is open. Read from the chain again.
   * @param enough `mined`: also where it is in the chain and does not count yet; it stays open, and is followed until it does
   */
  readonly outcome: (hash: Hash, enough?: "final" | "mined") => Promise<{ readonly receipt: object } | undefined>;
  /** waits until nothing is open: what an earlier process sent counts before anything new is decided */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The nonce of a transaction was used by something that was signed elsewhere. */
export class TransactionDisplaced extends Error {
  override name = "TransactionDisplaced";
  readonly retry = true;
  constructor(hash: Hash) {
    super(
      `${hash} can no longer be mined: its nonce was used by a transaction signed elsewhere; keep the key in one relayer`,
    );
  }
}

/** Nodes refused a transaction, and its nonce was used by a transfer of nothing. */
export class TransactionGivenUp extends Error {
  override name = "TransactionGivenUp";
  readonly retry = true;
  constructor(hash: Hash) {
    super(`${hash} was refused by the chain's nodes and given up; the step reads the chain and decides again`);
  }
}

const DEFAULT_LEASE_MS = 30_000;
const DEFAULT_LOOK_MS = 1_000;
const DEFAULT_UNPAYABLE_MS = 300_000;
/** {ms} a transaction that is not in a block is broadcast again: nodes forget */
const BROADCAST_AGAIN_MS = 15_000;
/** where nothing is open, only a deep reorganisation could be seen: one look instead of so many */
const IDLE = 5;
/** {gas} of a transfer of nothing to oneself */
const FILLING_GAS = 21_000n;

/** Starts the submitter of an account. It takes the lease when it can, and finishes what the ledger holds open. */
export function startSubmitter(parameters: SubmitterParameters): Submitter {
  const { database, chainId, account, node, onEvent = () => undefined } = parameters;
  const { fees: policy = DEFAULT_FEE_POLICY, leaseMs = DEFAULT_LEASE_MS, lookEveryMs = DEFAULT_LOOK_MS } = parameters;
  const { unpayableAfterMs = DEFAULT_UNPAYABLE_MS } = parameters;
  const { address } = account;
  const signer = { chainId, address };
  const holder = randomUUID();
  let closed = false;

  /** Within a transaction: nobody else signs for the account until it ends, and for the lease after it. */
  const lock = async (within: Queries): Promise<{ readonly nextNonce: bigint }> => {
    const taken = await takeLease(within, signer, holder, leaseMs);
    if (taken === undefined) throw new SignerHeld(signer);
    return taken;
  };

  const write = async (within: Queries, content: Content & { nonce: bigint }, fees: Fees, fills: boolean) => {
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

  /**
   * The nonce of an open transaction that does the same and that the sender knew of: its block is not above that of the decision,
   * and both are in the chain. A chain that has gone back behind either has shown the sender a state without it.
   */
  const knownDone = async (intent: Hex, decidedAt: DecidedAt | undefined): Promise<bigint | undefined> => {
    if (decidedAt === undefined) return undefined;
    const same = await findOpenIntent(database, signer, intent);
    if (same === undefined) return undefined;
    const attempts = await readAttempts(database, signer, same.nonce);
    const mined = await node.findMined(attempts.map(({ hash }) => hash));
    if (mined === undefined || mined.blockNumber > decidedAt.number) return undefined;
    return (await node.holds(decidedAt)) ? same.nonce : undefined;
  };

  const submit = async (content: Content, decidedAt?: DecidedAt): Promise<Hash> => {
    const intent = intentOf(content);
    const [market, count, done] = await Promise.all([
      node.marketFees(),
      node.countLatest(address),
      knownDone(intent, decidedAt),
    ]);
    const { known, ...written } = await database.transaction(async (within) => {
      const { nextNonce } = await lock(within);
      const same = await findOpenIntent(within, signer, intent);
      if (same !== undefined && same.nonce !== done) return { known: same.hash };
      const nonce = laterOf(nextNonce, count);
      await writeTransaction(within, signer, { ...content, nonce, intent });
      const attempt = await write(within, { ...content, nonce }, firstFees(market, policy), false);
      return { known: undefined, nonce, attempt };
    });
    if (known !== undefined) return known;
    await broadcast(written.nonce as bigint, written.attempt as Attempt);
    return (written.attempt as Attempt).hash;
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
          return write(within, content, fees, filling);
        });
        onEvent({ event: filling ? "filled" : "escalated", nonce, hash: attempt.hash });
        return broadcast(nonce, attempt);
      }
    }
    if (newest !== undefined && (newest.broadcastAge ?? Number.POSITIVE_INFINITY) > BROADCAST_AGAIN_MS)
      await broadcast(nonce, newest);
  };

  /** Reads where everything open stands, and moves it on. */
  const look = async (): Promise<number> => {
    if ((await takeLease(database, signer, holder, leaseMs)) === undefined) return 1;
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
        else if (nonce < (await node.countFinal(address))) {
          await writeState(database, signer, nonce, "displaced");
          onEvent({ event: "displaced", nonce });
          continue;
        }
        left += 1;
        continue;
      }
      unpayable.delete(nonce);
      const final = mined.blockNumber <= finalBlock;
      const fills = attempts.find(({ hash }) => hash === mined.hash)?.fills === true;
      await writeState(database, signer, nonce, final ? (fills ? "filled" : "final") : "mined", mined);
      if (final) onEvent({ event: "final", nonce, hash: mined.hash });
      else left += 1;
    }
    return left;
  };

  // One look at a time, whoever asks; a failed one is asked again.
  let looking: Promise<number> | undefined;
  const lookOnce = (): Promise<number> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  let timer: NodeJS.Timeout | undefined;
  const keepLooking = (afterMs = lookEveryMs): void => {
    timer = setTimeout(() => {
      // what a look could not do the next one does, and who waits for an outcome sees the failure itself
      void lookOnce()
        .catch((error: unknown) => {
          onEvent({ event: "lookFailed", reason: String(error) });
          return 1;
        })
        .then((left) => (closed ? undefined : keepLooking(left === 0 ? IDLE * lookEveryMs : lookEveryMs)));
    }, afterMs);
  };
  keepLooking();

  return {
    address,
    submit,
    outcome: async (hash, enough = "final") => {
      await lookOnce();
      const transaction = await findByHash(database, signer, hash);
      if (transaction?.state === "displaced") throw new TransactionDisplaced(hash);
      if (transaction?.state === "filled") throw new TransactionGivenUp(hash);
      if (transaction?.minedHash === undefined) return undefined;
      // what was given up may be a transfer of nothing: that is known once it counts
      const isEnough = enough === "mined" && transaction.state === "mined" && !transaction.filling;
      if (transaction.state !== "final" && !isEnough) return undefined;
      const receipt = await node.receipt(transaction.minedHash);
      return receipt === undefined ? undefined : { receipt };
    },
    settled: async () => {
      // a chain that does not answer now has not settled yet
      while (!closed && (await lookOnce().catch(() => 1)) > 0)
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await looking?.catch(() => undefined);
      await endLease(database, signer, holder);
    },
  };
}

/** `Math.max` of nonces. */
function laterOf(one: bigint, other: bigint): bigint {
  if (one > other) return one;
  return other;
}

const envelope = ({ nonce, to, data, value, gas }: Content & { nonce: bigint }) => ({
  nonce: Number(nonce),
  ...(to === undefined ? {} : { to }),
  data,
  value,
  gas,
});

/** What a transaction does, whatever its nonce, gas and fees. */
const intentOf = ({ to = zeroAddress, data, value }: Content): Hex =>
  keccak256(encodeAbiParameters([{ type: "address" }, { type: "uint256" }, { type: "bytes" }], [to, value, data]));

/** The content of an `eth_sendTransaction` request. */
export const contentOf = (request: { to?: Address; data?: Hex; value?: Hex; gas?: Hex }): Content => ({
  to: request.to,
  data: request.data ?? "0x",
  value: request.value === undefined ? 0n : hexToBigInt(request.value),
  gas: request.gas === undefined ? FILLING_GAS : hexToBigInt(request.gas),
});
