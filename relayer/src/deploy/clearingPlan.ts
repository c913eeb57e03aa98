import { ARRAY_COUNT, LANE_COUNT, packMarginTerms } from "@equipoise/sdk";
import {
  accountOf,
  addressToBytes32,
  type ChainDeployment,
  type ClearingDeployment,
  collateralHubAbi,
  contractCall,
  type Deployment,
  type GateDeployment,
  type HubDeployment,
  hubOf,
  vaultOf,
} from "@equipoise/sdk/actions";
import { type Address, zeroAddress } from "viem";
import type { ClearingParameters, CollateralParameters, PlannedDesk } from "./clearingParameters.ts";
import { type CallStep, type ChainPlan, callStep, fact, type Step } from "./plan.ts";
import { contractsOf, DESK_NAME } from "./protocolPlan.ts";
import { type EnforcedGas, enforceGas, handOver, type PathSide, pathStep, pinReceiver, pinSender } from "./wirePath.ts";

export type ClearingPlanParameters = {
  readonly deployment: Deployment;
  readonly parameters: ClearingParameters;
  /** whose signatures make a report of volatilities */
  readonly volatilitySigners: readonly Address[];
  /** of a vault of the hub, which has to be planned with one */
  readonly desk?: PlannedDesk | undefined;
};

/** What has to be done, and what it makes; its block is 0 until it is done. */
export type ClearingPlan = { readonly plans: readonly ChainPlan[]; readonly clearing: ClearingDeployment };

/** Types of messages between the hub and its gates; `TransferMessage.KIND_*`. */
export const MESSAGE = { transfer: 1, denial: 2 } as const;
/** Lanes of a gate: the assets', then cash. */
const GATE_LANES = LANE_COUNT + 1;
/** {ppm of a token per day} that a path may be opened with; what a balance may be (`AccountWords.LARGEST`). */
const LARGEST_LIMIT = (1n << 62n) - 1n;

/**
 * Clearing on the chains of a deployment. On the hub facts, arrays, terms, collateral hub, house and exchange, on every chain a
 * gate, each path pinned and handed to the governor's timelock. Nothing is listed yet, and the arrays do not know the
 * house: both are for the governor (`listSeries`).
 */
export function planClearing(all: ClearingPlanParameters): ClearingPlan {
  const { deployment } = all;
  const hub = hubOf(deployment);
  const house = planHouse(hub, all);
  const gates = deployment.chains.map((site) => planGate(all, site, house.parts.collateralHub));
  const desk = planDesk(
    all,
    hub,
    house.parts.clearingHouse,
    gates.map(({ gate }) => gate),
  );
  const ofHub: Step[] = [
    ...house.steps,
    ...gates.flatMap(({ gate }) => hubSide(all, gate, house.parts.collateralHub)),
    ...handOver("CollateralHub", house.parts.collateralHub, hub.layerZero.endpoint, hub.governor),
  ];
  const plans = gates.map(({ gate, steps }, place) => ({
    chainId: deployment.chains[place]?.chainId ?? 0,
    steps: gate.eid === hub.eid ? [...ofHub, ...steps, ...(desk?.steps ?? [])] : steps,
  }));
  const clearing = { block: 0, ...house.parts, gates: gates.map(({ gate }) => gate) };
  return { plans, clearing: desk === undefined ? clearing : { ...clearing, desk: desk.parts } };
}

/** The desk of a vault of the hub, which names it from the beginning. */
function planDesk(
  { deployment, desk }: ClearingPlanParameters,
  hub: HubDeployment,
  house: Address,
  gates: readonly GateDeployment[],
) {
  if (desk === undefined) return undefined;
  const { steps, put } = contractsOf(deployment.name, deployment.factory, deployment.deployer);
  const { share, health, warmUp, auctionLength, leastCost, mandate } = desk;
  const terms = [BigInt(warmUp), BigInt(auctionLength), BigInt(leastCost)];
  const deskAuctions = put("DeskAuctions", [vaultOf(hub, mandate).vault, house, ...terms]);
  const gate = gates.find((candidate) => candidate.eid === hub.eid)?.collateralGate;
  const vaultDesk = put(DESK_NAME, [{ auctions: deskAuctions, gate, share: BigInt(share), health: BigInt(health) }]);
  return { steps, parts: { mandate, vaultDesk, deskAuctions } };
}

