/** The compiled circuits and their keys, built when they are asked for. */
import { type CircuitName, circuitDirectory, keyDirectory, PUBLIC_INPUTS, sourceOf, verifierOf } from "./circuits.ts";
import { type CompiledCircuit, compileCircuit } from "./compile.ts";
import type { KeyMaker } from "./development-key/make.ts";
import { type CircuitKey, circuitKey, type KeyManifest, withKeyMaker } from "./keys.ts";
import type { VerificationKey } from "./verification-key.ts";

export { type CircuitName, circuitNames } from "./circuits.ts";
export {
  CircuitNotCompiled,
  type CompiledCircuit,
  type CompileRequest,
  compileCircuit,
  type OptimisationLevel,
} from "./compile.ts";
export { checkKey, type KeyFact, KeyRefused } from "./gate.ts";
export { KeyFilesDiffer, type KeyManifest } from "./keys.ts";
export { checkShippedKey, KeyNotShipped } from "./shipped-key.ts";
export type { VerificationKey } from "./verification-key.ts";

/** Paths of what proving and verifying need. */
export type CircuitArtifacts = {
  readonly wasm: string;
  readonly zkey: string;
  readonly vkey: string;
  readonly r1cs: string;
  readonly sym: string;
  readonly constraints: number;
  readonly verificationKey: VerificationKey;
  readonly manifest: KeyManifest;
};

export type BuiltCircuit = { readonly compiled: CompiledCircuit; readonly key: CircuitKey };

/** Compiles a circuit and makes its key, each unless it is there already. */
export async function buildCircuit(name: CircuitName, maker: () => Promise<KeyMaker>): Promise<BuiltCircuit> {
  const compiled = await compileCircuit({ source: sourceOf(name), into: circuitDirectory, level: "O2" });
  const verifier = verifierOf(name);
  return {
    compiled,
    key: await circuitKey({ compiled, into: keyDirectory, publicInputs: PUBLIC_INPUTS, verifier }, maker),
  };
}

/**
 * Where a circuit's artifacts are. Builds what is missing: up to a minute the first time. Processes that ask at once
 * build once.
 * @throws CircuitNotCompiled, KeyRefused, KeyFilesDiffer
 */
export async function circuitArtifacts(name: CircuitName): Promise<CircuitArtifacts> {
  const { compiled, key } = await withKeyMaker((maker) => buildCircuit(name, maker));
  const { wasm, r1cs, sym } = compiled;
  const { zkey, vkey, verificationKey, manifest } = key;
  return { wasm, r1cs, sym, zkey, vkey, verificationKey, manifest, constraints: manifest.constraints };
}

type FullCircuit = { [Name in CircuitName]: Name extends `${infer Circuit}_full` ? Circuit : never }[CircuitName];

/**
 * What proving these circuits needs, in the full size.
 * @throws what `circuitArtifacts` throws
 */
export async function fullArtifacts<Circuit extends FullCircuit>(
  circuits: readonly Circuit[],
): Promise<Record<Circuit, CircuitArtifacts>> {
  const artifacts: Partial<Record<Circuit, CircuitArtifacts>> = {};
  for (const circuit of circuits) artifacts[circuit] = await circuitArtifacts(`${circuit}_full`);
  return artifacts as Record<Circuit, CircuitArtifacts>;
}
