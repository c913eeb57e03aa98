/** The part of snarkjs 0.7.6 that the prover uses; the package ships no declarations. */
declare module "snarkjs" {
  type SnarkjsProof = import("./proof.ts").SnarkjsProof;
  export type MemoryFile = { type: "mem"; data?: Uint8Array };
  export const wtns: {
    calculate(input: object, wasm: string | Uint8Array, witness: string | MemoryFile): Promise<void>;
  };
  export const groth16: {
    prove(
      zkey: string | Uint8Array,
      witness: string | MemoryFile,
    ): Promise<{ proof: SnarkjsProof; publicSignals: string[] }>;
    verify(verificationKey: object, publicSignals: string[], proof: SnarkjsProof): Promise<boolean>;
  };
}
