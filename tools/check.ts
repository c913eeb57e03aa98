/**
 * `npm run check`: what must hold of the sources without running them. Every step runs, then the names of those that
 * failed are printed.
 */
import { spawnSync } from "node:child_process";
import { contractLayerViolations } from "./check/contract-layers.ts";
import { gasDrift } from "./check/gas.ts";
import { privateNames } from "./check/private-names.ts";
import { sizeDrift } from "./check/sizes.ts";

const command =
  (name: string, ...args: string[]) =>
  (): string[] => {
    const { status, error } = spawnSync(name, args, { stdio: "inherit" });
    return status === 0 ? [] : [`${name} ${args.join(" ")} ended with ${error?.message ?? status}`];
  };

/** forge says what differs and ends with 0 all the same, so what it says decides. */
const formatDifferences = (): string[] => {
  const { status, stdout, stderr, error } = spawnSync("forge", ["fmt", "--check"], { encoding: "utf8" });
  const said = `${stdout ?? ""}${stderr ?? ""}`.trim();
  return status === 0 && said === "" ? [] : [error?.message ?? said, "npm run format"];
};

const update = process.argv.includes("--update");
const steps: [string, () => string[]][] = [
  ["generated files match protocol.ts", command("node", "tools/generate.ts", "--check")],
  ["types and project references", command("tsc", "-b")],
  ["style and import rules", command("biome", "check", "--error-on-warnings")],
  ["Solidity format", formatDifferences],
  ["contract layers", contractLayerViolations],
  ["no machine-specific names", privateNames],
  ["the SDK's package", command("node", "tools/package/main.ts", "--check", ...(update ? ["--update"] : []))],
  ["contract sizes match their snapshot", () => sizeDrift(update)],
  ["gas matches its snapshot", () => gasDrift(update)],
  ["constraints and verifiers match their snapshot", command("node", "circuits/setup/main.ts", "--check")],
];

const failed: string[] = [];
for (const [name, step] of steps) {
  const problems = step();
  process.stdout.write(`${problems.length === 0 ? "ok  " : "FAIL"} ${name}\n`);
  for (const problem of problems) process.stdout.write(`     ${problem}\n`);
  if (problems.length > 0) failed.push(name);
}
if (failed.length > 0) {
  process.stdout.write(`\n${failed.length} of ${steps.length} checks failed: ${failed.join("; ")}\n`);
  process.exitCode = 1;
}
