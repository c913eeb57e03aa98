import {
  broadcastRisk,
  contractCall,
  findSentPackets,
  type LayerZeroAddresses,
  type Sent,
  type SentPacket,
  sendCall,
} from "@equipoise/sdk/actions";
import { type Address, type Hex, parseAbi } from "viem";
import {
  type Chain,
  type LocalAccounts,
  type LocalChains,
  localAccounts,
  startLocalChains,
} from "../../relayer/src/chains/index.ts";
import {
  applyPlan,
  deployContract,
  deployLayerZero,
  forgeArtifact,
  wireReceiver,
  wireSender,
} from "../../relayer/src/deploy/index.ts";
import { endOf, type Route } from "../../relayer/src/layerzero/index.ts";

/** A beacon and a mirror on two local chains, with LayerZero's own contracts between them. */
export type Path = {
  readonly local: LocalChains;
  readonly accounts: LocalAccounts;
  readonly route: Route;
  readonly fixture: Address;
  readonly beacon: Address;
  readonly mirror: Address;
};

const HUB = { chainId: 31341, eid: 40_341, role: "hub" } as const;
const SPOKE = { chainId: 31342, eid: 40_342, role: "spoke" } as const;
export const CONFIRMATIONS = 3;

/** Starts two chains and wires a path from the first to the second. */
export async function startPath(receiveGas = 250_000n): Promise<Path> {
  const local = await startLocalChains({ names: [HUB, SPOKE] });
  const accounts = localAccounts();
  const [hub, spoke] = local.chains as [Chain, Chain];
  const layerZeros = await deployLayerZero({ chains: local.chains, accounts, confirmations: CONFIRMATIONS });
  const [source, destination] = [hub, spoke].map((chain, place) => ({
    chain,
    layerZero: layerZeros[place] as LayerZeroAddresses,
    operator: accounts.relayer,
  })) as unknown as [Route["source"], Route["destination"]];

  const owner = accounts.deployer.address;
  const atHub = hub.signer(accounts.deployer);
  const atSpoke = spoke.signer(accounts.deployer);
  const fixture = await deployContract(atHub, forgeArtifact("RiskStateFixture"));
  const beacon = await deployContract(atHub, forgeArtifact("RiskBeacon"), [source.layerZero.endpoint, owner, fixture]);
  const mirror = await deployContract(atSpoke, forgeArtifact("RiskMirror"), [destination.layerZero.endpoint, owner]);
  const confirmations = CONFIRMATIONS;
  const sender = {
    name: "RiskBeacon",
    oapp: beacon,
    layerZero: source.layerZero,
    remote: { eid: spoke.eid, peer: mirror, confirmations },
  };
  const receiver = {
    name: "RiskMirror",
    oapp: mirror,
    layerZero: destination.layerZero,
    remote: { eid: hub.eid, peer: beacon, confirmations },
  };
  await applyPlan({
    chains: local.chains,
    plans: [
      { chainId: hub.chainId, steps: wireSender(sender, receiveGas) },
      { chainId: spoke.chainId, steps: wireReceiver(receiver) },
    ],
    account: accounts.deployer,
  });
  return { local, accounts, route: { source, destination }, fixture, beacon, mirror };
}

const fixtureAbi = parseAbi([
  "struct RiskState { uint64 index; uint64 endTime; uint256 windowCommitment; uint256[4] covarianceCommitments; uint256 volatilities; uint256[6] correlations; }",
  "function accept(RiskState state) returns (bool)",
]);

/** A risk state that is told apart by its index and salt alone. */
export const riskStateOf = (index: bigint, salt = 0n) => ({
  index,
  endTime: 1_600_000_000n + index * 3_600n,
  windowCommitment: index * 1_000n + salt,
  covarianceCommitments: [1n + salt, 2n + salt, 3n + salt, 4n + salt] as const,
  volatilities: 5n + salt,
  correlations: [6n, 7n, 8n, 9n, 10n, 11n + salt] as const,
});

/** Accepts a state on the hub and broadcasts it, with options on top of the enforced ones; what LayerZero sent for it. */
export async function sendState(
  path: Path,
  index: bigint,
  salt = 0n,
  options?: Hex,
): Promise<{ sent: SentPacket; receipt: Sent }> {
  const { source, destination } = path.route;
  const client = source.chain.signer(path.accounts.relayer);
  const args = [riskStateOf(index, salt)] as const;
  await sendCall(client, contractCall({ address: path.fixture, abi: fixtureAbi, functionName: "accept", args }));
  const receipt = await broadcastRisk(client, {
    riskBeacon: path.beacon,
    dstEids: [destination.chain.eid],
    options,
  });
  const { blockNumber } = receipt;
  const [sent] = await findSentPackets(endOf(source), { fromBlock: blockNumber, toBlock: blockNumber });
  if (sent === undefined) throw new Error(`block ${blockNumber} holds no packet`);
  return { sent, receipt };
}
