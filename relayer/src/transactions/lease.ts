import type { Address } from "viem";
import { bytes, type Database, type Queries } from "../database/database.ts";

/** Whom a submitter submits for. */
export type SignerKey = { readonly chainId: number; readonly address: Address };

/** Another relayer submits for this account now. */
export class SignerHeld extends Error {
  override name = "SignerHeld";
  readonly retry = true;
  constructor({ chainId, address }: SignerKey) {
    super(
      `${address} on chain ${chainId} is held by another relayer; its lease ends by itself when that one is gone: wait`,
    );
  }
}

/**
 * Takes or prolongs the lease of an account, and locks its row until the transaction ends; nothing while another holder's
 * lease runs. Times are the database's.
 */
export async function takeLease(
  { query }: Queries,
  { chainId, address }: SignerKey,
  holder: string,
  leaseMs: number,
): Promise<{ readonly nextNonce: bigint } | undefined> {
  const [row] = await query<{ next_nonce: bigint | null }>(
    `INSERT INTO equipoise.signers AS known (chain_id, address, holder, held_until)
     VALUES ($1, $2, $3::uuid, clock_timestamp() + $4 * interval '1 millisecond')
     ON CONFLICT (chain_id, address) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
     WHERE known.holder IS NULL OR known.holder = excluded.holder OR known.held_until < clock_timestamp()
     RETURNING next_nonce`,
    [chainId, bytes(address), holder, leaseMs],
  );
  return row === undefined ? undefined : { nextNonce: row.next_nonce ?? 0n };
}

/** Gives the lease back, if it is still this holder's. */
export async function endLease(database: Database, { chainId, address }: SignerKey, holder: string): Promise<void> {
  await database.query(
    "UPDATE equipoise.signers SET holder = NULL WHERE chain_id = $1 AND address = $2 AND holder = $3::uuid",
    [chainId, bytes(address), holder],
  );
}
