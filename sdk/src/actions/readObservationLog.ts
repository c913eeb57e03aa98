import type { Address, Client } from "viem";
import { readContract } from "viem/actions";
import { observationLogAbi } from "./abi/observationLog.ts";

/** Where a log stands. */
export type ObservationLogState = {
  /** words appended so far */
  readonly index: bigint;
  /** {s} when prices were last taken; 0 before the first time */
  readonly lastObservedAt: bigint;
  /** {s} */
  readonly interval: bigint;
  /** {s} */
  readonly maxGap: bigint;
  readonly assetCount: number;
};

/** Reads where a log stands. */
export async function readObservationLog(
  client: Client,
  { observationLog: address }: { readonly observationLog: Address },
): Promise<ObservationLogState> {
  const contract = { address, abi: observationLogAbi } as const;
  const [index, lastObservedAt, interval, maxGap, assetCount] = await Promise.all([
    readContract(client, { ...contract, functionName: "index" }),
    readContract(client, { ...contract, functionName: "lastObservedAt" }),
    readContract(client, { ...contract, functionName: "interval" }),
    readContract(client, { ...contract, functionName: "maxGap" }),
    readContract(client, { ...contract, functionName: "assetCount" }),
  ]);
  return { index, lastObservedAt, interval, maxGap, assetCount: Number(assetCount) };
}
