import { advanceTime, chainTime, clearingSite, deployContract, hubSite, type LocalContext } from "@equipoise/relayer";
import { LANE_COUNT, type Mandate, PPM, packMandate, WAD } from "@equipoise/sdk";
import {
  approve,
  contractCall,
  type DeskDeployment,
  localTokenAbi,
  observationLogAbi,
  type Protection,
  parityVaultAbi,
  scheduleProtection,
  sendCall,
  type VaultDeployment,
} from "@equipoise/sdk/actions";
import { type Address, getContractAddress, zeroAddress } from "viem";
import { getTransactionCount } from "viem/actions";
import { forgeArtifact } from "../../relayer/src/deploy/artifact.ts";
import type { ProtocolParameters } from "../../relayer/src/deploy/protocolParameters.ts";

/** {s} */
export const DESK = { warmUp: 120n, auctionLength: 1_800n } as const;
/** {ppm} of the vault's value, and of the initial requirement */
const SHARE = 250_000n;
const HEALTH = 1_500_000n;
/** {ppm} a feed's deviation of 0.5 %, and funding of 2 hours */
const LEAST_COST = 6_000n;
/** {s} the shortest that a vault may have */
const MANDATE_DELAY = 86_400n;

export type LeveragedVault = DeskDeployment & VaultDeployment & { readonly account: `0x${string}` };

/**
 * A vault on the hub with its auctions and its desk, seeded for the investor. Its governor has asked the desk for options.
 * @param seedCash {ppm of a dollar}
 * @param seedTokens {token units} by lane
 * @param shares {share units}
 */
export async function deployLeveragedVault(
  context: LocalContext,
  { interval, maxRiskAge, warmUp, auctionLength }: ProtocolParameters,
  mandate: Mandate,
  protection: Protection,
  seedCash: bigint,
  seedTokens: readonly bigint[] = [],
  shares: bigint = (seedCash * WAD) / PPM,
): Promise<LeveragedVault> {
  const { chain, deployment: hub } = hubSite(context);
  const { clearing } = clearingSite(context);
  const { deployer, guardian, investor } = context.accounts;
  const client = chain.signer(deployer);
  const gate = clearing.gates.find(({ eid }) => eid === hub.eid)?.collateralGate;
  const lanes = (addresses: readonly Address[]): Address[] =>
    Array.from({ length: LANE_COUNT }, (_, lane) => addresses[lane] ?? zeroAddress);
  const nonce = BigInt(await getTransactionCount(client, client.account));
  const config = {
    name: "Leveraged parity vault",
    symbol: "EQL",
    governor: deployer.address,
    guardian: guardian.address,
    riskState: hub.riskState,
    verifier: hub.parityVerifier,
    cash: hub.cash.address,
    tokens: lanes(hub.tokens.map(({ address }) => address)),
    sources: lanes(hub.priceSources),
    observationInterval: BigInt(interval),
    maxRiskAge: BigInt(maxRiskAge),
    warmUp: BigInt(warmUp),
    auctionLength: BigInt(auctionLength),
    mandateDelay: MANDATE_DELAY,
    desk: getContractAddress({ from: deployer.address, nonce: nonce + 2n }),
  };
  const vault = await deployContract(client, forgeArtifact("ParityVault"), [config, packMandate(mandate)]);
  const made = [vault, clearing.clearingHouse, DESK.warmUp, DESK.auctionLength, LEAST_COST];
  const deskAuctions = await deployContract(client, forgeArtifact("DeskAuctions"), made);
  const desk = { auctions: deskAuctions, gate, share: SHARE, health: HEALTH };
  const vaultDesk = await deployContract(client, forgeArtifact("VaultDesk"), [desk]);

  const amount = (seedCash * 10n ** BigInt(hub.cash.decimals)) / PPM;
  const tokens = Array.from({ length: LANE_COUNT }, (_, lane) => seedTokens[lane] ?? 0n);
  const amounts = [...tokens, amount, 0n] as unknown as SeedAmounts;
  for (const [lane, brought] of [...tokens, amount].entries()) {
    if (brought === 0n) continue;
    const address = (hub.tokens[lane] ?? hub.cash).address;
    const mint = { address, abi: localTokenAbi, functionName: "mint", args: [deployer.address, brought] } as const;
    await sendCall(client, contractCall(mint));
    await approve(client, { token: address, spender: vault, amount: brought });
  }
  const seed = { address: vault, abi: parityVaultAbi, functionName: "seed" } as const;
  await sendCall(client, contractCall({ ...seed, args: [amounts, shares, investor.address] }));
  await scheduleProtection(client, { deskAuctions, protection });
  const account = `${vaultDesk}${"0".repeat(24)}`.toLowerCase() as `0x${string}`;
  return { mandate: "leveraged", vault, deskAuctions, vaultDesk, account };
}

type SeedAmounts = Parameters<typeof contractCall<typeof parityVaultAbi, "seed">>[0]["args"][0];

/** {token units} of a lane's token that are worth so much at its last observed price. @param dollars {ppm of a dollar} */
export async function worthOf(context: LocalContext, lane: number, dollars: bigint): Promise<bigint> {
  const { chain, deployment: hub } = hubSite(context);
  const log = { address: hub.observationLog, abi: observationLogAbi } as const;
  const price = await chain.reader.readContract({ ...log, functionName: "basePrice", args: [BigInt(lane)] });
  return (dollars * 10n ** BigInt(hub.tokens[lane]?.decimals ?? 0) * WAD) / (PPM * price);
}

/** The context of a relayer that serves this vault and its desk on the hub. */
export const servingVault = (
  context: LocalContext,
  { mandate, vault, vaultDesk, deskAuctions }: LeveragedVault,
): LocalContext => {
  const hub = hubSite(context).deployment;
  const chains = context.deployment.chains.map((site) =>
    site === hub ? { ...hub, vaults: [{ mandate, vault }] } : site,
  );
  const clearing = { ...clearingSite(context).clearing, desk: { mandate, vaultDesk, deskAuctions } };
  return { ...context, deployment: { ...context.deployment, chains, clearing } };
};

/** Moves the hub's time on. @param seconds {s} */
export async function wait(context: LocalContext, seconds: bigint): Promise<void> {
  const { chain } = hubSite(context);
  await advanceTime(chain, (await chainTime(chain)) + seconds);
}
