/** The part of snarkjs 0.7.6 that the tests of key making use; the package ships no declarations. */
declare module "snarkjs" {
  import type { Curve } from "ffjavascript";

  type Logger = Record<"debug" | "info" | "warn" | "error", (message: string) => void>;
  export type SnarkjsProof = {
    pi_a: unknown;
    pi_b: unknown;
    pi_c: unknown;
    protocol: string;
    curve: string;
  };
  export const groth16: {
    fullProve(input: object, wasm: string, zkey: string): Promise<{ proof: SnarkjsProof; publicSignals: string[] }>;
    verify(verificationKey: object, publicSignals: readonly string[], proof: SnarkjsProof): Promise<boolean>;
  };
  export const powersOfTau: {
    newAccumulator(curve: Curve, power: number, to: string): Promise<Uint8Array>;
    beacon(from: string, to: string, name: string, beacon: string, iterations: number): Promise<Uint8Array>;
    preparePhase2(from: string, to: string): Promise<void>;
  };
  export const zKey: {
    newZKey(r1cs: string, ptau: string, to: string): Promise<Uint8Array>;
    beacon(from: string, to: string, name: string, beacon: string, iterations: number): Promise<Uint8Array>;
    verifyFromR1cs(r1cs: string, ptau: string, zkey: string, logger?: Logger): Promise<boolean>;
    exportVerificationKey(zkey: string): Promise<object>;
  };
  export const curves: { getCurveFromName(name: "bn128"): Promise<Curve> };
}
