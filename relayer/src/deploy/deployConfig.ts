import { DECAYS, defaultMandate, LANE_COUNT, PPM, packMandate, TERMS } from "@equipoise/sdk";
import { type Fields, jsonReader, type TokenDeployment } from "@equipoise/sdk/actions";
import type { Address } from "viem";
import { DEFAULT_DESK, type DeskParameters, type PlannedDesk } from "./clearingParameters.ts";
import { DEFAULT_PARAMETERS, type NamedMandate, type ProtocolParameters } from "./protocolParameters.ts";
import type { FeedTerms, Governance, SequencerTerms, SiteAssets } from "./protocolPlan.ts";

/** One network of a deployment, as its file describes it. */
export type NetworkConfig = { readonly rpcUrl?: string; readonly assets: SiteAssets };

/** What to deploy: all that the networks themselves do not say. */
export type DeployConfig = {
  /** addresses depend on it */
  readonly name: string;
  /** the network that keeps the facts */
  readonly hub: string;
  readonly governance: Governance;
  readonly parameters: ProtocolParameters;
  /** by the name of the network */
  readonly networks: Readonly<Record<string, NetworkConfig>>;
  /** clearing is deployed where this is given */
  readonly clearing?: ClearingConfig;
};

/** What of clearing is the deployment's own. A vault of the hub has a desk where one is given. */
export type ClearingConfig = { readonly volatilitySigners: readonly Address[]; readonly desk?: PlannedDesk };

/** A deployment's configuration does not say what it should. */
export class DeployConfigInvalid extends Error {
  override name = "DeployConfigInvalid";
  constructor(path: string, value: unknown, need: string) {
    super(
      `${path === "" ? "the configuration" : path} is ${JSON.stringify(value)} and ${need}; docs/deploying.md has an example`,
    );
  }
}

const { fields, list, whole, bigWhole, word, address } = jsonReader(
  (path, value, need) => new DeployConfigInvalid(path, value, need),
);

/** An object with no other names than these: a misspelt one would be as if it were not there. */
function known(value: unknown, path: string, names: readonly string[]): Fields {
  const entry = fields(value, path);
  for (const name of Object.keys(entry)) {
    if (names.includes(name)) continue;
    const found = path === "" ? name : `${path}.${name}`;
    throw new DeployConfigInvalid(found, entry[name], `is no setting here: there are ${names.join(", ")}`);
  }
  return entry;
}

function token(value: unknown, path: string): TokenDeployment {
  const entry = known(value, path, ["symbol", "address", "decimals"]);
  return {
    symbol: word(entry.symbol, `${path}.symbol`),
    address: address(entry.address, `${path}.address`),
    decimals: whole(entry.decimals, `${path}.decimals`),
  };
}

function feed(value: unknown, path: string): FeedTerms {
  const entry = known(value, path, ["feed", "maxAge", "minAnswer", "maxAnswer"]);
  return {
    feed: address(entry.feed, `${path}.feed`),
    maxAge: whole(entry.maxAge, `${path}.maxAge`),
    minAnswer: bigWhole(entry.minAnswer, `${path}.minAnswer`),
    maxAnswer: bigWhole(entry.maxAnswer, `${path}.maxAnswer`),
  };
}

function sequencer(value: unknown, path: string): SequencerTerms {
  const entry = known(value, path, ["feed", "grace"]);
  return { feed: address(entry.feed, `${path}.feed`), grace: whole(entry.grace, `${path}.grace`) };
}

/** One per asset of the deployment, in its order. */
function perAsset<item>(items: readonly item[], path: string, assets: readonly string[]): readonly item[] {
  if (items.length === assets.length) return items;
  throw new DeployConfigInvalid(
    path,
    `${items.length} entries`,
    `must have ${assets.length}, one per asset in their order`,
  );
}

