import { createHash } from "node:crypto";
import type { Deployment } from "@equipoise/sdk/actions";
import type { Database } from "../database/database.ts";
import { readProof, type Store } from "../store/store.ts";

/** A database that another deployment's relayer has used. */
export class DatabaseOfOtherDeployment extends Error {
  override name = "DatabaseOfOtherDeployment";
  constructor() {
    super(
      "this database belongs to another deployment: its packets and positions mean nothing here; use a new database",
    );
  }
}

/** What the relayer remembers, in its database. */
export async function databaseStore(database: Database, deployment: Deployment): Promise<Store> {
  const digest = createHash("sha256").update(JSON.stringify(deployment)).digest("hex");
  await database.query("INSERT INTO equipoise.deployment (digest) VALUES ($1) ON CONFLICT DO NOTHING", [digest]);
  const [kept] = await database.query<{ digest: string }>("SELECT digest FROM equipoise.deployment");
  if (kept?.digest !== digest) throw new DatabaseOfOtherDeployment();
  return {
    deployment: () => deployment,
    keepDeployment: () => {
      throw new DatabaseOfOtherDeployment();
    },
    cursor: async (eid) => {
      const [row] = await database.query<{ block: bigint }>("SELECT block FROM equipoise.cursors WHERE eid = $1", [
        eid,
      ]);
      return row?.block;
    },
    keepCursor: async (eid, block) => {
      const keep = `INSERT INTO equipoise.cursors VALUES ($1, $2) ON CONFLICT (eid) DO UPDATE SET block = excluded.block`;
      await database.query(keep, [eid, block]);
    },
    ...keptProofs(database),
  };
}

/** The proofs that were made; whichever deployment they were ordered for, their statements say all. */
export const keptProofs = (database: Database): Pick<Store, "proof" | "keepProof" | "forgetProof"> => ({
  proof: async (circuit, commitment) => {
    const find = "SELECT proof, witness_ms, prove_ms FROM equipoise.proofs WHERE circuit = $1 AND commitment = $2";
    const [row] = await database.query<{ proof: unknown; witness_ms: number; prove_ms: number }>(find, [
      circuit,
      commitment,
    ]);
    if (row === undefined) return undefined;
    return { proof: readProof(row.proof), witnessMs: row.witness_ms, proveMs: row.prove_ms };
  },
  keepProof: async (circuit, commitment, { proof, witnessMs, proveMs }) => {
    const text = JSON.stringify(proof, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    await database.query(
      `INSERT INTO equipoise.proofs (circuit, commitment, proof, witness_ms, prove_ms) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (circuit, commitment) DO UPDATE SET proof = excluded.proof, made_at = now()`,
      [circuit, commitment, text, witnessMs, proveMs],
    );
  },
  forgetProof: async (circuit, commitment) => {
    const forget = "DELETE FROM equipoise.proofs WHERE circuit = $1 AND commitment = $2";
    await database.query(forget, [circuit, commitment]);
  },
});
