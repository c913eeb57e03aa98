/** A proof in snarkjs' own format: decimal strings, projective points. Stated here because the package ships no declarations. */
export type SnarkjsProof = {
  pi_a: string[];
  pi_b: string[][];
  pi_c: string[];
  protocol: "groth16";
  curve: string;
};

/** A Groth16 proof in the order the Solidity verifiers take it (the halves of each G2 coordinate swapped). */
export type Proof = {
  readonly a: readonly [bigint, bigint];
  readonly b: readonly [readonly [bigint, bigint], readonly [bigint, bigint]];
  readonly c: readonly [bigint, bigint];
};

const pair = (point: readonly string[] | undefined): [bigint, bigint] => {
  const [x, y] = point ?? [];
  if (x === undefined || y === undefined) throw new TypeError("a proof point lacks a coordinate: not a Groth16 proof");
  return [BigInt(x), BigInt(y)];
};

/** Reads a proof as snarkjs writes it. */
export function proofFromSnarkjs(proof: SnarkjsProof): Proof {
  const [x0, x1] = pair(proof.pi_b[0]);
  const [y0, y1] = pair(proof.pi_b[1]);
  return {
    a: pair(proof.pi_a),
    b: [
      [x1, x0],
      [y1, y0],
    ],
    c: pair(proof.pi_c),
  };
}

/** Writes a proof as snarkjs reads it. */
export const proofToSnarkjs = (proof: Proof): SnarkjsProof => ({
  pi_a: [...proof.a.map(String), "1"],
  pi_b: [
    [String(proof.b[0][1]), String(proof.b[0][0])],
    [String(proof.b[1][1]), String(proof.b[1][0])],
    ["1", "0"],
  ],
  pi_c: [...proof.c.map(String), "1"],
  protocol: "groth16",
  curve: "bn128",
});
