import { type Address, type Client, erc20Abi } from "viem";
import { readContract } from "viem/actions";
import { unpackLanes } from "../lanes.ts";
import { LANE_COUNT } from "../protocol.ts";
import { parityVaultAbi } from "./abi/parityVault.ts";

/** Which vault. */
export type VaultParameters = { readonly vault: Address };

/** The rules a vault follows, as words. */
export type VaultMandate = { readonly terms: bigint; readonly budgets: bigint; readonly caps: bigint };

/** The latest proven weights of a vault. */
export type VaultAllocation = {
  /** of the risk state; 0 before the first allocation */
  readonly index: bigint;
  /** {s} */
  readonly endTime: bigint;
  readonly mandateVersion: number;
  /** {ppm per observation} */
  readonly portfolioVolatility: number;
  /** {ppm} */
  readonly exposure: number;
  /** {ppm} one per lane */
  readonly weights: readonly bigint[];
};

/** The latest rebalance of a vault. */
export type VaultRebalance = {
  /** 0 before the first */
  readonly id: bigint;
  /** {s} first second of bidding */
  readonly startTime: bigint;
  /** {s} first second after it */
  readonly endTime: bigint;
  /** lanes that trade */
  readonly lanes: readonly RebalanceLane[];
};

/** One lane's auction of a rebalance. */
export type RebalanceLane = {
  readonly lane: number;
  readonly buying: boolean;
  /** {D18} cash per whole token at the opening */
  readonly mark: bigint;
  /** {ppm} the price moves within mark · (1 ± range) */
  readonly range: bigint;
  /** {token units} where trading ends */
  readonly target: bigint;
};

/** What a vault holds and owes. */
export type VaultHoldings = {
  /** {token units} lanes 0 to 11, cash, units of the desk */
  readonly balances: readonly bigint[];
  /** {share units} */
  readonly supply: bigint;
};

/** The rules a vault follows, as words; `unpackMandate` reads them. */
export const readMandate = (client: Client, { vault: address }: VaultParameters): Promise<VaultMandate> =>
  readContract(client, { address, abi: parityVaultAbi, functionName: "mandate" });

/** The weights a vault follows; index 0 before the first. */
export async function readAllocation(client: Client, { vault: address }: VaultParameters): Promise<VaultAllocation> {
  const stored = await readContract(client, { address, abi: parityVaultAbi, functionName: "allocation" });
  return { ...stored, weights: unpackLanes(stored.weights) };
}

/** A vault's running or last rebalance; id 0 before the first. */
export async function readRebalance(client: Client, { vault: address }: VaultParameters): Promise<VaultRebalance> {
  const stored = await readContract(client, { address, abi: parityVaultAbi, functionName: "rebalance" });
  const ranges = unpackLanes(stored.ranges);
  const lanes = Array.from({ length: LANE_COUNT }, (_, lane) => ({
    lane,
    buying: ((stored.buying >> lane) & 1) === 1,
    mark: stored.marks[lane] ?? 0n,
    range: ranges[lane] ?? 0n,
    target: stored.targets[lane] ?? 0n,
  }));
  return {
    id: stored.id,
    startTime: stored.startTime,
    endTime: stored.endTime,
    lanes: lanes.filter(({ mark }) => mark > 0n),
  };
}

/** What a vault holds and the shares it owes, in one look; gifts to its address do not count. */
export async function readHoldings(client: Client, { vault: address }: VaultParameters): Promise<VaultHoldings> {
  const [balances, supply] = await Promise.all([
    readContract(client, { address, abi: parityVaultAbi, functionName: "balances" }),
    readContract(client, { address, abi: erc20Abi, functionName: "totalSupply" }),
  ]);
  return { balances, supply };
}

/** {D18} cash that a vault is worth at present prices. Refused where a price is not usable. */
export const readVaultValue = (client: Client, { vault: address }: VaultParameters): Promise<bigint> =>
  readContract(client, { address, abi: parityVaultAbi, functionName: "totalValue" });
