import { LANE_COUNT } from "@equipoise/sdk";
import {
  type ChainDeployment,
  type Deployment,
  type HubDeployment,
  hubOf,
  type LayerZeroAddresses,
  type SpokeDeployment,
  spokesOf,
  type TokenDeployment,
  type VaultDeployment,
} from "@equipoise/sdk/actions";
import { type Address, getContractAddress, zeroAddress } from "viem";
import type { ChainRole } from "../chains/chain.ts";
import { forgeArtifact, packageArtifact } from "./artifact.ts";
import { factoryStep, placesOf } from "./create3.ts";
import { type CallStep, type ChainPlan, type ContractStep, create3Step } from "./plan.ts";
import type { ProtocolParameters } from "./protocolParameters.ts";
import { handOver, type PathSide, wireReceiver, wireSender } from "./wirePath.ts";

/** A price feed and the answers that are believed. */
export type FeedTerms = {
  readonly feed: Address;
  /** {s} an older answer is refused */
  readonly maxAge: number;
  /** {feed units} answers at or outside are refused */
  readonly minAnswer: bigint;
  readonly maxAnswer: bigint;
};

/** Chainlink's uptime feed of an L2's sequencer. */
export type SequencerTerms = {
  readonly feed: Address;
  /** {s} to wait after the sequencer is back */
  readonly grace: number;
};

/**
 * What a chain's vault holds and how it is priced. `local`: tokens that anyone may mint and feeds that the publisher
 * writes, for local chains and tests on testnets; their constructors refuse every other chain.
 */
export type SiteAssets =
  | { readonly kind: "local"; readonly publisher: Address }
  | {
      readonly kind: "given";
      readonly cash: TokenDeployment;
      /** one per asset, in the order of the lanes */
      readonly tokens: readonly TokenDeployment[];
      readonly feeds: readonly FeedTerms[];
      readonly sequencer?: SequencerTerms | undefined;
    };

/** One chain of a deployment, before anything is there. */
export type PlannedSite = {
  readonly chainId: number;
  readonly eid: number;
  readonly role: ChainRole;
  readonly layerZero: LayerZeroAddresses;
  readonly assets: SiteAssets;
};

/** Who may do what once the deployer is done. */
export type Governance = {
  /** may announce to the timelock, and cancel */
  readonly proposers: readonly Address[];
  /** may do what was announced once its delay is over; the zero address stands for everyone */
  readonly executors: readonly Address[];
  readonly guardian: Address;
};

export type ProtocolPlanParameters = {
  /** tells deployments of one deployer apart: addresses depend on it */
  readonly name: string;
  readonly deployer: Address;
  /** one hub and its spokes */
  readonly sites: readonly PlannedSite[];
  readonly governance: Governance;
  readonly parameters: ProtocolParameters;
  /** the mandate whose vault on the hub has a desk, which `planClearing` makes; a vault never gets one later */
  readonly deskMandate?: string | undefined;
};

/** What has to be done, and the deployment that it makes; blocks are 0 until it is done. */
export type ProtocolPlan = { readonly plans: readonly ChainPlan[]; readonly deployment: Deployment };

const TIMELOCK = "@openzeppelin/contracts/build/contracts/TimelockController.json";
const CASH_DECIMALS = 6;
/** An asset's decimals rotate with lane and chain, so that the same lane has others elsewhere. */
const TOKEN_DECIMALS = [18, 8, 6] as const;
/** The step that makes the desk: its vault names its place before. */
export const DESK_NAME = "VaultDesk";
/** {10⁻⁸ cash} answers of local feeds outside are refused */
const ANSWER_BOUNDS = { minimum: 0n, maximum: 10n ** 8n * 10n ** 9n } as const;

/**
 * The whole protocol: governor, sources, log, oracle and beacon on the hub, mirrors on the spokes, vaults, the paths between
 * them, and last the handing over to the governors. Pure: addresses are known before anything is sent.
 */
export function planProtocol(parameters: ProtocolPlanParameters): ProtocolPlan {
  const { name, deployer, sites } = parameters;
  const { assets, interval, mandates } = parameters.parameters;
  const factory = factoryStep();
  const made = sites.map((site, place) => makeSite(site, place, factory.address, parameters));
  const chains = made.map(({ deployment }) => deployment);
  const deployment: Deployment = {
    ...{ version: 3, name, deployer, factory: factory.address, assets, interval },
    mandates: mandates.map((mandate) => mandate.name),
    chains,
  };
  const plans = made.map(({ steps, deployment: own }) => ({
    chainId: own.chainId,
    steps: [factory, ...steps, ...wiring(deployment, own, parameters)],
  }));
  return { plans, deployment };
}

type Put = (contract: string, args?: readonly unknown[], name?: string) => Address;

/** One per lane, unused ones zero. */
export const lanesOf = (addresses: readonly Address[]): Address[] =>
  Array.from({ length: LANE_COUNT }, (_, lane) => addresses[lane] ?? zeroAddress);

