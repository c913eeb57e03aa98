import {
  capitalAt,
  LIQUIDATORS,
  type LiquidatorsName,
  type MarginMethod,
  portfolioMethod,
  type ReplayParameters,
  type ReplayResult,
  replay,
  STATIC_SCALE,
  type StaticLevels,
  seededBooks,
  staticMethod,
  staticScaleFor,
} from "@equipoise/sdk";
import type { ReadPath } from "./readPath.ts";

/** What accounts can be margined with; `static-equal` is `static` scaled to the capital of `portfolio`. */
export const METHOD_NAMES = ["portfolio", "static", "static-equal"] as const;
export type MethodName = (typeof METHOD_NAMES)[number];

export type ReplayRun = {
  readonly method: MethodName;
  readonly liquidators: LiquidatorsName;
  /** {ppm} of the static rates; undefined for `portfolio` */
  readonly scale: bigint | undefined;
  readonly result: ReplayResult;
};

export type ReplayPlan = {
  readonly methods: readonly MethodName[];
  readonly liquidators: readonly LiquidatorsName[];
  readonly accounts: number;
  readonly seed: number;
  readonly staticRates: StaticLevels;
  /** all but the liquidators, which vary */
  readonly parameters: ReplayParameters;
};

/** Every method with every kind of liquidators over one path, the same books each time. */
export function runReplays({ path }: ReadPath, plan: ReplayPlan, progress: (line: string) => void): ReplayRun[] {
  const books = (market: Parameters<typeof seededBooks>[2]) => seededBooks(plan.seed, plan.accounts, market);
  const inputs = { path, books, parameters: plan.parameters };
  const scaleOf = (method: MethodName): bigint | undefined => {
    if (method === "portfolio") return undefined;
    if (method === "static") return STATIC_SCALE;
    return staticScaleFor(inputs, capitalAt(inputs, portfolioMethod), plan.staticRates);
  };
  return plan.methods.flatMap((method) => {
    const scale = scaleOf(method);
    const margin: MarginMethod = scale === undefined ? portfolioMethod : staticMethod(scale, plan.staticRates);
    return plan.liquidators.map((liquidators): ReplayRun => {
      const parameters = { ...plan.parameters, liquidators: LIQUIDATORS[liquidators] };
      const began = process.hrtime.bigint();
      const result = replay({ path, method: margin, parameters, books });
      const seconds = Number(process.hrtime.bigint() - began) / 1e9;
      progress(
        `${method}, liquidators ${liquidators}: ${path.times.length - path.start} hours in ${seconds.toFixed(1)} s`,
      );
      return { method, liquidators, scale, result };
    });
  });
}
