import { isIPv6 } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { chainOf, quorumReader } from "../daemon/connect.ts";
import type { DaemonConfig } from "../daemon/daemonConfig.ts";
import { databaseStore } from "../daemon/databaseStore.ts";
import { openKey } from "../daemon/keys.ts";
import { withoutBigints } from "../daemon/proofJobs.ts";
import { readStatus, readWork } from "../daemon/readStatus.ts";
import { QUEUES } from "../daemon/relayer.ts";
import { openAsMade } from "../database/database.ts";
import type { Command } from "./command.ts";
import { configFrom } from "./relay.ts";
import { formatTable } from "./table.ts";

type ShownChain = { readonly [name: string]: string | number | undefined } & {
  /** risk state that each vault follows, by its mandate */
  readonly allocations?: Readonly<Record<string, string>>;
};

/** A status as its JSON has it: whole numbers beyond a double's as text. */
export type ShownStatus = {
  readonly chains: readonly ShownChain[];
  readonly packets: Readonly<Record<string, number>>;
  readonly proofs: number;
  readonly deadLetters: readonly { readonly queue: string; readonly key: string; readonly reason: string }[];
  readonly queues: readonly { readonly queue: string; readonly waiting: number; readonly active: number }[];
};

/** Something else than a relayer answers at its port, or a relayer that cannot now. */
export class RelayerRefuses extends Error {
  override name = "RelayerRefuses";
  constructor(place: string, reason: string) {
    super(`${place} answers ${reason}: where that is no relayer, correct host and port of the configuration`);
  }
}

/** Asks the relayer that runs on this machine; nothing when none does. */
export async function askRelayer<answer>(
  { host, port }: Pick<DaemonConfig, "host" | "port">,
  path: string,
  method = "GET",
): Promise<answer | undefined> {
  const own = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const place = `${isIPv6(own) ? `[${own}]` : own}:${port}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`http://${place}${path}`, { method });
    text = await response.text();
  } catch (error) {
    if (error instanceof TypeError) return undefined; // nobody listens
    throw error;
  }
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  if (response.ok && isJson) return JSON.parse(text) as answer;
  throw new RelayerRefuses(place, `${response.status}, ${text.trim().split("\n")[0]?.slice(0, 200) || "nothing"}`);
}

/** Reads the status without a relayer, from the database and the chains. */
async function readAlone(config: DaemonConfig): Promise<ShownStatus> {
  const database = await openAsMade(config.database);
  try {
    const queues = Object.keys(QUEUES);
    if (config.deployment === undefined) {
      const worker = { chains: [], ...(await readWork(database, queues)) };
      return withoutBigints(worker) as ShownStatus;
    }
    const relayer = await openKey(config.keys.relayer);
    const store = await databaseStore(database, config.deployment);
    const chains = config.deployment.chains.map((deployment) => {
      const own = config.chains.find(({ eid }) => eid === deployment.eid)!;
      const parameters = { deployment, config: own, onEndpoint: () => undefined };
      return chainOf(parameters, quorumReader(parameters), () => undefined);
    });
    const prover = { prove: () => Promise.reject(new TypeError("a status proves nothing")) };
    const { deployment } = config;
    const context = { chains, deployment, accounts: { relayer, bidder: relayer }, prover, store };
    return withoutBigints(await readStatus(context, database, queues)) as ShownStatus;
  } finally {
    await database.close();
  }
}

const ether = (wei: string | number | undefined): string => (wei === undefined ? "?" : (Number(wei) / 1e18).toFixed(4));
const shown = (value: string | number | undefined): string => String(value ?? "?");

/** The risk state that the vault furthest behind follows. */
const oldestAllocation = ({ allocations = {} }: ShownChain): number | undefined =>
  Object.keys(allocations).length === 0 ? undefined : Math.min(...Object.values(allocations).map(Number));

/** Where there are several vaults on a chain: which ones are meant by the oldest allocation. */
function vaultsBehind({ chainId, riskIndex, allocations = {} }: ShownChain): string[] {
  const vaults = Object.entries(allocations);
  const behind = vaults.filter(([, index]) => index !== riskIndex).map(([mandate, index]) => `${mandate} at ${index}`);
  return vaults.length < 2 || behind.length === 0 ? [] : [`chain ${chainId}, vaults behind: ${behind.join(", ")}`];
}

function tableOf({ chains, packets, proofs, deadLetters, queues }: ShownStatus): string {
  const header = ["chain", "eid", "role", "head", "risk state", "allocation", "balance", "open tx", "open packets"];
  const rows = chains.map((chain) => [
    ...[chain.chainId, chain.eid, chain.role, chain.head, chain.riskIndex, oldestAllocation(chain)].map(shown),
    ...[ether(chain.balance), shown(chain.openTransactions), shown(chain.openPackets)],
  ]);
  const stages = Object.entries(packets).map(([stage, count]) => `${count} ${stage}`);
  return [
    formatTable(header, rows),
    "",
    ...chains.flatMap(({ epoch, currentEpoch, openAccounts }) =>
      epoch === undefined ? [] : [`clearing: epoch ${epoch}, current ${currentEpoch}; open accounts: ${openAccounts}`],
    ),
    ...chains.flatMap(vaultsBehind),
    ...queues.flatMap(({ queue, waiting, active }) =>
      waiting === 0 ? [] : [`${queue}: ${waiting} jobs wait, ${active} are being done`],
    ),
    ...chains.flatMap(({ chainId, bidderBalance }) =>
      bidderBalance === undefined ? [] : [`chain ${chainId}, balance of the bidder: ${ether(bidderBalance)}`],
    ),
    `packets: ${stages.join(", ") || "none"}; proofs kept: ${proofs}; dead letters: ${deadLetters.length}`,
    ...chains.flatMap(({ chainId, stopped, unread }) => {
      if (stopped !== undefined) return [`chain ${chainId} is STOPPED: ${stopped}`];
      return unread === undefined ? [] : [`chain ${chainId} does not answer: ${unread}`];
    }),
    ...deadLetters.map(({ queue, key, reason }) => `dead letter ${queue} ${key}: ${reason}`),
  ].join("\n");
}

const LIVE_MS = 2_000;

/** `equipoise status`: where every chain stands. */
export const status: Command = {
  name: "status",
  summary: "heads, packets, proofs, allocations and balances per chain, of the relayer that runs or its database",
  usage: ["status --config FILE.json [--once] [--json]"],
  options: {
    config: { value: "FILE.json", summary: "the relayer's configuration" },
    once: { summary: "print it once; otherwise every two seconds on a terminal" },
  },
  run: async ({ values, json }) => {
    const config = configFrom(values);
    const read = async (): Promise<ShownStatus> =>
      (await askRelayer<ShownStatus>(config, "/status")) ?? readAlone(config);
    while (process.stdout.isTTY && values.once !== true && !json) {
      process.stdout.write(`\u001b[2J\u001b[H${tableOf(await read())}\n`);
      await pause(LIVE_MS);
    }
    const result = await read();
    return { ok: true, result, text: tableOf(result) };
  },
};
