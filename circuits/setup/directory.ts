import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Makes a directory all at once: `fill` writes into a temporary one beside it, which takes its place when everything
 * is there. Whoever is killed on the way leaves a `.partial` directory that nobody reads and the next run removes.
 * Callers hold the directory's lock.
 */
export async function replaceDirectory(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const parent = dirname(path);
  const prefix = `.${basename(path)}.partial-`;
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (name.startsWith(prefix)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const temporary = mkdtempSync(join(parent, prefix));
  try {
    await fill(temporary);
    chmodSync(temporary, 0o755);
    rmSync(path, { recursive: true, force: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}
