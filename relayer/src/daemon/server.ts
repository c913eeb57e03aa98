import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RelayerStatus } from "./readStatus.ts";

/** What a relayer's port answers with. */
export type ServerAnswers = {
  readonly metrics: () => Promise<string>;
  readonly status: () => Promise<RelayerStatus>;
  readonly retry: () => Promise<{ readonly chains: number; readonly jobs: number }>;
};

/** JSON with bigints as decimal strings. */
const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_, entry: unknown) => (typeof entry === "bigint" ? String(entry) : entry));

/** Why a relayer cannot do all its work now; empty when it can. */
export const troublesOf = ({ chains }: RelayerStatus): string[] =>
  chains.flatMap(({ chainId, stopped, unread }) => {
    const reason = stopped ?? unread;
    return reason === undefined ? [] : [`chain ${chainId}: ${reason}`];
  });

/** Opens the port, on the loopback address only: who may reach it may read the status and ask for a retry. */
export async function startServer(port: number, answers: ServerAnswers) {
  const answer = async (method: string, path: string, response: ServerResponse): Promise<void> => {
    const send = (status: number, text: string, type = "application/json"): void => {
      response.writeHead(status, { "content-type": type }).end(text);
    };
    if (method === "GET" && path === "/healthz") return send(200, "alive\n", "text/plain");
    if (method === "GET" && path === "/metrics") return send(200, await answers.metrics(), "text/plain; version=0.0.4");
    if (method === "GET" && path === "/status") return send(200, jsonOf(await answers.status()));
    if (method === "POST" && path === "/retry") return send(200, jsonOf(await answers.retry()));
    if (method === "GET" && path === "/readyz") {
      const troubles = troublesOf(await answers.status());
      return send(troubles.length === 0 ? 200 : 503, `${troubles.join("\n") || "ready"}\n`, "text/plain");
    }
    send(404, jsonOf({ error: "there are GET /healthz, /readyz, /metrics, /status and POST /retry" }));
  };
  const server = createServer((request, response) => {
    answer(request.method ?? "", request.url ?? "", response).catch((error: unknown) => {
      response.writeHead(503, { "content-type": "text/plain" }).end(`${(error as Error).message}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
