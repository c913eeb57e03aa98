import { receiptOf } from "@equipoise/sdk/actions";
import {
  type Abi,
  type Address,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  parseAbi,
  parseAbiParameters,
  toHex,
} from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Chain } from "../../relayer/src/chains/index.ts";
import {
  type Deployment,
  deployContract,
  deployNetworks,
  forgeArtifact,
  hubOf,
  packageArtifact,
  parseDeployConfig,
  planNetworks,
  readDeployment,
} from "../../relayer/src/deploy/index.ts";
import { codeFindings } from "../../relayer/src/doctor/code.ts";
import { examine } from "../../relayer/src/doctor/index.ts";
import { endpointAbi, oappAbi } from "../../relayer/src/layerzero/abi.ts";
import { type NetworksFixture, startNetworks } from "./networksFixture.ts";

let fixture: NetworksFixture;
let deployment: Deployment;
let snapshots: unknown[];
const hubChain = () => fixture.chains[0] as Chain;
const spokeChain = () => fixture.chains[1] as Chain;
const hub = () => hubOf(deployment);
const spoke = () => deployment.chains[1] as Deployment["chains"][number];
const beacon = () => hub().riskBeacon;
/** LayerZero's own, from its package. */
const DEAD_VERIFIER = "@layerzerolabs/lz-evm-messagelib-v2/artifacts/contracts/uln/dvn/DeadDVN.sol/DeadDVN.json";
const dead = "0x000000000000000000000000000000000000dEaD";

const ask = (chain: Chain, method: string, params: readonly unknown[]): Promise<unknown> =>
  chain.reader.request({ method, params } as unknown as Parameters<Chain["reader"]["request"]>[0]);

beforeAll(async () => {
  fixture = await startNetworks();
  const { config, networks, chains, accounts, record } = fixture;
  const plan = planNetworks(parseDeployConfig(config), networks, accounts.deployer.address);
  const progress = () => undefined;
  deployment = await deployNetworks({ plan, chains, account: accounts.deployer, path: record, progress });
}, 300_000);
afterAll(() => fixture?.stop());

beforeEach(async () => {
  snapshots = await Promise.all(fixture.chains.map((chain) => ask(chain, "evm_snapshot", [])));
});
afterEach(async () => {
  await Promise.all(fixture.chains.map((chain, place) => ask(chain, "evm_revert", [snapshots[place]])));
});

type AnyCall = {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
};

/** Does as the governor of a chain would once its delay is over. */
async function govern(chain: Chain, { address, abi, functionName, args }: AnyCall, as?: Address): Promise<void> {
  const from = as ?? hub().governor; // the same address on every chain
  await ask(chain, "anvil_impersonateAccount", [from]);
  await ask(chain, "anvil_setBalance", [from, "0xde0b6b3a7640000"]);
  const data = encodeFunctionData({ abi, functionName, args });
  const hash = (await ask(chain, "eth_sendTransaction", [{ from, to: address, data, gas: "0x1e8480" }])) as Hex;
  // viem waits for a block of a higher number, which does not come after going back to a snapshot
  const { status } = await receiptOf(chain.reader, hash);
  if (status !== "success") throw new Error(`${functionName} reverted`);
}

const ulnParameters = parseAbiParameters("(uint64,uint8,uint8,uint8,address[],address[])");
type Verifiers = {
  readonly required?: readonly Address[];
  readonly optionalCount?: number;
  readonly confirmations?: bigint;
};

/** Changes whom an application believes. */
function setVerifiers(chain: Chain, oapp: Address, library: Address, eid: number, changed: Verifiers): Promise<void> {
  const { required = hub().layerZero.verifiers, optionalCount = 255, confirmations = 2n } = changed;
  const sorted = required.toSorted((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1));
  const words = [confirmations, sorted.length, optionalCount, 0, sorted, []] as const;
  const config = [{ eid, configType: 2, config: encodeAbiParameters(ulnParameters, [words]) }];
  const { endpoint } = hub().layerZero;
  return govern(chain, {
    address: endpoint,
    abi: endpointAbi,
    functionName: "setConfig",
    args: [oapp, library, config],
  });
}

const ofSender = (changed: Verifiers) =>
  setVerifiers(hubChain(), beacon(), hub().layerZero.sendLibrary, spoke().eid, changed);
const ofReceiver = (changed: Verifiers) =>
  setVerifiers(spokeChain(), spoke().riskState, spoke().layerZero.receiveLibrary, hub().eid, changed);
