import type { Database } from "../database/database.ts";

/** A chain nobody works on until somebody has looked. */
export type StoppedChain = { readonly chainId: number; readonly reason: string; readonly since: Date };

/** Stops work on a chain; the first reason stays. */
export async function stopChain({ query }: Database, chainId: number, reason: string): Promise<void> {
  const stop = "INSERT INTO equipoise.stopped_chains (chain_id, reason) VALUES ($1, $2) ON CONFLICT DO NOTHING";
  await query(stop, [chainId, reason]);
}

export async function readStoppedChains({ query }: Database): Promise<StoppedChain[]> {
  const rows = await query<{ chain_id: bigint; reason: string; since: Date }>("SELECT * FROM equipoise.stopped_chains");
  return rows.map(({ chain_id, reason, since }) => ({ chainId: Number(chain_id), reason, since }));
}

/** Lets work go on everywhere. */
export async function resumeChains({ query }: Database): Promise<number> {
  return (await query("DELETE FROM equipoise.stopped_chains RETURNING 1")).length;
}
