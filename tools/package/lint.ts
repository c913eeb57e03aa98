import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type { BuiltPackage } from "./build.ts";

/** Resolutions the package does not serve: before Node's exports, and `require` of Node before 22. It is ESM alone. */
const NOT_SERVED = ["node10", "node16-cjs"];

/** What publint has to say of the packed files, warnings and suggestions too. */
export async function publintProblems({ directory, manifest }: BuiltPackage): Promise<string[]> {
  const { messages } = await publint({ pkgDir: directory, level: "suggestion", strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, manifest) ?? message.code}`);
}

/** What "are the types wrong" finds in the tarball, for Node and for bundlers. */
export async function typeProblems({ tarball }: BuiltPackage): Promise<string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
  if (analysis.types === false) return ["attw: the package has no types"];
  return analysis.problems
    .filter((problem) => !("resolutionKind" in problem) || !NOT_SERVED.includes(problem.resolutionKind))
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}
