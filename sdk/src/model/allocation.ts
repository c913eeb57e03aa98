import { packLanes } from "../lanes.ts";
import { PPM, WINDOW_LENGTH } from "../protocol.ts";
import { checkAllocation } from "./allocationRules.ts";
import { triangleAssets, triangleEntry } from "./covariance.ts";
import { checkMandate, type Mandate } from "./mandate.ts";
import { riskBudgeting } from "./riskBudgeting.ts";
import {
  exposureWithin,
  kappaInterval,
  largestShareError,
  middleKappa,
  portfolioVolatility,
  riskContributions,
  riskSharesPpm,
  totalRisk,
} from "./riskContributions.ts";
import { roundWeights } from "./rounding.ts";
import { shrinkTriangle } from "./shrinkage.ts";

/** What the parity circuit proves, with the hint κ′ it needs and figures for people. */
export type Allocation = {
  /** {ppm} [N], sum to 10⁶ */
  weights: bigint[];
  /** {ppm per observation} rounded down */
  portfolioVolatility: bigint;
  /** {ppm} of value at risk, the rest in cash */
  exposure: bigint;
  /** κ′ = 10⁶ κ of P-3, a hint: any value of its interval proves */
  kappa: bigint;
  /** R_i, exact */
  riskContributions: bigint[];
  /** {ppm} rounded to nearest */
  riskShares: bigint[];
  /** {ppm of total risk} the smallest tolerance these weights meet */
  maxRiskShareError: number;
};

export type AllocateParameters = {
  /** S {ppm² · decay} of the mandate's decay, [N(N+1)/2] */
  triangle: readonly bigint[];
  /** the decay the triangle was made with; must be the mandate's */
  decayIndex: number;
  /** lists at most N assets; those it does not list get nothing */
  mandate: Mandate;
  /** observations behind the triangle */
  windowLength?: number | undefined;
};

/** An asset that has a budget and no risk to fill it with. */
export class AssetNeverMoves extends Error {
  override name = "AssetNeverMoves";
  readonly asset: number;
  constructor(asset: number, budget: bigint) {
    super(
      `asset ${asset} has variance 0 in this window and a budget of ${budget} ppm; an asset that never moves carries no risk: give it the budget 0 or leave it out`,
    );
    this.asset = asset;
  }
}

/** A triangle of another decay than the mandate's. */
export class DecayMismatch extends Error {
  override name = "DecayMismatch";
  constructor(triangleDecay: number, mandateDecay: number) {
    super(
      `the triangle is of decay ${triangleDecay} and the mandate names decay ${mandateDecay}: take the mandate's triangle from the risk state`,
    );
  }
}

/** A mandate that lists more assets than the triangle. */
export class MandateAssetsMismatch extends Error {
  override name = "MandateAssetsMismatch";
  constructor(mandateAssets: number, triangleAssetCount: number) {
    super(
      `the mandate lists ${mandateAssets} assets and the triangle has ${triangleAssetCount}: drop the assets that are not observed`,
    );
  }
}

/** No whole ppm weights meet the mandate's tolerance. */
export class ToleranceNotReachable extends Error {
  override name = "ToleranceNotReachable";
  constructor(error: number, tolerance: bigint, smallest: number, weight: number) {
    super(
      `weights in whole ppm come to a risk-share error of ${error.toFixed(3)} ppm and the tolerance is ${tolerance} ppm; the smallest weight is ${weight.toFixed(3)} ppm (asset ${smallest}): raise the tolerance, or give assets of very different volatility other budgets`,
    );
  }
}

/**
 * Integer risk-parity allocation that meets rules P-2 to P-6 exactly.
 *
 * A floating-point solution is rounded to whole ppm, moved by single ppm until its largest risk-share error is
 * smallest, and then judged by the same integers as in the circuit. Nothing that is not proven here is returned.
 */
