import { LANE_COUNT } from "@equipoise/sdk";
import { type ContractCall, localPricePublisherAbi, sendCall } from "@equipoise/sdk/actions";
import { type Address, zeroAddress } from "viem";
import { readContract } from "viem/actions";
import type { LocalAccounts } from "../chains/accounts.ts";
import type { Chain, SigningClient } from "../chains/chain.ts";
import { forgeArtifact, packageArtifact } from "./artifact.ts";
import { deployContract } from "./deployContract.ts";
import type { ChainDeployment, Deployment, HubDeployment, SpokeDeployment, TokenDeployment } from "./deployment.ts";
import { hubOf, spokesOf } from "./deployment.ts";
import { deployLayerZero } from "./layerZero.ts";
import type { ProtocolParameters } from "./protocolParameters.ts";
import { seedVault } from "./seedVault.ts";
import { handOver, wireReceiver, wireSender } from "./wirePath.ts";

export type DeployProtocolParameters = {
  /** one hub and its spokes */
  readonly chains: readonly Chain[];
  readonly accounts: LocalAccounts;
  readonly parameters: ProtocolParameters;
};

const TIMELOCK = "@openzeppelin/contracts/build/contracts/TimelockController.json";
const CASH_DECIMALS = 6;
/** An asset's decimals rotate with lane and chain, so that the same lane has others elsewhere. */
const TOKEN_DECIMALS = [18, 8, 6] as const;
/** {10⁻⁸ cash} answers outside are refused by the price sources */
const ANSWER_BOUNDS = { minimum: 0n, maximum: 10n ** 8n * 10n ** 9n } as const;

/**
 * Puts the whole protocol on fresh local chains: LayerZero, feeds and sources, the log, oracle and beacon on the hub,
 * mirrors on the spokes, tokens, and vaults seeded with cash. Ends with every owner being the timelock.
 */
export async function deployProtocol({ chains, accounts, parameters }: DeployProtocolParameters): Promise<Deployment> {
  const deployed = await Promise.all(
    chains.map((chain, place) => {
      const remoteEids = chains.filter((other) => other !== chain && other.role !== chain.role).map(({ eid }) => eid);
      return deployChain({ chain, place, remoteEids, accounts, parameters });
    }),
  );
  const { assets, interval } = parameters;
  const deployment: Deployment = { version: 1, assets, interval, chains: deployed };
  await Promise.all(
    chains.map(async (chain, place) => {
      const client = chain.signer(accounts.deployer);
      for (const call of wiring(deployment, deployed[place] as ChainDeployment, parameters))
        await sendCall(client, call);
      await seedVault(chain, accounts, deployed[place] as ChainDeployment, parameters);
    }),
  );
  return deployment;
}

type OneChain = {
  readonly chain: Chain;
  readonly place: number;
  readonly remoteEids: readonly number[];
  readonly accounts: LocalAccounts;
  readonly parameters: ProtocolParameters;
};

async function deployChain({ chain, place, remoteEids, accounts, parameters }: OneChain): Promise<ChainDeployment> {
  const client = chain.signer(accounts.deployer);
  const { deployer, relayer } = accounts;
  const block = Number(await chain.reader.getBlockNumber());
  const layerZero = await deployLayerZero(client, { eid: chain.eid, remoteEids, operator: relayer.address });
  const proposers = [deployer.address];
  const governor = await deployContract(client, packageArtifact(TIMELOCK), [
    BigInt(parameters.governorDelay),
    proposers,
    proposers,
    zeroAddress,
  ]);
  const { pricePublisher, priceSources } = await deployPrices(client, relayer.address, parameters);
  const { cash, tokens } = await deployTokens(client, place, parameters);
  const parityVerifier = await deployContract(client, forgeArtifact("ParityVerifier"));
  const common = { chainId: chain.chainId, eid: chain.eid, block, layerZero, governor, pricePublisher, priceSources };
  const every = { ...common, cash, tokens, parityVerifier };

  if (chain.role === "spoke") {
    const riskState = await deployContract(client, forgeArtifact("RiskMirror"), [layerZero.endpoint, deployer.address]);
    const vault = await deployVault(client, { ...every, riskState }, accounts, parameters);
    return { ...every, role: "spoke", riskState, vault } satisfies SpokeDeployment;
  }
  const observationLog = await deployContract(client, forgeArtifact("ObservationLog"), [
    lanesOf(priceSources),
    BigInt(parameters.interval),
    BigInt(parameters.maxGap),
  ]);
  const covarianceVerifier = await deployContract(client, forgeArtifact("CovarianceVerifier"));
  const riskState = await deployContract(client, forgeArtifact("RiskOracle"), [observationLog, covarianceVerifier]);
  const riskBeacon = await deployContract(client, forgeArtifact("RiskBeacon"), [
    layerZero.endpoint,
    deployer.address,
    riskState,
  ]);
  const vault = await deployVault(client, { ...every, riskState }, accounts, parameters);
  const hub = { observationLog, covarianceVerifier, riskBeacon };
  return { ...every, ...hub, role: "hub", riskState, vault } satisfies HubDeployment;
}