const onEndpoint = (functionName: string, ...args: unknown[]) => ({
  address: hub().layerZero.endpoint,
  abi: endpointAbi as Abi,
  functionName,
  args,
});
const onBeacon = (functionName: string, ...args: unknown[]) => ({
  address: beacon(),
  abi: oappAbi as Abi,
  functionName,
  args,
});

const breaks: [string, () => Promise<unknown>, string, string][] = [
  [
    "a peer of the sender is another",
    () => govern(hubChain(), onBeacon("setPeer", spoke().eid, `0x${"11".repeat(32)}`)),
    "peer",
    "the peer of RiskBeacon on 40245 is 0x1111",
  ],
  [
    "a peer of the receiver is missing",
    () =>
      govern(spokeChain(), { ...onBeacon("setPeer", hub().eid, `0x${"00".repeat(32)}`), address: spoke().riskState }),
    "peer",
    "the peer of RiskMirror on 40161 is 0x0000",
  ],
  [
    "the send library is LayerZero's default",
    () => govern(hubChain(), onEndpoint("setSendLibrary", beacon(), spoke().eid, `0x${"00".repeat(20)}`)),
    "library",
    "RiskBeacon sends to 40245 by LayerZero's default",
  ],
  [
    "the receive library is LayerZero's default",
    () =>
      govern(spokeChain(), onEndpoint("setReceiveLibrary", spoke().riskState, hub().eid, `0x${"00".repeat(20)}`, 0n)),
    "library",
    "RiskMirror receives from 40161 by LayerZero's default",
  ],
  [
    "verifiers are LayerZero's default",
    () => ofSender({ required: [], optionalCount: 0 }),
    "verifiers",
    "RiskBeacon sends to 40245 with LayerZero's default verifiers",
  ],
  [
    "one verifier alone is believed",
    () => ofReceiver({ required: hub().layerZero.verifiers.slice(0, 1) }),
    "verifiers",
    "RiskMirror receives from 40161 with one verifier",
  ],
  [
    "optional verifiers are LayerZero's default",
    () => ofReceiver({ optionalCount: 0 }),
    "verifiers",
    "with LayerZero's default optional verifiers",
  ],
  [
    "a verifier is dead",
    () => ofReceiver({ required: [...hub().layerZero.verifiers, dead] }),
    "dead verifier",
    `unknown verifier ${dead}`,
  ],
  [
    "a verifier is the one that LayerZero puts where nobody verifies",
    async () => {
      const client = hubChain().signer(fixture.accounts.investor);
      const refusing = await deployContract(client, packageArtifact(DEAD_VERIFIER));
      await ofSender({ required: [...hub().layerZero.verifiers, refusing] });
    },
    "dead verifier",
    "unknown verifier 0x",
  ],
  [
    "verifiers of the two sides differ",
    async () => {
      const client = spokeChain().signer(fixture.accounts.investor);
      const args = [fixture.accounts.relayer.address, 1n];
      const third = await deployContract(client, forgeArtifact("LocalDVN"), args);
      await ofReceiver({ required: [hub().layerZero.verifiers[0] ?? dead, third] });
    },
    "verifiers differ",
    "RiskBeacon pays local verifier 0, local verifier 1, and RiskMirror on chain 84532 waits for local verifier",
  ],
  [
    "the receiver waits for more confirmations than are asked for",
    () => ofReceiver({ confirmations: 40n }),
    "confirmations",
    "RiskMirror on chain 84532 waits for 40",
  ],
  [
    "enforced options are missing",
    () => govern(hubChain(), onBeacon("setEnforcedOptions", [{ eid: spoke().eid, msgType: 1, options: "0x0003" }])),
    "enforced options",
    "messages of type 1 from RiskBeacon to 40245 carry no gas",
  ],
  [
    "the executor is LayerZero's default",
    () => {
      const none = encodeAbiParameters(parseAbiParameters("(uint32,address)"), [[0, `0x${"00".repeat(20)}`]]);
      const config = [{ eid: spoke().eid, configType: 1, config: none }];
      return govern(hubChain(), onEndpoint("setConfig", beacon(), hub().layerZero.sendLibrary, config));
    },
    "executor",
    "RiskBeacon pays LayerZero's default for execution on 40245",
  ],
  [
    "the owner is the deployer",
    () => govern(hubChain(), onBeacon("transferOwnership", deployment.deployer)),
    "owner",
    "RiskBeacon belongs to the deployer",
  ],
  [
    "the delegate is the deployer",
    () => govern(hubChain(), onBeacon("setDelegate", deployment.deployer)),
    "delegate",
    "RiskBeacon is configured by the deployer",
  ],
];

