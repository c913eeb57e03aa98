import type { Address, Client } from "viem";

/** LayerZero's contracts on one chain, as far as following a message needs them. */
export type MessageContracts = {
  readonly endpoint: Address;
  readonly receiveLibrary: Address;
  readonly endpointView: Address;
  readonly receiveView: Address;
  /** verifiers of the messages this chain receives */
  readonly verifiers: readonly Address[];
  /** {blocks} that verifiers wait for on packets from this chain; a packet's own block counts as the first */
  readonly confirmations: number;
};

/** One end of a path. A deployment's record of a chain has its `layerZero`. */
export type MessageEnd = { readonly client: Client; readonly layerZero: MessageContracts };

/** From where to where a message goes. */
export type MessagePath = { readonly source: MessageEnd; readonly destination: MessageEnd };
