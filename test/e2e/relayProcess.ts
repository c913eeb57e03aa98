import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = join(import.meta.dirname, "../..");

/** A line of a relayer's log. */
export type Line = Readonly<Record<string, string | number | boolean | undefined>>;

/** A relayer in a process of its own. */
export type DaemonProcess = {
  readonly lines: readonly Line[];
  /** −9, and waits until it is gone */
  readonly kill: () => Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly complaint: string }>;
};

/** Keeps a line of a log, and shows it where EQUIPOISE_LOG is set. */
export function note(lines: Line[], text: string): void {
  lines.push(JSON.parse(text) as Line);
  if (process.env.EQUIPOISE_LOG !== undefined) process.stdout.write(`${text.trimEnd()}\n`);
}

/** Starts `equipoise relay` of a configuration. */
export function spawnRelay(configFile: string, environment: Readonly<Record<string, string>> = {}): DaemonProcess {
  const lines: Line[] = [];
  const child = spawn(process.execPath, ["relayer/src/cli/main.ts", "relay", "--config", configFile], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk;
  });
  createInterface({ input: child.stdout }).on("line", (text) => note(lines, text));
  const ended = new Promise<{ code: number | null; complaint: string }>((resolve) => {
    child.once("close", (code) => resolve({ code, complaint }));
  });
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return { lines, kill, ended };
}
