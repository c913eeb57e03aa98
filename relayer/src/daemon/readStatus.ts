import { readAllocation, readEpochNumbers, readLatestRiskIndex, readOpenAccounts } from "@equipoise/sdk/actions";
import type { Address } from "viem";
import { bytes, type Database } from "../database/database.ts";
import { type DeadLetter, readDeadLetters } from "../database/jobs.ts";
import { type Context, type Site, sitesOf } from "../pipeline/context.ts";
import { readStoppedChains } from "./stoppedChains.ts";

/** Where one chain stands. What its endpoints do not answer is absent, and `unread` says why. */
export type ChainStatus = {
  readonly chainId: number;
  readonly eid: number;
  readonly role: "hub" | "spoke";
  readonly stopped?: string;
  readonly unread?: string;
  readonly head?: bigint;
  /** newest risk state of the chain, and the one that each vault follows, by its mandate */
  readonly riskIndex?: bigint;
  readonly allocations?: Readonly<Record<string, bigint>>;
  /** of clearing, on the hub where it is deployed: the newest epoch, the one that accounts are measured by, and those that are not free */
  readonly epoch?: bigint;
  readonly currentEpoch?: bigint;
  readonly openAccounts?: bigint;
  /** {wei} of the relayer's account */
  readonly balance?: bigint;
  readonly openTransactions: number;
  readonly openPackets: number;
};

/** Where everything stands. */
export type RelayerStatus = {
  readonly chains: readonly ChainStatus[];
  /** by the stage last read */
  readonly packets: Readonly<Record<string, number>>;
  readonly proofs: number;
  readonly deadLetters: readonly DeadLetter[];
};

/** Reads where everything stands, from the database and the chains. */
export async function readStatus(
  context: Context,
  database: Database,
  queues: readonly string[],
): Promise<RelayerStatus> {
  const count = async (statement: string, values: readonly (number | Uint8Array)[] = []): Promise<number> => {
    const [row] = await database.query<{ count: bigint }>(statement, values);
    return Number(row?.count ?? 0n);
  };
  const stopped = await readStoppedChains(database);
  const relayer = context.accounts.relayer.address;
  const stages = await database.query<{ stage: string; count: bigint }>(
    "SELECT stage, count(*) FROM equipoise.packets GROUP BY stage ORDER BY stage",
  );
  const chains = await Promise.all(
    sitesOf(context).map(async (site): Promise<ChainStatus> => {
      const { chainId, eid, role } = site.chain;
      const reason = stopped.find((one) => one.chainId === chainId)?.reason;
      const open =
        "SELECT count(*) FROM equipoise.transactions WHERE chain_id = $1 AND signer = $2 AND state IN ('written', 'mined')";
      const waiting = "SELECT count(*) FROM equipoise.packets WHERE src_eid = $1 AND ended_at IS NULL";
      return {
        chainId,
        eid,
        role,
        ...(reason === undefined ? {} : { stopped: reason }),
        ...(await readChain(context, site, relayer)),
        openTransactions: await count(open, [chainId, bytes(relayer)]),
        openPackets: await count(waiting, [eid]),
      };
    }),
  );
  return {
    chains,
    packets: Object.fromEntries(stages.map((row) => [row.stage, Number(row.count)])),
    proofs: await count("SELECT count(*) FROM equipoise.proofs"),
    deadLetters: await readDeadLetters(database, queues),
  };
}

type Read = Pick<ChainStatus, "head" | "riskIndex" | "allocations" | "balance" | "unread"> & ClearingRead;
type ClearingRead = Pick<ChainStatus, "epoch" | "currentEpoch" | "openAccounts">;

async function readChain(context: Context, site: Site, relayer: Address): Promise<Read> {
  const { chain, deployment } = site;
  try {
    const [head, riskIndex, allocated, balance, clearing] = await Promise.all([
      chain.reader.getBlockNumber(),
      readLatestRiskIndex(chain.reader, deployment),
      Promise.all(deployment.vaults.map((vault) => readAllocation(chain.reader, vault))),
      chain.reader.getBalance({ address: relayer }),
      readClearing(context, site),
    ]);
    const indices = deployment.vaults.map(({ mandate }, place) => [mandate, allocated[place]?.index ?? 0n] as const);
    return { head, riskIndex, allocations: Object.fromEntries(indices), balance, ...clearing };
  } catch (error) {
    return { unread: firstCause(error).split("\n")[0] ?? "" };
  }
}

async function readClearing({ deployment: { clearing } }: Context, { chain, deployment }: Site): Promise<ClearingRead> {
  if (clearing === undefined || deployment.role !== "hub") return {};
  const [{ latest, current }, openAccounts] = await Promise.all([
    readEpochNumbers(chain.reader, clearing),
    readOpenAccounts(chain.reader, clearing),
  ]);
  return { epoch: latest, currentEpoch: current, openAccounts };
}

/** What the innermost failure says: those around it only say that there was one. */
function firstCause(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return (cause as Error).message;
}
