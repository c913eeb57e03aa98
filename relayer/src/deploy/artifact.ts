import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Abi, Hex } from "viem";

/** A compiled contract. */
export type Artifact = { readonly name: string; readonly abi: Abi; readonly bytecode: Hex };

/** A contract has not been compiled, or its package is not installed. */
export class ArtifactNotFound extends Error {
  override name = "ArtifactNotFound";
  constructor(contract: string, path: string, remedy: string) {
    super(`${contract} has no compiled code at ${path}; ${remedy}`);
  }
}

/** A contract's code has places for the addresses of libraries. */
export class ArtifactNotLinked extends Error {
  override name = "ArtifactNotLinked";
  constructor(contract: string) {
    super(`${contract} needs libraries linked into its code; make them internal, nothing here links`);
  }
}

const require = createRequire(import.meta.url);
const forgeFolder = join(import.meta.dirname, "../../../build/contracts");

function checked(name: string, abi: Abi, bytecode: string): Artifact {
  if (!/^0x([0-9a-f]{2})+$/i.test(bytecode)) throw new ArtifactNotLinked(name);
  return { name, abi, bytecode: bytecode as Hex };
}

type ForgeFile = { abi: Abi; bytecode: { object: string }; deployedBytecode: { object: Hex } };

/** A contract of this repository, from what forge compiled. */
export function forgeArtifact(contract: string): Artifact {
  const { abi, bytecode } = forgeFile(contract);
  return checked(contract, abi, bytecode.object);
}

/** The code that a contract of this repository has on a chain; right where it has no immutable values. */
export const forgeRuntime = (contract: string): Hex => forgeFile(contract).deployedBytecode.object;

function forgeFile(contract: string): ForgeFile {
  const path = join(forgeFolder, `${contract}.sol`, `${contract}.json`);
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ForgeFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ArtifactNotFound(contract, path, "run npm run build:contracts");
  }
}

/** A contract from an npm package that ships its compiled code, by the path of its JSON file. */
export function packageArtifact(path: string): Artifact {
  const contract = path.slice(path.lastIndexOf("/") + 1, -".json".length);
  try {
    const read = require(path) as { abi: Abi; bytecode: string };
    return checked(contract, read.abi, read.bytecode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new ArtifactNotFound(contract, path, "run npm ci with development dependencies");
  }
}
