import type { Address, Client, ContractFunctionReturnType, Hex } from "viem";
import { readContract } from "viem/actions";
import { liquidationAbi } from "./abi/liquidation.ts";
import type { LiquidationWords } from "./readMargin.ts";

/** The auction of an account's slices. */
export type LiquidationAuction = ContractFunctionReturnType<typeof liquidationAbi, "view", "auctionAt">;

/** Which price a slice has: the bidder pays less and less of its value, or the backstop pays the bidder. */
export const LIQUIDATION_PHASES = ["solvent", "insolvent"] as const;
/** Which price a slice has. */
export type LiquidationPhase = (typeof LIQUIDATION_PHASES)[number];

/** Number of an account's last auction, 0 where there was none, and the auction. */
export async function readAuction(
  client: Client,
  { liquidation: address, account }: { readonly liquidation: Address; readonly account: Hex },
): Promise<{ readonly number: bigint; readonly auction: LiquidationAuction }> {
  const contract = { address, abi: liquidationAbi } as const;
  const number = await readContract(client, { ...contract, functionName: "auctionOf", args: [account] });
  return { number, auction: await readContract(client, { ...contract, functionName: "auctionAt", args: [number] }) };
}

/** An account and the scenario in which it is said to be short. */
export type AssessAccountParameters = {
  readonly liquidation: Address;
  readonly account: Hex;
  /** one of the 185 */
  readonly scenario: number;
  /** the newest epoch, proven or not */
  readonly epoch: bigint;
  readonly arrayWords: LiquidationWords;
};

/**
 * An account in a scenario as liquidation judges it {ppm of a dollar}: it can be started on where equity < requirement.
 * Refused with `EpochNotNewest`, `EpochTooOld`, `WordsDiffer`, `ArrayWordsMissing`.
 */
export async function readAssessment(
  client: Client,
  { liquidation: address, account, scenario, epoch, arrayWords }: AssessAccountParameters,
): Promise<{ readonly equity: bigint; readonly requirement: bigint }> {
  const [equity, requirement] = await readContract(client, {
    address,
    abi: liquidationAbi,
    functionName: "assess",
    args: [account, BigInt(scenario), epoch, arrayWords],
  });
  return { equity, requirement };
}
