/// <reference path="../../circuits/setup/ffjavascript.d.ts" />
/** The small circuit of `fixtures/ledger.circom`, its keys, and the same keys as snarkjs makes them. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ChaCha, type Curve } from "ffjavascript";
import { curves, powersOfTau, zKey } from "snarkjs";
import { type CompiledCircuit, compileCircuit, repositoryRoot } from "../../circuits/setup/compile.ts";
import { buildCurveProgram } from "../../circuits/setup/development-key/curve-program.ts";
import { makeKey } from "../../circuits/setup/development-key/make.ts";
import { Pool } from "../../circuits/setup/development-key/pool.ts";
import { readR1cs } from "../../circuits/setup/development-key/r1cs.ts";
import type { Trapdoor } from "../../circuits/setup/development-key/trapdoor.ts";

export const ledgerSource = join(import.meta.dirname, "fixtures/ledger.circom");

/** What the circuit's public signals are: two outputs, two public inputs. */
export const LEDGER_PUBLIC_INPUTS = 4;
export const ledgerInput = { rate: 5, unused: 9, deposits: Array.from({ length: 20 }, (_, index) => 17 * index + 1) };

/** Inside the repository, where the compiler finds includes. */
export function temporaryDirectory(): string {
  const parent = join(repositoryRoot, "build/tests");
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, "keys-"));
}

/** O1 keeps a linear constraint. */
export const compileLedger = (into: string): Promise<CompiledCircuit> =>
  compileCircuit({ source: ledgerSource, into, level: "O1" });

export async function keyFromTrapdoor(r1cs: string, trapdoor: Trapdoor, to: string, threads = 2): Promise<string> {
  const { curve, program } = await buildCurveProgram();
  const pool = new Pool(threads, program);
  try {
    await makeKey(readR1cs(r1cs), trapdoor, "test", to, { curve, pool });
  } finally {
    await pool.close();
  }
  return to;
}

/** A file's sections by number. */
export function sectionsOf(path: string): Map<number, Buffer> {
  const file = readFileSync(path);
  const sections = new Map<number, Buffer>();
  for (let at = 12; at < file.length; ) {
    const size = Number(file.readBigUInt64LE(at + 4));
    sections.set(file.readUInt32LE(at), file.subarray(at + 12, at + 12 + size));
    at += 12 + size;
  }
  return sections;
}

export type Ceremony = {
  readonly trapdoor: Trapdoor;
  readonly ptau: string;
  /** before any phase-2 contribution: γ = δ */
  readonly uncontributed: string;
  readonly final: string;
};

/**
 * One more than the circuit's domain of 2⁶: at their top power, powers of tau end one short of the doubled domain, and
 * snarkjs then takes the missing one as zero. Proofs never need it, but the H points of the key would not compare.
 */
const POWER = 7;
const BEACON_ITERATIONS = 10;
const [PHASE_1_BEACON, PHASE_2_BEACON] = ["01".repeat(32), "02".repeat(32)];

/**
 * A whole setup by snarkjs, phase 1 included, whose only contributions are beacons. What a beacon contributes follows
 * from its published value, so here the trapdoor of a snarkjs key is known.
 */
export async function snarkjsCeremony(r1cs: string, directory: string): Promise<Ceremony> {
  const file = (name: string): string => join(directory, name);
  const curve = await curves.getCurveFromName("bn128");
  await powersOfTau.newAccumulator(curve, POWER, file("new.ptau"));
  await powersOfTau.beacon(file("new.ptau"), file("beacon.ptau"), "test", PHASE_1_BEACON, BEACON_ITERATIONS);
  await powersOfTau.preparePhase2(file("beacon.ptau"), file("final.ptau"));
  await zKey.newZKey(r1cs, file("final.ptau"), file("uncontributed.zkey"));
  await zKey.beacon(file("uncontributed.zkey"), file("final.zkey"), "test", PHASE_2_BEACON, BEACON_ITERATIONS);
  const [tau, alpha, beta] = fieldElements(curve, PHASE_1_BEACON, 3) as [bigint, bigint, bigint];
  const [delta] = fieldElements(curve, PHASE_2_BEACON, 1) as [bigint];
  return {
    trapdoor: { tau, alpha, beta, delta },
    ptau: file("final.ptau"),
    uncontributed: file("uncontributed.zkey"),
    final: file("final.zkey"),
  };
}

/** The secrets a beacon stands for: SHA-256 of it 2^iterations times seeds a generator that draws them in order. */
function fieldElements(curve: Curve, beacon: string, count: number): bigint[] {
  let hash: Buffer = Buffer.from(beacon, "hex");
  for (let round = 0; round < 2 ** BEACON_ITERATIONS; round++) hash = createHash("sha256").update(hash).digest();
  const generator = new ChaCha(Array.from({ length: 8 }, (_, index) => hash.readUInt32BE(4 * index)));
  return Array.from({ length: count }, () => curve.Fr.toObject(curve.Fr.fromRng(generator)));
}

/** Ends the threads that snarkjs keeps. */
export async function releaseSnarkjs(): Promise<void> {
  await (globalThis as { curve_bn128?: { terminate(): Promise<void> } | null }).curve_bn128?.terminate();
}
