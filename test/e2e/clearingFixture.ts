import { circuitArtifacts } from "@equipoise/circuits";
import {
  chainTime,
  DEFAULT_CLEARING,
  deployClearing,
  hubSite,
  type LocalContext,
  listMissingSeries,
  observePrices,
  type ProverPort,
  proveAndAcceptRisk,
  type SeriesListing,
  ticksOf,
} from "@equipoise/relayer";
import { prove } from "@equipoise/sdk/prover";
import { mintTokens } from "../../relayer/src/demo/clearing/cast.ts";
import { openDiary } from "../../relayer/src/demo/clearing/diary.ts";
import { type Market, openMarket, spotAt } from "../../relayer/src/demo/clearing/market.ts";
import type { ProtocolParameters } from "../../relayer/src/deploy/protocolParameters.ts";
import { type PipelineFixture, startPipeline, WINDOW_TICKS } from "./pipelineFixture.ts";

/** {s} */
const HOUR = 3_600n;
/** The tick whose prices are the last of the first window. */
export const FIRST_TICK = WINDOW_TICKS - 1;
/** Hours after it at which the market crashes, and at which the near option expires. */
const CALM = 2;
export const NEAR_HOURS = 9;

/** Clearing on a hub and one spoke, with a risk state and announced series, just before its first epoch. */
export type ClearingFixture = PipelineFixture & {
  /** what a process that starts has */
  readonly clearing: (overrides?: Partial<LocalContext>) => LocalContext;
  readonly listings: readonly SeriesListing[];
  readonly market: Market;
  /** {ppt of a dollar} */
  readonly spot: bigint;
  readonly mint: typeof mintTokens;
};

/** A perpetual, a put that expires in a few hours, and a call that does not. */
export const PLACES = { perpetual: 0, put: 1, call: 2 } as const;

export type ClearingOptions = {
  /** of prices after the first window */
  readonly hours?: number;
  readonly chainIds?: [number, number];
  /** what else is set up a day before the first epoch */
  readonly early?: (context: LocalContext, parameters: ProtocolParameters) => Promise<void>;
};

/** Proves risk states alone, as far as what needs no other proof is looked at. */
export async function covarianceProver(): Promise<ProverPort> {
  const artifacts = await circuitArtifacts("covariance_full");
  return {
    prove: (statement, input) => {
      if (statement.circuit !== "covariance") throw new Error(`${statement.circuit} is not proven here`);
      return prove(statement, input, artifacts);
    },
  };
}

export async function startClearing(prover: ProverPort, options: ClearingOptions = {}): Promise<ClearingFixture> {
  const { hours = NEAR_HOURS + 1, chainIds = [31_371, 31_372], early } = options;
  const fixture = await startPipeline(prover, {
    ticks: WINDOW_TICKS + hours + 1,
    crashAt: FIRST_TICK + CALM,
    chainIds,
  });
  const { series } = fixture;
  const deployed = fixture.restarted();
  const deployment = await deployClearing({ ...deployed, parameters: DEFAULT_CLEARING });
  const clearing = (overrides: Partial<LocalContext> = {}): LocalContext =>
    fixture.restarted({ deployment, ...overrides });
  const context = clearing();
  await observePrices(context, ticksOf(series, 0, FIRST_TICK - 23));
  const now = await chainTime(hubSite(context).chain);
  const spot = spotAt(series, FIRST_TICK - 24);
  const common = { array: 0, underlying: 0 };
  const last = BigInt(series.times[FIRST_TICK] ?? 0);
  const listings: SeriesListing[] = [
    { ...common, place: PLACES.perpetual, kind: "perpetual", expiry: 0n, strike: 0n },
    { ...common, place: PLACES.put, kind: "put", expiry: last + BigInt(NEAR_HOURS) * HOUR, strike: spot },
    { ...common, place: PLACES.call, kind: "call", expiry: now + 20n * 24n * HOUR, strike: (spot * 11n) / 10n },
  ];
  await listMissingSeries(context, listings);
  await early?.(context, fixture.parameters);
  await observePrices(context, ticksOf(series, 0, FIRST_TICK + 1));
  await proveAndAcceptRisk(context);
  const market = openMarket(
    context,
    series,
    undefined,
    openDiary(context, () => undefined),
  );
  return { ...fixture, clearing, listings, market, spot: spotAt(series, FIRST_TICK), mint: mintTokens };
}
