import { type Address, getAddress, numberToHex } from "viem";
import type { Deployment, LayerZeroAddresses, TokenDeployment } from "../actions/deployment/index.ts";

const MANDATES = ["parity", "calm"];

/**
 * A deployment of two mandates on a hub and a spoke, clearing included, as a record has it: for what reads one. Nothing is at its addresses, of
 * which no two are the same.
 */
export function simulatedDeployment(): Deployment {
  let used = 0;
  const address = (): Address => getAddress(numberToHex(0xe900 + ++used, { size: 20 }));
  const token = (symbol: string): TokenDeployment => ({ symbol, address: address(), decimals: 8 });
  const layerZero = (): LayerZeroAddresses => ({
    endpoint: address(),
    sendLibrary: address(),
    receiveLibrary: address(),
    endpointView: address(),
    receiveView: address(),
    verifiers: [address(), address()],
    verifierNames: ["one", "two"],
    executor: address(),
    confirmations: 2,
  });
  const every = (chainId: number) => ({
    chainId,
    eid: chainId + 9_000,
    block: 7,
    layerZero: layerZero(),
    governor: address(),
    pricePublisher: address(),
    priceSources: [address(), address()],
    riskState: address(),
    parityVerifier: address(),
    vaults: MANDATES.map((mandate) => ({ mandate, vault: address() })),
    cash: token("USD"),
    tokens: [token("BTC"), token("ETH")],
  });
  const hub = { ...every(31_337), role: "hub" } as const;
  const spoke = { ...every(31_338), role: "spoke" } as const;
  return {
    version: 3,
    name: "simulated",
    deployer: address(),
    factory: address(),
    assets: ["BTC", "ETH"],
    interval: 3_600,
    mandates: MANDATES,
    chains: [{ ...hub, observationLog: address(), covarianceVerifier: address(), riskBeacon: address() }, spoke],
    clearing: {
      block: 9,
      volatilityLog: address(),
      settlementPrices: address(),
      riskArrayVerifier: address(),
      marginVerifier: address(),
      solvencyVerifier: address(),
      riskArrays: address(),
      listings: address(),
      marginTerms: address(),
      collateralHub: address(),
      clearingHouse: address(),
      exchange: address(),
      lossBook: address(),
      marginEngine: address(),
      liquidation: address(),
      gates: [hub, spoke].map(({ eid }) => ({ eid, collateralGate: address() })),
      desk: { mandate: "parity", vaultDesk: address(), deskAuctions: address() },
    },
  };
}
