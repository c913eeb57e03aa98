import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { toHex } from "viem";

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
  | "once429"
  /** every call would revert */
  | "refusesEstimates";

/** An endpoint that passes questions on to a real node, badly. For tests. */
export type FaultyProxy = {
  readonly url: string;
  /** what it does from now on */
  fault: Fault;
  /** questions it was asked, by method */
  readonly asked: Map<string, number>;
  readonly stop: () => Promise<void>;
};

/** {blocks} */
const LAG = 10n;

/** Starts one before the node at `target`. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const asked = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { method } = JSON.parse(body) as { method: string };
    asked.set(method, (asked.get(method) ?? 0) + 1);
    if (proxy.fault === "timesOut") return; // never answers
    if (proxy.fault === "slow") await pause(200);
    if (proxy.fault === "tooManyRequests" || proxy.fault === "once429") {
      if (proxy.fault === "once429") proxy.fault = "none";
      response.writeHead(429).end();
      return;
    }
    const answer = (await (
      await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body })
    ).json()) as {
      result?: unknown;
      error?: unknown;
    };
    if (proxy.fault === "liesAboutLogs" && method === "eth_getLogs") answer.result = [];
    if (proxy.fault === "forgesLogs" && method === "eth_getLogs" && Array.isArray(answer.result))
      answer.result = answer.result.map((log: object) => ({ ...log, data: lie }));
    if (proxy.fault === "liesAboutCalls" && method === "eth_call") answer.result = lie;
    if (proxy.fault === "refusesEstimates" && method === "eth_estimateGas") {
      delete answer.result;
      answer.error = { code: 3, message: "execution reverted: refused", data: "0x" };
    }
    if (proxy.fault === "lags" && method === "eth_blockNumber") {
      const height = BigInt(answer.result as string);
      answer.result = `0x${(height > LAG ? height - LAG : 0n).toString(16)}`;
    }
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const lie = toHex(port, { size: 32 });
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${port}`,
    fault: "none",
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return proxy;
}