function makeSite(site: PlannedSite, place: number, factory: Address, plan: ProtocolPlanParameters) {
  const { deployer, governance, parameters } = plan;
  const { steps, put, putArtifact, addressOf } = contractsOf(plan.name, factory, deployer);
  const { chainId, eid, layerZero } = site;
  const governor = putArtifact("governor", packageArtifact(TIMELOCK), [
    BigInt(parameters.governorDelay),
    governance.proposers,
    governance.executors,
    zeroAddress,
  ]);
  const held = site.assets.kind === "local" ? localAssets(put, site.assets.publisher, place, parameters) : site.assets;
  const { cash, tokens } = held;
  const priceSources = putSources(put, held, parameters);
  const parityVerifier = put("ParityVerifier");
  const published = "pricePublisher" in held ? { pricePublisher: held.pricePublisher } : {};
  const common = { chainId, eid, block: 0, layerZero, governor, ...published, priceSources, cash, tokens };
  const every = { ...common, parityVerifier };
  if (site.role === "spoke") {
    const riskState = put("RiskMirror", [layerZero.endpoint, deployer]);
    const vaults = putVaults(put, { ...every, riskState }, () => zeroAddress, plan);
    return { steps, deployment: { ...every, role: "spoke", riskState, vaults } satisfies SpokeDeployment };
  }
  const times = [BigInt(parameters.interval), BigInt(parameters.maxGap)];
  const observationLog = put("ObservationLog", [lanesOf(priceSources), ...times]);
  const covarianceVerifier = put("CovarianceVerifier");
  const riskState = put("RiskOracle", [observationLog, covarianceVerifier]);
  const riskBeacon = put("RiskBeacon", [layerZero.endpoint, deployer, riskState]);
  const deskOf = (mandate: string): Address => (mandate === plan.deskMandate ? addressOf(DESK_NAME) : zeroAddress);
  const vaults = putVaults(put, { ...every, riskState }, deskOf, plan);
  const hub = { observationLog, covarianceVerifier, riskBeacon };
  return { steps, deployment: { ...every, ...hub, role: "hub", riskState, vaults } satisfies HubDeployment };
}

/** Contracts of a deployment on one chain, at the places their names have on all. */
export function contractsOf(deployment: string, factory: Address, deployer: Address) {
  const steps: ContractStep[] = [];
  const placeOf = placesOf(factory, deployer, deployment);
  const putArtifact = (name: string, artifact: ReturnType<typeof forgeArtifact>, args: readonly unknown[]): Address => {
    const place = placeOf(name);
    steps.push(create3Step(name, artifact, args, place));
    return place.address;
  };
  const put: Put = (contract, args = [], name = contract) => putArtifact(name, forgeArtifact(contract), args);
  return { steps, put, putArtifact, addressOf: (name: string): Address => placeOf(name).address };
}

type Held = Omit<Extract<SiteAssets, { kind: "given" }>, "kind">;

function localAssets(put: Put, publisher: Address, place: number, { assets, maxPriceAge }: ProtocolParameters) {
  const descriptions = assets.map((asset) => `${asset} / USD`);
  const pricePublisher = put("LocalPricePublisher", [publisher, descriptions]);
  const token = (name: string, symbol: string, decimals: number): TokenDeployment => ({
    symbol,
    address: put("LocalToken", [name, symbol, decimals], `token/${symbol}`),
    decimals,
  });
  const decimalsOf = (lane: number): number => TOKEN_DECIMALS[(lane + place) % TOKEN_DECIMALS.length] as number;
  return {
    pricePublisher,
    cash: token("Local dollar", "USD", CASH_DECIMALS),
    tokens: assets.map((asset, lane) => token(`Local ${asset}`, asset, decimalsOf(lane))),
    feeds: assets.map((_, lane) => ({
      // the publisher makes its feeds in its constructor, one after the other
      feed: getContractAddress({ from: pricePublisher, nonce: BigInt(lane + 1) }),
      maxAge: maxPriceAge,
      minAnswer: ANSWER_BOUNDS.minimum,
      maxAnswer: ANSWER_BOUNDS.maximum,
    })),
  } satisfies Held & { pricePublisher: Address };
}

const putSources = (put: Put, { feeds, sequencer }: Held, { assets }: ProtocolParameters): Address[] =>
  feeds.map(({ feed, maxAge, minAnswer, maxAnswer }, lane) => {
    const config = {
      feed,
      maxAge: BigInt(maxAge),
      minAnswer,
      maxAnswer,
      sequencerFeed: sequencer?.feed ?? zeroAddress,
      sequencerGrace: BigInt(sequencer?.grace ?? 0),
    };
    return put("ChainlinkPriceSource", [config], `source/${assets[lane]}`);
  });

type VaultParts = Pick<
  ChainDeployment,
  "governor" | "riskState" | "parityVerifier" | "cash" | "tokens" | "priceSources"
>;

/** A vault for each mandate. */
function putVaults(
  put: Put,
  parts: VaultParts,
  deskOf: (mandate: string) => Address,
  { governance, parameters }: ProtocolPlanParameters,
): VaultDeployment[] {
  const common = {
    governor: parts.governor,
    guardian: governance.guardian,
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
  return parameters.mandates.map(({ name: mandate, words }) => {
    const config = { name: `Equipoise ${mandate}`, symbol: `EQP-${mandate}`, ...common, desk: deskOf(mandate) };
    return { mandate, vault: put("ParityVault", [config, words], `ParityVault/${mandate}`) };
  });
}

/** Peers both ways, pinned libraries and verifiers, enforced options; then the governor owns the applications. */
function wiring(deployment: Deployment, own: ChainDeployment, { parameters }: ProtocolPlanParameters): CallStep[] {
  const hub = hubOf(deployment);
  const { layerZero, governor } = own;
  if (own.role === "spoke") {
    const remote = { eid: hub.eid, peer: hub.riskBeacon, confirmations: hub.layerZero.confirmations };
    const side: PathSide = { name: "RiskMirror", oapp: own.riskState, layerZero, remote };
    return [...wireReceiver(side), ...handOver(side.name, side.oapp, layerZero.endpoint, governor)];
  }
  const side = { name: "RiskBeacon", oapp: own.riskBeacon, layerZero };
  const paths = spokesOf(deployment).flatMap(({ eid, riskState: peer, layerZero: { confirmations } }) =>
    wireSender({ ...side, remote: { eid, peer, confirmations } }, parameters.receiveGas),
  );
  return [...paths, ...handOver(side.name, side.oapp, layerZero.endpoint, governor)];
}
