/**
 * `npm run build:keys`: compiles every circuit, makes its development key and writes its verifier contract.
 *   --update  also writes snapshots/constraints.json; without it a count that differs is an error
 *   --check   writes no verifier contract and fails where the committed one is not that of the key
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import {
  type CircuitName,
  circuitDirectory,
  circuitNames,
  keyDirectory,
  PUBLIC_INPUTS,
  sourceOf,
  verifierOf,
} from "./circuits.ts";
import { compileCircuit, repositoryRoot } from "./compile.ts";
import { compareConstraints, writeConstraints } from "./constraints.ts";
import { circuitKey, withKeyMaker } from "./keys.ts";
import { verifierPath } from "./verifier.ts";

const { values: options } = parseArgs({
  options: { update: { type: "boolean", default: false }, check: { type: "boolean", default: false } },
});

type Row = {
  readonly name: CircuitName;
  readonly constraints: number;
  readonly wires: number;
  readonly domain: number;
  readonly compileSeconds: number | undefined;
  readonly keySeconds: number | undefined;
  readonly zkeyBytes: number;
  readonly wasmBytes: number;
  readonly verifier: string | undefined;
};

const started = performance.now();
const rows = await withKeyMaker((maker) =>
  inParallel(circuitNames, availableParallelism(), (name) => build(name, maker)),
);
printTable(rows);
process.stdout.write(`${((performance.now() - started) / 1000).toFixed(1)} s, ${availableParallelism()} threads\n`);
const problems = [...checkVerifiers(rows), ...checkCounts(rows)];
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;

async function build(name: CircuitName, maker: Parameters<typeof circuitKey>[1]): Promise<Row> {
  const begun = performance.now();
  const compiled = await compileCircuit({ source: sourceOf(name), into: circuitDirectory, level: "O2" });
  const compiledAt = performance.now();
  const verifier = verifierOf(name);
  const key = await circuitKey({ compiled, into: keyDirectory, publicInputs: PUBLIC_INPUTS, verifier }, maker);
  const { constraints, wires, domainSize } = key.manifest;
  return {
    name,
    constraints,
    wires,
    domain: domainSize,
    compileSeconds: compiled.fresh ? (compiledAt - begun) / 1000 : undefined,
    keySeconds: key.fresh ? (performance.now() - compiledAt) / 1000 : undefined,
    zkeyBytes: statSync(key.zkey).size,
    wasmBytes: statSync(compiled.wasm).size,
    verifier: verifier && readFileSync(join(dirname(key.zkey), "verifier.sol"), "utf8"),
  };
}

/** At most `limit` at once, started in order: the longest first. */
async function inParallel<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  return results;
}

function printTable(table: readonly Row[]): void {
  const seconds = (value: number | undefined): string => value?.toFixed(1) ?? "cached";
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const lines = [
    ["circuit", "constraints", "wires", "domain", "compile s", "key s", "zkey MB", "wasm MB"],
    ...table.map((row) => [
      row.name,
      String(row.constraints),
      String(row.wires),
      `2^${Math.log2(row.domain)}`,
      seconds(row.compileSeconds),
      seconds(row.keySeconds),
      megabytes(row.zkeyBytes),
      megabytes(row.wasmBytes),
    ]),
  ];
  const widths = (lines[0] as string[]).map((_, column) =>
    Math.max(...lines.map((line) => (line[column] as string).length)),
  );
  for (const line of lines) {
    const cells = line.map((cell, column) => {
      const width = widths[column] as number;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    process.stdout.write(`${cells.join("  ")}\n`);
  }
}

/** Writes the verifier contracts, or with --check says which differ. */
function checkVerifiers(table: readonly Row[]): string[] {
  const drifted: string[] = [];
  for (const { name, verifier } of table) {
    const contract = verifierOf(name);
    if (contract === undefined || verifier === undefined) continue;
    const path = verifierPath(contract);
    if (currentText(path) === verifier) continue;
    const shown = relative(repositoryRoot, path);
    if (options.check) {
      drifted.push(`drifted from the key of ${name}: ${shown}. Run \`npm run build:keys\` and commit the result`);
    } else {
      writeFileSync(path, verifier);
      process.stdout.write(`wrote ${shown}\n`);
    }
  }
  return drifted;
}

function checkCounts(table: readonly Row[]): string[] {
  const counts = Object.fromEntries(table.map(({ name, constraints }) => [name, constraints]));
  if (options.update) {
    writeConstraints(counts);
    return [];
  }
  return compareConstraints(counts).map((problem) => `${problem}: run \`npm run build:keys -- --update\` if meant`);
}

function currentText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