/** Facts, arrays, terms, collateral hub, house and what belongs to it, in the order in which each needs the ones before. */
function planHouse(hub: HubDeployment, { deployment, parameters, volatilitySigners }: ClearingPlanParameters) {
  const { steps, put, addressOf } = contractsOf(deployment.name, deployment.factory, deployment.deployer);
  const volatilityLog = put("VolatilityLog", [volatilityLogConfig(hub, volatilitySigners, parameters)]);
  const settlementPrices = put("SettlementPrices", [
    hub.observationLog,
    BigInt(parameters.settlementWindow),
    BigInt(parameters.settlementCount),
  ]);
  const riskArrayVerifier = put("RiskArrayVerifier");
  const marginVerifier = put("MarginVerifier");
  const solvencyVerifier = put("SolvencyVerifier");
  const facts = { volatilityLog, settlementPrices, riskArrayVerifier, marginVerifier, solvencyVerifier };
  // Arrays and listings name each other too.
  const riskArrays = put("RiskArrays", [riskArraysConfig(hub, facts, addressOf("Listings"), parameters)]);
  const listings = put("Listings", [riskArrays]);
  const marginTerms = put("MarginTerms", [
    riskArrays,
    hub.governor,
    BigInt(parameters.termsDelay),
    collateralLanes(hub.priceSources, parameters.collateral),
    packMarginTerms(parameters.marginTerms),
    new Array(ARRAY_COUNT).fill(parameters.positionLimits),
  ]);
  const collateralHub = put("CollateralHub", [hub.layerZero.endpoint, deployment.deployer]);
  // House, loss book, liquidation and exchange name each other for ever: those that come later by where they will be.
  const clearingHouse = put("ClearingHouse", [
    {
      arrays: riskArrays,
      terms: marginTerms,
      verifier: marginVerifier,
      solvencyVerifier,
      collateralHub,
      exchange: addressOf("Exchange"),
      liquidation: addressOf("Liquidation"),
      lossBook: addressOf("LossBook"),
      backstop: accountOf(hub.governor),
      maxArrayAge: BigInt(parameters.maxArrayAge),
    },
  ]);
  const lossBook = put("LossBook", [clearingHouse, addressOf("Liquidation")]);
  const marginEngine = put("MarginEngine", [clearingHouse]);
  const liquidation = put("Liquidation", [clearingHouse, lossBook, marginEngine]);
  const exchange = put("Exchange", [clearingHouse, BigInt(parameters.tradeFee)]);
  const onHub = { address: collateralHub, abi: collateralHubAbi } as const;
  const houseSet = callStep(
    "make",
    "CollateralHub house",
    contractCall({ ...onHub, functionName: "setHouse", args: [clearingHouse] }),
    [fact({ ...onHub, functionName: "house", args: [], result: clearingHouse })],
  );
  const parts = { clearingHouse, exchange, lossBook, marginEngine, liquidation };
  const ofArrays = { riskArrays, listings, marginTerms };
  return { steps: [...steps, houseSet], parts: { ...facts, ...ofArrays, collateralHub, ...parts } };
}

function volatilityLogConfig(hub: HubDeployment, signers: readonly Address[], parameters: ClearingParameters) {
  return {
    observationLog: hub.observationLog,
    riskState: hub.riskState,
    signers: signers.toSorted((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1)),
    quorum: BigInt(parameters.quorum),
    maxAge: BigInt(parameters.maxReportAge),
    minInterval: BigInt(parameters.minReportInterval),
    maxSpotDeviation: BigInt(parameters.maxSpotDeviation),
    volatilityMove: BigInt(parameters.volatilityMove),
    basisMove: BigInt(parameters.basisMove),
    maxBasis: BigInt(parameters.maxBasis),
    floorShare: BigInt(parameters.floorShare),
  };
}

type Facts = Pick<ClearingDeployment, "volatilityLog" | "settlementPrices" | "riskArrayVerifier">;

