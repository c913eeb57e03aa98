import { setTimeout as pause } from "node:timers/promises";
import { hubSite, type LocalContext, type Site, sitesOf, vaultSitesOf, vaultsAt } from "@equipoise/relayer";
import {
  parityVaultAbi,
  readAllocation,
  readLatestRiskIndex,
  riskBeaconAbi,
  riskOracleAbi,
} from "@equipoise/sdk/actions";
import { type Abi, type Address, parseEventLogs } from "viem";
import { receiveLibraryAbi } from "../../relayer/src/layerzero/abi.ts";
import { TWO_MANDATES } from "./pipelineFixture.ts";

/** {transactions} of an epoch: risk state, broadcast, allocations; two signatures, commit, execution, allocations */
export const HUB_TRANSACTIONS = 2 + TWO_MANDATES.length;
export const SPOKE_TRANSACTIONS = 4 + TWO_MANDATES.length;

/** Numbers of transactions of the relayer's account that are right, by chain id; anything where a chain is `undefined`. */
export type Allowed = Readonly<Record<number, readonly number[] | undefined>>;

/** One observation more than what the relayers have carried out. */
export type Epoch = {
  readonly index: bigint;
  /** until every vault follows it */
  readonly done: (limitMs?: number) => Promise<void>;
  /**
   * What is not as it should be: everything once, one risk state on each chain, one message to each spoke, two signatures of it, one
   * allocation of each vault, a mandate's same weights everywhere, and so many transactions of the relayer's account.
   */
  readonly wrong: (allowed?: Allowed) => Promise<string[]>;
};

/** Asks until it is so. */
export async function until(so: () => Promise<boolean>, limitMs: number, what: string): Promise<void> {
  const limit = performance.now() + limitMs;
  while (!(await so())) {
    if (performance.now() > limit) throw new Error(`after ${limitMs} ms: not ${what}`);
    await pause(300);
  }
}

/** How many events there are. */
export async function countOf(
  { chain }: Site,
  address: Address,
  { fromBlock = 0n, ...event }: { abi: Abi; eventName: string; args?: Record<string, unknown>; fromBlock?: bigint },
): Promise<number> {
  return parseEventLogs({ ...event, logs: await chain.reader.getLogs({ address, fromBlock }) }).length;
}

/** How often the hub has sent a risk state; any when it is absent. */
export function sentOf(context: LocalContext, index?: bigint): Promise<number> {
  const hub = hubSite(context);
  const event = { abi: riskBeaconAbi, eventName: "RiskStateBroadcast", args: { index } };
  return countOf(hub, hub.deployment.riskBeacon, event);
}

/** How often the vaults of a chain have followed a risk state; any when it is absent. */
export async function allocatedAt(site: Site, index?: bigint): Promise<number> {
  const event = { abi: parityVaultAbi, eventName: "Allocated", args: { index } };
  const counts = await Promise.all(vaultsAt(site).map(({ vault }) => countOf(site, vault, event)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Notes where every chain is, with an observation that nothing has been done about. */
export async function beginEpoch(context: LocalContext, index: bigint): Promise<Epoch> {
  const sites = sitesOf(context);
  const relayer = context.accounts.relayer.address;
  const before = await Promise.all(
    sites.map(async ({ chain }) => ({
      block: await chain.reader.getBlockNumber(),
      nonce: await chain.reader.getTransactionCount({ address: relayer }),
    })),
  );
  const allocations = () => Promise.all(vaultSitesOf(context).map((site) => readAllocation(site.chain.reader, site)));
  const there = async (): Promise<boolean> => (await allocations()).every((one) => one.index >= index);
  const read = async (allowed: Allowed): Promise<string[]> => {
    const found: string[] = [];
    const check = (chainId: number, what: string, actual: unknown, ...right: unknown[]): void => {
      if (!right.includes(actual)) found.push(`${chainId}: ${what} is ${actual}, not ${right.join(" or ")}`);
    };
    const allocated = await allocations();
    const weightsOf = new Map<string, string>();
    for (const [place, site] of vaultSitesOf(context).entries()) {
      const { chainId } = site.chain;
      const { index: followed, weights } = allocated[place] as (typeof allocated)[number];
      const { block } = before[sites.findIndex(({ chain }) => chain === site.chain)] as (typeof before)[number];
      const event = { abi: parityVaultAbi, eventName: "Allocated", args: { index }, fromBlock: block + 1n };
      check(chainId, `index of ${site.mandate}`, followed, index);
      check(chainId, `weights of ${site.mandate}`, weights.join(), weightsOf.get(site.mandate) ?? weights.join());
      weightsOf.set(site.mandate, weights.join());
      check(chainId, `count of this allocation of ${site.mandate}`, await countOf(site, site.vault, event), 1);
    }
    if (new Set(weightsOf.values()).size < weightsOf.size) found.push(`mandates with the same weights: ${weightsOf}`);
    for (const [place, site] of sites.entries()) {
      const { deployment } = site;
      const { chainId, reader } = site.chain;
      const { block, nonce } = before[place] as (typeof before)[number];
      const count = (address: Address, abi: Abi, eventName: string, args = {}): Promise<number> =>
        countOf(site, address, { abi, eventName, args, fromBlock: block + 1n });
      check(chainId, "risk state", await readLatestRiskIndex(reader, deployment), index);
      const states = await count(deployment.riskState, riskOracleAbi, "RiskStateAccepted", { index });
      check(chainId, "count of this risk state", states, 1);
      if (deployment.role === "hub") {
        const sent = await count(deployment.riskBeacon, riskBeaconAbi, "RiskStateBroadcast", { index });
        check(chainId, "messages of this risk state", sent, sites.length - 1);
      } else if (!(chainId in allowed)) {
        const signed = await count(deployment.layerZero.receiveLibrary, receiveLibraryAbi, "PayloadVerified");
        check(chainId, "signatures", signed, 2);
      }
      const used = (await reader.getTransactionCount({ address: relayer })) - nonce;
      const right = chainId in allowed ? allowed[chainId] : [place === 0 ? HUB_TRANSACTIONS : SPOKE_TRANSACTIONS];
      if (right !== undefined) check(chainId, "transactions", used, ...right);
    }
    return found;
  };
  return {
    index,
    done: (limitMs = 400_000) => until(there, limitMs, `every vault at ${index}`),
    wrong: async (allowed = {}) => {
      const found = await read(allowed);
      if (found.length === 0) return found;
      await pause(2_000); // anvil may show logs a look late
      return read(allowed);
    },
  };
}
