import { LANE_COUNT, packMarginTerms } from "@equipoise/sdk";
import {
  accountOf,
  addressToBytes32,
  type ContractCall,
  collateralHubAbi,
  contractCall,
  sendCall,
} from "@equipoise/sdk/actions";
import { type Address, getContractAddress, isAddressEqual, zeroAddress } from "viem";
import { getTransactionCount } from "viem/actions";
import type { LocalAccounts } from "../chains/accounts.ts";
import type { Chain, SigningClient } from "../chains/chain.ts";
import { runStep, StepFailed } from "../stepFailed.ts";
import type { Store } from "../store/store.ts";
import { forgeArtifact } from "./artifact.ts";
import type { ClearingParameters, CollateralParameters } from "./clearingParameters.ts";
import { deployContract } from "./deployContract.ts";
import {
  type ChainDeployment,
  type ClearingDeployment,
  type Deployment,
  type GateDeployment,
  type HubDeployment,
  hubOf,
} from "./deployment.ts";
import { type EnforcedGas, enforceGas, handOver, pinReceiver, pinSender } from "./wirePath.ts";

export type DeployClearingParameters = {
  readonly chains: readonly Chain[];
  readonly accounts: LocalAccounts;
  readonly deployment: Deployment;
  readonly parameters: ClearingParameters;
  readonly store: Store;
};

/** Types of messages between the hub and its gates; `TransferMessage.KIND_*`. */
const MESSAGE = { transfer: 1, denial: 2 } as const;
/** Lanes of a gate: the assets', then cash. */
const GATE_LANES = LANE_COUNT + 1;

/**
 * Puts clearing on the chains of a deployment, once: the store remembers it. On the hub facts, arrays, terms, collateral hub,
 * house and exchange, on every chain a gate, each path pinned and handed to the governor's timelock. Nothing is listed yet, and
 * the arrays do not know the house: both are for the governor (`listSeries`).
 */
export function deployClearing(parameters: DeployClearingParameters): Promise<Deployment> {
  return runStep("deploy clearing", async () => {
    const { deployment, store } = parameters;
    if (deployment.clearing !== undefined) return deployment;
    const clearing = await deployParts(parameters);
    const extended = { ...deployment, clearing };
    store.keepDeployment(extended);
    return extended;
  });
}

async function deployParts(all: DeployClearingParameters): Promise<ClearingDeployment> {
  const { deployment, accounts } = all;
  const hub = hubOf(deployment);
  const chain = chainOf(all, hub);
  const client = chain.signer(accounts.deployer);
  const block = Number(await chain.reader.getBlockNumber());
  const house = await deployHouse(client, hub, all);
  const gates = await Promise.all(deployment.chains.map((site) => deployGate(all, site, house.collateralHub)));
  for (const gate of gates)
    for (const call of hubSide(hub, house.collateralHub, gate, all)) await sendCall(client, call);
  for (const call of handOver(house.collateralHub, hub.governor)) await sendCall(client, call);
  return { block, ...house, gates };
}

function chainOf({ chains }: DeployClearingParameters, { eid }: ChainDeployment): Chain {
  const chain = chains.find((candidate) => candidate.eid === eid);
  if (chain === undefined) throw new StepFailed(`no chain with eid ${eid} is connected; connect it`, { retry: false });
  return chain;
}

/** Facts, arrays, terms, collateral hub, house and what belongs to it, in the order in which each needs the ones before. */
async function deployHouse(
  client: SigningClient,
  hub: HubDeployment,
  { accounts, parameters }: DeployClearingParameters,
) {
  const put = (contract: string, args: readonly unknown[] = []): Promise<Address> =>
    deployContract(client, forgeArtifact(contract), args);
  const volatilityLog = await put("VolatilityLog", [volatilityLogConfig(hub, accounts, parameters)]);
  const settlementPrices = await put("SettlementPrices", [
    hub.observationLog,
    BigInt(parameters.settlementWindow),
    BigInt(parameters.settlementCount),
  ]);
  const riskArrayVerifier = await put("RiskArrayVerifier");
  const marginVerifier = await put("MarginVerifier");
  const facts = { volatilityLog, settlementPrices, riskArrayVerifier, marginVerifier };
  const riskArrays = await put("RiskArrays", [riskArraysConfig(hub, facts, parameters)]);
  const marginTerms = await put("MarginTerms", [
    riskArrays,
    hub.governor,
    BigInt(parameters.termsDelay),
    collateralLanes(hub.priceSources, parameters.collateral),
    packMarginTerms(parameters.marginTerms),
  ]);
  const collateralHub = await put("CollateralHub", [hub.layerZero.endpoint, client.account.address]);
  // House, loss book, liquidation and exchange name each other for ever: those that come later by where they will be.
  const nonce = await getTransactionCount(client, client.account);
  const placeOf = (later: number): Address =>
    getContractAddress({ from: client.account.address, nonce: BigInt(nonce + later) });
  const [lossBook, liquidation, exchange] = [placeOf(1), placeOf(3), placeOf(4)];
  const clearingHouse = await put("ClearingHouse", [
    {
      arrays: riskArrays,
      terms: marginTerms,
      verifier: marginVerifier,
      collateralHub,
      exchange,
      liquidation,
      lossBook,
      backstop: accountOf(hub.governor),
      maxArrayAge: BigInt(parameters.maxArrayAge),
    },
  ]);
  await putAt(lossBook, put("LossBook", [clearingHouse, liquidation]));
  const marginEngine = await put("MarginEngine", [clearingHouse]);
  await putAt(liquidation, put("Liquidation", [clearingHouse, lossBook, marginEngine]));
  await putAt(exchange, put("Exchange", [clearingHouse, BigInt(parameters.tradeFee)]));
  const onHub = { address: collateralHub, abi: collateralHubAbi } as const;
  await sendCall(client, contractCall({ ...onHub, functionName: "setHouse", args: [clearingHouse] }));
  const parts = { clearingHouse, exchange, lossBook, marginEngine, liquidation };
  return { ...facts, riskArrays, marginTerms, collateralHub, ...parts };
}

