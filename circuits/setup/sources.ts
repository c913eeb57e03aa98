import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export class IncludeNotFound extends Error {
  override name = "IncludeNotFound";
  constructor(include: string, from: string, searched: readonly string[]) {
    super(
      `${from} includes "${include}", which is in none of ${searched.join(", ")}: run \`npm ci\`, or correct the path`,
    );
  }
}

/** All circom files a circuit reaches, itself first, as absolute paths. @throws IncludeNotFound */
export function reachableSources(source: string, includePaths: readonly string[]): string[] {
  const found = new Set<string>([source]);
  for (const file of found) {
    for (const include of includesOf(readFileSync(file, "utf8"))) {
      const searched = [dirname(file), ...includePaths];
      const path = searched.map((directory) => join(directory, include)).find(isReadable);
      if (path === undefined) throw new IncludeNotFound(include, file, searched);
      found.add(path);
    }
  }
  return [...found];
}

/** Hash of every source's name and text, whatever order they were found in and wherever they are. */
export const hashSources = (sources: readonly string[]): string =>
  sha256(
    sources
      .map((path) => `${basename(path)} ${sha256(readFileSync(path))}`)
      .toSorted()
      .join("\n"),
  );

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

function includesOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");
  return [...code.matchAll(/^\s*include\s+"([^"]+)"\s*;/gm)].map(([, path]) => path as string);
}

function isReadable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw error;
  }
}
