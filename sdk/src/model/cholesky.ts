/** A pivot that is not positive: the matrix is not positive definite from this row on. */
export type FailedPivot = { place: number; value: number };

/**
 * Lower Cholesky factor of a symmetric matrix held row major, or the first pivot that is not above `threshold`.
 * @param matrix n·n entries; only the lower triangle is read
 */
export function cholesky(matrix: Float64Array, n: number, threshold = 0): Float64Array | FailedPivot {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * n + j] as number;
      for (let k = 0; k < j; k++) rest -= (factor[i * n + k] as number) * (factor[j * n + k] as number);
      if (i !== j) {
        factor[i * n + j] = rest / (factor[j * n + j] as number);
        continue;
      }
      if (!(rest > threshold)) return { place: i, value: rest };
      factor[i * n + i] = Math.sqrt(rest);
    }
  }
  return factor;
}

/** Solution of L Lᵀ x = right. */
export function solveCholesky(factor: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const x = right.slice();
  for (let i = 0; i < n; i++) {
    let rest = x[i] as number;
    for (let k = 0; k < i; k++) rest -= (factor[i * n + k] as number) * (x[k] as number);
    x[i] = rest / (factor[i * n + i] as number);
  }
  for (let i = n - 1; i >= 0; i--) {
    let rest = x[i] as number;
    for (let k = i + 1; k < n; k++) rest -= (factor[k * n + i] as number) * (x[k] as number);
    x[i] = rest / (factor[i * n + i] as number);
  }
  return x;
}
