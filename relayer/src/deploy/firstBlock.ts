import type { Deployment } from "@equipoise/sdk/actions";

/** What of a receipt tells since when something is there. */
type BlockOfStep = { readonly chainId: number; readonly step: string; readonly block: number };

/**
 * The block of a chain from which on everything of some receipts is there; 0 where the receipt of the first step is lost, which
 * is right too.
 */
export function firstBlock(receipts: readonly BlockOfStep[], chainId: number, firstStep: string): number {
  const own = receipts.filter((receipt) => receipt.chainId === chainId);
  return own.find(({ step }) => step === firstStep)?.block ?? 0;
}

/** A deployment with the block of each chain's first contract. */
export function withBlocks(deployment: Deployment, receipts: readonly BlockOfStep[]): Deployment {
  const chains = deployment.chains.map((chain) => ({
    ...chain,
    block: firstBlock(receipts, chain.chainId, "governor"),
  }));
  return { ...deployment, chains };
}
