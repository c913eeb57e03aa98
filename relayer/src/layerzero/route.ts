import type { Account, Address } from "viem";
import type { Chain } from "../chains/chain.ts";

/** LayerZero's contracts on one chain, and who sits in the workers' seats. */
export type LayerZeroAddresses = {
  readonly endpoint: Address;
  readonly sendLibrary: Address;
  readonly receiveLibrary: Address;
  readonly endpointView: Address;
  readonly receiveView: Address;
  /** ascending, as the libraries want them */
  readonly verifiers: readonly Address[];
  readonly executor: Address;
  /** {blocks} a packet's own block counts as the first */
  readonly confirmations: number;
};

/** One end of a path: a chain, its LayerZero contracts, and the account that operates the local verifiers. */
export type RouteEnd = {
  readonly chain: Chain;
  readonly layerZero: LayerZeroAddresses;
  readonly operator: Account;
};

/** From where to where packets are carried. */
export type Route = { readonly source: RouteEnd; readonly destination: RouteEnd };
