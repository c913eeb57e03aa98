/** The part of snarkjs 0.7.6 that the setup uses; the package ships no declarations. */
declare module "snarkjs" {
  export const zKey: {
    exportSolidityVerifier(zkey: string, templates: { readonly groth16: string }): Promise<string>;
  };
}