/** A contract must be where others have been told it would be. */
async function putAt(expected: Address, deployed: Promise<Address>): Promise<void> {
  const address = await deployed;
  if (isAddressEqual(address, expected)) return;
  throw new StepFailed(
    `a contract of clearing is at ${address} instead of ${expected}: let nobody else use the deployer`,
    {
      retry: true,
    },
  );
}

function volatilityLogConfig(hub: HubDeployment, accounts: LocalAccounts, parameters: ClearingParameters) {
  const signers = accounts.volatilitySigners.map(({ address }) => address);
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

const riskArraysConfig = (hub: HubDeployment, facts: Facts, parameters: ClearingParameters) => ({
  governor: hub.governor,
  oracle: hub.riskState,
  volatilityLog: facts.volatilityLog,
  settlementPrices: facts.settlementPrices,
  verifier: facts.riskArrayVerifier,
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
async function deployGate(
  all: DeployClearingParameters,
  site: ChainDeployment,
  collateralHub: Address,
): Promise<GateDeployment> {
  const { deployment, accounts, parameters } = all;
  const hubEid = hubOf(deployment).eid;
  const { layerZero, tokens, cash, eid, governor } = site;
  const client = chainOf(all, site).signer(accounts.deployer);
  const lanes = Array.from({ length: LANE_COUNT }, (_, lane) => tokens[lane]?.address ?? zeroAddress);
  const collateralGate = await deployContract(client, forgeArtifact("CollateralGate"), [
    layerZero.endpoint,
    client.account.address,
    hubEid,
    [...lanes, cash.address],
  ]);
  const side = { oapp: collateralGate, layerZero, remoteEid: hubEid, peer: collateralHub, local: eid === hubEid };
  for (const call of [...pathCalls(side, parameters, parameters.depositGas), ...handOver(collateralGate, governor)]) {
    await sendCall(client, call);
  }
  return { eid, collateralGate };
}

/** The hub's side of the path to a gate. */
function hubSide(
  { layerZero, eid: hubEid }: HubDeployment,
  collateralHub: Address,
  { eid, collateralGate }: GateDeployment,
  { parameters }: DeployClearingParameters,
): ContractCall[] {
  const side = { oapp: collateralHub, layerZero, remoteEid: eid, peer: collateralGate, local: eid === hubEid };
  return pathCalls(side, parameters, parameters.paymentGas);
}

/** Opens one side of a path, and pins it both ways where it goes to another chain. */
function pathCalls(
  side: Parameters<typeof pinSender>[0] & { readonly peer: Address; readonly local: boolean },
  { dailyLimit, denialGas }: ClearingParameters,
  transferGas: bigint,
): ContractCall[] {
  const limits = new Array<bigint>(GATE_LANES).fill(dailyLimit) as unknown as PathLimits;
  const open = contractCall({
    address: side.oapp,
    abi: collateralHubAbi, // openPath is the same of both ends
    functionName: "openPath",
    args: [side.remoteEid, addressToBytes32(side.peer), limits],
  });
  const enforced: EnforcedGas[] = [
    { messageType: MESSAGE.transfer, gas: transferGas },
    { messageType: MESSAGE.denial, gas: denialGas },
  ];
  return [open, ...(side.local ? [] : [enforceGas(side, enforced), ...pinSender(side), ...pinReceiver(side)])];
}

/** One per lane of a gate. */
type PathLimits = Parameters<typeof contractCall<typeof collateralHubAbi, "openPath">>[0]["args"][2];
