import { observationLogAbi, observe } from "@equipoise/sdk/actions";
import { setNextBlockTime } from "../chains/clock.ts";
import type { PriceSeries } from "../prices/series.ts";
import { runStep, unlessRefused } from "../stepFailed.ts";
import { type Context, hubSite } from "./context.ts";
import { publishPrices } from "./publishPrices.ts";

/** Prices of all assets at one time. */
export type PriceTick = {
  /** {s} */
  readonly time: bigint;
  /** {D18} one per lane */
  readonly prices: readonly bigint[];
};

/** The ticks of a series, all or those at places [from, to). */
export const ticksOf = (
  series: Pick<PriceSeries, "times" | "prices">,
  from = 0,
  to = series.times.length,
): PriceTick[] =>
  series.times
    .slice(from, to)
    .map((time, place) => ({ time: BigInt(time), prices: series.prices[from + place] ?? [] }));

export type ObservedTicks = {
  /** ticks observed now; those the log already had are left out */
  readonly observed: number;
  /** of the log after them */
  readonly index: bigint;
  /** {gas} of each `observe` */
  readonly gas: readonly bigint[];
};

/**
 * Local chains only: gives the hub's feeds each tick's prices at the tick's time and has the log observe them. Ticks the log
 * has already seen are passed over, so a run that was cut off goes on where it ended.
 */
export function observePrices(
  context: Context,
  ticks: readonly PriceTick[],
  onObserved: (done: number, total: number) => void = () => undefined,
): Promise<ObservedTicks> {
  return runStep("observe", async () => {
    const site = hubSite(context);
    const { chain, deployment } = site;
    const log = { address: deployment.observationLog, abi: observationLogAbi } as const;
    const last = await chain.reader.readContract({ ...log, functionName: "lastObservedAt" });
    const ahead = ticks.filter(({ time }) => time > last);
    const gas: bigint[] = [];
    for (const { time, prices } of ahead) {
      await setNextBlockTime(chain, time);
      await publishPrices(context, site, prices);
      await setNextBlockTime(chain, time);
      const used = await observeOnce(context);
      if (used !== undefined) gas.push(used);
      onObserved(gas.length, ahead.length);
    }
    return { observed: gas.length, index: await chain.reader.readContract({ ...log, functionName: "index" }), gas };
  });
}

/** {gas} of an observation; nothing when another observer was first. */
export async function observeOnce(context: Context): Promise<bigint | undefined> {
  const { chain, deployment } = hubSite(context);
  const observed = await unlessRefused(["ObservationTooEarly"], () =>
    observe(chain.signer(context.accounts.relayer), deployment),
  );
  return observed?.gasUsed;
}
