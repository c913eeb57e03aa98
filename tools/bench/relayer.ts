import { startThrowawayServer } from "../../relayer/src/database/throwawayServer.ts";
import { runScale, type ScaleRun, scaleTable } from "./scale.ts";
import { benchWorkers, type WorkersRun, workersTable } from "./workers.ts";

export type RelayerRun = { readonly workers: readonly WorkersRun[]; readonly scale: readonly ScaleRun[] };

/** No Postgres is installed here. */
export class PostgresMissing extends Error {
  override name = "PostgresMissing";
  constructor() {
    super("this part measures a Postgres server: install one (Debian: postgresql), or name one in DATABASE_URL");
  }
}

/** Of each number of workers; a proof each, and a vault on either of two chains. */
const PROVEN_MANDATES = 10;
const MANDATES = 100;
const CHAINS = 20;
/** steps under way at once: two of a chain, then ten, then fifty */
const AT_ONCE = [40, 200, 1_000] as const;

/** What relayers of one database get through. Everything it starts, it ends. */
export async function benchRelayer(seed: number): Promise<RelayerRun> {
  const server = await startThrowawayServer();
  if (server === undefined) throw new PostgresMissing();
  try {
    const workers = await benchWorkers(server, seed, PROVEN_MANDATES);
    const scale: ScaleRun[] = [];
    for (const atOnce of AT_ONCE) scale.push(await runScale(server.url, MANDATES, CHAINS, atOnce));
    return { workers, scale };
  } finally {
    await server.stop();
  }
}

export const relayerTable = ({ workers, scale }: RelayerRun): string =>
  `${workersTable(workers)}\n\n${scaleTable(scale)}`;
