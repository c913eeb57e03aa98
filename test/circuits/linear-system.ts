import { FIELD_MODULUS } from "../../sdk/src/protocol.ts";

export const mod = (value: bigint): bigint => ((value % FIELD_MODULUS) + FIELD_MODULUS) % FIELD_MODULUS;

/** Inverse in the field; 0 for 0. */
export function inverse(value: bigint): bigint {
  let [r0, r1, s0, s1] = [FIELD_MODULUS, mod(value), 0n, 1n];
  while (r1 !== 0n) [r0, r1, s0, s1] = [r1, r0 % r1, s1, s0 - (r0 / r1) * s1];
  return mod(s0);
}

/** The inverse of a square matrix over the field; undefined where it has none. */
export function inverseMatrix(matrix: readonly (readonly bigint[])[]): bigint[][] | undefined {
  const size = matrix.length;
  // the matrix with the identity at its right, which becomes the inverse
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: size }, (_, j) => (i === j ? 1n : 0n))]);
  for (let column = 0; column < size; column++) {
    const pivotAt = rows.findIndex((row, i) => i >= column && row[column] !== 0n);
    if (pivotAt < 0) return undefined;
    const [found] = rows.splice(pivotAt, 1) as [bigint[]];
    const scale = inverse(found[column] as bigint);
    const pivot = found.map((entry) => mod(entry * scale));
    rows.splice(column, 0, pivot);
    rows.forEach((row, i) => {
      const factor = row[column] as bigint;
      if (i === column || factor === 0n) return;
      rows[i] = row.map((entry, j) => mod(entry - factor * (pivot[j] as bigint)));
    });
  }
  return rows.map((row) => row.slice(size));
}
