import type { MessageContracts, MessageEnd, MessagePath } from "@equipoise/sdk/actions";
import type { Account, Address } from "viem";
import type { Chain } from "../chains/chain.ts";

/** LayerZero's contracts on one chain, and who sits in the workers' seats. */
export type LayerZeroAddresses = MessageContracts & {
  readonly sendLibrary: Address;
  /** ascending, as the libraries want them */
  readonly verifiers: readonly Address[];
  /** who runs each verifier, in their order; the same company has other addresses on other chains */
  readonly verifierNames: readonly string[];
  readonly executor: Address;
};

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
