import { readDeployment } from "@equipoise/relayer";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deployContract, forgeArtifact, packageArtifact } from "../../relayer/src/deploy/index.ts";
import { examine } from "../../relayer/src/doctor/index.ts";
import {
  anotherLibrary,
  beacon,
  deployment,
  fixture,
  goBack,
  govern,
  hub,
  hubChain,
  markChains,
  ofReceiver,
  ofSender,
  onBeacon,
  onEndpoint,
  spoke,
  spokeChain,
  startDoctor,
} from "./doctorFixture.ts";

/** LayerZero's own, from its package. */
const DEAD_VERIFIER = "@layerzerolabs/lz-evm-messagelib-v2/artifacts/contracts/uln/dvn/DeadDVN.sol/DeadDVN.json";
const dead = "0x000000000000000000000000000000000000dEaD";

beforeAll(startDoctor, 300_000);
afterAll(() => fixture?.stop());
beforeEach(markChains);
afterEach(goBack);

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
    "the send library is another",
    async () => {
      const library = await anotherLibrary(hubChain(), "SendUln302", spoke().eid);
      await govern(hubChain(), onEndpoint("setSendLibrary", beacon(), spoke().eid, library));
    },
    "library",
    "RiskBeacon sends to 40245 by 0x",
  ],
  [
    "the receive library is another",
    async () => {
      const library = await anotherLibrary(spokeChain(), "ReceiveUln302", hub().eid);
      await govern(spokeChain(), onEndpoint("setReceiveLibrary", spoke().riskState, hub().eid, library, 0n));
    },
    "library",
    "RiskMirror receives from 40161 by 0x",
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
    "confirmations are LayerZero's default on both sides",
    async () => {
      await ofSender({ confirmations: 0n });
      await ofReceiver({ confirmations: 0n });
    },
    "confirmations",
    "RiskBeacon asks for 0 confirmations",
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
