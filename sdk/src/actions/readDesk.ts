import type { Address, Client, ContractFunctionReturnType, Hex } from "viem";
import { readContract } from "viem/actions";
import { deskAuctionsAbi } from "./abi/deskAuctions.ts";
import { vaultDeskAbi } from "./abi/vaultDesk.ts";

/** A vault's desk in the clearing house. */
export type DeskParameters = { readonly vaultDesk: Address };

/** What a desk is and has at present prices. */
export type Desk = {
  readonly vault: Address;
  readonly auctions: Address;
  /** of the clearing house */
  readonly account: Hex;
  /** {unit units} */
  readonly supply: bigint;
  /** counts total losses: units of an earlier one are worth nothing */
  readonly generation: bigint;
  /** {ppm of a dollar} */
  readonly equity: bigint;
  /** {ppm of a dollar} the same without its tokens: where it is below 0, what it owes against them (L-12) */
  readonly owned: bigint;
  /** {ppm of a dollar} what trading the account, or prices, may make of its equity either way */
  readonly uncertainty: bigint;
  /** {ppm of a token} that the account is long of each lane */
  readonly deltas: readonly bigint[];
  /** {ppm} of the vault's value that the desk keeps as margin */
  readonly share: bigint;
  /** {ppm} of the initial requirement that its equity is to reach where it trades or gives back */
  readonly health: bigint;
};

/** {ppm} */
const ALL = 1_000_000n;

/** A desk at present prices. Refused where one of them is not usable. */
export async function readDesk(client: Client, { vaultDesk: address }: DeskParameters): Promise<Desk> {
  const desk = { address, abi: vaultDeskAbi } as const;
  const [vault, auctions, account, supply, generation, reading, spotShare, health] = await Promise.all([
    readContract(client, { ...desk, functionName: "vault" }),
    readContract(client, { ...desk, functionName: "auctions" }),
    readContract(client, { ...desk, functionName: "account" }),
    readContract(client, { ...desk, functionName: "totalSupply" }),
    readContract(client, { ...desk, functionName: "generation" }),
    readContract(client, { ...desk, functionName: "read" }),
    readContract(client, { ...desk, functionName: "spotShare" }),
    readContract(client, { ...desk, functionName: "health" }),
  ]);
  return { vault, auctions, account, supply, generation, ...reading, share: ALL - spotShare, health };
}

/** The auctions that say what a desk trades, and one series of the house. */
export type DeskSeriesParameters = { readonly deskAuctions: Address; readonly series: number };

/** What a desk should trade of a series {ppm of a contract}. */
export type DeskGap = { readonly buying: boolean; readonly gap: bigint };

/** What a desk lacks of a series, or has too much. Refused with `SeriesNotTraded`, `NotAllocated`, `NotFunded`. */
export async function readDeskGap(
  client: Client,
  { deskAuctions: address, series }: DeskSeriesParameters,
): Promise<DeskGap> {
  const [buying, gap] = await readContract(client, {
    address,
    abi: deskAuctionsAbi,
    functionName: "gapOf",
    args: [BigInt(series)],
  });
  return { buying, gap };
}

/** The latest auction of a series by a desk. */
export type DeskAuction = ContractFunctionReturnType<typeof deskAuctionsAbi, "view", "auctionOf">;

/** The latest auction of a series; `endTime` 0 before the first. */
export const readDeskAuction = (
  client: Client,
  { deskAuctions: address, series }: DeskSeriesParameters,
): Promise<DeskAuction> =>
  readContract(client, { address, abi: deskAuctionsAbi, functionName: "auctionOf", args: [BigInt(series)] });
