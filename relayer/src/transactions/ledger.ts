import type { Address, Hash, Hex } from "viem";
import { bytes, type Queries } from "../database/database.ts";
import type { Fees } from "./fees.ts";
import type { SignerKey } from "./lease.ts";

/** What a transaction does, without its nonce and fees. */
export type Content = {
  /** nothing for a deployment */
  readonly to: Address | undefined;
  readonly data: Hex;
  /** {wei} */
  readonly value: bigint;
  readonly gas: bigint;
};

export type TransactionState = "written" | "mined" | "final" | "filled" | "displaced";

/** What is to happen at a nonce. */
export type WrittenTransaction = Content & {
  readonly nonce: bigint;
  readonly state: TransactionState;
  /** its call was given up: whatever is signed now only uses the nonce up */
  readonly filling: boolean;
  readonly minedHash: Hash | undefined;
};

/** One signed transaction for a nonce. */
export type Attempt = {
  readonly hash: Hash;
  readonly raw: Hex;
  readonly fees: Fees;
  readonly fills: boolean;
  /** {ms} since it was written, by the database's clock */
  readonly age: number;
  /** {ms} since it was last broadcast; nothing when it never was */
  readonly broadcastAge: number | undefined;
};

type TransactionRow = {
  nonce: bigint;
  receiver: Address | null;
  data: Hex;
  value: bigint;
  gas: bigint;
  state: TransactionState;
  filling: boolean;
  mined_hash: Hash | null;
};
const TRANSACTION = "nonce, receiver, data, value, gas, state, filling, mined_hash";

const transactionOf = (row: TransactionRow): WrittenTransaction => ({
  nonce: row.nonce,
  to: row.receiver ?? undefined,
  data: row.data,
  value: row.value,
  gas: row.gas,
  state: row.state,
  filling: row.filling,
  minedHash: row.mined_hash ?? undefined,
});

const keyOf = ({ chainId, address }: SignerKey) => [chainId, bytes(address)] as const;

/** Transactions that can still change, the lowest nonce first. */
export async function readOpen({ query }: Queries, signer: SignerKey): Promise<WrittenTransaction[]> {
  const rows = await query<TransactionRow>(
    `SELECT ${TRANSACTION} FROM equipoise.transactions
     WHERE chain_id = $1 AND signer = $2 AND state IN ('written', 'mined') ORDER BY nonce`,
    keyOf(signer),
  );
  return rows.map(transactionOf);
}

/** The last open transaction that does the same, and the newest hash signed for it; nothing where there is none. */
export async function findOpenIntent(
  { query }: Queries,
  signer: SignerKey,
  intent: Hex,
): Promise<{ readonly nonce: bigint; readonly hash: Hash } | undefined> {
  const [row] = await query<{ nonce: bigint; hash: Hash }>(
    `SELECT nonce, a.hash FROM equipoise.transactions t JOIN equipoise.attempts a USING (chain_id, signer, nonce)
     WHERE chain_id = $1 AND signer = $2 AND t.intent = $3 AND t.state IN ('written', 'mined') AND NOT t.filling
     ORDER BY nonce DESC, a.written_at DESC LIMIT 1`,
    [...keyOf(signer), bytes(intent)],
  );
  return row;
}

/** The transaction a signed hash belongs to. */
export async function findByHash(
  { query }: Queries,
  signer: SignerKey,
  hash: Hash,
): Promise<WrittenTransaction | undefined> {
  const [row] = await query<TransactionRow>(
    `SELECT ${TRANSACTION} FROM equipoise.transactions t
     WHERE chain_id = $1 AND signer = $2
       AND nonce = (SELECT nonce FROM equipoise.attempts WHERE hash = $3 AND chain_id = $1 AND signer = $2)`,
    [...keyOf(signer), bytes(hash)],
  );
  return row === undefined ? undefined : transactionOf(row);
}

