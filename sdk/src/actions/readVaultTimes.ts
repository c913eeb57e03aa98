import type { Client } from "viem";
import { readContract } from "viem/actions";
import { parityVaultAbi } from "./abi/parityVault.ts";
import type { VaultParameters } from "./readVault.ts";

/** Spans of a vault, fixed for its life {s}. */
export type VaultTimes = {
  /** between two observations of its risk: a volatility per observation is one per this span */
  readonly observationInterval: bigint;
  /** a risk state older than this allocates nothing */
  readonly maxRiskAge: bigint;
  /** from the opening of a rebalance to its first bid */
  readonly warmUp: bigint;
  readonly auctionLength: bigint;
  /** from the scheduling of a mandate to its use */
  readonly mandateDelay: bigint;
};

/** The spans a vault keeps to. */
export async function readVaultTimes(client: Client, { vault: address }: VaultParameters): Promise<VaultTimes> {
  const ask = (functionName: keyof VaultTimes): Promise<bigint> =>
    readContract(client, { address, abi: parityVaultAbi, functionName });
  const [observationInterval, maxRiskAge, warmUp, auctionLength, mandateDelay] = await Promise.all([
    ...([ask("observationInterval"), ask("maxRiskAge"), ask("warmUp")] as const),
    ...([ask("auctionLength"), ask("mandateDelay")] as const),
  ]);
  return { observationInterval, maxRiskAge, warmUp, auctionLength, mandateDelay };
}