function network(value: unknown, path: string, assets: readonly string[]): NetworkConfig {
  const entry = known(value, path, ["rpcUrl", "cash", "tokens", "feeds", "sequencer", "testAssets"]);
  const url = entry.rpcUrl === undefined ? {} : { rpcUrl: word(entry.rpcUrl, `${path}.rpcUrl`) };
  if (entry.testAssets !== undefined) {
    const { publisher } = known(entry.testAssets, `${path}.testAssets`, ["publisher"]);
    for (const name of ["cash", "tokens", "feeds", "sequencer"]) {
      if (entry[name] !== undefined)
        throw new DeployConfigInvalid(`${path}.${name}`, entry[name], "excludes testAssets: keep one of the two");
    }
    return { ...url, assets: { kind: "local", publisher: address(publisher, `${path}.testAssets.publisher`) } };
  }
  return {
    ...url,
    assets: {
      kind: "given",
      cash: token(entry.cash, `${path}.cash`),
      tokens: perAsset(list(entry.tokens, `${path}.tokens`, token), `${path}.tokens`, assets),
      feeds: perAsset(list(entry.feeds, `${path}.feeds`, feed), `${path}.feeds`, assets),
      sequencer: entry.sequencer === undefined ? undefined : sequencer(entry.sequencer, `${path}.sequencer`),
    },
  };
}

/** Times and gas that a file may set; the rest of the parameters is for local chains. */
const SETTINGS = [
  "interval",
  "maxGap",
  "maxPriceAge",
  "maxRiskAge",
  "warmUp",
  "auctionLength",
  "mandateDelay",
  "governorDelay",
] as const;

/** Names become part of files' names, of contracts' places and of tokens' symbols. */
function plainName(value: unknown, path: string): string {
  const name = word(value, path);
  if (/^[a-z0-9-]+$/.test(name)) return name;
  throw new DeployConfigInvalid(path, name, "must be of small letters, digits and dashes");
}

/** {ppm} */
const MANDATE_TERMS = TERMS.filter((term) => term !== "version" && term !== "decayIndex");
const MANDATE_LISTS = ["budgets", "caps"] as const;
/** The one mandate where a file names none. */
const ONLY_MANDATE = "parity";

/** By their names; what one does not say is as in `defaultMandate`. */
function mandatesOf(value: unknown, assets: readonly string[]): readonly NamedMandate[] {
  const entries = Object.entries(value === undefined ? { [ONLY_MANDATE]: {} } : fields(value, "mandates"));
  if (entries.length === 0) throw new DeployConfigInvalid("mandates", value, "must have one, or be left out");
  return entries.map(([name, described]) => mandateOf(plainName(name, "mandates"), described, assets));
}

function mandateOf(name: string, value: unknown, assets: readonly string[]): NamedMandate {
  const path = `mandates.${name}`;
  const entry = known(value, path, ["decay", ...MANDATE_TERMS, ...MANDATE_LISTS]);
  const mandate = defaultMandate(assets.length);
  const big = (given: unknown, at: string): bigint => BigInt(whole(given, at));
  for (const term of MANDATE_TERMS) if (entry[term] !== undefined) mandate[term] = big(entry[term], `${path}.${term}`);
  for (const lanes of MANDATE_LISTS) {
    if (entry[lanes] === undefined) continue;
    mandate[lanes] = [...perAsset(list(entry[lanes], `${path}.${lanes}`, big), `${path}.${lanes}`, assets)];
  }
  if (mandate.maxExposure > PPM) {
    const need = `must be at most ${PPM}: for a vault with a desk the governor schedules more`;
    throw new DeployConfigInvalid(`${path}.maxExposure`, String(mandate.maxExposure), need);
  }
  if (entry.decay !== undefined) {
    mandate.decayIndex = DECAYS.findIndex((decay) => decay.name === entry.decay);
    if (mandate.decayIndex < 0) {
      const names = DECAYS.map((decay) => decay.name).join(", ");
      throw new DeployConfigInvalid(`${path}.decay`, entry.decay, `must be one of ${names}`);
    }
  }
  try {
    return { name, words: packMandate(mandate) };
  } catch (error) {
    throw new DeployConfigInvalid(path, value, `is refused: ${(error as Error).message}`);
  }
}

