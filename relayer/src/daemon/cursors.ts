import { createHash } from "node:crypto";
import type { Deployment } from "@equipoise/sdk/actions";
import type { Queries } from "../database/database.ts";

/** Up to where a chain's packets are written down. */
export type Cursors = {
  /** first block whose packets are not all written down; nothing before the first look */
  readonly read: (within: Queries, eid: number) => Promise<bigint | undefined>;
  readonly keep: (within: Queries, eid: number, block: bigint) => Promise<void>;
};

/**
 * A record's cursors. Each record has its own: one that has grown knows of senders whose packets were not looked for in the blocks another
 * one has passed, also where a relayer that has still the other goes on beside it.
 */
export function cursorsOf(deployment: Deployment): Cursors {
  const record = createHash("sha256").update(JSON.stringify(deployment)).digest("hex");
  return {
    read: async ({ query }, eid) => {
      const find = "SELECT block FROM equipoise.cursors WHERE eid = $1 AND record = $2";
      const [row] = await query<{ block: bigint }>(find, [eid, record]);
      return row?.block;
    },
    keep: async ({ query }, eid, block) => {
      const keep = `INSERT INTO equipoise.cursors (eid, record, block) VALUES ($1, $2, $3)
        ON CONFLICT (eid, record) DO UPDATE SET block = excluded.block`;
      await query(keep, [eid, record, block]);
    },
  };
}
