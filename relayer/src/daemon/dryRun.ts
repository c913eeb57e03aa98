import { readStage } from "@equipoise/sdk/actions";
import { createClient, custom } from "viem";
import { toAccount } from "viem/accounts";
import type { Chain, SigningClient } from "../chains/chain.ts";
import { type Database, type DatabasePlace, openAsMade, openDatabase } from "../database/database.ts";
import { DatabaseHeld } from "../database/directoryLock.ts";
import { readQueueDepths } from "../database/jobs.ts";
import { SchemaOlder } from "../database/migrate.ts";
import { firstCause } from "../firstCause.ts";
import { endOf } from "../layerzero/route.ts";
import { type Context, type Site, sitesOf } from "../pipeline/context.ts";
import { routeEnd } from "../pipeline/deliverPackets.ts";
import { chainOf, quorumReader } from "./connect.ts";
import type { DaemonConfig } from "./daemonConfig.ts";
import { databaseStore } from "./databaseStore.ts";
import { openKey } from "./keys.ts";
import { sentFrom } from "./packetJobs.ts";
import { PROOF_QUEUE } from "./proofJobs.ts";
import { dutiesOf } from "./roles.ts";
import { readStoppedChains } from "./stoppedChains.ts";

/** What a duty would do next, or why it cannot. */
export type DryDuty = { readonly duty: string; readonly outcome: string; readonly failed: boolean };

/** Where a dry run ends: at the first thing it would have made or sent. */
class NotDone extends Error {
  override name = "NotDone";
}

/** Every duty once, up to the first transaction or proof it would need. Nothing is signed, sent or kept. */
export async function dryRun(config: DaemonConfig): Promise<DryDuty[]> {
  const { database, unread } = await openBeside(config.database);
  try {
    const notRead = { duty: "database", outcome: `not read: ${unread}`, failed: false };
    const outcomes = [...(unread === undefined ? [] : [notRead]), ...(await readOpenWork(database, config))];
    if (config.deployment === undefined) return outcomes; // a worker has no duties
    const relayer = await openKey(config.keys.relayer);
    const bidder = config.keys.bidder === undefined ? relayer : await openKey(config.keys.bidder);
    const chains = config.deployment.chains.map((deployment) => {
      const own = config.chains.find(({ eid }) => eid === deployment.eid);
      if (own === undefined) throw new TypeError(`eid ${deployment.eid} is not configured`);
      const parameters = { deployment, config: own, onEndpoint: () => undefined };
      const reader = quorumReader(parameters);
      return chainOf(parameters, reader, ({ address }) => refusingClient(reader, address));
    });
    const prover = {
      prove: ({ circuit }: { circuit: string }) => Promise.reject(new NotDone(`would make a ${circuit} proof`)),
    };
    const { deployment } = config;
    const kept = await databaseStore(database, deployment);
    const nothing = () => undefined;
    const store = { ...kept, keepCursor: nothing, keepProof: nothing, forgetProof: nothing };
    const context: Context = { chains, deployment, accounts: { relayer, bidder }, prover, store };
    const stopped = await readStoppedChains(database);
    const works = (id: number): boolean => !stopped.some(({ chainId }) => chainId === id);
    const open = (site: Site): Promise<number> => countOpenPackets(context, database, site);
    for (const { name, chainIds, run } of dutiesOf(context, config.roles, config.keeper, open, async () => undefined)) {
      const resting = stopped.find(({ chainId }) => chainIds.includes(chainId));
      outcomes.push(
        resting === undefined
          ? await outcomeOf(name, () => run(works))
          : { duty: name, outcome: `waits: chain ${resting.chainId} is stopped: ${resting.reason}`, failed: false },
      );
    }
    return outcomes;
  } finally {
    await database.close();
  }
}

