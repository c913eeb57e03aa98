import { type Address, type Client, concat, getAbiItem, type Hex, keccak256, toHex } from "viem";
import { getLogs, readContract } from "viem/actions";
import { WINDOW_LENGTH } from "../protocol.ts";
import { observationLogAbi } from "./abi/observationLog.ts";

export type ReadWindowParameters = {
  readonly observationLog: Address;
  /** of the window's last observation */
  readonly index: bigint;
  /** block of the log's deployment, or any before the window's first observation */
  readonly fromBlock: bigint;
  readonly length?: number;
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

/** The words of a window from `Observed` events. Whatever the node says, they hash to the heads the contract stores. */
export async function readWindow(client: Client, parameters: ReadWindowParameters): Promise<ObservedWindow> {
  const { observationLog: address, index, fromBlock, length = WINDOW_LENGTH } = parameters;
  if (index < BigInt(length)) throw new WindowTooShort(index, length);
  const first = index - BigInt(length);
  const headAt = (place: bigint): Promise<Hex> =>
    readContract(client, { address, abi: observationLogAbi, functionName: "head", args: [place] });
  const event = getAbiItem({ abi: observationLogAbi, name: "Observed" });
  const [start, end, endTime, logs] = await Promise.all([
    headAt(first),
    headAt(index),
    readContract(client, { address, abi: observationLogAbi, functionName: "timestampOf", args: [index] }),
    getLogs(client, { address, event, fromBlock, strict: true }),
  ]);
  const words = new Map(logs.map(({ args }) => [args.index, args.word]));
  const observations = Array.from({ length }, (_, place) => {
    const word = words.get(first + BigInt(place) + 1n);
    if (word === undefined) throw new WindowNotShown(index, `observation ${first + BigInt(place) + 1n} is missing`);
    return word;
  });
  const head = observations.reduce((last, word) => keccak256(concat([last, toHex(word, { size: 32 })])), start);
  if (head !== end) throw new WindowNotShown(index, `its words hash to ${head}, not ${end}`);
  return { index, observations, endTime };
}
