import type { Deployment } from "@equipoise/sdk/actions";
import type { Database, Queries } from "../database/database.ts";
import { readProof, type Store } from "../store/store.ts";
import { cursorsOf } from "./cursors.ts";

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

/** Notes whose a database is, where nobody has: what who sends and keeps does before all else. */
export async function claimDatabase({ query }: Queries, deployment: Deployment): Promise<void> {
  const insert = "INSERT INTO equipoise.deployment (identity) VALUES ($1) ON CONFLICT DO NOTHING";
  await query(insert, [identityOf(deployment)]);
}

/** Finds that a database is this deployment's, or nobody's yet. It changes nothing. Errors: {@link DatabaseOfOtherDeployment}. */
export async function refuseOtherDeployment({ query }: Queries, deployment: Deployment): Promise<void> {
  const [kept] = await query<{ identity: string }>("SELECT identity FROM equipoise.deployment");
  const identity = identityOf(deployment);
  if (kept !== undefined && kept.identity !== identity) throw new DatabaseOfOtherDeployment(kept.identity, identity);
}

/** What the relayer remembers, in its database. Errors: {@link DatabaseOfOtherDeployment}. */
export async function databaseStore(database: Database, deployment: Deployment): Promise<Store> {
  await refuseOtherDeployment(database, deployment);
  const cursors = cursorsOf(deployment);
  return {
    deployment: () => deployment,
    keepDeployment: (other) => {
      throw new DatabaseOfOtherDeployment(identityOf(deployment), identityOf(other));
    },
    cursor: (eid) => cursors.read(database, eid),
    keepCursor: (eid, block) => cursors.keep(database, eid, block),
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
