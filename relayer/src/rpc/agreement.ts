import type { Answer } from "./endpoint.ts";

/** Answers that say only that a node has not seen something yet. */
export const MAY_BE_UNKNOWN = new Set([
  "eth_getTransactionReceipt",
  "eth_getTransactionByHash",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
]);
/** What an endpoint answered. */
export type Said = { readonly label: string; readonly answer: Answer; readonly text: string };

/** What so many say alike. */
export const heldBy = (said: readonly Said[], quorum: number): Said | undefined =>
  said.find(({ text }) => said.filter((other) => other.text === text).length >= quorum);

/** How many say the same, of whatever most say. */
export const mostAlike = (said: readonly Said[]): number =>
  Math.max(0, ...said.map(({ text }) => said.filter((other) => other.text === text).length));

/** Not knowing yet contradicts nobody. */
export const contradicts = (method: string, text: string, fact: string): boolean =>
  text !== fact && !(MAY_BE_UNKNOWN.has(method) && (text === "null" || fact === "null"));

/** Some know it and the others not yet, and nobody contradicts: that is neither a fact nor a contradiction. */
export const isHalfKnown = (method: string, said: readonly Said[]): boolean =>
  MAY_BE_UNKNOWN.has(method) && new Set(said.map(({ text }) => text).filter((text) => text !== "null")).size <= 1;

const PLACE = ["blockHash", "blockNumber", "transactionHash", "logIndex"];
const LOG = ["address", "topics", "data", ...PLACE, "removed"];
const BLOCK = ["hash", "number", "parentHash", "timestamp", "baseFeePerGas"];
const TRANSACTION = ["hash", "blockHash", "blockNumber", "from", "to", "input", "value", "nonce", "gas"];
const RECEIPT = [
  ...["transactionHash", "blockHash", "blockNumber", "from", "to", "contractAddress"],
  ...["status", "gasUsed", "effectiveGasPrice", "logs"],
];
/** Of an answer with fields those that all nodes write, and write alike: whatever reads another one reads nothing. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  eth_getLogs: LOG,
  eth_getBlockByNumber: BLOCK,
  eth_getBlockByHash: BLOCK,
  eth_getTransactionByHash: TRANSACTION,
  eth_getTransactionReceipt: RECEIPT,
};

/** An answer without what honest nodes may write differently. It is compared, and handed on, as that: what is not compared acts on nothing. */
export function comparable(method: string, answer: Answer): Answer {
  const fields = FIELDS[method];
  return "error" in answer || fields === undefined ? answer : { result: only(fields, answer.result) };
}

/** An answer as text. Of a refusal its data alone: codes and messages are each client's own. */
export const canonical = (answer: Answer): string =>
  "error" in answer ? `refuses with ${answer.error.data ?? "0x"}` : JSON.stringify(sorted(answer.result));

function only(fields: readonly string[], value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => only(fields, entry));
  if (typeof value !== "object" || value === null) return value;
  // some write of a log only that it is removed, not that it is not
  const held: Readonly<Record<string, unknown>> = { ...(fields === LOG ? { removed: false } : {}), ...value };
  const kept = fields.filter((name) => held[name] !== undefined && held[name] !== null);
  return Object.fromEntries(kept.map((name) => [name, name === "logs" ? only(LOG, held[name]) : held[name]]));
}

/** Keys in order, hex in lower case. */
function sorted(value: unknown): unknown {
  if (typeof value === "string") return value.toLowerCase();
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, entry]) => entry !== null && entry !== undefined);
  return Object.fromEntries(
    fields.sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, entry]) => [name, sorted(entry)]),
  );
}
