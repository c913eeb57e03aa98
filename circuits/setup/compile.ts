import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { replaceDirectory } from "./directory.ts";
import { withLock } from "./lock.ts";
import { hashSources, reachableSources, sha256 } from "./sources.ts";

/** O2 for what is shipped; O0 and O1 keep the signals that a test of tampering wants to change. */
export type OptimisationLevel = "O0" | "O1" | "O2";

export type CompileRequest = {
  /** absolute path of a circom file with a `main`, inside the repository: the compiler finds no includes elsewhere */
  readonly source: string;
  /** directory that gets the directory of this circuit */
  readonly into: string;
  readonly level: OptimisationLevel;
};

export type CompiledCircuit = {
  readonly name: string;
  readonly r1cs: string;
  readonly wasm: string;
  readonly sym: string;
  /** SHA-256 of the r1cs file: the circuit's identity, whatever it was compiled from */
  readonly circuitHash: string;
  /** the compiler ran; false when an earlier result was still good */
  readonly fresh: boolean;
};

export class CircuitNotCompiled extends Error {
  override name = "CircuitNotCompiled";
  constructor(source: string, outcome: string, output: string) {
    super(`circom ended with ${outcome} on ${source}, expected code 0. Correct what it says:\n${output.trim()}`);
  }
}

export const repositoryRoot = join(import.meta.dirname, "../..");
/** Real directories: the compiler follows no link out of the repository. */
const includePaths = [join(repositoryRoot, "circuits"), join(repositoryRoot, "node_modules")];
const require = createRequire(import.meta.url);

/**
 * Compiles a circuit unless its sources, its compiler and its options are those of the last time.
 * Safe to call from several processes at once and to kill.
 * @throws CircuitNotCompiled, IncludeNotFound
 */
export async function compileCircuit({ source, into, level }: CompileRequest): Promise<CompiledCircuit> {
  const name = basename(source, ".circom");
  const directory = join(into, level === "O2" ? name : `${name}-${level}`);
  const inputHash = inputHashOf(source, level);
  return withLock(`${directory}.lock`, async () => {
    const cached = readCompiled(directory, name, inputHash);
    if (cached !== undefined) return cached;
    await replaceDirectory(directory, async (temporary) => {
      await runCompiler(source, level, temporary);
      renameSync(join(temporary, `${name}_js`, `${name}.wasm`), join(temporary, `${name}.wasm`));
      rmSync(join(temporary, `${name}_js`), { recursive: true });
      if (inputHashOf(source, level) !== inputHash) {
        throw new CircuitNotCompiled(source, "code 0", "a source changed meanwhile: compile again");
      }
      const circuitHash = sha256(readFileSync(join(temporary, `${name}.r1cs`)));
      writeFileSync(join(temporary, "manifest.json"), `${JSON.stringify({ inputHash, circuitHash }, null, 2)}\n`);
    });
    const compiled = readCompiled(directory, name, inputHash);
    if (compiled === undefined) throw new CircuitNotCompiled(source, "no result", `nothing in ${directory}`);
    return { ...compiled, fresh: true };
  });
}

function inputHashOf(source: string, level: OptimisationLevel): string {
  const { version } = require("circom2/package.json") as { version: string };
  const sources = hashSources(reachableSources(source, includePaths));
  return sha256(["circom2", version, level, sources].join("\n"));
}

function readCompiled(directory: string, name: string, inputHash: string): CompiledCircuit | undefined {
  const manifest = readJson(join(directory, "manifest.json")) as
    | { inputHash?: string; circuitHash?: string }
    | undefined;
  if (manifest?.inputHash !== inputHash || manifest.circuitHash === undefined) return undefined;
  const file = (extension: string): string => join(directory, `${name}.${extension}`);
  const { circuitHash } = manifest;
  return { name, r1cs: file("r1cs"), wasm: file("wasm"), sym: file("sym"), circuitHash, fresh: false };
}

/** A JSON file's value; undefined when there is no file. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** In a process of its own: the compiler is WebAssembly that runs to the end without giving way. */
function runCompiler(source: string, level: OptimisationLevel, into: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  const libraries = includePaths.flatMap((path) => ["-l", path]);
  const outputs = ["--r1cs", "--wasm", "--sym", `--${level}`];
  const compiler = require.resolve("circom2/cli.js");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [compiler, source, ...outputs, ...libraries, "-o", into], {
      cwd: repositoryRoot,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const endWithUs = (): boolean => child.kill();
    process.once("exit", endWithUs);
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("exit", endWithUs);
      if (code === 0) resolve();
      else reject(new CircuitNotCompiled(source, signal ?? `code ${code}`, output));
    });
  });
}
