import { describe, expect, it } from "vitest";
import { simulatedDeployment } from "../../testing/index.ts";
import { clearingOf, type Deployment, DeploymentInvalid, hubOf, spokesOf, vaultOf } from "./deployment.ts";
import { parseDeployment } from "./parseDeployment.ts";

const deployment = simulatedDeployment();
const token = deployment.chains[1]?.cash;
const json = (value: object): unknown => JSON.parse(JSON.stringify(value));

/** The deployment with one field replaced, as JSON. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const copy = json(deployment);
  const last = path.at(-1) as string;
  const holder = path.slice(0, -1).reduce((at, name) => (at as Record<string, unknown>)[name], copy);
  (holder as Record<string, unknown>)[last] = value;
  return copy;
}

describe("parseDeployment", () => {
  it("default: reads back what was written", () => {
    expect(parseDeployment(json(deployment))).toEqual(deployment);
    const { clearing: _, ...without } = deployment;
    expect(parseDeployment(json(without))).toEqual(without);
  });

  it("default: out of the record of it", () => {
    expect(parseDeployment(json({ version: 1, transactions: [], deployment }))).toEqual(deployment);
  });

  it("default: what is in it and unknown is left out", () => {
    expect(parseDeployment(changed(["chains", 0, "more"], 1))).toEqual(deployment);
  });

  it("default: the vault of a mandate, which it has to know", () => {
    const hub = hubOf(deployment);
    expect(hub.vaults.map(({ mandate }) => vaultOf(hub, mandate))).toEqual(hub.vaults);
    expect(() => vaultOf(hub, "wild")).toThrow(DeploymentInvalid);
    expect(() => vaultOf(hub, "wild")).toThrow("parity, calm");
  });

  it("default: its hub, its spokes and its clearing", () => {
    const [hub, spoke] = deployment.chains;
    expect([hubOf(deployment), spokesOf(deployment)]).toEqual([hub, [spoke]]);
    expect(clearingOf(deployment)).toBe(deployment.clearing);
    expect(() => clearingOf({ ...deployment, clearing: undefined } as never)).toThrow(DeploymentInvalid);
  });

  it.each([
    [{ version: 1, transactions: [] }, "deployment is undefined and must be an object"],
    [[], "deployment is [] and must be an object"],
    [null, "deployment is null and must be an object"],
  ])("error: DeploymentInvalid for %j", (value, message) => {
    expect(() => parseDeployment(value)).toThrow(DeploymentInvalid);
    expect(() => parseDeployment(value)).toThrow(message);
  });

  it.each([
    [["version"], 2, "deployment.version is 2 and must be 3; move the file away and deploy again"],
    [["name"], "", "deployment.name"],
    [["factory"], "0x", "deployment.factory"],
    [["assets"], [], "deployment.assets"],
    [["interval"], -1, "deployment.interval"],
    [["chains"], {}, "deployment.chains"],
    [["chains", 0, "role"], "centre", "deployment.chains[0].role"],
    [["chains", 0, "role"], "spoke", "needs one with the role hub"],
    [["chains", 0, "riskBeacon"], undefined, "deployment.chains[0].riskBeacon"],
    [["clearing", "desk", "deskAuctions"], undefined, "deployment.clearing.desk.deskAuctions"],
    [["chains", 1, "vaults", 0, "vault"], "0x12", "deployment.chains[1].vaults[0].vault"],
    [["chains", 1, "vaults", 1, "mandate"], "wild", "must be one for each of parity, calm"],
    [["chains", 1, "vaults"], [], "deployment.chains[1].vaults"],
    [["mandates"], [""], "deployment.mandates[0]"],
    [["clearing", "desk", "mandate"], "wild", "must be one of parity, calm"],
    [["chains", 1, "eid"], 40_337, "is there twice"],
    [["chains", 1, "tokens"], [token], "as many as assets"],
    [["chains", 1, "priceSources"], [token?.address], "priceSources is 1 and must be 2, as many as assets"],
    [["chains", 1, "layerZero"], [], "deployment.chains[1].layerZero"],
    [["chains", 1, "layerZero", "verifiers"], [], "deployment.chains[1].layerZero.verifiers"],
    [["chains", 1, "layerZero", "verifierNames"], ["one"], "as many as verifiers"],
    [["chains", 1, "pricePublisher"], 5, "deployment.chains[1].pricePublisher"],
    [["chains", 1, "cash", "decimals"], 1.5, "deployment.chains[1].cash.decimals"],
    [["chains", 1, "cash", "symbol"], "", "deployment.chains[1].cash.symbol"],
    [["clearing"], 0, "deployment.clearing"],
    [["clearing", "exchange"], "0x12", "deployment.clearing.exchange"],
    [["clearing", "gates", 1, "collateralGate"], null, "deployment.clearing.gates[1].collateralGate"],
  ] as const)("error: DeploymentInvalid names %j", (path, value, message) => {
    const read = (): Deployment => parseDeployment(changed(path, value));
    expect(read).toThrow(DeploymentInvalid);
    expect(read).toThrow(message);
  });
});
