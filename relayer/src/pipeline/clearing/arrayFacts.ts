import { type ArrayWords, arrayCommitmentOf, riskArrayFacts } from "@equipoise/sdk";
import {
  arraysOfMask,
  logRangesBack,
  readArrayFacts,
  readEpoch,
  riskArrayInputsOf,
  riskArraysAbi,
} from "@equipoise/sdk/actions";
import type { Context } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";

/** Words of recent arrays by house and hash of their facts: after a reorg the same epoch has others. */
const known = new WeakMap<object, Map<string, ArrayWords>>();
const KEPT_ARRAYS = 32;

/** All words of an array of an epoch: its facts from the hub, its values from the model. */
export async function arrayWordsOf(context: Context, number: bigint, array: number): Promise<ArrayWords> {
  const { chain, clearing } = clearingSite(context);
  const arrays = known.get(context.deployment) ?? new Map<string, ArrayWords>();
  known.set(context.deployment, arrays);
  const { riskArrays } = clearing;
  const { factsHashes } = await readEpoch(chain.reader, { riskArrays, number });
  const hash = String(factsHashes[array]);
  const kept = arrays.get(hash);
  if (kept !== undefined) return kept;
  const fromBlock = await blockOfEpoch(context, number);
  const facts = await readArrayFacts(chain.reader, { riskArrays, number, array, fromBlock, toBlock: fromBlock });
  const words = riskArrayFacts(riskArrayInputsOf(facts));
  arrays.set(hash, words);
  for (const oldest of [...arrays.keys()].slice(0, -KEPT_ARRAYS)) arrays.delete(oldest);
  return words;
}

/** The block in which an epoch began, from the newest on: it is one of the last. Of a later one where the logs do not show it. */
async function blockOfEpoch(context: Context, epoch: bigint): Promise<bigint> {
  const { chain, clearing } = clearingSite(context);
  const head = await chain.reader.getBlockNumber();
  const event = { address: clearing.riskArrays, abi: riskArraysAbi, eventName: "EpochBegun" } as const;
  for (const range of logRangesBack(BigInt(clearing.block), head)) {
    const found = await chain.reader.getContractEvents({ ...event, ...range, args: { epoch }, strict: true });
    const last = found.at(-1);
    if (last !== undefined) return last.blockNumber;
  }
  return head;
}

/** The words of all arrays of an epoch [4]; nothing where it has none. */
export async function epochArrays(context: Context, number: bigint): Promise<(ArrayWords | undefined)[]> {
  const { chain, clearing } = clearingSite(context);
  const { riskArrays } = clearing;
  const { arrays } = await readEpoch(chain.reader, { riskArrays, number });
  const listed = new Set(arraysOfMask(arrays));
  return Promise.all(
    [0, 1, 2, 3].map((array) => (listed.has(array) ? arrayWordsOf(context, number, array) : undefined)),
  );
}

/** All 116 words of an array that its proof is of. */
export const provenArrayWords = (array: ArrayWords): bigint[] => [
  ...factArrayWords(array),
  ...array.seriesValues.flat(),
  arrayCommitmentOf(array),
];

/** The 19 words of an array that the chain itself knows. */
export const factArrayWords = ({ stateSet, scenarioTerms, market, seriesTerms }: ArrayWords): bigint[] => [
  stateSet,
  scenarioTerms,
  market,
  ...seriesTerms,
];

/** Whether arrays are those that the chain has accepted. */
export const isAccepted = (arrays: readonly (ArrayWords | undefined)[], commitments: readonly bigint[]): boolean =>
  commitments.every((commitment, a) => {
    const array = arrays[a];
    return commitment === (array === undefined ? 0n : arrayCommitmentOf(array));
  });
