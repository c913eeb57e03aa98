import type { G2Point, KeySummary } from "./verification-key.ts";

/** What can be wrong with a key, as a fact. */
export type KeyFact =
  | "GammaEqualsDelta"
  | "DeltaIsGenerator"
  | "PointAtInfinity"
  | "InputCountDiffers"
  | "NotContributed";

/** The generator of G2: the δ of a key to which nobody has contributed. */
const G2_GENERATOR: G2Point = [
  [
    "10857046999023057135944570762232829481370756359578518086990519993285655852781",
    "11559732032986387107991004021392285783925812861821192530917403151452391805634",
  ],
  [
    "8495653923123431417604973247489272438418190587263600148770280649306958101930",
    "4082367875863433681332203403145435568316851327593401208105741076214120093531",
  ],
  ["1", "0"],
];

/** A key with which anybody can prove anything, or that is not of the circuit. */
export class KeyRefused extends Error {
  override name = "KeyRefused";
  readonly fact: KeyFact;
  constructor(fact: KeyFact, value: string, limit: string) {
    super(`${fact}: ${value}, ${limit}. Make the key again with \`npm run build:keys\`, or finish its ceremony.`);
    this.fact = fact;
  }
}

/**
 * Refuses keys that look complete and protect nothing. With γ = δ whoever knows nothing at all forges: A = α, B = β,
 * C = −Σ IC satisfies the pairing equation for any public inputs. It is what a setup gives before its first phase-2
 * contribution. Every key passes here before it is used.
 * @param publicInputs how many the circuit has
 * @throws KeyRefused
 */
export function checkKey(
  { verificationKey: key, contributions }: Pick<KeySummary, "verificationKey" | "contributions">,
  publicInputs: number,
): void {
  const points: readonly [string, readonly unknown[]][] = [
    ["alpha", key.vk_alpha_1],
    ["beta", key.vk_beta_2],
    ["gamma", key.vk_gamma_2],
    ["delta", key.vk_delta_2],
    ...key.IC.map((point, index): [string, readonly unknown[]] => [`IC[${index}]`, point]),
  ];
  for (const [name, point] of points) {
    if (isInfinity(point)) throw new KeyRefused("PointAtInfinity", `${name} is the point at infinity`, "none may be");
  }
  if (sameUpToSign(key.vk_gamma_2, key.vk_delta_2)) {
    throw new KeyRefused("GammaEqualsDelta", "gamma and delta are the same point or its opposite", "they must differ");
  }
  if (sameUpToSign(key.vk_delta_2, G2_GENERATOR)) {
    throw new KeyRefused("DeltaIsGenerator", "delta is the generator of G2", "a contribution must have changed it");
  }
  if (key.nPublic !== publicInputs || key.IC.length !== publicInputs + 1) {
    const found = `${key.nPublic} public inputs and ${key.IC.length} input points`;
    throw new KeyRefused("InputCountDiffers", found, `the circuit needs ${publicInputs} and ${publicInputs + 1}`);
  }
  if (contributions.length === 0) {
    throw new KeyRefused("NotContributed", "0 phase-2 contributions", "at least 1 is needed");
  }
}

const numbers = (point: readonly unknown[]): bigint[] => (point.flat() as string[]).map(BigInt);

/** Equal or opposite: with δ = −γ the same forgery works with the sign of C changed. Compares numbers, not their text. */
function sameUpToSign([a = []]: G2Point, [b = []]: G2Point): boolean {
  const [left, right] = [numbers(a), numbers(b)];
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

/** Projective with a zero last coordinate, or all zero as affine coordinates have it. */
function isInfinity(point: readonly unknown[]): boolean {
  const last = numbers([point.at(-1)]);
  return last.every((value) => value === 0n) || numbers(point.slice(0, 2)).every((value) => value === 0n);
}
