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

/** Not knowing yet contradicts nobody. */
export const contradicts = (method: string, text: string, fact: string): boolean =>
  text !== fact && !(MAY_BE_UNKNOWN.has(method) && (text === "null" || fact === "null"));

/** What so many endpoints say alike, all asked; nothing where they contradict each other. */
export function agree(method: string, said: readonly Said[], quorum: number): Omit<Said, "label"> | undefined {
  const held = heldBy(said, quorum);
  if (held !== undefined || !MAY_BE_UNKNOWN.has(method)) return held;
  const sure = new Set(said.filter(({ text }) => text !== "null").map(({ text }) => text));
  // some know it, the others not yet, and nobody contradicts: it is not a fact yet
  return said.length >= quorum && sure.size <= 1 ? { answer: { result: null }, text: "null" } : undefined;
}

/** An answer as text, without what honest nodes may write differently. */
export function canonical(method: string, answer: Answer): string {
  if ("error" in answer) return `refuses with ${answer.error.code} ${JSON.stringify(answer.error.data ?? "")}`;
  return JSON.stringify(sorted(answer.result, method === "eth_getBlockByNumber" || method === "eth_getBlockByHash"));
}

/** Of a block its identity only: nodes add fields of their own. Keys in order everywhere, hex in lower case. */
function sorted(value: unknown, block = false): unknown {
  if (typeof value === "string") return value.toLowerCase();
  if (Array.isArray(value)) return value.map((entry) => sorted(entry));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, entry]) => entry !== null && entry !== undefined);
  const kept = block ? fields.filter(([name]) => ["hash", "number", "parentHash", "timestamp"].includes(name)) : fields;
  return Object.fromEntries(
    kept.sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, entry]) => [name, sorted(entry)]),
  );
}
