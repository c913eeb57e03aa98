import { randomUUID } from "node:crypto";
import { type Address, encodeAbiParameters, type Hash, type Hex, hexToBigInt, keccak256, zeroAddress } from "viem";
import type { LocalAccount } from "viem/accounts";
import type { DecidedAt } from "../chains/chain.ts";
import type { Database, Queries } from "../database/database.ts";
import { DEFAULT_FEE_POLICY, type FeePolicy, firstFees } from "./fees.ts";
import { endLease, SignerHeld, takeLease } from "./lease.ts";
import { type Attempt, type Content, findByHash, findOpenIntent, readAttempts, writeTransaction } from "./ledger.ts";
import type { SubmitterNode } from "./node.ts";
import { FILLING_GAS, openTransactions, type SubmitterEvent } from "./openTransactions.ts";

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
  /** {ms} a nonce is used in a state that counts for so long, by no transaction of its own, until it is said to be used elsewhere */
  readonly displacedAfterMs?: number;
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
const DEFAULT_DISPLACED_MS = 10_000;
/** where nothing is open, only a deep reorganisation could be seen: one look instead of so many */
const IDLE = 5;

/** Starts the submitter of an account. It takes the lease when it can, and finishes what the ledger holds open. */
export function startSubmitter(parameters: SubmitterParameters): Submitter {
  const { database, chainId, account, node, onEvent = () => undefined } = parameters;
  const { fees: policy = DEFAULT_FEE_POLICY, leaseMs = DEFAULT_LEASE_MS, lookEveryMs = DEFAULT_LOOK_MS } = parameters;
  const { unpayableAfterMs = DEFAULT_UNPAYABLE_MS, displacedAfterMs = DEFAULT_DISPLACED_MS } = parameters;
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

  const limits = { unpayableAfterMs, displacedAfterMs };
  const open = openTransactions({ database, chainId, account, node, policy, ...limits, lock, onEvent });

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
      const attempt = await open.sign(within, { ...content, nonce }, firstFees(market, policy), false);
      return { known: undefined, nonce, attempt };
    });
    if (known !== undefined) return known;
    await open.broadcast(written.nonce as bigint, written.attempt as Attempt);
    return (written.attempt as Attempt).hash;
  };

  const look = async (): Promise<number> =>
    (await takeLease(database, signer, holder, leaseMs)) === undefined ? 1 : open.look();

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
      await endLease(database, signer, holder).catch(() => undefined); // it ends by itself
    },
  };
}

/** `Math.max` of nonces. */
function laterOf(one: bigint, other: bigint): bigint {
  if (one > other) return one;
  return other;
}

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
