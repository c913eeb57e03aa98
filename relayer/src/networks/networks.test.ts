import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getAddress } from "viem";
import { describe, expect, it } from "vitest";
import { layerZeroOf, NetworksInvalid, NetworkUnknown, networkNamed, parseNetworks, TESTNETS } from "./index.ts";

describe("TESTNETS", () => {
  it("default: ids, names and contracts are told apart, addresses are checksummed", () => {
    for (const of of ["name", "chainId", "eid", "sendLibrary", "receiveLibrary", "executor", "endpointView"] as const)
      expect(new Set(TESTNETS.map((network) => network[of])).size).toBe(TESTNETS.length);
    for (const { name: _, chainId: __, eid: ___, verifiers, confirmations: ____, ...contracts } of TESTNETS) {
      for (const address of [...Object.values(contracts), ...verifiers.map((verifier) => verifier.address)])
        expect(address).toBe(getAddress(address));
      expect(verifiers.length).toBeGreaterThanOrEqual(2);
    }
  });

  it("behavior: the same companies verify on every one of them", () => {
    for (const { verifiers } of TESTNETS)
      expect(verifiers.map(({ name }) => name).sort()).toEqual(["LayerZero Labs", "Nethermind"]);
  });

  it("behavior: every one is a chain where development keys may live", () => {
    const source = readFileSync(
      join(import.meta.dirname, "../../../contracts/libraries/DevelopmentChains.sol"),
      "utf8",
    ).replaceAll("_", "");
    for (const { chainId } of TESTNETS) expect(source).toContain(`chainId == ${chainId}`);
  });
});

describe("layerZeroOf", () => {
  it("default: verifiers ascend and keep their names", () => {
    const { verifiers, verifierNames } = layerZeroOf(networkNamed("sepolia"));
    expect(verifierNames).toEqual(["Nethermind", "LayerZero Labs"]);
    expect(BigInt(verifiers[0] ?? 0)).toBeLessThan(BigInt(verifiers[1] ?? 0));
  });
});

describe("networkNamed", () => {
  it("behavior: one's own comes before the testnet of the same name", () => {
    const own = { ...networkNamed("sepolia"), eid: 7 };
    expect(networkNamed("sepolia", parseNetworks(JSON.parse(JSON.stringify([own])))).eid).toBe(7);
  });

  it("behavior: a network by the other name it goes by", () => {
    expect(networkNamed("op-sepolia")).toBe(networkNamed("optimism-sepolia"));
  });

  it("error: NetworkUnknown", () => {
    expect(() => networkNamed("sepola")).toThrow(NetworkUnknown);
    expect(() => networkNamed("sepola")).toThrow("sepolia, base-sepolia, arbitrum-sepolia, optimism-sepolia");
  });
});

describe("parseNetworks", () => {
  it.each([
    ["verifiers", [], "networks[0].verifiers"],
    ["verifiers", [{ name: "one", address: TESTNETS[0]?.endpoint }], "must be a list of 2 or more"],
    ["eid", "40161", "networks[0].eid"],
    ["executor", "0x12", "networks[0].executor"],
  ])("error: NetworksInvalid names %s", (field, value, message) => {
    const read = () => parseNetworks([{ ...TESTNETS[0], [field]: value }]);
    expect(read).toThrow(NetworksInvalid);
    expect(read).toThrow(message);
  });
});
