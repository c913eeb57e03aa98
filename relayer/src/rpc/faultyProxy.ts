import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { numberToHex, toHex } from "viem";

/** What a faulty endpoint does to a question before or after the real node answers it. */
export type Fault =
  | "none"
  | "timesOut"
  /** answers after a fifth of a second */
  | "slow"
  /** there are no logs */
  | "liesAboutLogs"
  /** the logs are others, and others at each endpoint */
  | "forgesLogs"
  /** every call returns something else, and something else at each endpoint */
  | "liesAboutCalls"
  | "tooManyRequests"
  | "lags"
  /** is one block behind */
  | "trails"
  /** claims a head that no chain comes to */
  | "claimsAhead"
  /** every call would revert */
  | "refusesEstimates"
  /** says that there were too many questions, with status 200 */
  | "limitsInBody"
  /** says it of every call and every question for logs: it answers for a machine that is behind */
  | "headerNotFound"
  /** knows no block and no receipt by its hash: nor does a machine that is behind */
  | "knowsNoHash"
  /** answers for ten blocks of logs at once, or fewer */
  | "limitsLogRanges"
  /** is honest, and writes what it says as another client does */
  | "otherFields"
  /** gas is a thousand times as dear */
  | "liesAboutFees"
  /** no transaction needs more gas than an empty one */
  | "liesAboutGas"
  /** every transaction needs more gas than a block has */
  | "exaggeratesGas"
  /** takes no transaction, and says that no node ever will */
  | "refusesTransactions"
  /** takes no transaction, and says that the sender cannot pay for it */
  | "refusesPayment";

/** An endpoint that passes questions on to a real node, badly. For tests. */
export type FaultyProxy = {
  readonly url: string;
  /** what it does from now on */
  fault: Fault;
  /** only to the next question */
  once: boolean;
  /** questions it was asked, by method */
  readonly asked: Map<string, number>;
  readonly stop: () => Promise<void>;
};

/** {blocks} */
const AHEAD: { readonly [name in Fault]?: bigint } = { lags: -10n, trails: -1n, claimsAhead: 10_000_000n };
/** {blocks} */
const ALLOWED_LOGS = 10n;

type Question = { readonly method: string; readonly params?: readonly unknown[] };
type Refused = { code: number; message: string; data?: string };
type Body = { result?: unknown; error?: Refused };
type Written = Record<string, unknown>;

/** Starts one before the node at `target`. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const asked = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { method } = JSON.parse(body) as Question;
    asked.set(method, (asked.get(method) ?? 0) + 1);
    const { fault } = proxy;
    if (proxy.once) [proxy.fault, proxy.once] = ["none", false];
    if (fault === "timesOut") return; // never answers
    if (fault === "slow") await pause(200);
    if (fault === "tooManyRequests") {
      response.writeHead(429).end();
      return;
    }
    const refusal = refusalOf(fault, body);
    const answer = (refusal === undefined ? await forwarded(body) : { error: refusal }) as Body;
    if (refusal === undefined) change(fault, method, answer, lie);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  const forwarded = async (body: string): Promise<unknown> =>
    (await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body })).json();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const lie = toHex(port, { size: 32 });
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${port}`,
    fault: "none",
    once: false,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return proxy;
}

/** What it says instead of passing a question on. */
function refusalOf(fault: Fault, body: string): Refused | undefined {
  const { method, params = [] } = JSON.parse(body) as Question;
  if (fault === "limitsInBody") return { code: -32005, message: "daily request count exceeded, request rate limited" };
  if (fault === "headerNotFound" && /^eth_(call|getLogs|getBalance)$/.test(method))
    return { code: -32000, message: "header not found" };
  if (fault === "refusesEstimates" && method === "eth_estimateGas")
    return { code: 3, message: "execution reverted: refused", data: "0x" };
  if (fault === "refusesTransactions" && method === "eth_sendRawTransaction")
    return { code: -32000, message: "exceeds block gas limit" };
  if (fault === "refusesPayment" && method === "eth_sendRawTransaction")
    return { code: -32003, message: "insufficient funds for gas * price + value: balance 1, tx cost 2" };
  if (fault === "limitsLogRanges" && method === "eth_getLogs") {
    const { fromBlock, toBlock } = params[0] as { fromBlock?: string; toBlock?: string };
    if (BigInt(toBlock ?? 0) - BigInt(fromBlock ?? 0) >= ALLOWED_LOGS)
      return { code: -32600, message: `You can make eth_getLogs requests with up to a ${ALLOWED_LOGS} block range` };
  }
  return undefined;
}

/** What it makes of an answer on its way. */
function change(fault: Fault, method: string, answer: Body, lie: string): void {
  const { result } = answer;
  if (fault === "liesAboutLogs" && method === "eth_getLogs") answer.result = [];
  if (fault === "forgesLogs" && method === "eth_getLogs" && Array.isArray(result))
    answer.result = result.map((log: object) => ({ ...log, data: lie }));
  if (fault === "liesAboutCalls" && method === "eth_call") answer.result = lie;
  const ahead = AHEAD[fault];
  if (ahead !== undefined && method === "eth_blockNumber") {
    const height = BigInt(result as string) + ahead;
    answer.result = numberToHex(height > 0n ? height : 0n);
  }
  if (fault === "knowsNoHash" && /^eth_(getBlockByHash|getTransactionReceipt)$/.test(method)) answer.result = null;
  if (fault === "otherFields") writeOtherwise(method, answer);
  if (fault === "liesAboutFees" && result !== undefined) {
    if (/^eth_(gasPrice|maxPriorityFeePerGas)$/.test(method)) answer.result = dearer(result);
    if (method.startsWith("eth_getBlockBy") && result !== null)
      answer.result = { ...(result as Written), baseFeePerGas: dearer((result as Written).baseFeePerGas) };
  }
  if (method === "eth_estimateGas" && result !== undefined) {
    if (fault === "liesAboutGas") answer.result = "0x5208";
    if (fault === "exaggeratesGas") answer.result = "0x3b9aca00";
  }
}

const dearer = (price: unknown): string =>
  `0x${(1_000n * BigInt((price as string | undefined) ?? 0) + 1_000n).toString(16)}`;

/** As some clients write it: times and indices in logs, sizes in blocks, fees of a rollup in receipts, reverts with a code of their own. */
function writeOtherwise(method: string, answer: Body): void {
  const { result, error } = answer;
  const log = (one: Written): Written => {
    const { removed, ...others } = one;
    return { ...others, blockTimestamp: "0x1", transactionLogIndex: "0x0", type: "mined" };
  };
  if (method === "eth_getLogs" && Array.isArray(result)) answer.result = result.map(log);
  if (method === "eth_getTransactionReceipt" && typeof result === "object" && result !== null) {
    const { logs, ...others } = result as { logs: Written[] };
    answer.result = { ...others, logs: logs.map(log), l1Fee: "0x1", root: "0x", cumulativeGasUsed: "0x0" };
  }
  if (method.startsWith("eth_getBlockBy") && typeof result === "object" && result !== null)
    answer.result = { ...result, size: "0x1", totalDifficulty: "0x0", author: "0x" };
  if (error?.code === 3)
    answer.error = { code: -32015, message: "VM execution error.", data: `Reverted ${error.data ?? "0x"}` };
}
