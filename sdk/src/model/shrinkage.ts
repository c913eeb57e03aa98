import { PPM } from "../protocol.ts";
import { triangleAssets, triangleEntry, trianglePlace } from "./covariance.ts";

/**
 * Rule P-2: shrinkage moves correlations to zero and leaves variances alone.
 * @param triangle S {ppm² · decay}
 * @param shrinkage δ {ppm}: 0 leaves the triangle as it is, 10⁶ leaves only its diagonal
 * @returns 10⁶ Σ_δ = (10⁶ − δ) S off the diagonal and 10⁶ S on it, exact; below 2⁸³ because S < 2⁶³
 */
export function shrinkTriangle(triangle: readonly bigint[], shrinkage: bigint): bigint[] {
  const assets = triangleAssets(triangle);
  const shrunk = triangle.map((entry) => (PPM - shrinkage) * entry);
  for (let i = 0; i < assets; i++) {
    shrunk[trianglePlace(assets, i, i)] = PPM * triangleEntry(triangle, assets, i, i);
  }
  return shrunk;
}
