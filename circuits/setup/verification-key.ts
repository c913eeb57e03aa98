import { closeSync, openSync, readSync } from "node:fs";
import type { Curve } from "ffjavascript";

type Decimal = string;
/** Projective coordinates; the last is 1, or 0 at infinity. */
export type G1Point = readonly Decimal[];
export type G2Point = readonly (readonly Decimal[])[];

/** A Groth16 verification key as snarkjs writes it. */
export type VerificationKey = {
  readonly protocol: "groth16";
  readonly curve: "bn128";
  readonly nPublic: number;
  readonly vk_alpha_1: G1Point;
  readonly vk_beta_2: G2Point;
  readonly vk_gamma_2: G2Point;
  readonly vk_delta_2: G2Point;
  readonly vk_alphabeta_12: unknown;
  readonly IC: readonly G1Point[];
};

/** What a proving key says about itself, read without loading its points. */
export type KeySummary = {
  readonly verificationKey: VerificationKey;
  readonly wires: number;
  readonly domainSize: number;
  /** names of the phase-2 contributions; empty where a contribution has none */
  readonly contributions: readonly string[];
};

export class ProvingKeyNotReadable extends Error {
  override name = "ProvingKeyNotReadable";
  constructor(path: string, found: string) {
    super(`${path}: ${found}, expected a whole Groth16 zkey of version 1. Make it again with \`npm run build:keys\`.`);
  }
}

const [PROTOCOL, HEADER, IC, CONTRIBUTIONS] = [1, 2, 3, 10];
const G1_BYTES = 64;
const G2_BYTES = 128;
/** Bytes of a contribution before its parameters: delta, three points of proof, transcript, type. */
const CONTRIBUTION_BYTES = 3 * G1_BYTES + G2_BYTES + 64 + 4;
const NAME_PARAMETER = 1;

/** Reads the verification key and the contributions out of a zkey. @throws ProvingKeyNotReadable */
export async function readKeySummary(path: string, curve: Curve): Promise<KeySummary> {
  const file = openSync(path, "r");
  try {
    const section = sectionsOf(file, path);
    if (section(PROTOCOL).readUInt32LE() !== 1) throw new ProvingKeyNotReadable(path, "not of protocol Groth16");
    const header = section(HEADER);
    const fieldBytes = header.readUInt32LE(0);
    const numbers = 8 + 2 * fieldBytes;
    const points = numbers + 12;
    const at = (offset: number, size: number): Uint8Array =>
      Uint8Array.prototype.slice.call(header, points + offset, points + offset + size);
    const alpha1 = at(0, G1_BYTES);
    const beta2 = at(2 * G1_BYTES, G2_BYTES);
    const gamma2 = at(2 * G1_BYTES + G2_BYTES, G2_BYTES);
    const delta2 = at(3 * G1_BYTES + 2 * G2_BYTES, G2_BYTES);
    const ic = section(IC);
    const inputPoints = Array.from({ length: ic.length / G1_BYTES }, (_, index) =>
      Uint8Array.prototype.slice.call(ic, index * G1_BYTES, (index + 1) * G1_BYTES),
    );
    const { G1, G2, Gt } = curve;
    const verificationKey = decimal({
      protocol: "groth16",
      curve: "bn128",
      nPublic: header.readUInt32LE(numbers + 4),
      vk_alpha_1: G1.toObject(alpha1),
      vk_beta_2: G2.toObject(beta2),
      vk_gamma_2: G2.toObject(gamma2),
      vk_delta_2: G2.toObject(delta2),
      vk_alphabeta_12: Gt.toObject(await curve.pairing(alpha1, beta2)),
      IC: inputPoints.map((point) => G1.toObject(point)),
    }) as VerificationKey;
    return {
      verificationKey,
      wires: header.readUInt32LE(numbers),
      domainSize: header.readUInt32LE(numbers + 8),
      contributions: contributionNames(section(CONTRIBUTIONS)),
    };
  } finally {
    closeSync(file);
  }
}

/** A reader of sections by number. */
function sectionsOf(file: number, path: string): (section: number) => Buffer {
  const read = (at: number, size: number): Buffer => {
    const bytes = Buffer.alloc(size);
    const got = readSync(file, bytes, 0, size, at);
    if (got !== size) throw new ProvingKeyNotReadable(path, `ends at byte ${at + got} of ${at + size}`);
    return bytes;
  };
  const start = read(0, 12);
  if (start.toString("latin1", 0, 4) !== "zkey") throw new ProvingKeyNotReadable(path, "no zkey file");
  const places = new Map<number, { at: number; size: number }>();
  let at = 12;
  for (let index = 0; index < start.readUInt32LE(8); index++) {
    const head = read(at, 12);
    const size = Number(head.readBigUInt64LE(4));
    places.set(head.readUInt32LE(0), { at: at + 12, size });
    at += 12 + size;
  }
  if (at > 0) read(at - 1, 1);
  return (section) => {
    const place = places.get(section);
    if (place === undefined) throw new ProvingKeyNotReadable(path, `no section ${section}`);
    return read(place.at, place.size);
  };
}

function contributionNames(section: Buffer): string[] {
  const names: string[] = [];
  let at = 64;
  const count = section.readUInt32LE(at);
  at += 4;
  for (let index = 0; index < count; index++) {
    const parameterBytes = section.readUInt32LE(at + CONTRIBUTION_BYTES);
    at += CONTRIBUTION_BYTES + 4;
    const named = parameterBytes > 2 && section[at] === NAME_PARAMETER;
    names.push(named ? section.toString("utf8", at + 2, at + 2 + (section[at + 1] as number)) : "");
    at += parameterBytes;
  }
  return names;
}

/** Numbers of any depth as decimal strings, the way snarkjs writes keys. */
function decimal(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(decimal);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decimal(inner)]));
  }
  return value;
}
