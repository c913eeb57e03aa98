import { giveNoticeCall, readSeries } from "@equipoise/sdk/actions";
import { runStep, StepFailed } from "../../stepFailed.ts";
import type { LocalContext } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";
import { type GovernedStage, govern } from "./govern.ts";

/** A notice, once it is given. */
export type GivenNotice = GovernedStage & {
  /** {s} its end; nothing before it is given */
  readonly end?: bigint;
};

/**
 * Has the governor's timelock give notice to a perpetual. Run it again until its stage is `done`; there is no way back.
 * @param series 16 · array
 */
export function giveNotice(context: LocalContext, series: number): Promise<GivenNotice> {
  return runStep("give notice", async () => {
    const { chain, clearing } = clearingSite(context);
    const { listings } = clearing;
    const perpetual = await readSeries(chain.reader, { listings, series });
    if (perpetual?.kind !== "perpetual") {
      throw new StepFailed(`no perpetual stands in place ${series}; only perpetuals are retired on notice`, {
        retry: false,
      });
    }
    if (perpetual.expiry !== 0n) return { stage: "done", readyAt: 0n, end: perpetual.expiry };
    // another perpetual in the same place has another first epoch
    const name = `notice ${series} ${perpetual.firstEpoch}`;
    const governed = await govern(context, name, [giveNoticeCall({ listings, series })]);
    if (governed.stage !== "done") return governed;
    const given = await readSeries(chain.reader, { listings, series });
    return { ...governed, ...(given === undefined ? {} : { end: given.expiry }) };
  });
}
