import type { Hex } from "viem";

/** A node's refusal as JSON-RPC has it. */
export type NodeError = { readonly code: number; readonly message: string; readonly data?: unknown };

/** The code of a revert in the execution API's specification; others write −32000, −32015 or −32603. */
const REVERTED = 3;
const VM_ERROR = -32015;
const EXECUTING = new Set(["eth_call", "eth_estimateGas"]);
const UNPAYABLE = /insufficient ?(funds|balance|sender balance)|exceeds .*balance/i;
/** What comes of executing, by what nodes write: the contract stops, or the sender cannot pay for it. */
const EXECUTED =
  /out of gas|invalid ?(op|fe)|bad instruction|stack (under|over)flow|(bad|invalid) jump|EVM error|gas required exceeds|intrinsic gas|insufficient (funds|sender balance)|exceeds .*balance/i;

/** Codes of public endpoints for too many questions, and what they write beside others. */
const LIMIT_CODES = new Set([429, -32005, -32007, -32016, -32029, -32097]);
const LIMIT = /rate.?limit|too many requests|(?<!gas )limit exceeded|throughput|compute units|quota|capacity exceeded/i;
const NODE_CODES = new Set([-32603, -32002, -32001]);
const NODE = /header not found|unknown block|block not found|missing trie node|time(d )?.?out/i;

/** Logs of fewer blocks would be answered: as dozens of providers write it, without one code in common. */
const RANGE =
  /block range|range[^.]* (large|wide|big|limit|exceed|than|support)|getLogs .*(limited|range)|(limit|limited|up|more than|at most|too many|max|maximum)( to)?( a)? ?[\d,]* (block|result|log)s?|response size/i;
/** So many questions in a time, or in words that say no more: fewer blocks are more questions. */
const RATE = /rate.?limit|too many requests|per (second|minute|hour|day)/i;
/** That node only has not come so far. */
const BEYOND_HEAD = /head|invalid block range params|future/i;

/** What a refusal says about the chain, in one form for all nodes; nothing where it says something about the node. */
export function chainRefusal(method: string, error: NodeError): NodeError | undefined {
  if (method === "eth_sendRawTransaction") return isLimit(error) ? undefined : error;
  if (!EXECUTING.has(method)) return undefined;
  const data = hexIn(error.data);
  const reverted = error.code === REVERTED || data !== undefined || /revert/i.test(error.message);
  if (reverted) return { code: REVERTED, message: error.message, data: data ?? "0x" };
  return error.code === VM_ERROR || EXECUTED.test(error.message) ? error : undefined;
}

/** No question more would help: the node does not have the method. */
export const isUnsupported = ({ code }: NodeError): boolean => code === -32601;

/** Fewer blocks would be answered. */
export const isRangeRefused = (method: string, { message }: NodeError): boolean =>
  method === "eth_getLogs" && RANGE.test(message) && !RATE.test(message) && !BEYOND_HEAD.test(message);

/** Limits, states a node does not have yet, its own failures: time cures them. */
export const isNodeTrouble = (error: NodeError): boolean =>
  isLimit(error) || NODE_CODES.has(error.code) || NODE.test(error.message);

/** Of a transaction that was sent: it is there, or a better one is. */
export const isThereAlready = (message: string): boolean =>
  /already known|already imported|known transaction|nonce too low|nonce is too low|underpriced/i.test(message);

/** Of a transaction that was sent: no waiting and no fee changes it. */
export const isHopeless = (message: string): boolean =>
  /intrinsic gas|exceeds block gas limit|gas limit too high|max initcode|oversized data|invalid sender/i.test(message);

/** Of a transaction that was sent: the sender has less than it may cost. Less gas, or more in the account, changes it. */
export const isUnpayable = (message: string): boolean => UNPAYABLE.test(message);

const isLimit = ({ code, message }: NodeError): boolean => LIMIT_CODES.has(code) || LIMIT.test(message);

/** Revert data, wherever a node puts it: alone, behind a word, or one level deeper. */
function hexIn(data: unknown): Hex | undefined {
  if (typeof data === "string")
    return /^(?:reverted )?(0x[0-9a-f]*)$/i.exec(data)?.[1]?.toLowerCase() as Hex | undefined;
  return typeof data === "object" && data !== null ? hexIn((data as { data?: unknown }).data) : undefined;
}
