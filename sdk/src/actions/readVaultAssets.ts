import { type Address, type Client, erc20Abi, zeroAddress } from "viem";
import { readContract } from "viem/actions";
import { LANE_COUNT } from "../protocol.ts";
import { parityVaultAbi } from "./abi/parityVault.ts";
import type { VaultParameters } from "./readVault.ts";

/** A token a vault holds. */
export type VaultAsset = {
  /** its place in arrays of amounts: a lane, or 12 for cash */
  readonly asset: number;
  readonly token: Address;
  /** what the token calls itself: not checked, and not unique */
  readonly symbol: string;
  readonly decimals: number;
};

/** The tokens of a vault in the order of its amounts, cash last; lanes without a token are left out. */
export async function readVaultAssets(client: Client, { vault: address }: VaultParameters): Promise<VaultAsset[]> {
  const assets = await Promise.all(
    Array.from({ length: LANE_COUNT + 1 }, async (_, asset) => {
      const args = [BigInt(asset)] as const;
      const token = await readContract(client, { address, abi: parityVaultAbi, functionName: "token", args });
      if (token === zeroAddress) return undefined;
      const [symbol, decimals] = await Promise.all([
        readContract(client, { address: token, abi: erc20Abi, functionName: "symbol" }),
        readContract(client, { address: token, abi: erc20Abi, functionName: "decimals" }),
      ]);
      return { asset, token, symbol, decimals };
    }),
  );
  return assets.filter((asset) => asset !== undefined);
}
