import type { LayerZeroAddresses } from "@equipoise/sdk/actions";
import type { Address } from "viem";

/** A company that verifies packets, and its contract on a chain. */
export type Verifier = { readonly name: string; readonly address: Address };

/** A public chain by name, with LayerZero's contracts there. */
export type Network = {
  readonly name: string;
  readonly chainId: number;
  /** LayerZero's name of the chain */
  readonly eid: number;
  readonly endpoint: Address;
  readonly sendLibrary: Address;
  readonly receiveLibrary: Address;
  readonly endpointView: Address;
  readonly receiveView: Address;
  readonly executor: Address;
  /** all must sign: two or more, of different companies */
  readonly verifiers: readonly Verifier[];
  /** {blocks} that verifiers wait for on packets from this chain: our choice, written into every path */
  readonly confirmations: number;
};

/** LayerZero's contracts on a network, with the verifiers ascending by address. */
export function layerZeroOf(network: Network): LayerZeroAddresses {
  const { endpoint, sendLibrary, receiveLibrary, endpointView, receiveView, executor, confirmations } = network;
  const verifiers = network.verifiers.toSorted((one, other) => (BigInt(one.address) < BigInt(other.address) ? -1 : 1));
  return {
    endpoint,
    sendLibrary,
    receiveLibrary,
    endpointView,
    receiveView,
    executor,
    confirmations,
    verifiers: verifiers.map(({ address }) => address),
    verifierNames: verifiers.map(({ name }) => name),
  };
}
