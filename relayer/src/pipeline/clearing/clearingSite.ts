import { type ClearingDeployment, clearingOf, type HubDeployment } from "@equipoise/sdk/actions";
import type { Chain } from "../../chains/chain.ts";
import { type Context, hubSite } from "../context.ts";

/** The hub, with what is deployed there for clearing. */
export type ClearingSite = {
  readonly chain: Chain;
  readonly hub: HubDeployment;
  readonly clearing: ClearingDeployment;
};

export function clearingSite(context: Context): ClearingSite {
  const { chain, deployment } = hubSite(context);
  return { chain, hub: deployment, clearing: clearingOf(context.deployment) };
}