describe("examine", () => {
  it("default: nothing is found in what was just deployed", async () => {
    expect(await examine(fixture.chains, deployment)).toEqual([]);
  });

  it.each(breaks)("behavior: finds that %s, and nothing else", async (_, breakIt, check, fact) => {
    await breakIt();
    const findings = await examine(fixture.chains, deployment);
    expect(findings.map((finding) => finding.check)).toEqual([check]);
    expect(findings[0]?.fact).toContain(fact);
    expect(findings[0]?.fix).not.toBe("");
  });
});

describe("examine: governors, verifiers and code", () => {
  it("behavior: finds a role of the deployer, and a governor without delay", async () => {
    const timelock = parseAbi([
      "function grantRole(bytes32 role, address account)",
      "function updateDelay(uint256 newDelay)",
    ]);
    const { governor: address } = hub();
    const role = keccak256(toHex("PROPOSER_ROLE"));
    await govern(hubChain(), { address, abi: timelock, functionName: "grantRole", args: [role, deployment.deployer] });
    expect(await facts()).toEqual(["governor: the deployer is proposer of the governor"]);
    await govern(hubChain(), { address, abi: timelock, functionName: "updateDelay", args: [0n] });
    expect(await facts()).toContain("governor: the governor has no delay");
  });

  it("behavior: finds a verifier that is not the compiled one", async () => {
    const { covarianceVerifier, parityVerifier } = hub();
    const code = await hubChain().reader.getCode({ address: parityVerifier });
    await ask(hubChain(), "anvil_setCode", [covarianceVerifier, code]);
    expect(await facts()).toEqual([expect.stringMatching(/^verifier: the code of CovarianceVerifier/)]);
  });

  it("behavior: finds a contract that is not there, and stops at it", async () => {
    await ask(spokeChain(), "anvil_setCode", [spoke().riskState, "0x"]);
    expect(await facts()).toEqual([expect.stringMatching(/^code: riskState at 0x\w+ has no code$/)]);
  });

  it("behavior: finds a vault that reads another risk state", async () => {
    const examined = { chain: spokeChain(), site: { ...spoke(), riskState: spoke().governor } };
    const found = await codeFindings(examined, deployment);
    expect(found.map(({ check, fact }) => `${check}: ${fact}`)).toEqual([
      expect.stringMatching(/^vault: the vault's riskState is 0x\w+, the deployment says 0x\w+$/),
    ]);
  });

  it("behavior: finds development keys where something of value may live", async () => {
    const chainId = 10;
    await ask(spokeChain(), "anvil_setChainId", [chainId]);
    const [first, second, third] = deployment.chains;
    const moved = { ...deployment, chains: [first, { ...second, chainId }, third] } as Deployment;
    const chains = fixture.chains.map((chain, place) => (place === 1 ? { ...chain, chainId } : chain));
    const found = await examine(chains, moved);
    await ask(spokeChain(), "anvil_setChainId", [second?.chainId]);
    expect(found.map(({ check, fact }) => `${check}: ${fact}`)).toEqual([
      expect.stringMatching(/^development key: ParityVerifier/),
    ]);
  });
});

describe("equipoise doctor", () => {
  it("default: says that nothing is found, and exits with 0", async () => {
    const { code, out } = await fixture.equipoise(["doctor", "--deployment", fixture.record]);
    expect([code, out.trim()]).toEqual([0, "preview: 3 chains, nothing found"]);
    expect(readDeployment(fixture.record).name).toBe("preview");
  });

  it("behavior: one line for each finding, with the fix, and exit code 1", async () => {
    await govern(hubChain(), onBeacon("transferOwnership", deployment.deployer));
    const { code, out } = await fixture.equipoise(["doctor", "--deployment", fixture.record]);
    expect(code).toBe(1);
    expect(out.trim().split("\n")).toEqual([
      expect.stringMatching(
        /^chain 11155111: owner: RiskBeacon belongs to the deployer .*; let it call transferOwnership/,
      ),
    ]);
  });
});

const facts = async () => (await examine(fixture.chains, deployment)).map(({ check, fact }) => `${check}: ${fact}`);
