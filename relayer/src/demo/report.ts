import type { Allocation } from "@equipoise/sdk";
import { type ClearingReport, clearingReportOf } from "./clearing/report.ts";
import type { DemoChain, DemoRun } from "./run.ts";

/** One chain in the demo's JSON. Lists have one entry per asset. */
export type ChainReport = DemoChain & {
  /** accepted by its vault */
  readonly allocations: number;
  /** of the last one's risk state */
  readonly index: number;
  /** {ppm} of the last allocation */
  readonly weights: readonly number[];
  /** {ppm} of risk, of the last allocation */
  readonly riskSharesPpm: readonly number[];
  /** {ppm} of the last allocation */
  readonly exposure: number;
  /** {gas} whole transactions: the last of each kind, bids as their mean */
  readonly gas: {
    readonly acceptRisk?: number;
    readonly receiveRisk?: number;
    readonly allocate: number;
    readonly openRebalance: number;
    readonly bid: number;
  };
};

export type ProofReport = {
  readonly circuit: string;
  readonly constraints: number;
  readonly witnessMs: number;
  readonly proveMs: number;
};

/** What `equipoise demo --json` prints. */
export type DemoReport = {
  readonly source: string;
  readonly assets: readonly string[];
  readonly observations: number;
  readonly epochs: number;
  readonly chains: readonly ChainReport[];
  readonly proofs: readonly ProofReport[];
  readonly maxRiskShareErrorPpm: number;
  /** {ms} from the block of PacketSent to the end of lzReceive, every message */
  readonly messageLatencyMs: readonly number[];
  readonly redeemed: boolean;
  /** with --clearing */
  readonly clearing?: ClearingReport;
  readonly elapsedSeconds: number;
};

/** The figures of a run, as they are printed. */
export function reportOf(run: DemoRun): DemoReport {
  const allocations = run.epochs.flatMap(({ report }) => report.allocations);
  const errors = allocations.flatMap(({ allocation }) => (allocation ? [allocation.maxRiskShareError] : []));
  return {
    source: run.series.source,
    assets: run.series.assets,
    observations: run.observeGas.length - 1, // the first call only sets prices
    epochs: run.epochs.length,
    chains: run.chains.map((chain) => chainReport(run, chain)),
    proofs: proofsOf(run),
    maxRiskShareErrorPpm: Math.max(...errors),
    messageLatencyMs: run.epochs.flatMap(({ report }) => report.latencies.map(({ ms }) => Math.round(ms))),
    redeemed: run.redemptions.length === run.chains.length && run.redemptions.every(({ complete }) => complete),
    ...(run.clearing === undefined ? {} : { clearing: clearingReportOf(run.clearing) }),
    elapsedSeconds: Math.round(run.elapsedSeconds * 10) / 10,
  };
}

function chainReport(run: DemoRun, { chainId, eid, role }: DemoChain): ChainReport {
  const accepted = run.epochs.flatMap(({ report }) =>
    report.allocations.filter((vault) => vault.eid === eid && vault.gasUsed !== undefined),
  );
  const last = accepted.findLast(({ allocation }) => allocation !== undefined);
  const rounds = run.epochs.flatMap(({ report }) =>
    report.rebalances.filter((vault) => vault.eid === eid).flatMap((vault) => vault.rounds),
  );
  const received = run.epochs.flatMap(({ report }) =>
    report.deliveries.flatMap(({ dstEid, delivery }) => (dstEid === eid ? [delivery.gas.execute] : [])),
  );
  const acceptRisk = role === "hub" ? newest(run.epochs.map(({ report }) => report.risk.gasUsed)) : undefined;
  const receiveRisk = role === "spoke" ? newest(received) : undefined;
  const bids = rounds.flatMap((round) => round.bids.map(({ gasUsed }) => Number(gasUsed)));
  return {
    chainId,
    eid,
    role,
    allocations: accepted.length,
    index: Number(last?.index ?? 0n),
    weights: ofAssets(run, last?.allocation?.weights),
    riskSharesPpm: ofAssets(run, last?.allocation?.riskShares),
    exposure: Number(last?.allocation?.exposure ?? 0n),
    gas: {
      ...(acceptRisk === undefined ? {} : { acceptRisk }),
      ...(receiveRisk === undefined ? {} : { receiveRisk }),
      allocate: newest(accepted.map(({ gasUsed }) => gasUsed)) ?? 0,
      openRebalance: newest(rounds.map(({ openGas }) => openGas)) ?? 0,
      bid: bids.length === 0 ? 0 : Math.round(bids.reduce((sum, gas) => sum + gas, 0) / bids.length),
    },
  };
}

/** Each proof once, in the order they were made; a reused one is not made again. */
function proofsOf(run: DemoRun): ProofReport[] {
  const ofEpochs = run.epochs.flatMap(({ report }) => [
    report.risk.proof,
    ...report.allocations.map(({ proof }) => proof),
  ]);
  return [...ofEpochs, ...(run.clearing?.proofs ?? [])].flatMap((proof) => {
    if (proof === undefined || proof.reused) return [];
    const { circuit } = proof;
    const [witnessMs, proveMs] = [Math.round(proof.witnessMs), Math.round(proof.proveMs)];
    return [{ circuit, constraints: run.constraints[circuit] ?? 0, witnessMs, proveMs }];
  });
}

const newest = (gas: readonly (bigint | undefined)[]): number | undefined => {
  const last = gas.findLast((used) => used !== undefined);
  return last === undefined ? undefined : Number(last);
};

const ofAssets = ({ series }: DemoRun, lanes: Allocation["weights"] | undefined): number[] =>
  series.assets.map((_, lane) => Number(lanes?.[lane] ?? 0n));
