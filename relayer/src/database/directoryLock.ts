import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { hostname } from "node:os";

/** Another process has a database directory open. */
export class DatabaseHeld extends Error {
  override name = "DatabaseHeld";
  constructor(directory: string, holder: string) {
    super(
      `${directory} is open in ${holder}, and an embedded database is for one process: end that one, or give both the URL of a ` +
        `Postgres server. Where that process cannot be any more (its machine or container is gone), remove ${directory}.lock`,
    );
  }
}

type Holder = {
  readonly pid: number;
  readonly host: string;
  /** when the process began, as its kernel counts; tells a later process with the same id apart */
  readonly began: string;
};

/** {ms} a takeover takes microseconds: one that stands longer was cut off */
const TAKEOVER_LIMIT_MS = 5_000;

/**
 * Locks a database directory by a file beside it. The lock of a process that no longer exists is taken over.
 * @returns gives the lock back
 */
export function lockDirectory(directory: string): () => void {
  const path = `${directory}.lock`;
  const own = JSON.stringify({ pid: process.pid, host: hostname(), began: beganAt(process.pid) } satisfies Holder);
  if (!write(path, own)) takeOver(directory, path, own);
  const release = (): void => {
    process.off("exit", release);
    if (read(path) === own) rmSync(path, { force: true });
  };
  process.once("exit", release);
  return release;
}

/** One at a time looks whether a lock is stale and replaces it, or two could each remove the other's new one. */
function takeOver(directory: string, path: string, own: string): void {
  const turn = `${path}.takeover`;
  if (!write(turn, own)) {
    if (ageOf(turn) < TAKEOVER_LIMIT_MS) throw new DatabaseHeld(directory, "a process that is just taking it over");
    rmSync(turn, { force: true });
    if (!write(turn, own)) throw new DatabaseHeld(directory, "a process that is just taking it over");
  }
  try {
    const text = read(path);
    if (text !== undefined) {
      const holder = parse(text);
      if (holder === undefined || lives(holder)) throw new DatabaseHeld(directory, describeHolder(holder, path));
      rmSync(path, { force: true });
    }
    if (!write(path, own)) throw new DatabaseHeld(directory, describeHolder(parse(read(path) ?? ""), path));
  } finally {
    rmSync(turn, { force: true });
  }
}

const describeHolder = (holder: Holder | undefined, path: string): string =>
  holder === undefined ? `a process ${path} does not name` : `process ${holder.pid} on ${holder.host}`;

/** Whether a holder may still run. Of another machine nothing can be known: it may. */
function lives({ pid, host, began }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const now = beganAt(pid);
  return began === "" || now === "" || began === now;
}

/** The start of a process in clock ticks since boot, from procfs; empty where there is none. */
function beganAt(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  // the name, in parentheses, may hold spaces: count from its end. Field 22 of the line is the start.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function parse(text: string): Holder | undefined {
  try {
    const { pid, host, began } = JSON.parse(text) as Holder;
    return Number.isInteger(pid) ? { pid, host, began } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Writes a file that must not be there yet; false where it is. */
function write(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  writeSync(file, text);
  closeSync(file);
  return true;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function ageOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? Number.POSITIVE_INFINITY : Date.now() - found.mtimeMs;
}