const riskArraysConfig = (hub: HubDeployment, facts: Facts, listings: Address, parameters: ClearingParameters) => ({
  governor: hub.governor,
  oracle: hub.riskState,
  volatilityLog: facts.volatilityLog,
  settlementPrices: facts.settlementPrices,
  verifier: facts.riskArrayVerifier,
  listings,
  version: 1,
  upShock: parameters.upShock,
  downShock: parameters.downShock,
  minimumUpVolatility: parameters.minimumUpVolatility,
  rangeMultiple: parameters.rangeMultiple,
  minimumStep: parameters.minimumStep,
  maximumStep: parameters.maximumStep,
  maxDeviation: parameters.maxDeviation,
  epochInterval: BigInt(parameters.epochInterval),
  maxRiskAge: BigInt(parameters.maxRiskAge),
  maxFunding: parameters.maxFunding,
  minimumFundingTrade: parameters.minimumFundingTrade,
});

/** Every asset of the log is collateral, at the price of its source and with the haircut of its proven volatility. */
const collateralLanes = (sources: readonly Address[], terms: CollateralParameters) =>
  Array.from({ length: LANE_COUNT }, (_, lane) => {
    const source = sources[lane];
    if (source === undefined) {
      return { source: zeroAddress, underlying: 0, base: 0, volatilityMultiple: 0, uncertainty: 0, slope: 0 };
    }
    return { source, underlying: lane + 1, ...terms };
  });

/** A gate with its side of the path to the hub. */
function planGate(
  { deployment, parameters }: ClearingPlanParameters,
  site: ChainDeployment,
  collateralHub: Address,
): { readonly gate: GateDeployment; readonly steps: readonly Step[] } {
  const hub = hubOf(deployment);
  const { layerZero, tokens, cash, eid, governor } = site;
  const { steps, put } = contractsOf(deployment.name, deployment.factory, deployment.deployer);
  const lanes = Array.from({ length: LANE_COUNT }, (_, lane) => tokens[lane]?.address ?? zeroAddress);
  const gateLanes = [...lanes, cash.address];
  const collateralGate = put("CollateralGate", [layerZero.endpoint, deployment.deployer, hub.eid, gateLanes]);
  const remote = { eid: hub.eid, peer: collateralHub, confirmations: hub.layerZero.confirmations };
  const side = { name: "CollateralGate", oapp: collateralGate, layerZero, remote, local: eid === hub.eid };
  const path = pathSteps(side, parameters, parameters.dailyLimit, parameters.depositGas);
  const owned = handOver(side.name, collateralGate, layerZero.endpoint, governor);
  return { gate: { eid, collateralGate }, steps: [...steps, ...path, ...owned] };
}

/** The hub's side of the path to a gate. */
function hubSide(
  { deployment, parameters }: ClearingPlanParameters,
  { eid, collateralGate: peer }: GateDeployment,
  collateralHub: Address,
): CallStep[] {
  const { layerZero, eid: hubEid } = hubOf(deployment);
  const { confirmations } = deployment.chains.find((site) => site.eid === eid)?.layerZero ?? layerZero;
  const remote = { eid, peer, confirmations };
  const local = eid === hubEid;
  const side = { name: "CollateralHub", oapp: collateralHub, layerZero, remote, local };
  // no message is to be doubted on one chain, and one depositor could fill a day's bucket before all others
  return pathSteps(side, parameters, local ? LARGEST_LIMIT : parameters.dailyLimit, parameters.paymentGas);
}

/** Opens one side of a path, and pins it both ways where it goes to another chain. @param limit {ppm of a token per day} */
function pathSteps(
  side: PathSide & { readonly local: boolean },
  { denialGas }: ClearingParameters,
  limit: bigint,
  transferGas: bigint,
): CallStep[] {
  const limits = new Array<bigint>(GATE_LANES).fill(limit) as unknown as PathLimits;
  const onOapp = { address: side.oapp, abi: collateralHubAbi } as const; // openPath is the same of both ends
  const { eid, peer } = side.remote;
  const result = addressToBytes32(peer);
  const opened = pathStep(
    side,
    "path to",
    contractCall({ ...onOapp, functionName: "openPath", args: [eid, result, limits] }),
    [fact({ ...onOapp, functionName: "peers", args: [eid], result })],
  );
  const enforced: EnforcedGas[] = [
    { messageType: MESSAGE.transfer, gas: transferGas },
    { messageType: MESSAGE.denial, gas: denialGas },
  ];
  return [opened, ...(side.local ? [] : [enforceGas(side, enforced), ...pinSender(side), ...pinReceiver(side)])];
}

/** One per lane of a gate. */
type PathLimits = Parameters<typeof contractCall<typeof collateralHubAbi, "openPath">>[0]["args"][2];