/** Addresses in the twelve lanes, the unused ones zero. */
const lanesOf = (addresses: readonly Address[]): Address[] =>
  Array.from({ length: LANE_COUNT }, (_, lane) => addresses[lane] ?? zeroAddress);

async function deployPrices(client: SigningClient, owner: Address, { assets, maxPriceAge }: ProtocolParameters) {
  const descriptions = assets.map((asset) => `${asset} / USD`);
  const pricePublisher = await deployContract(client, forgeArtifact("LocalPricePublisher"), [owner, descriptions]);
  const feeds = await readContract(client, {
    address: pricePublisher,
    abi: localPricePublisherAbi,
    functionName: "feeds",
  });
  const priceSources: Address[] = [];
  for (const feed of feeds) {
    const config = {
      feed,
      maxAge: BigInt(maxPriceAge),
      minAnswer: ANSWER_BOUNDS.minimum,
      maxAnswer: ANSWER_BOUNDS.maximum,
      sequencerFeed: zeroAddress,
      sequencerGrace: 0n,
    };
    priceSources.push(await deployContract(client, forgeArtifact("ChainlinkPriceSource"), [config]));
  }
  return { pricePublisher, priceSources };
}

async function deployTokens(client: SigningClient, place: number, { assets }: ProtocolParameters) {
  const artifact = forgeArtifact("LocalToken");
  const deploy = async (name: string, symbol: string, decimals: number): Promise<TokenDeployment> => ({
    symbol,
    address: await deployContract(client, artifact, [name, symbol, decimals]),
    decimals,
  });
  const cash = await deploy("Local dollar", "USD", CASH_DECIMALS);
  const tokens: TokenDeployment[] = [];
  for (const [lane, asset] of assets.entries()) {
    const decimals = TOKEN_DECIMALS[(lane + place) % TOKEN_DECIMALS.length] as number;
    tokens.push(await deploy(`Local ${asset}`, asset, decimals));
  }
  return { cash, tokens };
}

type VaultParts = Pick<
  ChainDeployment,
  "governor" | "riskState" | "parityVerifier" | "cash" | "tokens" | "priceSources"
>;

function deployVault(
  client: SigningClient,
  parts: VaultParts,
  accounts: LocalAccounts,
  parameters: ProtocolParameters,
) {
  const config = {
    name: "Equipoise parity vault",
    symbol: "EQP",
    governor: parts.governor,
    guardian: accounts.guardian.address,
    riskState: parts.riskState,
    verifier: parts.parityVerifier,
    cash: parts.cash.address,
    tokens: lanesOf(parts.tokens.map(({ address }) => address)),
    sources: lanesOf(parts.priceSources),
    observationInterval: BigInt(parameters.interval),
    maxRiskAge: BigInt(parameters.maxRiskAge),
    warmUp: BigInt(parameters.warmUp),
    auctionLength: BigInt(parameters.auctionLength),
    mandateDelay: BigInt(parameters.mandateDelay),
  };
  return deployContract(client, forgeArtifact("ParityVault"), [config, parameters.mandate]);
}

/** Peers both ways, pinned libraries and verifiers, enforced options; then the governor owns the applications. */
function wiring(deployment: Deployment, own: ChainDeployment, { receiveGas }: ProtocolParameters): ContractCall[] {
  const hub = hubOf(deployment);
  const { layerZero, governor } = own;
  if (own.role === "hub") {
    const oapp = own.riskBeacon;
    const paths = spokesOf(deployment).flatMap(({ eid, riskState }) =>
      wireSender({ oapp, layerZero, remoteEid: eid, peer: riskState }, receiveGas),
    );
    return [...paths, ...handOver(oapp, governor)];
  }
  const path = { oapp: own.riskState, layerZero, remoteEid: hub.eid, peer: hub.riskBeacon };
  return [...wireReceiver(path), ...handOver(own.riskState, governor)];
}
