import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { CIRCUITS } from "@equipoise/sdk";
import { type Address, getAddress, parseAbi, parseEther, toHex, zeroAddress } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Chain } from "../../relayer/src/chains/index.ts";
import { planNetworks, sitesOfNetworks } from "../../relayer/src/deploy/deployNetworks.ts";
import {
  type PlannedSite,
  parseDeployConfig,
  parseRecord,
  preflight,
  RecordInvalid,
  readDeployment,
  readRecord,
} from "../../relayer/src/deploy/index.ts";
import { VERIFIERS } from "../../relayer/src/deploy/verifiers.ts";
import { askNode } from "./localFeeds.ts";
import { type NetworksFixture, startNetworks } from "./networksFixture.ts";

let fixture: NetworksFixture;
const key = ["--private-key-env", "DEPLOYER_KEY"];
/** The same key's, as an operator writes it for a key that is elsewhere. */
const MODULE = `
import { privateKeyToAccount } from ${JSON.stringify(createRequire(import.meta.url).resolve("viem/accounts"))};
const { address, signTransaction } = privateKeyToAccount(process.env.DEPLOYER_KEY);
export default { address, signTransaction };
`;
const deployer = () => fixture.accounts.deployer.address;
const counts = () =>
  Promise.all(fixture.chains.map(({ reader }) => reader.getTransactionCount({ address: deployer() })));

beforeAll(async () => {
  fixture = await startNetworks();
}, 200_000);
afterAll(() => fixture?.stop());

