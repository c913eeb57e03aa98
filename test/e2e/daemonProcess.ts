/** A relayer as others see it: its process, its log, and what its server answers. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Site } from "@equipoise/relayer";
import { type Hex, toHex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { LOCAL_MNEMONIC } from "../../relayer/src/chains/anvil.ts";
import { until } from "./daemonEpoch.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The key of a local account; relayers take it from their environment. */
export const keyOf = (addressIndex: number): Hex =>
  toHex(mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex }).getHdKey().privateKey as Uint8Array);

/** A line of a relayer's log. */
export type Line = Readonly<Record<string, string | number | boolean | undefined>>;

/** A relayer in a process of its own, and what it has said. */
export type DaemonProcess = {
  readonly lines: readonly Line[];
  readonly output: Interface;
  /** −9, and waits until it is gone */
  readonly kill: () => Promise<void>;
  /** asks it to end by itself */
  readonly terminate: () => void;
  readonly ended: Promise<{ readonly code: number | null; readonly complaint: string }>;
};

/** Starts `equipoise relay` of a configuration. */
export function spawnRelayer(configFile: string, environment: Readonly<Record<string, string>> = {}): DaemonProcess {
  const child = spawn(process.execPath, ["relayer/src/cli/main.ts", "relay", "--config", configFile], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk;
  });
  const ended = new Promise<{ code: number | null; complaint: string }>((resolve) => {
    child.once("close", (code) => resolve({ code, complaint }));
  });
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    child.stdout.resume(); // it closes when all is read
    await ended;
  };
  const lines: Line[] = [];
  const output = createInterface({ input: child.stdout }).on("line", (text) => note(lines, text));
  return { lines, output, kill, terminate: () => void child.kill("SIGTERM"), ended };
}

/** Keeps a line of a log, and shows it where `EQUIPOISE_LOG` is set. */
export function note(lines: Line[], text: string): void {
  lines.push(JSON.parse(text) as Line);
  if (process.env.EQUIPOISE_LOG !== undefined) process.stdout.write(`${text.trimEnd()}\n`);
}

/** Whether a line says this of a transaction on a chain. */
export const transactionAt =
  ({ chain }: Site, event: string) =>
  (line: Line): boolean =>
    line.msg === "transaction" && line.chain === chain.chainId && line.event === event;

/** The first line that says so, once it is there. */
export async function said(lines: readonly Line[], what: (line: Line) => boolean, limitMs = 400_000): Promise<Line> {
  await until(async () => lines.some(what), limitMs, `a line of the log for which ${what}`);
  return lines.find(what) as Line;
}

/** Where a relayer's server listens. */
export type Listening = { readonly port: number };

export const askDaemon = ({ port }: Listening, path: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, init);

export type Status = {
  readonly packets: Readonly<Record<string, number | undefined>>;
  readonly deadLetters: readonly { readonly queue: string }[];
};
export const statusOf = async (daemon: Listening): Promise<Status> =>
  (await (await askDaemon(daemon, "/status")).json()) as Status;

/** `equipoise retry`: the status of the answer. */
export const retry = async (daemon: Listening, init: RequestInit = {}): Promise<number> =>
  (await askDaemon(daemon, "/retry", { method: "POST", ...init })).status;
