import { defaultMandate, packMandate, unpackMandate } from "@equipoise/sdk";
import { describe, expect, it } from "vitest";
import { networkNamed } from "../networks/parseNetworks.ts";
import { DEFAULT_DESK } from "./clearingParameters.ts";
import { DeployConfigInvalid, parseDeployConfig } from "./deployConfig.ts";
import { sitesOfNetworks } from "./deployNetworks.ts";

const address = "0x00000000000000000000000000000000000000aa";
const feed = { feed: address, maxAge: 3_600, minAnswer: "1", maxAnswer: "100" };
const given = {
  cash: { symbol: "USDC", address, decimals: 6 },
  tokens: [{ symbol: "WBTC", address, decimals: 8 }],
  feeds: [feed],
  sequencer: { feed: address, grace: 3_600 },
};
const config = {
  name: "preview",
  hub: "sepolia",
  assets: ["BTC"],
  governance: { proposers: [address], executors: [address], guardian: address },
  parameters: { interval: 7_200, receiveGas: 300_000 },
  networks: { sepolia: given, "base-sepolia": { rpcUrl: "http://127.0.0.1:1", testAssets: { publisher: address } } },
};

/** The configuration with one field replaced, as JSON. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(config)) as unknown;
  const holder = path.slice(0, -1).reduce((at, name) => (at as Record<string, unknown>)[name], copy);
  (holder as Record<string, unknown>)[path.at(-1) as string] = value;
  return copy;
}

describe("parseDeployConfig", () => {
  it("default: what is not given is as in the default parameters", () => {
    const { parameters, networks, clearing } = parseDeployConfig(config);
    expect(parameters).toMatchObject({ interval: 7_200, receiveGas: 300_000n, warmUp: 60, assets: ["BTC"] });
    expect(networks.sepolia?.assets).toMatchObject({ kind: "given", feeds: [{ minAnswer: 1n, maxAnswer: 100n }] });
    expect(networks["base-sepolia"]?.assets).toEqual({ kind: "local", publisher: address });
    expect(clearing).toBeUndefined();
  });

  it("default: a desk is as in the default one but for what is given", () => {
    const { clearing } = parseDeployConfig(
      changed(["clearing"], { volatilitySigners: [address, address], desk: { share: 300_000 } }),
    );
    expect(clearing?.desk).toEqual({ ...DEFAULT_DESK, share: 300_000, mandate: "parity" });
  });

  it("default: one mandate with equal budgets", () => {
    const { mandates } = parseDeployConfig(config).parameters;
    expect(mandates).toEqual([{ name: "parity", words: packMandate(defaultMandate(1)) }]);
  });

  it("default: mandates by name, with what is not given as in the default one", () => {
    const calm = { decay: "flat", targetVolatility: 1_000, caps: [1_000_000], driftBand: 30_000 };
    const desk = { mandate: "calm" };
    const clearing = { volatilitySigners: [address, address], desk };
    const copy = changed(["mandates"], { calm, parity: {} });
    const { parameters, ...rest } = parseDeployConfig({ ...(copy as object), clearing });
    const expected = { ...defaultMandate(1), decayIndex: 3, targetVolatility: 1_000n, driftBand: 30_000n };
    expect(parameters.mandates.map(({ name }) => name)).toEqual(["calm", "parity"]);
    expect(unpackMandate(parameters.mandates[0]!.words, 1)).toEqual(expected);
    expect(rest.clearing?.desk?.mandate).toBe("calm");
  });

  it.each([
    ["share", 10_000, 500_000],
    ["health", 1_100_000, 10_000_000],
    ["warmUp", 60, 86_400],
    ["auctionLength", 600, 604_800],
    ["leastCost", 5_000, 200_000],
  ] as const)("error: DeployConfigInvalid for a desk whose %s its contracts refuse", (name, least, most) => {
    const read = (value: number) =>
      parseDeployConfig(changed(["clearing"], { volatilitySigners: [address, address], desk: { [name]: value } }));
    for (const value of [least, most]) expect(read(value).clearing?.desk?.[name]).toBe(value);
    for (const value of [least - 1, most + 1]) {
      expect(() => read(value)).toThrow(DeployConfigInvalid);
      expect(() => read(value)).toThrow(`clearing.desk.${name} is ${value} and must be from ${least} to ${most}`);
    }
  });

  it.each([
    [["name"], "My Deployment", "name is"],
    [["assets"], ["BTC", "BTC"], "each once"],
    [["hubb"], "sepolia", "hubb is"],
    [["governance", "guardian"], "0x12", "governance.guardian"],
    [["governance", "proposers"], [], "governance.proposers"],
    [["parameters", "interval"], "1h", "parameters.interval"],
    [["mandates"], {}, "mandates is {} and must have one"],
    [["mandates"], { "Not calm": {} }, 'mandates is "Not calm"'],
    [["mandates"], { calm: { volatility: 1 } }, "mandates.calm.volatility"],
    [["mandates"], { calm: { budgets: [500_000, 500_000] } }, "mandates.calm.budgets"],
    [["mandates"], { calm: { budgets: [999_999] } }, "mandates.calm is"],
    [["mandates"], { calm: { shrinkage: 0.5 } }, "mandates.calm.shrinkage"],
    [["mandates"], { calm: { maxExposure: 1_500_000 } }, "the governor schedules more"],
    [["mandates"], { calm: { decay: "slow" } }, "mandates.calm.decay"],
    [["clearing"], { volatilitySigners: [address, address], desk: { mandate: "calm" } }, "must be one of parity"],
    [["parameters", "warmup"], 60, "parameters.warmup"],
    [["networks", "sepolia", "tokens"], [], "networks.sepolia.tokens"],
    [["networks", "sepolia", "feeds"], [feed, feed], "one per asset"],
    [["networks", "sepolia", "feeds", 0, "minAnswer"], 1, "networks.sepolia.feeds[0].minAnswer"],
    [["networks", "sepolia", "testAssets"], { publisher: address }, "excludes testAssets"],
    [["networks", "base-sepolia", "testAssets"], {}, "networks.base-sepolia.testAssets.publisher"],
    [["clearing"], { volatilitySigners: [address] }, "clearing.volatilitySigners"],
    [["clearing"], { volatilitySigners: [address, address], desk: { share: "a half" } }, "clearing.desk.share"],
    [["clearing"], { volatilitySigners: [address, address], desk: { margin: 1 } }, "clearing.desk.margin"],
  ] as const)("error: DeployConfigInvalid names %j", (path, value, message) => {
    const read = () => parseDeployConfig(changed(path, value));
    expect(read).toThrow(DeployConfigInvalid);
    expect(read).toThrow(message);
  });
});

describe("sitesOfNetworks", () => {
  const networks = [networkNamed("sepolia"), networkNamed("base-sepolia")];

  it("default: the hub and its spokes, with LayerZero's contracts", () => {
    const sites = sitesOfNetworks(parseDeployConfig(config), networks);
    expect(sites.map(({ role, eid }) => [role, eid])).toEqual([
      ["hub", 40_161],
      ["spoke", 40_245],
    ]);
    expect(sites[1]?.layerZero.verifierNames).toHaveLength(2);
  });

  it("error: DeployConfigInvalid where a network is not described, or the hub is not among them", () => {
    const parsed = parseDeployConfig(config);
    expect(() => sitesOfNetworks(parsed, [...networks, networkNamed("optimism-sepolia")])).toThrow("optimism-sepolia");
    expect(() => sitesOfNetworks(parsed, networks.slice(1))).toThrow("hub is");
  });
});
