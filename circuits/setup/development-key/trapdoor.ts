import { createHash } from "node:crypto";
import { GROUP_ORDER } from "./engine.ts";

/** The secret that a ceremony destroys and a development key does not keep secret: whoever has it forges proofs. */
export type Trapdoor = {
  readonly tau: bigint;
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly delta: bigint;
};

/** Public on purpose. Changing it changes every development key. */
const SEED = "Equipoise development key, trapdoor public, never for real value";

/** The trapdoor of a circuit: the same circuit has the same key on every machine. */
export function trapdoorOf(circuitHash: string): Trapdoor {
  return {
    tau: hashToField(circuitHash, "tau"),
    alpha: hashToField(circuitHash, "alpha"),
    beta: hashToField(circuitHash, "beta"),
    delta: hashToField(circuitHash, "delta"),
  };
}

/** 512 bits reduced modulo r: the remainder is uniform to 2⁻²⁵⁸. */
export function hashToField(circuitHash: string, label: string): bigint {
  const digest = createHash("sha512").update(`${SEED}\n${circuitHash}\n${label}`).digest("hex");
  return BigInt(`0x${digest}`) % GROUP_ORDER;
}
