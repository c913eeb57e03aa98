import { createHash } from "node:crypto";
import type { Deployment } from "@equipoise/sdk/actions";
import type { Database } from "../database/database.ts";
import { readProof, type Store } from "../store/store.ts";

/** A database that another deployment's relayer has used. */
export class DatabaseOfOtherDeployment extends Error {
  override name = "DatabaseOfOtherDeployment";
  constructor(kept: string, given: string) {
    super(
      `this database belongs to another deployment (${kept}, not ${given}): its packets and positions mean nothing here; use a new database`,
    );
  }
}

/** What the addresses of a deployment depend on: as long as these are the same it is the same, whatever is added to it. */
const identityOf = ({ name, deployer, factory }: Deployment): string =>
  `${name} of ${deployer.toLowerCase()} by ${factory.toLowerCase()}`;

/** Notes whose a database is, or finds it is this deployment's. */
async function claim(database: Database, deployment: Deployment): Promise<void> {
  const identity = identityOf(deployment);
  const digest = createHash("sha256").update(JSON.stringify(deployment)).digest("hex");
  await database.transaction(async ({ query }) => {
    const insert = "INSERT INTO equipoise.deployment (identity, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    await query(insert, [identity, digest]);
    const [kept] = await query<{ identity: string; digest: string }>("SELECT * FROM equipoise.deployment FOR UPDATE");
    if (kept?.identity !== identity) throw new DatabaseOfOtherDeployment(`${kept?.identity}`, identity);
    if (kept.digest === digest) return;
    await query("UPDATE equipoise.deployment SET digest = $1", [digest]);
    // What was added may have sent packets in blocks that were looked at without knowing of it.
    await query("DELETE FROM equipoise.cursors");
  });
}

/** What the relayer remembers, in its database. Errors: {@link DatabaseOfOtherDeployment}. */
export async function databaseStore(database: Database, deployment: Deployment): Promise<Store> {
  await claim(database, deployment);
  return {
    deployment: () => deployment,
    keepDeployment: (other) => {
      throw new DatabaseOfOtherDeployment(identityOf(deployment), identityOf(other));
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
