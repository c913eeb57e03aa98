import type { Address, Client, Hex } from "viem";
import { readContract } from "viem/actions";
import { MARGIN_LEVELS, type MarginLevel } from "../protocol.ts";
import { marginEngineAbi } from "./abi/marginEngine.ts";

/** Words of the four arrays: the 116 that are proven, the 19 facts that the chain prices itself, or none. */
export type LiquidationWords = readonly [readonly bigint[], readonly bigint[], readonly bigint[], readonly bigint[]];

export type ReadMarginParameters = {
  readonly marginEngine: Address;
  readonly account: Hex;
  readonly level: MarginLevel;
  /** the newest epoch, proven or not */
  readonly epoch: bigint;
  readonly arrayWords: LiquidationWords;
};

/**
 * An account in its worst scenario {ppm of a dollar}, computed on chain without a proof. Refused with `EpochNotNewest`,
 * `EpochTooOld`, `WordsDiffer`, `ArrayWordsMissing`.
 */
export async function readMargin(
  client: Client,
  { marginEngine: address, account, level, epoch, arrayWords }: ReadMarginParameters,
): Promise<{ readonly equity: bigint; readonly requirement: bigint }> {
  const [equity, requirement] = await readContract(client, {
    address,
    abi: marginEngineAbi,
    functionName: "fullMargin",
    args: [account, BigInt(MARGIN_LEVELS.indexOf(level)), epoch, arrayWords],
  });
  return { equity, requirement };
}
