import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Absolute home or work paths and registry hosts have no place in the repository. */
const PRIVATE = /(?:\/(?:home|root|Users|work)\/[\w.-]+|registry\.[\w-]+\.(?:org|com))/;

/** Tracked text files that name a path of somebody's machine or a package registry's host. */
export function privateNames(): string[] {
  const files = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" }).split("\0").filter(Boolean);
  return files.flatMap((path) => {
    const text = readFileSync(path, "utf8");
    const line = text.split("\n").findIndex((content) => PRIVATE.test(content));
    return line < 0 || path === "tools/check/private-names.ts" ? [] : [`${path}:${line + 1}`];
  });
}
