import { packLanes, packSignedLanes, unpackSignedLanes } from "../lanes.ts";
import { correlationWordCount, DECAYS, decayWeights, LANE_COUNT, PPM, pairCount, triangleLength } from "../protocol.ts";
import { divideDown, squareRootDown } from "./integers.ts";
import { AssetCountMismatch } from "./returns.ts";

/** A triangle whose length is that of no matrix. */
export class TriangleLengthInvalid extends Error {
  override name = "TriangleLengthInvalid";
  constructor(length: number) {
    super(
      `a triangle of ${length} entries belongs to no matrix; N assets have N(N+1)/2, 78 for twelve: pass the whole triangle`,
    );
  }
}

/** A window without a single return. */
export class WindowEmpty extends Error {
  override name = "WindowEmpty";
  constructor() {
    super("the window holds 0 observations and needs at least 1: read more prices");
  }
}

/** Place of (i, j) in a row-major upper triangle, diagonal included; the order of i and j does not matter. */
export function trianglePlace(assets: number, i: number, j: number): number {
  const [row, column] = i <= j ? [i, j] : [j, i];
  return row * assets - (row * (row - 1)) / 2 + (column - row);
}

/** Number of assets N behind a triangle of N(N+1)/2 entries. */
export function triangleAssets(triangle: readonly unknown[]): number {
  const assets = Math.floor((Math.sqrt(8 * triangle.length + 1) - 1) / 2);
  if (assets < 1 || triangleLength(assets) !== triangle.length) throw new TriangleLengthInvalid(triangle.length);
  return assets;
}

/** S_ij of a triangle. */
export function triangleEntry(triangle: readonly bigint[], assets: number, i: number, j: number): bigint {
  const entry = triangle[trianglePlace(assets, i, j)];
  if (entry === undefined) throw new TriangleLengthInvalid(triangle.length);
  return entry;
}

/**
 * Rule C-2 for every decay of the menu at once: S_ij = Σ_t a_t x_ti x_tj, exact. The products x_ti x_tj are shared.
 *
 * Bits: |x| < 2²⁰, so x_ti x_tj < 2⁴⁰; A = Σ a_t < 2²³ for 240 observations of any decay, so |S_ij| < 2⁶³.
 * @param observedReturns {ppm} [T][N], oldest first
 * @returns [decay][N(N+1)/2] {ppm² · decay}, i ≤ j, row major
 */
export function covarianceTriangles(observedReturns: readonly (readonly bigint[])[]): bigint[][] {
  const first = observedReturns[0];
  if (first === undefined) throw new WindowEmpty();
  const assets = first.length;
  const weights = DECAYS.map((_, decayIndex) => decayWeights(decayIndex, observedReturns.length));
  const triangles = DECAYS.map(() => new Array<bigint>(triangleLength(assets)).fill(0n));
  observedReturns.forEach((row, t) => {
    if (row.length !== assets) throw new AssetCountMismatch(t, row.length, assets);
    let place = 0;
    for (let i = 0; i < assets; i++) {
      const xi = row[i] as bigint;
      for (let j = i; j < assets; j++, place++) {
        const product = xi * (row[j] as bigint);
        if (product === 0n) continue;
        for (let d = 0; d < triangles.length; d++) {
          (triangles[d] as bigint[])[place]! += (weights[d]![t] as bigint) * product;
        }
      }
    }
  });
  return triangles;
}

/** {@link covarianceTriangles} of one decay. */
export function covarianceTriangle(observedReturns: readonly (readonly bigint[])[], decayIndex: number): bigint[] {
  const triangle = covarianceTriangles(observedReturns)[decayIndex];
  if (triangle === undefined) throw new RangeError(`decay ${decayIndex} is not one of 0..${DECAYS.length - 1}`);
  return triangle;
}

/**
 * Rule C-4: v_i² A ≤ S_ii < (v_i + 1)² A, rounded down.
 *
 * Bits: v < 2²⁰ because |x| < 2²⁰; (v + 1)² A < 2⁶³.
 * @param sum A, the decaySum of the triangle
 * @returns {ppm per observation} [N]
 */
export function volatilities(triangle: readonly bigint[], sum: bigint): bigint[] {
  const assets = triangleAssets(triangle);
  return Array.from({ length: assets }, (_, i) => squareRootDown(triangleEntry(triangle, assets, i, i) / sum));
}

/**
 * Rule C-5: ρ_ij = 10⁶ S_ij / (v_i v_j A) rounded down (toward −∞), clamped to ±10⁶, and 0 where either volatility is 0.
 *
 * Bits: 10⁶ S_ij < 2⁸³ in absolute value, v_i v_j A < 2⁶³.
 * @returns {ppm} pairs i < j, row major
 */
export function correlations(triangle: readonly bigint[], vols: readonly bigint[], sum: bigint): bigint[] {
  const assets = triangleAssets(triangle);
  const result: bigint[] = [];
  for (let i = 0; i < assets; i++) {
    for (let j = i + 1; j < assets; j++) {
      const divisor = (vols[i] ?? 0n) * (vols[j] ?? 0n) * sum;
      const ratio = divisor === 0n ? 0n : divideDown(PPM * triangleEntry(triangle, assets, i, j), divisor);
      result.push(ratio > PPM ? PPM : ratio < -PPM ? -PPM : ratio);
    }
  }
  return result;
}

/** The word `volatilities`: one unsigned lane each, missing lanes 0. */
export const packVolatilities = (vols: readonly bigint[]): bigint => packLanes(vols);

/** The words `correlations`: twelve signed lanes each, pairs i < j row major; lanes after the last pair are stored 0. */
export function packCorrelations(values: readonly bigint[]): bigint[] {
  const words: bigint[] = [];
  for (let start = 0; start < values.length; start += LANE_COUNT) {
    words.push(packSignedLanes(values.slice(start, start + LANE_COUNT)));
  }
  return words;
}

/** {ppm} pairs i < j back from the words `correlations`. */
export function unpackCorrelations(words: readonly bigint[], assets: number): bigint[] {
  if (words.length !== correlationWordCount(assets)) {
    throw new RangeError(
      `${words.length} correlation words for ${assets} assets, which have ${correlationWordCount(assets)}: pass all words of the state`,
    );
  }
  return words.flatMap((word) => unpackSignedLanes(word)).slice(0, pairCount(assets));
}
