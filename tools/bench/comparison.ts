import { formatTable } from "../../relayer/src/cli/table.ts";
import { type GasRun, OBSERVE, type StepGas } from "./gas.ts";
import { atMost, type Limit } from "./limits.ts";
import type { ReferenceGas } from "./on-chain.ts";
import { spreadOf } from "./proofs.ts";

/** {gas} */
const LIMITS = { observe: 300_000, accept: 540_000, allocate: 300_000 } as const;

/**
 * The dearest transaction of each kind against its limit. The very first `observe` is left out: it appends no word, and fills
 * what a log keeps of its prices for the first time.
 */
export const gasLimits = ({ steps, proven }: GasRun): Limit[] => {
  const dearest = ({ first = 0, later }: StepGas): number => Math.max(first, ...later);
  const { later: observed } = steps[OBSERVE] as StepGas;
  return [
    atMost("observe, 12 assets", dearest({ later: observed }), LIMITS.observe, "gas"),
    atMost("RiskOracle.accept", dearest(proven.accept), LIMITS.accept, "gas"),
    atMost("allocate, first and later", dearest(proven.allocate), LIMITS.allocate, "gas"),
  ];
};

export function gasTable({ steps }: GasRun): string {
  const rows = Object.entries(steps).map(([name, { first, later }]) => {
    if (later.length === 0) return [name, `${first ?? ""}`, "", "", "", "0"];
    const { median, minimum, maximum } = spreadOf(later);
    return [
      name,
      `${first ?? ""}`,
      ...[median, minimum, maximum].map((gas) => `${Math.round(gas)}`),
      `${later.length}`,
    ];
  });
  return formatTable(["gas of whole transactions", "first", "later: median", "min", "max", "count"], rows);
}

/** What one step costs when it is proven and when a chain does it itself. */
export type Ratio = {
  readonly name: string;
  readonly proven: number;
  readonly computed: number;
  readonly ratio: number;
};

/** {gas} an epoch of a hub and its spokes, one vault on each, by number of chains. */
export type EpochGas = {
  readonly chains: number;
  readonly proven: number;
  readonly computed: number;
  /** the triangle computed and kept as its hash, weights given and checked */
  readonly checked: number;
};

export type Comparison = { readonly ratios: readonly Ratio[]; readonly epochs: readonly EpochGas[] };

const CHAIN_COUNTS = [1, 3, 10] as const;
const rounded = (ratio: number): number => Math.round(ratio * 100) / 100;

/** Later transactions, their medians: the first ones fill storage that stays. */
export function compare({ proven, references }: GasRun): Comparison {
  const later = (of: (gas: ReferenceGas) => number): number => Math.round(spreadOf(references.slice(1).map(of)).median);
  const [compute, keep, solve, check] = [
    later((gas) => gas.compute),
    later((gas) => gas.keep),
    later((gas) => gas.solve),
    later((gas) => gas.check),
  ];
  const middle = ({ later }: StepGas): number => Math.round(spreadOf(later).median);
  const [accept, allocate, receive] = [middle(proven.accept), middle(proven.allocate), middle(proven.receive)];
  const ratio = (name: string, one: number, other: number): Ratio => ({
    name,
    proven: one,
    computed: other,
    ratio: rounded(other / one),
  });
  return {
    ratios: [
      ratio("risk state: accept | compute from the same 240 words", accept, compute),
      ratio("allocation: allocate | solve from a kept triangle", allocate, solve),
      ratio("allocation: allocate | keep the triangle, then solve", allocate, keep + solve),
      ratio("allocation: allocate | only check given weights", allocate, check),
    ],
    epochs: CHAIN_COUNTS.map((chains) => {
      const messages = (chains - 1) * receive;
      return {
        chains,
        proven: accept + messages + chains * allocate,
        computed: compute + messages + chains * (keep + solve),
        checked: compute + messages + chains * check,
      };
    }),
  };
}

export function comparisonTable({ ratios, epochs }: Comparison): string {
  const each = formatTable(
    ["one step, later transactions", "proven", "on chain", "on chain / proven"],
    ratios.map(({ name, proven, computed, ratio }) => [name, `${proven}`, `${computed}`, ratio.toFixed(2)]),
  );
  const all = formatTable(
    [
      "an epoch: one state, a vault on each chain",
      "proven",
      "solved",
      "checked",
      "solved / proven",
      "checked / proven",
    ],
    epochs.map(({ chains, proven, computed, checked }) => [
      `${chains} chain${chains === 1 ? "" : "s"}`,
      ...[proven, computed, checked].map(String),
      (computed / proven).toFixed(2),
      (checked / proven).toFixed(2),
    ]),
  );
  return `${each}\n\n${all}\n${NOTES}`;
}

const NOTES = `
The on-chain side is test/contracts/OnChainRisk.sol: exact, tested against the shared vectors, and made as cheap as we could
(all four decays in one word, unrolled). It does less than the proof: solving looks at no caps, and its weights only meet the
tolerance. Checking needs a hash of the triangle, which here comes from computing the risk state on chain; the proof's
commitments are sponges that no contract opens. A spoke's message would carry the triangle where it is solved, which is
counted as a transaction of its own. The parity proof is made once for all chains, and verified on each.`;
