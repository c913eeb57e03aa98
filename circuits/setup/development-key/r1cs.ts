import { readFileSync } from "node:fs";
import { GROUP_ORDER } from "./engine.ts";

/** A compiled circuit: what its r1cs file says. */
export type R1cs = {
  readonly wires: number;
  /** outputs and public inputs, without the constant one */
  readonly publicWires: number;
  readonly constraints: number;
  /** terms of A and B, the coefficients a zkey holds */
  readonly terms: number;
  /** the file's constraints as they are; shared, so that threads can read them */
  readonly constraintBytes: Uint8Array<SharedArrayBuffer>;
};

export class R1csNotReadable extends Error {
  override name = "R1csNotReadable";
  constructor(path: string, found: string, expected: string) {
    super(`${path}: ${found}, expected ${expected}. Compile the circuit again with \`npm run build:keys\`.`);
  }
}

const HEADER = 1;
const CONSTRAINTS = 2;

/** The number of constraints, from the file's header alone. @throws R1csNotReadable */
export function readR1cs(path: string): R1cs {
  const file = readFileSync(path);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 12 || file.toString("latin1", 0, 4) !== "r1cs" || view.getUint32(4, true) !== 1) {
    throw new R1csNotReadable(path, "no r1cs file of version 1", "what circom 2.2 writes");
  }
  const sections = new Map<number, { at: number; size: number }>();
  let at = 12;
  for (let index = 0; index < view.getUint32(8, true); index++) {
    const size = Number(view.getBigUint64(at + 4, true));
    sections.set(view.getUint32(at, true), { at: at + 12, size });
    at += 12 + size;
  }
  const header = sections.get(HEADER);
  const constraintSection = sections.get(CONSTRAINTS);
  if (header === undefined || constraintSection === undefined || at !== file.length) {
    throw new R1csNotReadable(
      path,
      `${file.length} bytes with ${sections.size} sections`,
      "header and constraints, whole",
    );
  }
  const fieldBytes = view.getUint32(header.at, true);
  let prime = 0n;
  for (let byte = fieldBytes - 1; byte >= 0; byte--) prime = (prime << 8n) | BigInt(file[header.at + 4 + byte] ?? 0);
  if (prime !== GROUP_ORDER) throw new R1csNotReadable(path, `field of ${prime}`, "the scalar field of bn128");
  const rest = header.at + 4 + fieldBytes;
  const constraints = view.getUint32(rest + 24, true);

  const constraintBytes = new Uint8Array(new SharedArrayBuffer(constraintSection.size));
  constraintBytes.set(file.subarray(constraintSection.at, constraintSection.at + constraintSection.size));
  return {
    wires: view.getUint32(rest, true),
    publicWires: view.getUint32(rest + 4, true) + view.getUint32(rest + 8, true),
    constraints,
    terms: countTerms(constraintBytes, constraints),
    constraintBytes,
  };
}

function countTerms(bytes: Uint8Array, constraints: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let terms = 0;
  let at = 0;
  for (let constraint = 0; constraint < constraints; constraint++) {
    for (let matrix = 0; matrix < 3; matrix++) {
      const count = view.getUint32(at, true);
      if (matrix < 2) terms += count;
      at += 4 + count * 36;
    }
  }
  return terms;
}
