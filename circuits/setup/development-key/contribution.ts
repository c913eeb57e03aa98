import { createHash } from "node:crypto";
import { ChaCha, type Curve } from "ffjavascript";
import { hashToField, type Trapdoor } from "./trapdoor.ts";

/** What every development key says of itself in its one phase-2 contribution. */
export const DEVELOPMENT_NAME = "DEVELOPMENT KEY, trapdoor public";
const NAME_PARAMETER = 1;

/**
 * Section 10 of a zkey: a circuit hash and one contribution, from δ = 1 to δ. The contribution proves knowledge of δ
 * the way snarkjs's contributions do, so its tools read and print it. The circuit hash is not snarkjs's: that one
 * hashes points of the powers of tau, and there are none here. `zkey verify` therefore refuses the key, as it should.
 */
export function contributionSection(curve: Curve, circuitHash: string, delta: Trapdoor["delta"]): Uint8Array {
  const { Fr, G1, G2 } = curve;
  const key = Fr.e(delta);
  const g1 = (point: Uint8Array) => G1.toAffine(point);
  const g1s = g1(G1.timesFr(G1.g, Fr.e(hashToField(circuitHash, "contribution"))));
  const g1sx = g1(G1.timesFr(g1s, key));
  const csHash = createHash("blake2b512").update(`${DEVELOPMENT_NAME}\n${circuitHash}`).digest();
  const transcript = createHash("blake2b512")
    .update(csHash)
    .update(uncompressed(curve, g1s))
    .update(uncompressed(curve, g1sx))
    .digest();
  const seed = Array.from({ length: 8 }, (_, index) => transcript.readUInt32BE(4 * index));
  const g2spx = G2.toAffine(G2.timesFr(G2.fromRng(new ChaCha(seed)), key));
  const name = Buffer.from(DEVELOPMENT_NAME, "utf8");
  return Buffer.concat([
    csHash,
    uint32(1),
    g1(G1.timesFr(G1.g, key)),
    g1s,
    g1sx,
    g2spx,
    transcript,
    uint32(0),
    uint32(name.length + 2),
    Buffer.from([NAME_PARAMETER, name.length]),
    name,
  ]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uncompressed({ G1 }: Curve, point: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(64);
  G1.toRprUncompressed(bytes, 0, point);
  return bytes;
}
