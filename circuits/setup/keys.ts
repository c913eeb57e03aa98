import { createHash } from "node:crypto";
import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type CompiledCircuit, readJson } from "./compile.ts";
import { buildCurveProgram } from "./development-key/curve-program.ts";
import { type KeyMaker, makeKey } from "./development-key/make.ts";
import { Pool } from "./development-key/pool.ts";
import { readR1cs } from "./development-key/r1cs.ts";
import { trapdoorOf } from "./development-key/trapdoor.ts";
import { replaceDirectory } from "./directory.ts";
import { checkKey } from "./gate.ts";
import { withLock } from "./lock.ts";
import { sha256 } from "./sources.ts";
import { readKeySummary, type VerificationKey } from "./verification-key.ts";
import { verifierSource } from "./verifier.ts";

/** Raised when the same circuit would get another key or verifier, so that none of an older making is taken for new. */
const KEY_VERSION = 1;

/** What a key is and what belongs to it. Hashes are SHA-256 of files. */
export type KeyManifest = {
  readonly circuit: string;
  readonly kind: "dev";
  readonly keyVersion: number;
  readonly contributions: readonly string[];
  readonly constraints: number;
  readonly wires: number;
  readonly publicInputs: number;
  readonly domainSize: number;
  readonly hashes: {
    readonly r1cs: string;
    readonly zkey: string;
    readonly vkey: string;
    /** of the Solidity verifier, where the circuit has one */
    readonly verifier?: string;
  };
};

export type CircuitKey = {
  readonly zkey: string;
  readonly vkey: string;
  readonly verificationKey: VerificationKey;
  readonly manifest: KeyManifest;
  readonly fresh: boolean;
};

export type KeyRequest = {
  readonly compiled: CompiledCircuit;
  /** directory that gets the directory of this key */
  readonly into: string;
  readonly publicInputs: number;
  /** name of the Solidity verifier, where there is one */
  readonly verifier: string | undefined;
};

export class KeyFilesDiffer extends Error {
  override name = "KeyFilesDiffer";
  constructor(file: string, found: string, expected: string) {
    super(
      `${file} has hash ${found}, its manifest says ${expected}: delete its directory and run \`npm run build:keys\``,
    );
  }
}

/**
 * The key of a compiled circuit, made when there is none yet. Every key passes the gate, old or new.
 * Safe to call from several processes at once and to kill.
 * @throws KeyFilesDiffer, KeyRefused
 */
export async function circuitKey(request: KeyRequest, maker: () => Promise<KeyMaker>): Promise<CircuitKey> {
  const { compiled, into } = request;
  const directory = join(into, `${compiled.name}-${compiled.circuitHash.slice(0, 16)}`);
  return withLock(`${directory}.lock`, async () => {
    const cached = await loadKey(directory, request);
    if (cached !== undefined) return cached;
    const started = await maker();
    await replaceDirectory(directory, (temporary) => writeKey(temporary, request, started));
    const made = await loadKey(directory, request);
    if (made === undefined)
      throw new TypeError(`the key just made in ${directory} has no manifest of version ${KEY_VERSION}`);
    return { ...made, fresh: true };
  });
}

/** Runs work that may make keys, with threads that start when the first key is made and end afterwards. */
export async function withKeyMaker<T>(work: (maker: () => Promise<KeyMaker>) => Promise<T>): Promise<T> {
  let maker: Promise<KeyMaker> | undefined;
  const start = async (): Promise<KeyMaker> => {
    const { curve, program } = await curveProgram();
    return { curve, pool: new Pool(availableParallelism(), program) };
  };
  try {
    return await work(() => {
      maker ??= start();
      return maker;
    });
  } finally {
    if (maker !== undefined) await (await maker).pool.close();
  }
}

let program: ReturnType<typeof buildCurveProgram> | undefined;
const curveProgram = (): ReturnType<typeof buildCurveProgram> => {
  program ??= buildCurveProgram();
  return program;
};

async function writeKey(directory: string, { compiled, publicInputs, verifier }: KeyRequest, maker: KeyMaker) {
  const file = (name: string): string => join(directory, name);
  const r1cs = readR1cs(compiled.r1cs);
  await makeKey(r1cs, trapdoorOf(compiled.circuitHash), compiled.circuitHash, file("key.zkey"), maker);
  const { verificationKey, contributions, domainSize } = await readKeySummary(file("key.zkey"), maker.curve);
  const vkey = `${JSON.stringify(verificationKey, null, 2)}\n`;
  writeFileSync(file("vkey.json"), vkey);
  const source = verifier && (await verifierSource(file("key.zkey"), verifier, sha256(vkey)));
  if (source) writeFileSync(file("verifier.sol"), source);
  const manifest: KeyManifest = {
    circuit: compiled.name,
    kind: "dev",
    keyVersion: KEY_VERSION,
    contributions,
    constraints: r1cs.constraints,
    wires: r1cs.wires,
    publicInputs,
    domainSize,
    hashes: {
      r1cs: compiled.circuitHash,
      zkey: await hashFile(file("key.zkey")),
      vkey: sha256(vkey),
      ...(source ? { verifier: sha256(source) } : {}),
    },
  };
  writeFileSync(file("manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** A key on disk, checked; undefined where there is none of this circuit and version. */
async function loadKey(directory: string, request: KeyRequest): Promise<CircuitKey | undefined> {
  const { compiled, publicInputs, verifier } = request;
  const manifest = readJson(join(directory, "manifest.json")) as KeyManifest | undefined;
  if (manifest?.keyVersion !== KEY_VERSION || manifest.hashes.r1cs !== compiled.circuitHash) return undefined;
  if ((verifier === undefined) !== (manifest.hashes.verifier === undefined)) return undefined;
  const files = { zkey: "key.zkey", vkey: "vkey.json", verifier: "verifier.sol" } as const;
  for (const [kind, name] of Object.entries(files) as [keyof typeof files, string][]) {
    const expected = manifest.hashes[kind];
    if (expected === undefined) continue;
    const found = await hashFile(join(directory, name));
    if (found !== expected) throw new KeyFilesDiffer(join(directory, name), found, expected);
  }
  const zkey = join(directory, "key.zkey");
  const vkey = join(directory, "vkey.json");
  const { curve } = await curveProgram();
  const summary = await readKeySummary(zkey, curve);
  checkKey(summary, publicInputs);
  const verificationKey = JSON.parse(readFileSync(vkey, "utf8")) as VerificationKey;
  checkKey({ verificationKey, contributions: summary.contributions }, publicInputs);
  return { zkey, vkey, verificationKey, manifest, fresh: false };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}
