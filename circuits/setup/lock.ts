import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** {ms} */
const POLL = 200;
const HEARTBEAT = 2_000;
/** A lock not refreshed for this long belongs to nobody: fifteen heartbeats. */
const STALE = 30_000;

/**
 * Runs `work` while no other process does, by a directory that only one can create. Its owner refreshes it; a lock
 * whose process has ended, or that has not been refreshed for half a minute, is taken over.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  while (!tryCreate(path)) {
    if (isStale(path)) takeAway(path);
    else await sleep(POLL);
  }
  writeFileSync(join(path, "owner"), `${hostname()} ${process.pid}`);
  const heartbeat = setInterval(() => touch(path), HEARTBEAT);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(path, { recursive: true, force: true });
  }
}

function tryCreate(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isStale(path: string): boolean {
  const age = ageOf(path);
  if (age === undefined) return false;
  if (age > STALE) return true;
  const owner = ownerOf(path);
  return owner !== undefined && owner.host === hostname() && !isRunning(owner.pid);
}

/** Only one process takes a stale lock away, and looks again first: another may have replaced it meanwhile. */
function takeAway(path: string): void {
  const guard = `${path}.takeover`;
  if (!tryCreate(guard)) {
    const age = ageOf(guard);
    if (age !== undefined && age > STALE) rmSync(guard, { recursive: true, force: true });
    return;
  }
  try {
    if (isStale(path)) rmSync(path, { recursive: true, force: true });
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

/** {ms} since the last refresh; undefined when the lock is gone. */
function ageOf(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? undefined : Date.now() - stat.mtimeMs;
}

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (error) {
    // taken away by a process that saw no heartbeat for long: the work goes on, its result is the same
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function ownerOf(path: string): { host: string; pid: number } | undefined {
  try {
    const [host = "", pid = ""] = readFileSync(join(path, "owner"), "utf8").split(" ");
    return pid === "" ? undefined : { host, pid: Number(pid) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
