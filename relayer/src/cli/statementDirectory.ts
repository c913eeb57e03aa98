import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CIRCUITS, type CircuitName, publicInputsOf, type Statement } from "@equipoise/sdk";
import { type Proof, proofFromSnarkjs, proofToSnarkjs } from "@equipoise/sdk/prover";
import { toJson } from "./commandLine.ts";

/** A statement with its proof and the key it is checked with, as `equipoise prove` leaves them in a directory. */
export type ProvenDirectory = {
  readonly circuit: CircuitName;
  readonly words: readonly bigint[];
  readonly commitment: bigint;
  readonly proof: Proof;
  /** as snarkjs reads them */
  readonly publicSignals: readonly bigint[];
  readonly verificationKey: object;
};

const FILES = ["statement.json", "proof.json", "public.json", "vkey.json"] as const;

/** A file of a proven directory that is missing or does not say what it should. */
export class ProvenDirectoryUnreadable extends Error {
  override name = "ProvenDirectoryUnreadable";
  constructor(path: string, fact: string) {
    super(`${path} ${fact}; a directory made by \`equipoise prove\` has ${FILES.join(", ")}: prove again`);
  }
}

/** Something that is not one of our directories stands where a proof should go. */
export class OutputOccupied extends Error {
  override name = "OutputOccupied";
  constructor(path: string) {
    super(`${path} exists and holds something other than a proof; nothing is overwritten: choose another --out`);
  }
}

/**
 * Writes the four files, all or none: into a directory beside the target that then takes its name. A former proof is
 * replaced, anything else is left alone.
 */
export function writeProvenDirectory(
  out: string,
  statement: Statement,
  proof: Proof,
  verificationKey: object,
): readonly string[] {
  const target = resolve(out);
  const staging = `${target}.${process.pid}.partial`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(dirname(target), { recursive: true });
  mkdirSync(staging);
  const contents = [statement, proofToSnarkjs(proof), publicInputsOf(statement), verificationKey];
  try {
    FILES.forEach((name, place) => {
      writeFileSync(join(staging, name), `${toJson(contents[place])}\n`);
    });
    replace(staging, target);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return FILES.map((name) => join(out, name));
}

function replace(staging: string, target: string): void {
  try {
    renameSync(staging, target); // succeeds where nothing, or an empty directory, stands there
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOTDIR") throw error;
    try {
      readProvenDirectory(target);
    } catch {
      throw new OutputOccupied(target);
    }
    const former = `${staging}.former`;
    renameSync(target, former);
    renameSync(staging, target);
    rmSync(former, { recursive: true });
  }
}

/** Reads the four files; every number is checked to be one, nothing is believed yet. */
export function readProvenDirectory(directory: string): ProvenDirectory {
  const read = (name: (typeof FILES)[number]): unknown => {
    const path = join(directory, name);
    try {
      return JSON.parse(readFileSync(path, "utf8"));
    } catch (error) {
      throw new ProvenDirectoryUnreadable(path, error instanceof SyntaxError ? "is not JSON" : "cannot be read");
    }
  };
  const [statement, proof, publicSignals, verificationKey] = FILES.map(read);
  const at = (name: (typeof FILES)[number], fact: string) => new ProvenDirectoryUnreadable(join(directory, name), fact);

  if (!isRecord(statement)) throw at("statement.json", "is not an object");
  const circuit = CIRCUITS.find((name) => name === statement.circuit);
  if (circuit === undefined) throw at("statement.json", `names the circuit ${JSON.stringify(statement.circuit)}`);
  const words = integers(statement.words);
  const [commitment] = integers([statement.commitment]) ?? [];
  if (words === undefined || commitment === undefined) throw at("statement.json", "has a word that is no integer");
  const signals = integers(publicSignals);
  if (signals === undefined) throw at("public.json", "is not a list of integers");
  if (!isRecord(verificationKey)) throw at("vkey.json", "is not an object");
  try {
    const parsed = proofFromSnarkjs(proof as Parameters<typeof proofFromSnarkjs>[0]);
    return { circuit, words, commitment, proof: parsed, publicSignals: signals, verificationKey };
  } catch {
    throw at("proof.json", "is not a Groth16 proof");
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Non-negative integers written as decimal strings. */
function integers(value: unknown): bigint[] | undefined {
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === "string" && /^\d{1,100}$/.test(entry))) {
    return undefined;
  }
  return value.map(BigInt);
}
