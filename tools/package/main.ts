/**
 * `npm run pack:sdk`: builds `@equipoise/sdk` as it is published and packs it under `build/sdk/`.
 *   --check   also says what publint and attw find, and where a bundle's size leaves snapshots/bundles.json
 *   --update  with --check: writes that snapshot
 *   --reference  also writes the API reference to `build/sdk/reference/`; --check says which exports have no doc comment
 */
import { parseArgs } from "node:util";
import { buildPackage } from "./build.ts";
import { bundleProblems } from "./bundles.ts";
import { publintProblems, typeProblems } from "./lint.ts";
import { describePackage, undocumented, writeReference } from "./reference.ts";

const { values: options } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    update: { type: "boolean", default: false },
    reference: { type: "boolean", default: false },
  },
});

const built = buildPackage();
process.stdout.write(`${built.tarball}\n`);
const entries = options.check || options.reference ? describePackage(built) : [];
if (options.reference) {
  for (const path of writeReference(entries, built)) process.stdout.write(`${path}\n`);
}
if (options.check) {
  const problems = [
    ...entries.flatMap(undocumented),
    ...(await publintProblems(built)),
    ...(await typeProblems(built)),
    ...(await bundleProblems(built, options.update)),
  ];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
