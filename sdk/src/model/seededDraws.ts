/** Reproducible draws for tests and vectors; the model itself draws nothing. */
export type SeededDraws = {
  /** in (0, 1) */
  uniform: () => number;
  /** mean 0, variance 1 */
  normal: () => number;
  /** minimum to maximum, both possible */
  integer: (minimum: number, maximum: number) => number;
};

/** A 64-bit congruential generator, its upper half used. */
export function seededDraws(seed: number): SeededDraws {
  const mask = (1n << 64n) - 1n;
  let state = (BigInt(seed) * 0x9e3779b97f4a7c15n + 1n) & mask;
  const uniform = (): number => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & mask;
    return (Number(state >> 32n) + 0.5) / 2 ** 32;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
    integer: (minimum, maximum) => minimum + Math.floor(uniform() * (maximum - minimum + 1)),
  };
}
