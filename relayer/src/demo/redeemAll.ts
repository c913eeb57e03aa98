import { LANE_COUNT } from "@equipoise/sdk";
import { parityVaultAbi, redeem } from "@equipoise/sdk/actions";
import { erc20Abi, parseEventLogs } from "viem";
import { eachInTurn } from "../attempts.ts";
import { type LocalContext, sitesOf, type VaultSite, vaultsAt } from "../pipeline/index.ts";
import { runStep } from "../stepFailed.ts";

/** What the investor got for all shares of one vault. */
export type Redemption = {
  readonly eid: number;
  readonly mandate: string;
  /** {share units} */
  readonly shares: bigint;
  /** {token units} lanes, cash, units of a desk */
  readonly amounts: readonly bigint[];
  /** every amount arrived in the investor's account, and no share is left there */
  readonly complete: boolean;
  readonly gasUsed: bigint;
};

/** Local chains: the investor gives back every share of every vault, in kind. */
export const redeemAll = (context: LocalContext): Promise<Redemption[]> =>
  runStep("redeem", async () => {
    // One vault of a chain after the other: what arrives is seen in the investor's balances.
    const ofChains = sitesOf(context).map((site) =>
      eachInTurn(
        vaultsAt(site),
        ({ vault }) => vault,
        (vault) => redeemShares(context, vault),
      ),
    );
    return (await Promise.all(ofChains)).flat();
  });

async function redeemShares(
  { accounts }: LocalContext,
  { chain, deployment, mandate, vault }: VaultSite,
): Promise<Redemption> {
  const { tokens, cash, eid } = deployment;
  const owner = accounts.investor.address;
  const balanceOf = (address: `0x${string}`): Promise<bigint> =>
    chain.reader.readContract({ address, abi: erc20Abi, functionName: "balanceOf", args: [owner] });
  const held = [...tokens, cash];
  const before = await Promise.all(held.map(({ address }) => balanceOf(address)));
  const shares = await balanceOf(vault);
  const { gasUsed, logs } = await redeem(chain.signer(accounts.investor), { vault, shares, receiver: owner });
  const [redeemed] = parseEventLogs({ abi: parityVaultAbi, eventName: "Redeemed", logs: [...logs] });
  const amounts = redeemed?.args.amounts ?? [];
  const after = await Promise.all(held.map(({ address }) => balanceOf(address)));
  const due = [...tokens.map((_, lane) => amounts[lane]), amounts[LANE_COUNT]];
  const arrived = due.every((amount, place) => (after[place] ?? 0n) - (before[place] ?? 0n) === amount);
  const complete = arrived && shares > 0n && (await balanceOf(vault)) === 0n;
  return { eid, mandate, shares, amounts, complete, gasUsed };
}
