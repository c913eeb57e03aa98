export { type Artifacts, type ProvenStatement, prove, releaseProver, StatementNotProvable } from "./prove.ts";
export { type Proof, proofFromSnarkjs, proofToSnarkjs } from "./proof.ts";
export { verify } from "./verify.ts";
