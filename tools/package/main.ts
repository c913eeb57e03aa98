/**
 * `npm run pack:sdk`: builds `@equipoise/sdk` as it is published and packs it under `build/sdk/`.
 *   --check   also says what publint and attw find, and where a bundle's size leaves snapshots/bundles.json
 *   --update  with --check: writes that snapshot
 */
import { parseArgs } from "node:util";
import { buildPackage } from "./build.ts";
import { bundleProblems } from "./bundles.ts";
import { publintProblems, typeProblems } from "./lint.ts";

const { values: options } = parseArgs({
  options: { check: { type: "boolean", default: false }, update: { type: "boolean", default: false } },
});

const built = buildPackage();
process.stdout.write(`${built.tarball}\n`);
if (options.check) {
  const problems = [
    ...(await publintProblems(built)),
    ...(await typeProblems(built)),
    ...(await bundleProblems(built, options.update)),
  ];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
