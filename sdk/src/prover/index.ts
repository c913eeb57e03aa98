export { type Proof, proofFromSnarkjs, proofToSnarkjs } from "./proof.ts";
export { type Artifacts, type ProvenStatement, prove, releaseProver, StatementNotProvable } from "./prove.ts";
export { verify } from "./verify.ts";
