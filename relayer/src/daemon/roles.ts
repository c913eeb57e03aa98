import { observationLogAbi, readRebalance } from "@equipoise/sdk/actions";
import { parseAbi } from "viem";
import { openAttempts } from "../attempts.ts";
import { proveAndAcceptRisk } from "../pipeline/acceptRisk.ts";
import { proveAndAllocateAt } from "../pipeline/allocateVaults.ts";
import { broadcastNewestRisk } from "../pipeline/broadcastRisk.ts";
import { type Context, hubSite, type Site, sitesOf, type VaultSite, vaultSitesOf } from "../pipeline/context.ts";
import { bidOnce, type FilledBid } from "../pipeline/fillRebalance.ts";
import { observeOnce } from "../pipeline/observePrices.ts";
import { openVaultRebalance } from "../pipeline/openRebalance.ts";
import { runStep } from "../stepFailed.ts";
import { type ClearingDuty, clearerDuties, keeperDuties, serveDesk } from "./clearingDuties.ts";
import type { KeeperTerms, Role } from "./daemonConfig.ts";

/** One thing a role does again and again, on one chain or from the hub. */
export type Duty = {
  /** the role and the chain: also the key of its job */
  readonly name: string;
  readonly role: Role;
  /** chains it reads or writes: while one of them is stopped, it waits */
  readonly chainIds: readonly number[];
  /** what it did, for the log; nothing when there was nothing to do. Of chains it can do without it is told which work. */
  readonly run: (works: Works) => Promise<string | undefined>;
};

/** Whether a chain is worked on: what an earlier process left open there counts, and it is not stopped. */
export type Works = (chainId: number) => boolean;

const priceSourceAbi = parseAbi(["function read() view returns (uint256 price, uint64 updatedAt)"]);

/** What the roles of a relayer come to, but for proofs and packets, which have jobs of their own. */
export function dutiesOf(
  context: Context,
  roles: readonly Role[],
  keeper: KeeperTerms,
  findPackets: (site: Site) => Promise<number>,
  report: () => Promise<void>,
): Duty[] {
  const hub = hubSite(context);
  const sites = sitesOf(context);
  const atHub = (role: Role, run: Duty["run"], chainIds: readonly number[] = [hub.chain.chainId]): Duty[] => [
    { name: `${role}:${hub.chain.eid}`, role, chainIds, run },
  ];
  const onEach = (role: Role, run: (site: Site) => Promise<string | undefined>): Duty[] =>
    sites.map((site) => ({
      name: `${role}:${site.chain.eid}`,
      role,
      chainIds: [hub.chain.chainId, site.chain.chainId],
      run: () => run(site),
    }));
  const onEachVault = (role: Role, run: (site: VaultSite) => Promise<string | undefined>): Duty[] =>
    vaultSitesOf(context).map((site) => ({
      name: `${role}:${site.chain.eid}:vault:${site.mandate}`, // whatever a mandate is called, it is no other duty's name
      role,
      chainIds: [hub.chain.chainId, site.chain.chainId],
      run: () => run(site),
    }));
  const forClearing = (role: Role, own: readonly ClearingDuty[]): Duty[] =>
    own.flatMap(([name, run]) => atHub(role, run).map((duty) => ({ ...duty, name: `${duty.name}:${name}` })));
  const duties: Readonly<Record<Role, () => Duty[]>> = {
    prover: () => [], // has a queue of its own
    reporter: () => atHub("reporter", () => report().then(() => undefined), []),
    observer: () => atHub("observer", () => observeWhenDue(context)),
    allocator: () => [
      ...atHub("allocator", async () => {
        const { index, gasUsed } = await proveAndAcceptRisk(context);
        return gasUsed === undefined ? undefined : `risk state ${index} accepted`;
      }),
      ...onEachVault("allocator", async (site) => {
        const { index, gasUsed } = await proveAndAllocateAt(context, site);
        return gasUsed === undefined ? undefined : `allocation ${index} accepted`;
      }),
    ],
    broadcaster: () =>
      atHub("broadcaster", async (works) => {
        const { dstEids } = await broadcastNewestRisk(context, works);
        return dstEids.length === 0 ? undefined : `risk state sent to ${dstEids.join(", ")}`;
      }),
    deliverer: () =>
      onEach("deliverer", async (site) => {
        const found = await findPackets(site);
        return found === 0 ? undefined : `${found} packets found`;
      }),
    rebalancer: () => [
      ...onEachVault("rebalancer", async (site) => {
        const opened = await openVaultRebalance(context, site);
        return opened?.gasUsed === undefined ? undefined : `rebalance ${opened.rebalance.id} opened`;
      }),
      ...(context.deployment.clearing?.desk === undefined
        ? []
        : forClearing("rebalancer", [["desk", () => serveDesk(context)]])),
    ],
    filler: () => onEachVault("filler", (site) => fillOpenLanes(context, site)),
    clearer: () => forClearing("clearer", clearerDuties(context)),
    keeper: () => forClearing("keeper", keeperDuties(context, keeper)),
  };
  return roles.flatMap((role) => duties[role]());
}

/** Observes once the log's interval has passed. Another observer may be first. */
function observeWhenDue(context: Context): Promise<string | undefined> {
  return runStep("observe", async () => {
    const { chain, deployment } = hubSite(context);
    const log = { address: deployment.observationLog, abi: observationLogAbi } as const;
    const [last, { timestamp }] = await Promise.all([
      chain.reader.readContract({ ...log, functionName: "lastObservedAt" }),
      chain.reader.getBlock(),
    ]);
    if (timestamp < last + BigInt(context.deployment.interval)) return undefined;
    return (await observeOnce(context)) === undefined ? undefined : "observed";
  });
}

/** Bids on every open lane whose price is at least as good as the vault's own oracles'. A lane that cannot be paid holds up no other. */
function fillOpenLanes(context: Context, site: VaultSite): Promise<string | undefined> {
  return runStep(`fill rebalance of ${site.mandate} on eid ${site.deployment.eid}`, async () => {
    const { priceSources } = site.deployment;
    const rebalance = await readRebalance(site.chain.reader, site);
    const { timestamp } = await site.chain.reader.getBlock();
    if (rebalance.id === 0n || timestamp < rebalance.startTime || timestamp >= rebalance.endTime) return undefined;
    const { attempt, end } = openAttempts();
    const filled: FilledBid[] = [];
    for (const lane of rebalance.lanes.toSorted((one, other) => Number(one.buying) - Number(other.buying))) {
      const address = priceSources[lane.lane];
      if (address === undefined) continue;
      const taken = await attempt(`lane ${lane.lane} of ${site.mandate} on eid ${site.deployment.eid}`, async () => {
        const [marketPrice] = await site.chain.reader.readContract({
          address,
          abi: priceSourceAbi,
          functionName: "read",
        });
        return bidOnce(context, site, rebalance.id, lane, marketPrice);
      });
      if (taken !== undefined) filled.push(taken);
    }
    end();
    if (filled.length === 0) return undefined;
    const approved = filled.flatMap((one) => (one.approved === undefined ? [] : [`${one.approved} approved`]));
    return [`${filled.length} lanes filled`, ...approved].join(", ");
  });
}
