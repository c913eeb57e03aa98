/**
 * @equipoise/sdk/prover: makes and checks Groth16 proofs of statements with snarkjs, in Node and in browsers. Keys and witness
 * programs are given as bytes, as a URL, or in Node as a path.
 */
export { ArtifactNotFetched, type ArtifactSource, type Artifacts } from "./artifacts.ts";
export { type Proof, proofFromSnarkjs, proofToSnarkjs, type SnarkjsProof } from "./proof.ts";
export { type ProvenStatement, PublicInputsDiffer, prove, releaseProver, StatementNotProvable } from "./prove.ts";
export { verify } from "./verify.ts";
