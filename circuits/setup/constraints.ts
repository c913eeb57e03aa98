import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./compile.ts";

/** The committed number of constraints of every circuit. */
export const constraintSnapshot = join(repositoryRoot, "snapshots/constraints.json");

export type ConstraintCounts = Readonly<Record<string, number>>;

/** Sentences about every count that is not exactly the committed one; none when all agree. */
export function compareConstraints(counts: ConstraintCounts): string[] {
  const committed = readCommitted();
  return [...new Set([...Object.keys(committed), ...Object.keys(counts)])]
    .filter((name) => committed[name] !== counts[name])
    .map(
      (name) =>
        `${name}: ${counts[name] ?? "no"} constraints, snapshots/constraints.json says ${committed[name] ?? "none"}`,
    );
}

export function writeConstraints(counts: ConstraintCounts): void {
  writeFileSync(constraintSnapshot, `${JSON.stringify(counts, null, 2)}\n`);
}

function readCommitted(): ConstraintCounts {
  try {
    return JSON.parse(readFileSync(constraintSnapshot, "utf8")) as ConstraintCounts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