export function allocate(parameters: AllocateParameters): Allocation {
  const { triangle, decayIndex, windowLength = WINDOW_LENGTH } = parameters;
  const assets = triangleAssets(triangle);
  const mandate = forTriangle(checkMandate(parameters.mandate), assets);
  if (decayIndex !== mandate.decayIndex) throw new DecayMismatch(decayIndex, mandate.decayIndex);
  mandate.budgets.forEach((budget, i) => {
    if (budget > 0n && triangleEntry(triangle, assets, i, i) === 0n) throw new AssetNeverMoves(i, budget);
  });

  const { weights, exact } = search(triangle, mandate);
  const contributions = riskContributions(triangle, mandate.shrinkage, weights);
  const atCap = weights.map((weight, i) => weight === mandate.caps[i]);
  const kappa = middleKappa(kappaInterval(contributions, mandate.budgets, mandate.tolerance, atCap));
  const maxRiskShareError = largestShareError(contributions, mandate.budgets, atCap);
  if (kappa === undefined) {
    const budgeted = exact.flatMap((weight, i) => ((mandate.budgets[i] as bigint) > 0n ? [{ weight, i }] : []));
    const smallest = budgeted.reduce((least, entry) => (entry.weight < least.weight ? entry : least));
    throw new ToleranceNotReachable(maxRiskShareError, mandate.tolerance, smallest.i, smallest.weight);
  }
  const volatility = portfolioVolatility(totalRisk(contributions), decayIndex, windowLength);
  const allocation: Allocation = {
    weights,
    portfolioVolatility: volatility,
    exposure: exposureWithin(volatility, mandate.maxExposure, mandate.targetVolatility),
    kappa,
    riskContributions: contributions,
    riskShares: riskSharesPpm(contributions),
    maxRiskShareError,
  };
  const breach = checkAllocation({ triangle, mandate, windowLength, allocation });
  if (breach !== undefined) throw new Error(`allocation breaks its own rule ${breach.rule}: ${breach.fact}`);
  return allocation;
}

/** The mandate with budget 0 and cap 0 for every asset of the triangle it does not list, as its words have them. */
export function forTriangle(mandate: Mandate, assets: number): Mandate {
  const listed = mandate.budgets.length;
  if (listed > assets) throw new MandateAssetsMismatch(listed, assets);
  const padding = new Array<bigint>(assets - listed).fill(0n);
  return { ...mandate, budgets: [...mandate.budgets, ...padding], caps: [...mandate.caps, ...padding] };
}

/** Whole ppm weights, and the exact ones they were rounded from {ppm}. */
function search(triangle: readonly bigint[], mandate: Mandate): { weights: bigint[]; exact: number[] } {
  const assets = mandate.budgets.length;
  const open = mandate.budgets.flatMap((budget, i) => (budget > 0n && (mandate.caps[i] as bigint) > 0n ? [i] : []));
  const shrunk = shrinkTriangle(triangle, mandate.shrinkage);
  const covariance = open.map((i) => open.map((j) => Number(triangleEntry(shrunk, assets, i, j))));
  const share = (values: readonly bigint[]) => open.map((i) => Number(values[i]) / Number(PPM));
  const budgets = share(mandate.budgets);
  const caps = share(mandate.caps);
  const sum = budgets.reduce((total, budget) => total + budget, 0);
  const solution = riskBudgeting({
    covariance,
    budgets: budgets.map((budget) => budget / sum),
    caps,
    semidefinite: true,
  });
  const rounded = roundWeights(
    {
      matrix: new Float64Array(covariance.flat()),
      budgets,
      caps: open.map((i) => Number(mandate.caps[i])),
      weights: solution.weights.map((weight) => weight * Number(PPM)),
    },
    Number(mandate.tolerance) / Number(PPM),
  );
  const weights = new Array<bigint>(assets).fill(0n);
  const exact = new Array<number>(assets).fill(0);
  open.forEach((i, a) => {
    weights[i] = BigInt(rounded.weights[a] as number);
    exact[i] = (solution.weights[a] as number) * Number(PPM);
  });
  return { weights, exact };
}

/** The words `weights` and `portfolio` of the parity statement. */
export const packAllocation = (allocation: Pick<Allocation, "weights" | "portfolioVolatility" | "exposure">) => ({
  weights: packLanes(allocation.weights),
  portfolio: packLanes([allocation.portfolioVolatility, allocation.exposure]),
});
