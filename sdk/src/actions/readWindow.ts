import { type Address, type Client, concat, getAbiItem, type Hex, keccak256, toHex } from "viem";
import { getBlockNumber, getLogs, readContract } from "viem/actions";
import { WINDOW_LENGTH } from "../protocol.ts";
import { observationLogAbi } from "./abi/observationLog.ts";
import { type LogRangeParameters, logRangesBack } from "./logRanges.ts";

export type ReadWindowParameters = LogRangeParameters & {
  readonly observationLog: Address;
  /** of the window's last observation */
  readonly index: bigint;
  /** block of the log's deployment, or any before the window's first observation */
  readonly fromBlock: bigint;
  /** that of the window's last observation, or any after it; the newest when left out */
  readonly toBlock?: bigint | undefined;
  readonly length?: number;
  /** a window that was read before: words that both have are not asked for again */
  readonly known?: ObservedWindow | undefined;
};

/** Observations of a window, checked against the chain's heads. */
export type ObservedWindow = {
  readonly index: bigint;
  /** words, oldest first */
  readonly observations: readonly bigint[];
  /** {s} of the last observation */
  readonly endTime: bigint;
};

/** The log has fewer observations than a window holds. */
export class WindowTooShort extends Error {
  override name = "WindowTooShort";
  constructor(index: bigint, length: number) {
    super(`observation ${index} ends no window of ${length}; wait until the log has ${length} observations`);
  }
}

/** The node's logs do not show the words that the heads were made of. */
export class WindowNotShown extends Error {
  override name = "WindowNotShown";
  constructor(index: bigint, reason: string) {
    super(`the node's logs do not show the window ending at ${index}: ${reason}; ask a node that keeps all logs`);
  }
}

/**
 * The words of a window from `Observed` events, asked for in ranges from the newest block back until all are there. Whatever the
 * node says, they hash to the heads the contract stores.
 */
export async function readWindow(client: Client, parameters: ReadWindowParameters): Promise<ObservedWindow> {
  const { observationLog: address, index, length = WINDOW_LENGTH, known } = parameters;
  if (index < BigInt(length)) throw new WindowTooShort(index, length);
  const first = index - BigInt(length);
  const headAt = (place: bigint): Promise<Hex> =>
    readContract(client, { address, abi: observationLogAbi, functionName: "head", args: [place] });
  const [start, end, endTime] = await Promise.all([
    headAt(first),
    headAt(index),
    readContract(client, { address, abi: observationLogAbi, functionName: "timestampOf", args: [index] }),
  ]);
  const words = await wordsOf(client, parameters, first);
  const observations = Array.from({ length }, (_, place) => {
    const word = words.get(first + BigInt(place) + 1n);
    if (word === undefined) throw new WindowNotShown(index, `observation ${first + BigInt(place) + 1n} is missing`);
    return word;
  });
  const head = observations.reduce((last, word) => keccak256(concat([last, toHex(word, { size: 32 })])), start);
  if (head === end) return { index, observations, endTime };
  // what was known may be of blocks that are gone
  if (known !== undefined) return readWindow(client, { ...parameters, known: undefined });
  throw new WindowNotShown(index, `its words hash to ${head}, not ${end}`);
}

/** Words after the first place up to the window's last, by place: those that are known, and what the logs show of the others. */
async function wordsOf(
  client: Client,
  { observationLog: address, index, fromBlock, toBlock, known, logRange }: ReadWindowParameters,
  first: bigint,
): Promise<Map<bigint, bigint>> {
  const words = new Map<bigint, bigint>();
  const keep = (place: bigint, word: bigint): void => {
    if (place > first && place <= index) words.set(place, word);
  };
  for (const [place, word] of [...(known?.observations ?? [])].reverse().entries())
    keep((known?.index ?? 0n) - BigInt(place), word);
  const event = getAbiItem({ abi: observationLogAbi, name: "Observed" });
  const last = toBlock ?? (await getBlockNumber(client, { cacheTime: 0 }));
  for (const range of logRangesBack(fromBlock, last, logRange)) {
    if (words.size === Number(index - first)) break;
    for (const { args } of await getLogs(client, { address, event, ...range, strict: true }))
      keep(args.index, args.word);
  }
  return words;
}