/** Writes what is to happen at a nonce, and that the next one is free. */
export async function writeTransaction(
  { query }: Queries,
  signer: SignerKey,
  { nonce, intent, to, data, value, gas }: Content & { readonly nonce: bigint; readonly intent: Hex },
): Promise<void> {
  const receiver = to === undefined ? null : bytes(to);
  await query(
    `INSERT INTO equipoise.transactions (chain_id, signer, nonce, intent, receiver, data, value, gas)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [...keyOf(signer), nonce, bytes(intent), receiver, bytes(data), value, gas],
  );
  await query(
    `UPDATE equipoise.signers SET next_nonce = greatest(coalesce(next_nonce, 0), $3)
     WHERE chain_id = $1 AND address = $2`,
    [...keyOf(signer), nonce + 1n],
  );
}

/** Signed transactions of a nonce, the newest first. */
export async function readAttempts({ query }: Queries, signer: SignerKey, nonce: bigint): Promise<Attempt[]> {
  const rows = await query<{
    hash: Hash;
    raw: Hex;
    max_fee: bigint;
    priority_fee: bigint;
    fills: boolean;
    age: number;
    broadcast_age: number | null;
  }>(
    `SELECT hash, raw, max_fee, priority_fee, fills,
       (extract(epoch FROM clock_timestamp() - written_at) * 1000)::double precision AS age,
       (extract(epoch FROM clock_timestamp() - broadcast_at) * 1000)::double precision AS broadcast_age
     FROM equipoise.attempts WHERE chain_id = $1 AND signer = $2 AND nonce = $3 ORDER BY written_at DESC, max_fee DESC`,
    [...keyOf(signer), nonce],
  );
  return rows.map((row) => ({
    hash: row.hash,
    raw: row.raw,
    fees: { maxFeePerGas: row.max_fee, maxPriorityFeePerGas: row.priority_fee },
    fills: row.fills,
    age: row.age,
    broadcastAge: row.broadcast_age ?? undefined,
  }));
}

/** Writes a signed transaction down. Only then may it be broadcast. */
export async function writeAttempt(
  { query }: Queries,
  signer: SignerKey,
  attempt: Pick<Attempt, "hash" | "raw" | "fees" | "fills"> & { readonly nonce: bigint },
): Promise<void> {
  const { nonce, hash, raw, fees, fills } = attempt;
  await query(
    `INSERT INTO equipoise.attempts (chain_id, signer, nonce, hash, raw, max_fee, priority_fee, fills, written_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())`,
    [...keyOf(signer), nonce, bytes(hash), bytes(raw), fees.maxFeePerGas, fees.maxPriorityFeePerGas, fills],
  );
}

export async function markBroadcast({ query }: Queries, hash: Hash): Promise<void> {
  await query("UPDATE equipoise.attempts SET broadcast_at = clock_timestamp() WHERE hash = $1", [bytes(hash)]);
}

/** Where a transaction is in the chain. */
export type MinedAt = { readonly hash: Hash; readonly blockHash: Hash; readonly blockNumber: bigint };

/** Writes what became of a transaction. */
export async function writeState(
  { query }: Queries,
  signer: SignerKey,
  nonce: bigint,
  state: TransactionState,
  mined?: MinedAt,
): Promise<void> {
  await query(
    `UPDATE equipoise.transactions SET state = $4, mined_hash = $5, block_hash = $6, block_number = $7
     WHERE chain_id = $1 AND signer = $2 AND nonce = $3`,
    [
      ...keyOf(signer),
      nonce,
      state,
      mined === undefined ? null : bytes(mined.hash),
      mined === undefined ? null : bytes(mined.blockHash),
      mined === undefined ? null : mined.blockNumber,
    ],
  );
}

/** Gives a transaction's call up: its nonce will be used by a transfer of nothing. */
export async function writeFilling({ query }: Queries, signer: SignerKey, nonce: bigint): Promise<void> {
  await query("UPDATE equipoise.transactions SET filling = true WHERE chain_id = $1 AND signer = $2 AND nonce = $3", [
    ...keyOf(signer),
    nonce,
  ]);
}

/**
 * Mined transactions from a nonce on are open again, and nodes have to be told of them anew: the chain has gone back
 * behind them, be it further than what counted as final.
 */
export async function reopenFrom({ query }: Queries, signer: SignerKey, nonce: bigint): Promise<bigint[]> {
  const rows = await query<{ nonce: bigint }>(
    `UPDATE equipoise.transactions SET state = 'written', mined_hash = NULL, block_hash = NULL, block_number = NULL
     WHERE chain_id = $1 AND signer = $2 AND nonce >= $3 AND state IN ('mined', 'final', 'filled') RETURNING nonce`,
    [...keyOf(signer), nonce],
  );
  if (rows.length > 0) {
    const forget =
      "UPDATE equipoise.attempts SET broadcast_at = NULL WHERE chain_id = $1 AND signer = $2 AND nonce >= $3";
    await query(forget, [...keyOf(signer), nonce]);
  }
  return rows.map((row) => row.nonce);
}
