import type { Address, Client, ContractFunctionReturnType } from "viem";
import { readContract } from "viem/actions";
import { deskAuctionsAbi } from "./abi/deskAuctions.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { DeskSeriesParameters } from "./readDesk.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

/** What options a desk holds: its governor asks for it. */
export type Protection = {
  /** {ppm of a lane's exposure} that its delta shall change by for 1 % */
  readonly gamma: number;
  /** {ppm of a lane's exposure} that options shall gain by for a point of volatility */
  readonly vega: number;
  /** {ppm of value} paid for options within 30 days, at most */
  readonly premium: number;
};

/** Which auctions. */
export type DeskAuctionsParameters = { readonly deskAuctions: Address };

/** What is asked of a desk's options now, and what waits until `readyAt` {s}; 0 where nothing does. */
export async function readProtection(
  client: Client,
  { deskAuctions: address }: DeskAuctionsParameters,
): Promise<{ readonly asked: Protection; readonly next: Protection; readonly readyAt: bigint }> {
  const [asked, next, readyAt] = await readContract(client, {
    address,
    abi: deskAuctionsAbi,
    functionName: "protection",
  });
  return { asked, next, readyAt };
}

/** What the proven words of an epoch say of an option; `epoch` 0 where nobody has shown them. */
export type OptionMark = ContractFunctionReturnType<typeof deskAuctionsAbi, "view", "optionMark">;

/** What a desk knows of an option. */
export const readOptionMark = (
  client: Client,
  { deskAuctions: address, series }: DeskSeriesParameters,
): Promise<OptionMark> =>
  readContract(client, { address, abi: deskAuctionsAbi, functionName: "optionMark", args: [BigInt(series)] });

/** The current epoch's words of an array, and which of its options they are shown for. */
export type MarkOptionsParameters = DeskAuctionsParameters & {
  readonly array: number;
  readonly places: readonly number[];
  /** all 116, proven */
  readonly words: readonly bigint[];
};

/** Shows a desk what options are worth in the current epoch. Refused with `WordsDiffer`, `SeriesNotTraded`. */
export const markOptions = (client: WritingClient, parameters: MarkOptionsParameters): Promise<Sent> =>
  sendCall(client, markOptionsCall(parameters));

/** The call of {@link markOptions}. */
export const markOptionsCall = ({ deskAuctions, array, places, words }: MarkOptionsParameters): ContractCall =>
  contractCall({
    address: deskAuctions,
    abi: deskAuctionsAbi,
    functionName: "markOptions",
    args: [BigInt(array), places.reduce((bits, place) => bits | (1n << BigInt(place)), 0n), words],
  });

/** What the governor of a vault asks its desk for. */
export type ScheduleProtectionParameters = DeskAuctionsParameters & { readonly protection: Protection };

/** Asks for gamma and vega, after the vault's delay. Only its governor. */
export const scheduleProtection = (client: WritingClient, parameters: ScheduleProtectionParameters): Promise<Sent> =>
  sendCall(client, scheduleProtectionCall(parameters));

/** The call of {@link scheduleProtection}. */
export const scheduleProtectionCall = ({ deskAuctions, protection }: ScheduleProtectionParameters): ContractCall =>
  contractCall({
    address: deskAuctions,
    abi: deskAuctionsAbi,
    functionName: "scheduleProtection",
    args: [protection],
  });

/** Makes what was asked for count, once its delay has passed. Anyone. */
export const applyProtection = (client: WritingClient, parameters: DeskAuctionsParameters): Promise<Sent> =>
  sendCall(client, applyProtectionCall(parameters));

/** The call of {@link applyProtection}. */
export const applyProtectionCall = ({ deskAuctions }: DeskAuctionsParameters): ContractCall =>
  contractCall({ address: deskAuctions, abi: deskAuctionsAbi, functionName: "applyProtection", args: [] });
