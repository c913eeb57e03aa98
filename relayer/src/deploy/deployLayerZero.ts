import type { LayerZeroAddresses } from "@equipoise/sdk/actions";
import type { LocalAccounts } from "../chains/accounts.ts";
import type { Chain } from "../chains/chain.ts";
import { applyPlan } from "./applyPlan.ts";
import { type LocalLayerZeroParameters, planLocalLayerZero } from "./layerZeroPlan.ts";

export type DeployLayerZeroParameters = {
  /** a hub and its spokes: messages go between these and not among spokes */
  readonly chains: readonly Chain[];
  readonly accounts: Pick<LocalAccounts, "layerZero" | "relayer">;
} & Pick<LocalLayerZeroParameters, "verifiers" | "confirmations">;

/** Puts LayerZero V2 on local chains, or finds it there; the relayer operates the verifiers. */
export async function deployLayerZero(parameters: DeployLayerZeroParameters): Promise<LayerZeroAddresses[]> {
  const { chains, accounts, ...rest } = parameters;
  const planned = chains.map((chain) => {
    const remoteEids = chains.filter(({ role }) => role !== chain.role).map(({ eid }) => eid);
    const owner = accounts.layerZero.address;
    return planLocalLayerZero({ eid: chain.eid, remoteEids, owner, operator: accounts.relayer.address, ...rest });
  });
  const plans = chains.map(({ chainId }, place) => ({ chainId, steps: planned[place]?.steps ?? [] }));
  await applyPlan({ chains, plans, account: accounts.layerZero });
  return planned.map(({ layerZero }) => layerZero);
}