function protocol(value: unknown, assets: readonly string[], mandates: readonly NamedMandate[]): ProtocolParameters {
  const entry = known(value ?? {}, "parameters", [...SETTINGS, "receiveGas"]);
  const set = SETTINGS.flatMap((name) =>
    entry[name] === undefined ? [] : [[name, whole(entry[name], `parameters.${name}`)] as const],
  );
  const { receiveGas } = entry;
  return {
    ...DEFAULT_PARAMETERS,
    ...Object.fromEntries(set),
    ...(receiveGas === undefined ? {} : { receiveGas: BigInt(whole(receiveGas, "parameters.receiveGas")) }),
    assets,
    mandates,
  };
}

function governance(value: unknown): Governance {
  const entry = known(value, "governance", ["proposers", "executors", "guardian"]);
  return {
    proposers: list(entry.proposers, "governance.proposers", address),
    executors: list(entry.executors, "governance.executors", address),
    guardian: address(entry.guardian, "governance.guardian"),
  };
}

/** Reads a deployment's configuration. Errors: {@link DeployConfigInvalid} with the path of the first thing that is wrong. */
export function parseDeployConfig(value: unknown): DeployConfig {
  const entry = known(value, "", [
    ...["name", "hub", "assets", "mandates", "governance", "parameters", "networks", "clearing"],
  ]);
  const name = plainName(entry.name, "name");
  const assets = list(entry.assets, "assets", word);
  if (assets.length > LANE_COUNT || new Set(assets).size !== assets.length) {
    throw new DeployConfigInvalid("assets", assets, `must be at most ${LANE_COUNT}, each once`);
  }
  const networks = Object.entries(fields(entry.networks, "networks")).map(
    ([key, described]) => [key, network(described, `networks.${key}`, assets)] as const,
  );
  const { clearing } = entry;
  const mandates = mandatesOf(entry.mandates, assets);
  return {
    name,
    hub: word(entry.hub, "hub"),
    governance: governance(entry.governance),
    parameters: protocol(entry.parameters, assets, mandates),
    networks: Object.fromEntries(networks),
    ...(clearing === undefined ? {} : { clearing: clearingOf(clearing, mandates) }),
  };
}

function clearingOf(value: unknown, mandates: readonly NamedMandate[]): ClearingConfig {
  const entry = known(value, "clearing", ["volatilitySigners", "desk"]);
  return {
    volatilitySigners: list(entry.volatilitySigners, "clearing.volatilitySigners", address, 2),
    ...(entry.desk === undefined ? {} : { desk: deskOf(entry.desk, mandates) }),
  };
}

/** What the desk's contracts take: they are deployed last, after much else has been paid for. */
const DESK_BOUNDS: Readonly<Record<keyof DeskParameters, readonly [least: number, most: number]>> = {
  share: [10_000, 500_000],
  health: [1_100_000, 10_000_000],
  warmUp: [60, 86_400],
  auctionLength: [600, 604_800],
  leastCost: [5_000, 200_000],
};

function deskOf(value: unknown, mandates: readonly NamedMandate[]): PlannedDesk {
  const names = Object.keys(DESK_BOUNDS) as (keyof DeskParameters)[];
  const entry = known(value, "clearing.desk", ["mandate", ...names]);
  const [first = ONLY_MANDATE, ...others] = mandates.map(({ name }) => name);
  const mandate = entry.mandate === undefined ? first : word(entry.mandate, "clearing.desk.mandate");
  if (mandate !== first && !others.includes(mandate)) {
    throw new DeployConfigInvalid("clearing.desk.mandate", mandate, `must be one of ${[first, ...others].join(", ")}`);
  }
  const set = names.flatMap((name) => {
    if (entry[name] === undefined) return [];
    const path = `clearing.desk.${name}`;
    const given = whole(entry[name], path);
    const [least, most] = DESK_BOUNDS[name];
    if (given < least || given > most) throw new DeployConfigInvalid(path, given, `must be from ${least} to ${most}`);
    return [[name, given] as const];
  });
  return { ...DEFAULT_DESK, ...Object.fromEntries(set), mandate };
}
