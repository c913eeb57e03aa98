import type { AccountMargin } from "@equipoise/sdk";
import { type AssessedHouse, assessAccounts, type LocalContext } from "../../pipeline/index.ts";
import type { PriceSeries } from "../../prices/series.ts";
import { type Cast, type Role, roleOf } from "./cast.ts";
import { spotAt } from "./market.ts";

/** An account at one moment {ppm of a dollar}. */
export type AccountMoment = { readonly role: Role; readonly positions: number; readonly cash: bigint } & Pick<
  AccountMargin,
  "equity" | "maintenanceMargin" | "initialMargin"
>;

/** One hour that the keeper looked at. */
export type WatchedHour = {
  /** {s} */
  readonly time: number;
  /** {ppt of a dollar} */
  readonly spot: bigint;
  readonly accounts: readonly AccountMoment[];
};

/** Every account with positions, as the keeper sees it over the newest epoch. */
export async function watch(
  context: LocalContext,
  cast: Cast,
  series: PriceSeries,
  tick: number,
): Promise<{ readonly hour: WatchedHour; readonly house: AssessedHouse }> {
  const house = await assessAccounts(context);
  const accounts = house.accounts.map(
    ({ account, holdings, margin }): AccountMoment => ({
      role: roleOf(cast, account),
      positions: holdings.positions.length,
      cash: holdings.cash,
      equity: margin.equity,
      maintenanceMargin: margin.maintenanceMargin,
      initialMargin: margin.initialMargin,
    }),
  );
  return { house, hour: { time: series.times[tick] ?? 0, spot: spotAt(series, tick), accounts } };
}
