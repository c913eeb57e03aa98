import { closeSync, openSync, writeSync } from "node:fs";
import type { Curve } from "ffjavascript";
import { contributionSection, uint32 } from "./contribution.ts";
import { FIELD_BYTES, GROUP_ORDER, type GroupName, POINT_BYTES, scalarBytes } from "./engine.ts";
import { bestWindowBits, tableBytes, windowCount } from "./fixed-base.ts";
import type { Pool } from "./pool.ts";
import { domainSizeOf } from "./qap.ts";
import type { R1cs } from "./r1cs.ts";
import type { Trapdoor } from "./trapdoor.ts";

type Shared = Uint8Array<SharedArrayBuffer>;

/** q, the field of the curve's coordinates. */
const COORDINATE_FIELD = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
/** Points of one task: long enough that handing it over is nothing, short enough to keep all threads busy to the end. */
const TASK_POINTS = 4_096;
const GROTH16 = 1;

/** A curve for single points, threads for many. */
export type KeyMaker = { readonly curve: Curve; readonly pool: Pool };

/** The largest piece handed to the file system at once. */
const WRITE_BYTES = 1 << 26;

/**
 * Writes a Groth16 proving key for a circuit straight from a trapdoor, as a zkey that snarkjs reads.
 * @param circuitHash names the circuit in the key's contribution
 */
export async function makeKey(
  r1cs: R1cs,
  trapdoor: Trapdoor,
  circuitHash: string,
  path: string,
  { curve, pool }: KeyMaker,
): Promise<void> {
  const sections = await keySections(r1cs, trapdoor, circuitHash, pool, curve);
  const file = openSync(path, "wx");
  const write = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(WRITE_BYTES, bytes.length - at));
  };
  try {
    write(Buffer.concat([Buffer.from("zkey", "latin1"), uint32(1), uint32(sections.length)]));
    sections.forEach((parts, index) => {
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(parts.reduce((sum, part) => sum + part.length, 0)));
      write(Buffer.concat([uint32(index + 1), size]));
      for (const part of parts) write(part);
    });
  } finally {
    closeSync(file);
  }
}

/** Sections 1 to 10 of a zkey, each in pieces. */
async function keySections(
  r1cs: R1cs,
  trapdoor: Trapdoor,
  circuitHash: string,
  pool: Pool,
  curve: Curve,
): Promise<readonly (readonly Uint8Array[])[]> {
  const domainSize = domainSizeOf(r1cs);
  const evaluated = pool.run({ kind: "evaluate", r1cs, trapdoor });
  const g1Table = await Promise.all([evaluated, buildTable(pool, "g1", 2 * r1cs.wires + domainSize)]);
  const scalars = await evaluated;
  if (scalars === undefined) throw new TypeError("evaluating the constraints gave no scalars");
  const g1 = g1Table[1];
  const g2 = buildTable(pool, "g2", countNonZero(scalars.b));
  const [ic, a, b1, c, h, b2] = await Promise.all([
    multiply(pool, "g1", await g1, scalars.ic),
    multiply(pool, "g1", g1, scalars.a),
    multiply(pool, "g1", g1, scalars.b),
    multiply(pool, "g1", g1, scalars.c),
    multiply(pool, "g1", g1, scalars.h),
    g2.then((table) => multiply(pool, "g2", table, scalars.b)),
  ]);
  return [
    [uint32(GROTH16)],
    [header(curve, r1cs, domainSize, trapdoor)],
    [ic],
    [uint32(scalars.coefficients.length / 44), scalars.coefficients],
    [a],
    [b1],
    [b2],
    [c],
    [h],
    [contributionSection(curve, circuitHash, trapdoor.delta)],
  ];
}

function header(curve: Curve, r1cs: R1cs, domainSize: number, { alpha, beta, delta }: Trapdoor): Uint8Array {
  const { Fr, G1, G2 } = curve;
  const g1 = (scalar: bigint): Uint8Array => G1.toAffine(G1.timesFr(G1.g, Fr.e(scalar)));
  const g2 = (scalar: bigint): Uint8Array => G2.toAffine(G2.timesFr(G2.g, Fr.e(scalar)));
  return Buffer.concat([
    uint32(FIELD_BYTES),
    scalarBytes(COORDINATE_FIELD),
    uint32(FIELD_BYTES),
    scalarBytes(GROUP_ORDER),
    uint32(r1cs.wires),
    uint32(r1cs.publicWires),
    uint32(domainSize),
    g1(alpha),
    g1(beta),
    g2(beta),
    g2(1n), // γ
    g1(delta),
    g2(delta),
  ]);
}

type Table = { readonly windowBits: number; readonly bytes: Shared };

const share = (bytes: number): Shared => new Uint8Array(new SharedArrayBuffer(bytes));

async function buildTable(pool: Pool, group: GroupName, scalars: number): Promise<Table> {
  const windowBits = bestWindowBits(scalars);
  const table = share(tableBytes(group, windowBits));
  const positions = Array.from({ length: windowCount(windowBits) }, (_, position) => position);
  await Promise.all(positions.map((position) => pool.run({ kind: "window", group, windowBits, position, table })));
  return { windowBits, bytes: table };
}

async function multiply(pool: Pool, group: GroupName, table: Table, scalars: Uint8Array): Promise<Uint8Array> {
  const count = scalars.length / FIELD_BYTES;
  const shared = share(scalars.length);
  shared.set(scalars);
  const points = share(count * POINT_BYTES[group]);
  const tasks: Promise<unknown>[] = [];
  for (let from = 0; from < count; from += TASK_POINTS) {
    const to = Math.min(count, from + TASK_POINTS);
    const { windowBits, bytes } = table;
    tasks.push(pool.run({ kind: "multiply", group, windowBits, table: bytes, scalars: shared, from, to, points }));
  }
  await Promise.all(tasks);
  return points;
}

function countNonZero(scalars: Uint8Array): number {
  const words = new BigUint64Array(scalars.buffer, scalars.byteOffset, scalars.length / 8);
  let count = 0;
  for (let at = 0; at < words.length; at += 4)
    if (words[at] || words[at + 1] || words[at + 2] || words[at + 3]) count++;
  return count;
}
