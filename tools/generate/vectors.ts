/** Shared vectors of the model: figures that TypeScript, Solidity and circom have to agree on. Seeded, so always the same. */
import { packLanes, packSignedLanes } from "../../sdk/src/lanes.ts";
import { allocate, packAllocation } from "../../sdk/src/model/allocation.ts";
import { checkAllocation } from "../../sdk/src/model/allocationRules.ts";
import { defaultMandate, type Mandate, packMandate } from "../../sdk/src/model/mandate.ts";
import { observedReturn, observedReturns, packObservations } from "../../sdk/src/model/returns.ts";
import { riskFigures } from "../../sdk/src/model/riskState.ts";
import { type SeededDraws, seededDraws } from "../../sdk/src/model/seededDraws.ts";
import {
  DECAYS,
  decaySum,
  LANE_COUNT,
  LANE_LIMIT,
  MAX_RETURN,
  PPM,
  SIGNED_OFFSET,
  SIZES,
  type SizeName,
  WAD,
  WORD_LIMIT,
} from "../../sdk/src/protocol.ts";

const NOTE = "written by tools/generate/vectors.ts; integers are decimal strings";

/** Path from the repository's root → text. */
export const vectorFiles = (): Map<string, string> =>
  new Map(
    Object.entries({ lanes: lanes(), returns: returns(), "risk-state": riskStates(), allocation: allocations() }).map(
      ([name, content]) => [`test/vectors/${name}.json`, `${toText({ note: NOTE, ...content })}\n`],
    ),
  );

const toText = (value: unknown): string =>
  JSON.stringify(value, (_, entry: unknown) => (typeof entry === "bigint" ? entry.toString() : entry), 1);

function lanes() {
  const draws = seededDraws(101);
  const anyLane = () => BigInt(draws.integer(0, Number(LANE_LIMIT) - 1));
  const unsigned = [
    new Array<bigint>(LANE_COUNT).fill(0n),
    new Array<bigint>(LANE_COUNT).fill(LANE_LIMIT - 1n),
    Array.from({ length: LANE_COUNT }, (_, lane) => BigInt(lane)),
    ...Array.from({ length: 8 }, () => Array.from({ length: LANE_COUNT }, anyLane)),
  ];
  const signed = [
    new Array<bigint>(LANE_COUNT).fill(0n),
    new Array<bigint>(LANE_COUNT).fill(MAX_RETURN),
    new Array<bigint>(LANE_COUNT).fill(-SIGNED_OFFSET),
    ...Array.from({ length: 8 }, () => Array.from({ length: LANE_COUNT }, () => anyLane() - SIGNED_OFFSET)),
  ];
  return {
    unsigned: unsigned.map((values) => ({ lanes: values, word: packLanes(values) })),
    signed: signed.map((values) => ({ lanes: values, word: packSignedLanes(values) })),
    /** not words: each must be refused */
    refused: [WORD_LIMIT, WORD_LIMIT + 1n, 2n ** 256n - 1n],
  };
}

function returns() {
  const draws = seededDraws(102);
  const anyPrice = () => BigInt(draws.integer(1, 2 ** 31)) * BigInt(draws.integer(1, 2 ** 31)) * 10n ** 10n;
  const pairs: [bigint, bigint][] = [
    [WAD, WAD],
    [3n, 4n],
    [3n, 2n],
    [1n, 2n ** 127n],
    [2n ** 127n, 1n],
    [1_000_000n, 1_000_000n + MAX_RETURN],
    [1_000_000n, 1_000_001n + MAX_RETURN],
    ...Array.from({ length: 20 }, (): [bigint, bigint] => {
      const before = anyPrice();
      return [before, (before * BigInt(draws.integer(900_000, 1_100_000))) / PPM + BigInt(draws.integer(0, 9))];
    }),
  ];
  const prices = Array.from({ length: 9 }, () =>
    Array.from({ length: 5 }, (_, i) => BigInt(draws.integer(900, 1100)) * 10n ** BigInt(12 + i)),
  );
  return {
    pairs: pairs.map(([before, after]) => ({ before, after, observedReturn: observedReturn(before, after) })),
    windows: [{ prices, observations: packObservations(observedReturns(prices)) }],
  };
}

/** {ppm} returns of assets that share a market; the last `motionless` lanes never move */
function marketReturns(
  draws: SeededDraws,
  ticks: number,
  assets: number,
  motionless: number,
  against: boolean,
): bigint[][] {
  return Array.from({ length: ticks }, () => {
    const market = draws.normal() * 6_000;
    return Array.from({ length: assets }, (_, i) => {
      if (i >= assets - motionless) return 0n;
      const side = against && i % 2 === 1 ? -1 : 1;
      return BigInt(Math.round(side * market * (0.6 + 0.1 * i) + draws.normal() * 3_000));
    });
  });
}

