import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { findAnvil } from "./anvilBinary.ts";

/** The development accounts of every local chain. Public knowledge: never fund them elsewhere. */
export const LOCAL_MNEMONIC = "test test test test test test test test test test test junk";

export type AnvilParameters = {
  readonly chainId: number;
  /** {s} time of block 0; now when absent */
  readonly genesisTime?: bigint | undefined;
  /** a free one when absent */
  readonly port?: number | undefined;
  /** where the chain keeps its state between runs; kept in memory when absent */
  readonly stateFile?: string | undefined;
};

/** A local chain in a process of its own, on the loopback address. */
export type AnvilNode = {
  readonly chainId: number;
  readonly pid: number;
  readonly port: number;
  readonly rpcUrl: string;
  /** ends the process and waits until it is gone; safe to call twice */
  readonly stop: () => Promise<void>;
};

/** Anvil ended before it listened. */
export class AnvilNotStarted extends Error {
  override name = "AnvilNotStarted";
  constructor(chainId: number, reason: string) {
    super(`anvil for chain ${chainId} did not start: ${reason}; free the port or check the installed binary`);
  }
}

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;
const ASK_EVERY_MS = 20;

/** What runs, with the folder of its old states: anvil keeps some 500 in memory and leaves the others on disk for ever. */
const running = new Map<ChildProcess, string>();
let watching = false;

/** Ends what still runs when this process ends, also by a signal or an uncaught error. */
function watchExit(): void {
  if (watching) return;
  watching = true;
  process.once("exit", endAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      endAll();
      process.kill(process.pid, signal); // our listener is gone: the signal now has its usual effect
    });
  }
}

function endAll(): void {
  for (const [child, states] of running) {
    child.kill("SIGTERM");
    removeStates(states);
  }
}

const removeStates = (states: string): void => rmSync(states, { recursive: true, force: true, maxRetries: 3 });

/** A port of the loopback address nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Starts a local chain and waits until it answers. */
export async function startAnvil(parameters: AnvilParameters): Promise<AnvilNode> {
  const port = parameters.port ?? (await freePort());
  const { command, leadingArguments } = findAnvil();
  const states = mkdtempSync(join(tmpdir(), "equipoise-anvil-states-"));
  const flags = [
    ...leadingArguments,
    ...["--host", "127.0.0.1", "--port", `${port}`, "--chain-id", `${parameters.chainId}`],
    ...["--mnemonic", LOCAL_MNEMONIC, "--balance", "1000000", "--hardfork", "cancun", "--order", "fifo"],
    ...["--slots-in-an-epoch", "1", "--quiet", "--cache-path", states],
    ...(parameters.genesisTime === undefined ? [] : ["--timestamp", `${parameters.genesisTime}`]),
    ...(parameters.stateFile === undefined ? [] : ["--state", parameters.stateFile]),
  ];
  if (parameters.stateFile !== undefined) mkdirSync(dirname(parameters.stateFile), { recursive: true });
  watchExit();
  const child = spawn(command, flags, { stdio: ["ignore", "ignore", "pipe"] });
  running.set(child, states);
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-500);
  });
  const gone = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`} ${complaint}`.trim()));
  }).then((reason) => {
    running.delete(child);
    removeStates(states);
    return reason;
  });
  const rpcUrl = `http://127.0.0.1:${port}`;
  try {
    await answering(parameters.chainId, rpcUrl, gone);
  } catch (error) {
    child.kill("SIGTERM");
    throw error;
  }
  return {
    chainId: parameters.chainId,
    pid: child.pid ?? 0,
    port,
    rpcUrl,
    stop: async () => {
      if (!running.has(child)) return;
      child.kill("SIGTERM");
      const limit = new AbortController();
      const late = setTimeout(STOP_LIMIT_MS, "late", { signal: limit.signal }).catch(() => "gone");
      if ((await Promise.race([gone, late])) === "late") child.kill("SIGKILL");
      limit.abort();
      await gone;
    },
  };
}

/** Asks until the chain answers with its own id: something else may listen on a port. */
async function answering(chainId: number, rpcUrl: string, gone: Promise<string>): Promise<void> {
  let ended: string | undefined;
  void gone.then((reason) => {
    ended = reason;
  });
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit) {
    if (ended !== undefined) throw new AnvilNotStarted(chainId, ended);
    const answer = await askChainId(rpcUrl);
    if (answer === chainId) return;
    if (answer !== undefined) throw new AnvilNotStarted(chainId, `chain ${answer} listens on ${rpcUrl}`);
    await setTimeout(ASK_EVERY_MS);
  }
  throw new AnvilNotStarted(chainId, `no answer within ${START_LIMIT_MS} ms`);
}

/** The chain id behind a URL, or nothing while nobody listens. */
async function askChainId(rpcUrl: string): Promise<number | undefined> {
  try {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
    const response = await fetch(rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body });
    return Number(((await response.json()) as { result: string }).result);
  } catch (error) {
    if (error instanceof TypeError) return undefined; // what fetch throws while the connection is refused
    throw error;
  }
}
