import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CircuitName, verifierOf } from "./circuits.ts";
import { repositoryRoot } from "./compile.ts";
import { sha256 } from "./sources.ts";

/** A verification key that no verifier contract of this repository has. */
export class KeyNotShipped extends Error {
  override name = "KeyNotShipped";
  constructor(circuit: string, found: string, shipped: string) {
    super(
      `the verification key of ${circuit} has the hash ${found}; the verifier contract has ${shipped}: ` +
        "whoever brings their own key can prove anything; prove with the key of `npm run build:keys`",
    );
  }
}

/**
 * Refuses a verification key other than the one in the circuit's committed verifier contract.
 * @throws KeyNotShipped
 */
export function checkShippedKey(circuit: CircuitName, verificationKey: object): void {
  const contract = verifierOf(circuit);
  const source = readFileSync(join(repositoryRoot, "contracts/generated", `${contract}.sol`), "utf8");
  const [, shipped = "none"] = /function keyHash\(\)[^{]*{\s*return 0x([0-9a-f]{64});/.exec(source) ?? [];
  const found = sha256(`${JSON.stringify(verificationKey, null, 2)}\n`);
  if (found !== shipped) throw new KeyNotShipped(circuit, found, shipped);
}
