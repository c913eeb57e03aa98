import { describe, expect, it } from "vitest";
import { type Deployment, DeploymentInvalid } from "./deployment.ts";
import { parseDeployment } from "./parseDeployment.ts";

const address = "0x00000000000000000000000000000000000000aa";
const token = { symbol: "BTC", address, decimals: 8 } as const;
const layerZero = {
  endpoint: address,
  sendLibrary: address,
  receiveLibrary: address,
  endpointView: address,
  receiveView: address,
  verifiers: [address],
  verifierNames: ["one"],
  executor: address,
  confirmations: 2,
} as const;
const every = { chainId: 31337, block: 0, layerZero, governor: address, pricePublisher: address } as const;
const parts = { riskState: address, parityVerifier: address, vault: address, cash: token, tokens: [token] } as const;
const hub = { ...every, ...parts, eid: 1, role: "hub", priceSources: [address] } as const;
const deployment: Deployment = {
  version: 2,
  name: "local",
  deployer: address,
  factory: address,
  assets: ["BTC"],
  interval: 3600,
  chains: [
    { ...hub, observationLog: address, covarianceVerifier: address, riskBeacon: address },
    { ...every, ...parts, eid: 2, role: "spoke", priceSources: [address] },
  ],
};

/** The deployment with one field replaced, as JSON. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(deployment)) as unknown;
  const last = path.at(-1) as string;
  const holder = path.slice(0, -1).reduce((at, name) => (at as Record<string, unknown>)[name], copy);
  (holder as Record<string, unknown>)[last] = value;
  return copy;
}

describe("parseDeployment", () => {
  it("default: reads back what was written", () => {
    expect(parseDeployment(JSON.parse(JSON.stringify(deployment)))).toEqual(deployment);
  });

  it.each([
    [["version"], 1, "deployment.version"],
    [["name"], "", "deployment.name"],
    [["factory"], "0x", "deployment.factory"],
    [["assets"], [], "deployment.assets"],
    [["interval"], -1, "deployment.interval"],
    [["chains"], {}, "deployment.chains"],
    [["chains", 0, "role"], "centre", "deployment.chains[0].role"],
    [["chains", 0, "role"], "spoke", "needs one with the role hub"],
    [["chains", 0, "riskBeacon"], undefined, "deployment.chains[0].riskBeacon"],
    [["chains", 1, "vault"], "0x12", "deployment.chains[1].vault"],
    [["chains", 1, "eid"], 1, "is there twice"],
    [["chains", 1, "tokens"], [token, token], "as many as assets"],
    [["chains", 1, "layerZero"], [], "deployment.chains[1].layerZero"],
    [["chains", 1, "layerZero", "verifiers"], [], "deployment.chains[1].layerZero.verifiers"],
    [["chains", 1, "layerZero", "verifierNames"], ["one", "two"], "as many as verifiers"],
    [["chains", 1, "pricePublisher"], 5, "deployment.chains[1].pricePublisher"],
    [["chains", 1, "cash", "decimals"], 1.5, "deployment.chains[1].cash.decimals"],
    [["chains", 1, "cash", "symbol"], "", "deployment.chains[1].cash.symbol"],
  ] as const)("error: DeploymentInvalid names %j", (path, value, message) => {
    const read = (): Deployment => parseDeployment(changed(path, value));
    expect(read).toThrow(DeploymentInvalid);
    expect(read).toThrow(message);
  });
});
