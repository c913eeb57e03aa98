import type { Address } from "viem";
import {
  type ChainDeployment,
  type ClearingDeployment,
  type Deployment,
  DeploymentInvalid,
  type DeskDeployment,
  type GateDeployment,
  hubOf,
  type LayerZeroAddresses,
  type TokenDeployment,
  type VaultDeployment,
} from "./deployment.ts";
import { jsonReader } from "./jsonReader.ts";

const {
  fields: fieldsOf,
  list: listOf,
  whole,
  word,
  address,
} = jsonReader((path, value, need) => new DeploymentInvalid(path, value, need));

function token(value: unknown, path: string): TokenDeployment {
  const fields = fieldsOf(value, path);
  return {
    symbol: word(fields.symbol, `${path}.symbol`),
    address: address(fields.address, `${path}.address`),
    decimals: whole(fields.decimals, `${path}.decimals`),
  };
}

function layerZero(value: unknown, path: string): LayerZeroAddresses {
  const fields = fieldsOf(value, path);
  const at = (name: string): Address => address(fields[name], `${path}.${name}`);
  return {
    endpoint: at("endpoint"),
    sendLibrary: at("sendLibrary"),
    receiveLibrary: at("receiveLibrary"),
    endpointView: at("endpointView"),
    receiveView: at("receiveView"),
    verifiers: listOf(fields.verifiers, `${path}.verifiers`, address),
    verifierNames: listOf(fields.verifierNames, `${path}.verifierNames`, word),
    executor: at("executor"),
    confirmations: whole(fields.confirmations, `${path}.confirmations`),
  };
}

function vault(value: unknown, path: string): VaultDeployment {
  const fields = fieldsOf(value, path);
  return { mandate: word(fields.mandate, `${path}.mandate`), vault: address(fields.vault, `${path}.vault`) };
}

function chain(value: unknown, path: string): ChainDeployment {
  const fields = fieldsOf(value, path);
  const at = (name: string): Address => address(fields[name], `${path}.${name}`);
  const { role } = fields;
  if (role !== "hub" && role !== "spoke") throw new DeploymentInvalid(`${path}.role`, role, "must be hub or spoke");
  const every = {
    chainId: whole(fields.chainId, `${path}.chainId`),
    eid: whole(fields.eid, `${path}.eid`),
    block: whole(fields.block, `${path}.block`),
    layerZero: layerZero(fields.layerZero, `${path}.layerZero`),
    governor: at("governor"),
    ...(fields.pricePublisher === undefined ? {} : { pricePublisher: at("pricePublisher") }),
    priceSources: listOf(fields.priceSources, `${path}.priceSources`, address),
    cash: token(fields.cash, `${path}.cash`),
    tokens: listOf(fields.tokens, `${path}.tokens`, token),
    riskState: at("riskState"),
    parityVerifier: at("parityVerifier"),
    vaults: listOf(fields.vaults, `${path}.vaults`, vault),
  };
  if (role === "spoke") return { ...every, role };
  const observationLog = at("observationLog");
  return { ...every, role, observationLog, covarianceVerifier: at("covarianceVerifier"), riskBeacon: at("riskBeacon") };
}

function gate(value: unknown, path: string): GateDeployment {
  const fields = fieldsOf(value, path);
  return {
    eid: whole(fields.eid, `${path}.eid`),
    collateralGate: address(fields.collateralGate, `${path}.collateralGate`),
  };
}

function deskOf(value: unknown, path: string): DeskDeployment {
  const fields = fieldsOf(value, path);
  return {
    mandate: word(fields.mandate, `${path}.mandate`),
    vaultDesk: address(fields.vaultDesk, `${path}.vaultDesk`),
    deskAuctions: address(fields.deskAuctions, `${path}.deskAuctions`),
  };
}

function clearing(value: unknown, path: string): ClearingDeployment {
  const fields = fieldsOf(value, path);
  const at = (name: string): Address => address(fields[name], `${path}.${name}`);
  return {
    block: whole(fields.block, `${path}.block`),
    volatilityLog: at("volatilityLog"),
    settlementPrices: at("settlementPrices"),
    riskArrayVerifier: at("riskArrayVerifier"),
    marginVerifier: at("marginVerifier"),
    solvencyVerifier: at("solvencyVerifier"),
    riskArrays: at("riskArrays"),
    listings: at("listings"),
    marginTerms: at("marginTerms"),
    collateralHub: at("collateralHub"),
    clearingHouse: at("clearingHouse"),
    exchange: at("exchange"),
    lossBook: at("lossBook"),
    marginEngine: at("marginEngine"),
    liquidation: at("liquidation"),
    gates: listOf(fields.gates, `${path}.gates`, gate),
    ...(fields.desk === undefined ? {} : { desk: deskOf(fields.desk, `${path}.desk`) }),
  };
}

/**
 * Reads a deployment from JSON: the file that `equipoise deploy` writes, or what stands in it as `deployment`. Its chains, and
 * its clearing, are what `equipoiseActions` takes as addresses.
 *
 * ```ts
 * const deployment = parseDeployment(JSON.parse(await readFile("deployments/testnets.json", "utf8")));
 * const hub = createPublicClient({ chain, transport: http() }).extend(equipoiseActions(hubOf(deployment)));
 * ```
 * @throws DeploymentInvalid with the path of the first thing that is wrong
 */
export function parseDeployment(json: unknown): Deployment {
  const given = fieldsOf(json, "");
  const fields = "transactions" in given ? fieldsOf(given.deployment, "") : given;
  if (fields.version !== 3) {
    // deploying again begins with reading this file
    throw new DeploymentInvalid("version", fields.version, "must be 3", "move the file away and deploy again");
  }
  const deployment: Deployment = {
    version: 3,
    name: word(fields.name, "name"),
    deployer: address(fields.deployer, "deployer"),
    factory: address(fields.factory, "factory"),
    assets: listOf(fields.assets, "assets", word),
    interval: whole(fields.interval, "interval"),
    mandates: listOf(fields.mandates, "mandates", word),
    chains: listOf(fields.chains, "chains", chain),
    ...(fields.clearing === undefined ? {} : { clearing: clearing(fields.clearing, "clearing") }),
  };
  hubOf(deployment);
  const asMany = (path: string, list: readonly unknown[], as: readonly unknown[], name: string): void => {
    if (list.length !== as.length)
      throw new DeploymentInvalid(path, list.length, `must be ${as.length}, as many as ${name}`);
  };
  const { mandates } = deployment;
  const desk = deployment.clearing?.desk?.mandate;
  if (desk !== undefined && !mandates.includes(desk)) {
    throw new DeploymentInvalid("clearing.desk.mandate", desk, `must be one of ${mandates.join(", ")}`);
  }
  deployment.chains.forEach(({ tokens, priceSources, vaults, eid, layerZero: { verifiers, verifierNames } }, place) => {
    asMany(`chains[${place}].layerZero.verifierNames`, verifierNames, verifiers, "verifiers");
    asMany(`chains[${place}].tokens`, tokens, deployment.assets, "assets");
    asMany(`chains[${place}].priceSources`, priceSources, deployment.assets, "assets");
    if (vaults.map(({ mandate }) => mandate).join() !== mandates.join()) {
      throw new DeploymentInvalid(`chains[${place}].vaults`, vaults, `must be one for each of ${mandates.join(", ")}`);
    }
    if (deployment.chains.findIndex((other) => other.eid === eid) !== place) {
      throw new DeploymentInvalid(`chains[${place}].eid`, eid, "is there twice");
    }
  });
  return deployment;
}
