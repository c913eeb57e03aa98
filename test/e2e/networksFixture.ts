import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Chain, type LocalAccounts, localAccounts, startLocalChains } from "@equipoise/relayer";
import type { LayerZeroAddresses } from "@equipoise/sdk/actions";
import type { Address, Hex } from "viem";
import { deployContract, deployLayerZero, forgeArtifact } from "../../relayer/src/deploy/index.ts";
import { type Network, networkNamed } from "../../relayer/src/networks/index.ts";

/** The key of the local mnemonic's first account, as the command line is given one. */
const DEPLOYER_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const NAMES = ["sepolia", "base-sepolia", "arbitrum-sepolia"] as const;

/** Three local chains that go by the ids of testnets, with LayerZero on them, and the command line that deploys there. */
export type NetworksFixture = {
  readonly chains: readonly Chain[];
  readonly accounts: LocalAccounts;
  readonly folder: string;
  /** the record's file */
  readonly record: string;
  readonly config: { readonly [key: string]: unknown };
  /** Runs a command line in a process of its own; may kill it once it has said so many lines. */
  readonly equipoise: (args: readonly string[], killAfter?: number) => Promise<Ended>;
  /** arguments of `deploy` for these networks */
  readonly deployArguments: (config?: object, networks?: readonly Network[], names?: readonly string[]) => string[];
  readonly networks: readonly Network[];
  readonly stop: () => Promise<void>;
};

export type Ended = { readonly code: number | null; readonly out: string; readonly errors: string };

function networkOf(name: string, layerZero: LayerZeroAddresses): Network {
  const { verifiers, verifierNames, ...contracts } = layerZero;
  const named = verifiers.map((address, place) => ({ name: verifierNames[place] ?? "", address }));
  return { ...networkNamed(name), ...contracts, verifiers: named };
}

/** Tokens and feeds as another party's, on a chain. */
async function givenAssets(chain: Chain, accounts: LocalAccounts) {
  const client = chain.signer(accounts.investor);
  const put = (contract: string, args: readonly unknown[]): Promise<Address> =>
    deployContract(client, forgeArtifact(contract), args);
  const token = async (symbol: string, decimals: number) => ({
    symbol,
    address: await put("LocalToken", [symbol, symbol, decimals]),
    decimals,
  });
  const feed = async (description: string) => ({
    feed: await put("LocalPriceFeed", [accounts.relayer.address, description]),
    maxAge: 7_200,
    minAnswer: "1",
    maxAnswer: "100000000000000000",
  });
  return {
    cash: await token("USDC", 6),
    tokens: [await token("WBTC", 8), await token("WETH", 18)],
    feeds: [await feed("BTC / USD"), await feed("ETH / USD")],
  };
}

export async function startNetworks(): Promise<NetworksFixture> {
  const folder = mkdtempSync(join(tmpdir(), "equipoise-networks-"));
  const names = NAMES.map((name) => networkNamed(name));
  const { chains, stop } = await startLocalChains({
    names: names.map(({ chainId, eid }, place) => ({ chainId, eid, role: place === 0 ? "hub" : "spoke" })),
  });
  const accounts = localAccounts();
  const layerZero = await deployLayerZero({ chains, accounts });
  const networks = NAMES.map((name, place) => networkOf(name, layerZero[place] as LayerZeroAddresses));
  const rpcUrl = (place: number) => ({ rpcUrl: chains[place]?.rpcUrl });
  const testAssets = { publisher: accounts.relayer.address };
  const config = {
    name: "preview",
    hub: "sepolia",
    assets: ["BTC", "ETH"],
    mandates: { parity: {}, calm: { decay: "ewma-0.97", budgets: [700_000, 300_000], targetVolatility: 2_000 } },
    governance: {
      proposers: [accounts.investor.address],
      executors: ["0x0000000000000000000000000000000000000000"],
      guardian: accounts.guardian.address,
    },
    parameters: { governorDelay: 172_800 },
    networks: {
      sepolia: { ...rpcUrl(0), testAssets },
      "base-sepolia": { ...rpcUrl(1), ...(await givenAssets(chains[1] as Chain, accounts)) },
      "arbitrum-sepolia": { ...rpcUrl(2), testAssets },
    },
    clearing: {
      volatilitySigners: accounts.volatilitySigners.map(({ address }) => address),
      desk: { mandate: "calm", health: 2_000_000 },
    },
  };
  const record = join(folder, "preview.json");
  const written = (name: string, content: object): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  };
  return {
    chains,
    accounts,
    folder,
    record,
    config,
    networks,
    equipoise: (args, killAfter) => runCommand(args, chains, killAfter),
    deployArguments: (changed = config, own = networks, named = NAMES) => [
      ...["deploy", "--networks", named.join(","), "--config", written("config.json", changed)],
      ...["--network-file", written("networks.json", own), "--deployment", record],
    ],
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

const main = join(import.meta.dirname, "../../relayer/src/cli/main.ts");

function runCommand(args: readonly string[], chains: readonly Chain[], killAfter = Infinity): Promise<Ended> {
  const urls = chains.map(({ chainId, rpcUrl }) => [`EQUIPOISE_RPC_${chainId}`, rpcUrl] as const);
  const env = { ...process.env, ...Object.fromEntries(urls), DEPLOYER_KEY: DEPLOYER_KEY satisfies Hex };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    const said = { out: "", errors: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      said.out += chunk;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said.errors += chunk;
      if (said.errors.split("\n").length > killAfter) child.kill("SIGKILL");
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...said }));
  });
}
