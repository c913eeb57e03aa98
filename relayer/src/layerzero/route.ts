import type { LayerZeroAddresses, MessageEnd, MessagePath } from "@equipoise/sdk/actions";
import type { Account } from "viem";
import type { Chain } from "../chains/chain.ts";

/** One end of a path: a chain, its LayerZero contracts, and the account that operates the local verifiers. */
export type RouteEnd = {
  readonly chain: Chain;
  readonly layerZero: LayerZeroAddresses;
  readonly operator: Account;
};

/** From where to where packets are carried. */
export type Route = { readonly source: RouteEnd; readonly destination: RouteEnd };

/** An end as the SDK reads it. */
export const endOf = ({ chain, layerZero }: RouteEnd): MessageEnd => ({ client: chain.reader, layerZero });

/** A route as the SDK reads it. */
export const pathOf = ({ source, destination }: Route): MessagePath => ({
  source: endOf(source),
  destination: endOf(destination),
});