/** The relayer's database; an empty one beside a relayer that has its own directory open, or where an earlier version made it. */
async function openBeside(place: DatabasePlace): Promise<{ database: Database; unread?: string }> {
  try {
    return { database: await openAsMade(place) };
  } catch (error) {
    if (!(error instanceof DatabaseHeld || error instanceof SchemaOlder)) throw error;
    return { database: await openDatabase(), unread: error.message };
  }
}

async function outcomeOf(duty: string, run: () => Promise<string | undefined>): Promise<DryDuty> {
  try {
    return { duty, outcome: (await run()) ?? "nothing to do", failed: false };
  } catch (error) {
    const notDone = notDoneIn(error);
    if (notDone !== undefined) return { duty, outcome: notDone, failed: false };
    const [said, cause] = [(error as Error).message.split("\n")[0] ?? "", firstCause(error)];
    return { duty, outcome: `fails: ${said.includes(cause) ? said : `${said} (${cause})`}`, failed: true };
  }
}

/** What comes before the duties, or beside them: transactions that are open, and proofs that are ordered. */
async function readOpenWork(database: Database, { deployment, roles }: DaemonConfig): Promise<DryDuty[]> {
  const rows = await database.query<{ chain_id: bigint; count: bigint }>(
    "SELECT chain_id, count(*) FROM equipoise.transactions WHERE state IN ('written', 'mined') GROUP BY chain_id",
  );
  const transactions = (deployment?.chains ?? []).flatMap(({ chainId, eid }) => {
    const count = rows.find((row) => Number(row.chain_id) === chainId)?.count;
    const outcome = `${count} open are finished first`;
    return count === undefined ? [] : [{ duty: `transactions:${eid}`, outcome, failed: false }];
  });
  if (!roles.includes("prover")) return transactions;
  const [proofs] = await readQueueDepths(database, [PROOF_QUEUE]);
  const ordered = (proofs?.waiting ?? 0) + (proofs?.active ?? 0);
  return [
    ...transactions,
    {
      duty: "prover",
      outcome: ordered === 0 ? "nothing is ordered" : `would make ${ordered} proofs that are ordered`,
      failed: false,
    },
  ];
}

/** Packets that have not arrived: those the database knows, and of those sent since, what the chains say. */
async function countOpenPackets(context: Context, database: Database, site: Site): Promise<number> {
  const [known] = await database.query<{ count: bigint }>(
    "SELECT count(*) FROM equipoise.packets WHERE src_eid = $1 AND ended_at IS NULL",
    [site.chain.eid],
  );
  const cursor = await context.store.cursor(site.chain.eid);
  const source = endOf(routeEnd(context, site));
  let open = cursor === undefined ? 0 : Number(known?.count ?? 0n); // from the first block on they are found again
  for await (const { packets } of sentFrom(context, site, cursor ?? BigInt(site.deployment.block))) {
    for (const sent of packets) {
      const destination = sitesOf(context).find(({ chain }) => chain.eid === sent.packet.dstEid);
      if (destination === undefined) continue;
      const stage = await readStage({ source, destination: endOf(routeEnd(context, destination)) }, sent);
      if (stage.name !== "delivered" && stage.name !== "orphaned") open += 1;
    }
  }
  return open;
}

function refusingClient(reader: Chain["reader"], address: `0x${string}`): SigningClient {
  const request = async ({ method, params }: { method: string; params?: readonly unknown[] }): Promise<unknown> => {
    if (method !== "eth_sendTransaction")
      return reader.request({ method, params } as Parameters<typeof reader.request>[0]);
    const { to, data, gas } = (params?.[0] ?? {}) as { to?: string; data?: string; gas?: string };
    throw new NotDone(`would send ${data?.slice(0, 10)} to ${to} with ${Number(gas)} gas`);
  };
  const transport = custom({ request }, { retryCount: 0 });
  return createClient({ account: toAccount(address), chain: reader.chain, transport, cacheTime: 0 }) as SigningClient;
}

function notDoneIn(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof NotDone) return cause.message;
  return undefined;
}