describe("equipoise deploy", () => {
  it("default: --plan prints every step and address and asks no chain", async () => {
    const { config } = fixture;
    const networks = Object.entries(config.networks as object).map(([name, described]) => [
      name,
      { ...described, rpcUrl: "http://127.0.0.1:1" },
    ]);
    const unreachable = { ...config, networks: Object.fromEntries(networks) };
    const { code, out } = await fixture.equipoise([
      ...fixture.deployArguments(unreachable),
      ...["--plan", "--deployer", deployer()],
    ]);
    expect(code).toBe(0);
    const { deployment, plans } = planNetworks(parseDeployConfig(config), fixture.networks, deployer());
    expect(out).toContain(deployment.chains[0]?.vaults[1]?.vault);
    expect(out.split("\n").length).toBe(plans.flatMap(({ steps }) => steps).length + plans.length + 1);
  });

  it.each([
    ["a network that is another chain", { eid: 7 }, "eid: the endpoint is of 40161, the network says 7"],
    [
      "a library that is not there",
      { sendLibrary: "0x00000000000000000000000000000000000000aa" },
      "sendLibrary has no code",
    ],
    ["a library that the endpoint does not know", "executor", "does not know the library"],
  ])("error: %s is refused before anything is sent", async (_, change, message) => {
    const [first, ...rest] = fixture.networks;
    if (first === undefined) throw new Error("there are three networks");
    const changed = change === "executor" ? { receiveLibrary: first.executor } : (change as object);
    const own = [{ ...first, ...changed }, ...rest];
    const { code, out } = await fixture.equipoise([...fixture.deployArguments(fixture.config, own), ...key]);
    expect([code, out]).toEqual([1, expect.stringContaining(message)]);
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it("error: decimals that are not the token's are refused before anything is sent", async () => {
    const config = JSON.parse(JSON.stringify(fixture.config));
    config.networks["base-sepolia"].tokens[0].decimals = 18;
    const { code, out } = await fixture.equipoise([...fixture.deployArguments(config), ...key]);
    expect([code, out]).toEqual([1, expect.stringContaining("WBTC")]);
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it("behavior: a deployer without a balance is refused, and may compare", async () => {
    const [chain] = fixture.chains as [Chain];
    await askNode({ chain }, "anvil_setBalance", [deployer(), "0x0"]);
    const refused = await fixture.equipoise([...fixture.deployArguments(), ...key]);
    const compared = await fixture.equipoise([...fixture.deployArguments(), "--diff", "--deployer", deployer()]);
    await askNode({ chain }, "anvil_setBalance", [deployer(), toHex(parseEther("10000"))]);
    const told = `chain ${chain.chainId}: balance: ${deployer()} has 0 wei`;
    expect([refused.code, refused.out]).toEqual([1, expect.stringMatching(new RegExp(`^${told}[^\\n]*\\n$`))]);
    expect(await counts()).toEqual([0, 0, 0]);
    expect([compared.code, compared.out, compared.errors]).toEqual([0, expect.stringContaining(told), ""]);
    expect(compared.out.match(/: missing: /g)?.length).toBeGreaterThan(100);
  });

  it("behavior: finds every circuit's development key where something of value may live", async () => {
    const [, chain] = fixture.chains as [Chain, Chain];
    const [, site] = sitesOfNetworks(parseDeployConfig(fixture.config), fixture.networks) as [PlannedSite, PlannedSite];
    await askNode({ chain }, "anvil_setChainId", [10]);
    const found = await preflight(chain, { ...site, chainId: 10 });
    await askNode({ chain }, "anvil_setChainId", [chain.chainId]);
    expect(found.map(({ check, fact }) => `${check}: ${fact}`)).toEqual(
      CIRCUITS.map((circuit) => `development key: ${VERIFIERS[circuit]} has a key that anyone can forge with`),
    );
  });

  it("behavior: killed again and again, the key then in a module, it ends where it should, and sends nothing twice", async () => {
    for (const lines of [1, 5, 15, 25, 25]) {
      const { code } = await fixture.equipoise([...fixture.deployArguments(), ...key], lines);
      expect(code).toBe(null);
    }
    const module = `${fixture.folder}/kms.mjs`;
    writeFileSync(module, MODULE);
    const { code, errors } = await fixture.equipoise([...fixture.deployArguments(), "--key-module", module]);
    expect([code, code === 0 ? "" : errors]).toEqual([0, ""]);
    const { plans } = planNetworks(parseDeployConfig(fixture.config), fixture.networks, deployer());
    expect(await counts()).toEqual(plans.map(({ steps }) => steps.length));
    const { deployment } = readRecord(fixture.record);
    expect(deployment?.chains.map(({ block }) => block > 0)).toEqual([true, true, true]);
    expect(new Set(deployment?.chains.map(({ vaults }) => JSON.stringify(vaults))).size).toBe(1);
    expect(new Set(deployment?.chains[0]?.vaults.map(({ vault }) => vault)).size).toBe(2);
  }, 300_000);

  it("behavior: the vault of a network with tokens and feeds of others holds those", async () => {
    const site = readDeployment(fixture.record).chains[1];
    const abi = parseAbi(["function feed() view returns (address)"]);
    const feeds = (fixture.config.networks as Record<string, { feeds: { feed: string }[] }>)["base-sepolia"]?.feeds;
    const source = site?.priceSources[0] ?? "0x";
    const feed = await fixture.chains[1]?.reader.readContract({ address: source, abi, functionName: "feed" });
    expect(feed?.toLowerCase()).toBe(feeds?.[0]?.feed);
    expect(site?.pricePublisher).toBeUndefined();
  });

  it("behavior: one vault of the hub has a desk in the house, and no other has", async () => {
    const { chains, clearing } = readDeployment(fixture.record);
    const abi = parseAbi(["function desk() view returns (address)", "function vault() view returns (address)"]);
    const ask = (place: number, address: Address = "0x", functionName: "desk" | "vault" = "desk") =>
      (fixture.chains[place] as Chain).reader.readContract({ address, abi, functionName });
    const places = chains.flatMap(({ vaults }, place) => vaults.map(({ vault }) => [place, vault] as const));
    const desks = await Promise.all(places.map(([place, vault]) => ask(place, vault)));
    const desk = getAddress(clearing?.desk?.vaultDesk ?? "0x");
    const none = new Array(4).fill(zeroAddress);
    expect(desks).toEqual([zeroAddress, desk, ...none]); // the configuration names the second mandate
    const [, hubs] = chains[0]?.vaults ?? [];
    expect(await ask(0, desk, "vault")).toBe(getAddress(hubs?.vault ?? "0x"));
    expect(await ask(0, clearing?.desk?.deskAuctions)).toBe(desk);
    const health = {
      address: desk,
      abi: parseAbi(["function health() view returns (uint256)"]),
    } as const;
    const kept = await fixture.chains[0]?.reader.readContract({ ...health, functionName: "health" });
    expect(kept).toBe(2_000_000n);
  });

  it("behavior: --diff finds nothing, and a second run sends nothing", async () => {
    const before = await counts();
    const compared = await fixture.equipoise([...fixture.deployArguments(), "--diff", "--deployer", deployer()]);
    expect([compared.code, compared.out.trim()]).toEqual([0, "nothing to do"]);
    expect((await fixture.equipoise([...fixture.deployArguments(), ...key])).code).toBe(0);
    expect(await counts()).toEqual(before);
  });

  it("behavior: --diff says what differs from another configuration, and exits with 1", async () => {
    const config = { ...fixture.config, parameters: { governorDelay: 172_800, maxGap: 14_400 } };
    const { code, out } = await fixture.equipoise([
      ...fixture.deployArguments(config),
      ...["--diff", "--deployer", deployer()],
    ]);
    expect([code, out]).toEqual([1, expect.stringMatching(/^chain 11155111: differs: ObservationLog at 0x\w+\s*$/)]);
  });

  it("behavior: a record that is lost is made again from the chains", async () => {
    const text = readFileSync(fixture.record, "utf8");
    writeFileSync(fixture.record, JSON.stringify({ version: 1, transactions: [] }));
    for (const chain of fixture.chains) await askNode({ chain }, "anvil_setBalance", [deployer(), "0x0"]); // it sends nothing
    expect((await fixture.equipoise([...fixture.deployArguments(), ...key])).code).toBe(0);
    const kept = parseRecord(JSON.parse(text)).deployment;
    const chains = kept?.chains.map((chain) => ({ ...chain, block: 0 }));
    const clearing = { ...kept?.clearing, block: 0 };
    expect(readDeployment(fixture.record)).toEqual({ ...kept, chains, clearing });
    writeFileSync(fixture.record, text);
  });

  it("error: RecordInvalid", () => {
    const path = `${fixture.folder}/broken.json`;
    writeFileSync(path, JSON.stringify({ version: 1, transactions: [{ chainId: 1, step: "vault", hash: "0x12" }] }));
    expect(() => readRecord(path)).toThrow(RecordInvalid);
    expect(() => readRecord(path)).toThrow("record.transactions[0].hash");
  });
});
