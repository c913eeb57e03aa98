import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StepFailed } from "@equipoise/relayer";
import { clearingOf, type Deployment } from "@equipoise/sdk/actions";
import { keccak256, parseAbi, toHex, zeroAddress, zeroHash } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deployContract, forgeArtifact } from "../../relayer/src/deploy/index.ts";
import { codeFindings } from "../../relayer/src/doctor/code.ts";
import { examine } from "../../relayer/src/doctor/index.ts";
import {
  ask,
  deployment,
  factsOf,
  fixture,
  goBack,
  govern,
  hub,
  hubChain,
  markChains,
  spoke,
  spokeChain,
  startDoctor,
} from "./doctorFixture.ts";

beforeAll(startDoctor, 300_000);
afterAll(() => fixture?.stop());
beforeEach(markChains);
afterEach(goBack);

const KEYS = join(import.meta.dirname, "../../build/keys");
const facts = async () => factsOf(await examine(fixture.chains, deployment));

describe("examine: governors, verifiers and code", () => {
  it("error: StepFailed where a chain of the deployment is not connected", async () => {
    await expect(examine(fixture.chains.slice(0, 2), deployment)).rejects.toThrow(StepFailed);
  });

  it("behavior: finds that an executor takes no message, whichever application sends it", async () => {
    await ask(hubChain(), "anvil_setCode", [hub().layerZero.executor, "0x60006000fd"]);
    const found = await facts();
    for (const { eid } of deployment.chains.slice(1)) {
      const nobody = `quote: nobody gives a price for messages of type 1 from RiskBeacon to ${eid}`;
      expect(found).toContain(nobody);
    }
    expect(found.filter((fact) => !/^quote: .* from (RiskBeacon|CollateralHub) to/.test(fact))).toEqual([]);
  });

  it("behavior: finds roles of the deployer, and a governor without delay", async () => {
    const timelock = parseAbi([
      "function grantRole(bytes32 role, address account)",
      "function updateDelay(uint256 newDelay)",
    ]);
    const { governor: address } = hub();
    const roles = {
      administrator: zeroHash,
      proposer: keccak256(toHex("PROPOSER_ROLE")),
      canceller: keccak256(toHex("CANCELLER_ROLE")),
    };
    for (const [name, role] of Object.entries(roles)) {
      const args = [role, deployment.deployer];
      await govern(hubChain(), { address, abi: timelock, functionName: "grantRole", args });
      expect(await facts()).toContain(`governor: the deployer is ${name} of the governor`);
    }
    await govern(hubChain(), { address, abi: timelock, functionName: "updateDelay", args: [0n] });
    expect(await facts()).toContain("governor: the governor has no delay");
  });

  it.each(["parityVerifier", "covarianceVerifier", "riskArrayVerifier", "marginVerifier", "solvencyVerifier"] as const)(
    "behavior: finds that the %s is not the compiled one",
    async (name) => {
      const address = { ...hub(), ...clearingOf(deployment) }[name];
      const code = await hubChain().reader.getCode({ address: deployment.factory });
      await ask(hubChain(), "anvil_setCode", [address, code]);
      const contract = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      expect(await facts()).toEqual([expect.stringMatching(new RegExp(`^verifier: the code of ${contract} `))]);
    },
  );

  it.each([
    ["is none of those that are here", {}, "{}", /^key: ParityVerifier has the key 0x\w{64}, which no parity key/],
    ["has another file than its manifest", {}, undefined, /^key: ParityVerifier has the key/],
    ["has a manifest of another contract", { verifier: "00" }, "", /^manifest: contracts\/generated\/ParityVerifier/],
  ])("behavior: finds verifiers whose key %s, whatever its folder is called", async (_, changed, file, finding) => {
    const [built] = globSync(`${KEYS}/parity_full-*`);
    const keys = mkdtempSync(join(tmpdir(), "equipoise-keys-"));
    const folder = join(keys, "parity_full-0");
    mkdirSync(folder);
    const read = (name: string): string => readFileSync(join(built as string, name), "utf8");
    const manifest = JSON.parse(read("manifest.json"));
    const hashes = { ...manifest.hashes, ...(file === undefined ? { vkey: "00" } : changed) };
    writeFileSync(join(folder, "manifest.json"), JSON.stringify({ ...manifest, hashes }));
    writeFileSync(join(folder, "vkey.json"), file || read("vkey.json"));
    const found = await codeFindings({ chain: spokeChain(), site: spoke() }, deployment, keys);
    rmSync(keys, { recursive: true });
    expect(factsOf(found)).toEqual([expect.stringMatching(finding)]);
  });

  it("behavior: finds that the endpoint is another chain's", async () => {
    const examined = { chain: spokeChain(), site: { ...spoke(), eid: 7 } };
    expect(factsOf(await codeFindings(examined, deployment))).toEqual([
      `eid: the endpoint is of ${spoke().eid}, the deployment says 7`,
    ]);
  });

  it("behavior: finds a contract that is not there, and stops at it", async () => {
    await ask(spokeChain(), "anvil_setCode", [spoke().riskState, "0x"]);
    expect(await facts()).toEqual([expect.stringMatching(/^code: riskState at 0x\w+ has no code$/)]);
  });

  it.each([
    ["governor", "governor", () => spoke().vaults[0]?.vault],
    ["riskState", "riskState", () => spoke().governor],
    [
      "verifier",
      "parityVerifier",
      () => deployContract(spokeChain().signer(fixture.accounts.investor), forgeArtifact("ParityVerifier")),
    ],
  ] as const)("behavior: finds a vault with another %s", async (field, name, another) => {
    const examined = { chain: spokeChain(), site: { ...spoke(), [name]: await another() } };
    const found = await codeFindings(examined, deployment);
    expect(factsOf(found)).toEqual([
      expect.stringMatching(new RegExp(`^vault: the parity vault's ${field} is 0x\\w+, the deployment says 0x\\w+$`)),
      expect.stringMatching(new RegExp(`^vault: the calm vault's ${field} is 0x`)),
    ]);
  });

  it("behavior: finds a vault with another desk, or one that the deployment does not know", async () => {
    const { desk, ...without } = clearingOf(deployment);
    const [{ vault: place } = { vault: zeroAddress }] = hub().vaults;
    const another = { ...without, desk: { mandate: "calm", vaultDesk: place, deskAuctions: place } };
    for (const clearing of [without, another]) {
      const found = await codeFindings({ chain: hubChain(), site: hub() }, { ...deployment, clearing });
      expect(factsOf(found)).toEqual([
        `vault: the calm vault's desk is ${desk?.vaultDesk}, the deployment says ${another === clearing ? place : zeroAddress}`,
      ]);
    }
  });

  it("behavior: finds development keys where something of value may live", async () => {
    const chainId = 10;
    await ask(spokeChain(), "anvil_setChainId", [chainId]);
    const [first, second, third] = deployment.chains;
    const moved = { ...deployment, chains: [first, { ...second, chainId }, third] } as Deployment;
    const chains = fixture.chains.map((chain, place) => (place === 1 ? { ...chain, chainId } : chain));
    const found = await examine(chains, moved);
    await ask(spokeChain(), "anvil_setChainId", [second?.chainId]);
    expect(factsOf(found)).toEqual([expect.stringMatching(/^development key: ParityVerifier/)]);
  });
});
