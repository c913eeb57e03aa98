import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RelayerStatus } from "./readStatus.ts";

/** What a relayer's port answers with. */
export type ServerAnswers = {
  readonly metrics: () => Promise<string>;
  readonly status: () => Promise<RelayerStatus>;
  /** why it cannot do all its work now; empty when it can */
  readonly troubles: () => Promise<readonly string[]>;
  readonly retry: () => Promise<{ readonly chains: number; readonly jobs: number }>;
};

/** JSON with bigints as decimal strings. */
const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_, entry: unknown) => (typeof entry === "bigint" ? String(entry) : entry));

/** Why chains cannot be worked on now. */
export const troublesOf = ({ chains }: RelayerStatus): string[] =>
  chains.flatMap(({ chainId, stopped, unread }) => {
    const reason = stopped ?? unread;
    return reason === undefined ? [] : [`chain ${chainId}: ${reason}`];
  });

/** A port cannot be opened. */
export class PortUnusable extends Error {
  override name = "PortUnusable";
  constructor({ host, port }: ServerPlace, { code = "", message }: NodeJS.ErrnoException) {
    const reason =
      code === "EADDRINUSE"
        ? "another program listens there: end it, or give another port"
        : code === "EADDRNOTAVAIL"
          ? "this machine has no such address: correct host"
          : `${message}: correct host and port`;
    super(`host and port of the configuration are ${host} and ${port}, and ${reason}`);
  }
}

/** Where a relayer listens. */
export type ServerPlace = { readonly host: string; readonly port: number };

/** Whether whoever asks is on this machine: by the loopback address, or by the address it asked for. */
export const isHere = ({
  remoteAddress = "",
  localAddress,
}: { [end in "remoteAddress" | "localAddress"]?: string | undefined }): boolean =>
  /^(::ffff:)?127\.|^::1$/.test(remoteAddress) || remoteAddress === localAddress;

/** Opens the port. Who may reach it may read the status; only who is on this machine may ask for a retry. */
export async function startServer({ host, port }: ServerPlace, answers: ServerAnswers) {
  const answer = async ({ method, url: path, socket }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const send = (status: number, text: string, type = "application/json"): void => {
      response.writeHead(status, { "content-type": type }).end(text);
    };
    if (method === "GET" && path === "/healthz") return send(200, "alive\n", "text/plain");
    if (method === "GET" && path === "/metrics") return send(200, await answers.metrics(), "text/plain; version=0.0.4");
    if (method === "GET" && path === "/status") return send(200, jsonOf(await answers.status()));
    if (method === "POST" && path === "/retry") {
      if (isHere(socket)) return send(200, jsonOf(await answers.retry()));
      return send(403, jsonOf({ error: "retry is asked for on the machine of the relayer" }));
    }
    if (method === "GET" && path === "/readyz") {
      const troubles = await answers.troubles();
      return send(troubles.length === 0 ? 200 : 503, `${troubles.join("\n") || "ready"}\n`, "text/plain");
    }
    send(404, jsonOf({ error: "there are GET /healthz, /readyz, /metrics, /status and POST /retry" }));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(503, { "content-type": "text/plain" }).end(`${(error as Error).message}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new PortUnusable({ host, port }, error)));
    server.listen(port, host, resolve);
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
