import { type Address, type Client, type ContractFunctionReturnType, encodePacked, getAbiItem, keccak256 } from "viem";
import { getBlockNumber, getLogs, readContract } from "viem/actions";
import type { RiskArrayInputs } from "../model/riskArray.ts";
import { type ArrayWords, unpackMarket, unpackScenarioTerms, unpackSeriesTerms } from "../statements/index.ts";
import { riskArraysAbi } from "./abi/riskArrays.ts";
import { type LogRange, type LogRangeParameters, logRangesBack } from "./logRanges.ts";

/** The contract that keeps epochs and their arrays. */
export type RiskArraysParameters = { readonly riskArrays: Address };

/** An epoch as the contract keeps it. */
export type Epoch = ContractFunctionReturnType<typeof riskArraysAbi, "view", "epochAt">;

/** What an epoch says of one array: the words that a prover adds its values to. */
export type ArrayFacts = Omit<ArrayWords, "seriesValues">;

/** The node's logs do not show the facts that an epoch was begun with. */
export class ArrayFactsNotShown extends Error {
  override name = "ArrayFactsNotShown";
  constructor(epoch: bigint, array: number) {
    super(
      `the node's logs do not show the facts of array ${array} in epoch ${epoch} as the contract hashed them: ask a node ` +
        "that keeps all logs",
    );
  }
}

/** Numbers of the epoch that accounts are measured by and of the newest that has begun; 0 before the first. */
export async function readEpochNumbers(
  client: Client,
  { riskArrays: address }: RiskArraysParameters,
): Promise<{ readonly current: bigint; readonly latest: bigint }> {
  const [current, latest] = await Promise.all([
    readContract(client, { address, abi: riskArraysAbi, functionName: "currentNumber" }),
    readContract(client, { address, abi: riskArraysAbi, functionName: "latestNumber" }),
  ]);
  return { current, latest };
}

/** A kept epoch. Refused with `EpochUnknown`. */
export const readEpoch = (
  client: Client,
  { riskArrays: address, number }: RiskArraysParameters & { readonly number: bigint },
): Promise<Epoch> => readContract(client, { address, abi: riskArraysAbi, functionName: "epochAt", args: [number] });

/** What an array may lack in an epoch: its reason is a bit each. */
export const HALT_REASONS = ["price", "volatilities", "riskState"] as const;
/** What an array lacks in an epoch. */
export type HaltReason = (typeof HALT_REASONS)[number];

/** An array of which nothing may be wanted in an epoch. */
export type HaltedArray = {
  readonly array: number;
  /** what is of before; nothing where the node's logs do not say */
  readonly reasons: readonly HaltReason[];
  /** {s} by which its steps have been widened */
  readonly age: bigint;
};

/** An epoch, and where its events are searched: from the newest block back, in ranges. */
export type EpochEventsParameters = RiskArraysParameters &
  LogRangeParameters & {
    readonly number: bigint;
    /** block of the contract's deployment, or any before the epoch */
    readonly fromBlock: bigint;
    /** that in which it began, or any after it; the newest when left out */
    readonly toBlock?: bigint | undefined;
  };

/** The arrays that are halted in a kept epoch. Which they are comes from the contract, why from its events. */
export async function readHaltedArrays(client: Client, parameters: EpochEventsParameters): Promise<HaltedArray[]> {
  const { riskArrays: address, number } = parameters;
  const { halted } = await readEpoch(client, parameters);
  if (halted === 0) return [];
  const event = getAbiItem({ abi: riskArraysAbi, name: "ArrayHalted" });
  // all of an epoch are in the block in which it began
  const logs = await newestOf(client, parameters, (range) =>
    getLogs(client, { address, event, args: { epoch: number }, ...range, strict: true }),
  );
  return arraysOfMask(halted).map((array) => {
    const args = logs.findLast((log) => log.args.array === BigInt(array))?.args;
    const bits = args?.reasons ?? 0n;
    return { array, reasons: HALT_REASONS.filter((_, i) => ((bits >> BigInt(i)) & 1n) === 1n), age: args?.age ?? 0n };
  });
}

/** Which arrays a mask of bits names. */
export const arraysOfMask = (mask: number): number[] => [0, 1, 2, 3].filter((array) => ((mask >> array) & 1) === 1);

export type ReadArrayFactsParameters = EpochEventsParameters & { readonly array: number };

/**
 * The facts of an array from the event of its epoch. Whatever the node says, they hash to what the contract stores.
 * @throws ArrayFactsNotShown
 */
export async function readArrayFacts(client: Client, parameters: ReadArrayFactsParameters): Promise<ArrayFacts> {
  const { riskArrays: address, number, array } = parameters;
  const event = getAbiItem({ abi: riskArraysAbi, name: "ArrayFacts" });
  const args = { epoch: number, array: BigInt(array) };
  const { factsHashes } = await readEpoch(client, parameters);
  const logs = await newestOf(client, parameters, (range) =>
    getLogs(client, { address, event, args, ...range, strict: true }),
  );
  const words = logs.at(-1)?.args.words;
  const hash =
    words &&
    keccak256(
      encodePacked(
        words.map(() => "uint256"),
        [...words],
      ),
    );
  if (words === undefined || hash !== factsHashes[array]) throw new ArrayFactsNotShown(number, array);
  return arrayFactsOf(words);
}

/** What the newest range has that has anything. */
async function newestOf<log>(
  client: Client,
  { fromBlock, toBlock, logRange }: EpochEventsParameters,
  logsIn: (range: LogRange) => Promise<log[]>,
): Promise<log[]> {
  const last = toBlock ?? (await getBlockNumber(client, { cacheTime: 0 }));
  for (const range of logRangesBack(fromBlock, last, logRange)) {
    const logs = await logsIn(range);
    if (logs.length > 0) return logs;
  }
  return [];
}

/** The facts of an array as an epoch would snapshot them now; all 0 where it would leave the array out. */
export async function readArrayFactsNow(
  client: Client,
  { riskArrays: address, array }: RiskArraysParameters & { readonly array: number },
): Promise<ArrayFacts> {
  const args = [BigInt(array)] as const;
  return arrayFactsOf(await readContract(client, { address, abi: riskArraysAbi, functionName: "factsNow", args }));
}

/** The facts of an array from their 19 words. */
export function arrayFactsOf(words: readonly bigint[]): ArrayFacts {
  const [stateSet, scenarioTerms, market, ...seriesTerms] = words as [bigint, bigint, bigint, ...bigint[]];
  return { stateSet, scenarioTerms, market, seriesTerms };
}

/** What the values of an array are computed from (`riskArrayFacts`). */
export const riskArrayInputsOf = (facts: ArrayFacts): RiskArrayInputs => ({
  market: unpackMarket(facts.market),
  terms: unpackScenarioTerms(facts.scenarioTerms),
  series: facts.seriesTerms.map(unpackSeriesTerms),
});
