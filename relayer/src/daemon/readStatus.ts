import { readAllocation, readEpochNumbers, readLatestRiskIndex, readOpenAccounts } from "@equipoise/sdk/actions";
import type { Address } from "viem";
import { bytes, type Database } from "../database/database.ts";
import { type DeadLetter, type QueueDepth, readDeadLetters, readQueueDepths } from "../database/jobs.ts";
import { firstCause } from "../firstCause.ts";
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
  /** {wei} of who bids, where that is another account */
  readonly bidderBalance?: bigint;
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
  readonly queues: readonly QueueDepth[];
};

/** {ms} a status waits for a chain: whoever scrapes it gives up after ten seconds */
const CHAIN_LIMIT_MS = 3_000;

/** Reads where everything stands, from the database and the chains. */
export async function readStatus(
  context: Context,
  database: Database,
  queues: readonly string[],
): Promise<RelayerStatus> {
  const count = countIn(database);
  const stopped = await readStoppedChains(database);
  const relayer = context.accounts.relayer.address;
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
        ...(await readChain(context, site)),
        openTransactions: await count(open, [chainId, bytes(relayer)]),
        openPackets: await count(waiting, [eid]),
      };
    }),
  );
  return { chains, ...(await readWork(database, queues)) };
}

const countIn =
  ({ query }: Database) =>
  async (statement: string, values: readonly (number | Uint8Array)[] = []): Promise<number> => {
    const [row] = await query<{ count: bigint }>(statement, values);
    return Number(row?.count ?? 0n);
  };

/** What the database alone says. */
export async function readWork(database: Database, queues: readonly string[]): Promise<Omit<RelayerStatus, "chains">> {
  const stages = await database.query<{ stage: string; count: bigint }>(
    "SELECT stage, count(*) FROM equipoise.packets GROUP BY stage ORDER BY stage",
  );
  return {
    packets: Object.fromEntries(stages.map((row) => [row.stage, Number(row.count)])),
    proofs: await countIn(database)("SELECT count(*) FROM equipoise.proofs"),
    deadLetters: await readDeadLetters(database, queues),
    queues: await readQueueDepths(database, queues),
  };
}

type Read = Pick<ChainStatus, "head" | "riskIndex" | "allocations" | "balance" | "bidderBalance" | "unread"> &
  ClearingRead;
type ClearingRead = Pick<ChainStatus, "epoch" | "currentEpoch" | "openAccounts">;

async function readChain(context: Context, site: Site): Promise<Read> {
  const { chain, deployment } = site;
  const { relayer, bidder } = context.accounts;
  const balanceOf = (address: Address): Promise<bigint> => chain.reader.getBalance({ address });
  try {
    const [head, riskIndex, allocated, balance, bidderBalance, clearing] = await inTime(
      Promise.all([
        chain.reader.getBlockNumber(),
        readLatestRiskIndex(chain.reader, deployment),
        Promise.all(deployment.vaults.map((vault) => readAllocation(chain.reader, vault))),
        balanceOf(relayer.address),
        bidder.address === relayer.address ? undefined : balanceOf(bidder.address),
        readClearing(context, site),
      ]),
    );
    const indices = deployment.vaults.map(({ mandate }, place) => [mandate, allocated[place]?.index ?? 0n] as const);
    return {
      ...{ head, riskIndex, allocations: Object.fromEntries(indices), balance, ...clearing },
      ...(bidderBalance === undefined ? {} : { bidderBalance }),
    };
  } catch (error) {
    return { unread: firstCause(error) };
  }
}

/** What a chain says, if it does in time. */
async function inTime<result>(asked: Promise<result>): Promise<result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${CHAIN_LIMIT_MS} ms`)), CHAIN_LIMIT_MS);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
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