const riskCases: { name: string; size: SizeName; observedReturns: bigint[][] }[] = [
  {
    name: "three assets",
    size: "small",
    observedReturns: marketReturns(seededDraws(103), SIZES.small.windowLength, 3, 0, false),
  },
  {
    name: "three assets, one against the others",
    size: "small",
    observedReturns: marketReturns(seededDraws(104), SIZES.small.windowLength, 3, 0, true),
  },
  {
    name: "three assets, one motionless",
    size: "small",
    observedReturns: marketReturns(seededDraws(105), SIZES.small.windowLength, 3, 1, true),
  },
  {
    name: "the largest moves",
    size: "small",
    observedReturns: Array.from({ length: SIZES.small.windowLength }, (_, t) => [
      MAX_RETURN,
      -MAX_RETURN,
      t % 2 === 0 ? MAX_RETURN : -MAX_RETURN,
    ]),
  },
  {
    name: "nothing moves",
    size: "small",
    observedReturns: Array.from({ length: SIZES.small.windowLength }, () => [0n, 0n, 0n]),
  },
  { name: "twelve assets", size: "full", observedReturns: marketReturns(seededDraws(106), 240, 12, 0, false) },
  {
    name: "five assets in twelve lanes",
    size: "full",
    observedReturns: marketReturns(seededDraws(107), 240, 12, 7, true),
  },
];

function riskStates() {
  return {
    cases: riskCases.map(({ name, size, observedReturns: window }) => {
      const { assets, windowLength } = SIZES[size];
      const figures = riskFigures(window);
      return {
        name,
        size,
        observations: packObservations(window, assets),
        decaySums: DECAYS.map((_, decayIndex) => decaySum(decayIndex, windowLength)),
        triangles: figures.triangles,
        volatilities: figures.volatilitiesWord,
        correlations: figures.correlationsWords,
        volatilitiesPpm: figures.volatilities,
        correlationsPpm: figures.correlations,
      };
    }),
  };
}

type MandateChange = (assets: number) => Partial<Mandate>;
const mandateChanges: { name: string; change: MandateChange }[] = [
  { name: "equal budgets", change: () => ({}) },
  { name: "half shrunk", change: () => ({ shrinkage: 500_000n, decayIndex: 0 }) },
  { name: "inverse volatility", change: () => ({ shrinkage: PPM, decayIndex: 3 }) },
  {
    name: "unequal budgets, low exposure",
    change: (n) => ({ budgets: ascending(n), targetVolatility: 1_500n, decayIndex: 1 }),
  },
  { name: "a cap that binds", change: (n) => ({ caps: [150_000n, ...new Array<bigint>(n - 1).fill(PPM)] }) },
  { name: "caps that leave one portfolio", change: (n) => ({ caps: ascending(n) }) },
  {
    name: "an asset without a budget",
    change: (n) => ({ budgets: [0n, ...evenly(n - 1)], maxExposure: 700_000n, targetVolatility: 50_000n }),
  },
];

const evenly = (n: number): bigint[] => defaultMandate(n).budgets;
/** {ppm} 1 : 2 : … : n, summing to 10⁶ */
function ascending(n: number): bigint[] {
  const unit = (2n * PPM) / BigInt(n * (n + 1));
  const parts = Array.from({ length: n }, (_, i) => unit * BigInt(i + 1));
  return parts.map((part, i) => (i === n - 1 ? PPM - parts.slice(0, -1).reduce((a, b) => a + b, 0n) : part));
}

function allocations() {
  const cases = riskCases.flatMap(({ name, size, observedReturns: window }) => {
    const listed = name.startsWith("five") ? 5 : SIZES[size].assets;
    if (name === "nothing moves" || name.includes("motionless") || name.includes("largest")) return [];
    const { triangles } = riskFigures(window);
    return mandateChanges.map(({ name: change, change: changed }) =>
      allocationCase(`${name}: ${change}`, size, triangles, { ...defaultMandate(listed), ...changed(listed) }),
    );
  });
  return { cases };
}

function allocationCase(name: string, size: SizeName, triangles: bigint[][], mandate: Mandate) {
  const triangle = triangles[mandate.decayIndex] as bigint[];
  const { windowLength } = SIZES[size];
  const allocation = allocate({ triangle, decayIndex: mandate.decayIndex, mandate, windowLength });
  const words = packAllocation(allocation);
  return {
    name,
    size,
    triangle,
    mandate: packMandate(mandate),
    weights: words.weights,
    portfolio: words.portfolio,
    kappa: allocation.kappa,
    weightsPpm: allocation.weights,
    portfolioVolatility: allocation.portfolioVolatility,
    exposure: allocation.exposure,
    riskContributions: allocation.riskContributions,
    /** the same statement with one thing changed, and the rule that no longer holds */
    refused: refusals(triangle, mandate, allocation, windowLength),
  };
}

function refusals(triangle: bigint[], mandate: Mandate, allocation: ReturnType<typeof allocate>, windowLength: number) {
  const last = mandate.budgets.length - 1;
  const moved = (by: bigint) =>
    allocation.weights.map((weight, i) => weight + (i === last ? by : i === last - 1 ? -by : 0n));
  const changes = [
    { weights: moved(1_000n) },
    { weights: allocation.weights.map((weight, i) => (i === last ? weight - 1n : weight)) },
    { portfolioVolatility: allocation.portfolioVolatility + 1n },
    { exposure: allocation.exposure + 1n },
    { exposure: allocation.exposure - 1n },
    { kappa: 0n },
  ];
  return changes.map((change) => {
    const claim = { ...allocation, ...change };
    const breach = checkAllocation({ triangle, mandate, allocation: claim, windowLength });
    if (breach === undefined) throw new Error(`a changed allocation still holds: ${Object.keys(change)[0]}`);
    const { weights, portfolio } = packAllocation(claim);
    return { rule: breach.rule, weights, portfolio, kappa: claim.kappa };
  });
}
