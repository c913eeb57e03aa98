import { type Engine, FIELD_BYTES, GROUP_ORDER, inverseOf, power } from "./engine.ts";
import type { R1cs } from "./r1cs.ts";
import type { Trapdoor } from "./trapdoor.ts";

const ZKEY_COEFFICIENT_BYTES = 44;

/** What a key holds multiples of the generators by: scalars of 32 bytes, least significant first. */
export type KeyScalars = {
  /** A(τ) of every wire */
  readonly a: Uint8Array;
  /** B(τ) of every wire */
  readonly b: Uint8Array;
  /** β A(τ) + α B(τ) + C(τ) of the constant and public wires; γ is one */
  readonly ic: Uint8Array;
  /** (β A(τ) + α B(τ) + C(τ)) / δ of the private wires */
  readonly c: Uint8Array;
  /** the odd Lagrange values of the doubled domain at τ, over δ */
  readonly h: Uint8Array;
  /** A and B as a zkey holds them, without their count */
  readonly coefficients: Uint8Array;
};

export class TrapdoorInDomain extends Error {
  override name = "TrapdoorInDomain";
  constructor(domainSize: number) {
    super(`tau is a root of unity of order ${2 * domainSize}, where Lagrange values do not exist: use another tau`);
  }
}

/** Rows of the constraint system: its constraints, then one per public wire and the constant, binding public inputs. */
export const domainSizeOf = (r1cs: Pick<R1cs, "constraints" | "publicWires">): number =>
  2 ** Math.ceil(Math.log2(r1cs.constraints + r1cs.publicWires + 1));

/** Evaluates a circuit's quadratic arithmetic program at τ. */
export function evaluateQap(engine: Engine, r1cs: R1cs, trapdoor: Trapdoor): KeyScalars {
  const start = engine.mark();
  const { wires, publicWires, constraints } = r1cs;
  const domainSize = domainSizeOf(r1cs);
  const { even, odd } = lagrangeValues(engine, domainSize, trapdoor);
  const stride = wires * FIELD_BYTES;
  const matrices = engine.allocate(3 * stride);
  engine.bytes(matrices, 3 * stride).fill(0);
  const [a, b, c] = [matrices, matrices + stride, matrices + 2 * stride] as const;

  const rows = publicWires + 1;
  const constraintBytes = engine.put(r1cs.constraintBytes);
  const coefficients = engine.allocate((r1cs.terms + rows + 1) * ZKEY_COEFFICIENT_BYTES);
  let end = engine.run("qap_evaluate", constraintBytes, constraints, even, matrices, stride, coefficients) >>> 0;

  const one = engine.putMontgomery(1n);
  const scratch = engine.allocate(FIELD_BYTES);
  for (let wire = 0; wire < rows; wire++) {
    engine.run("frm_fromMontgomery", even + (constraints + wire) * FIELD_BYTES, scratch);
    engine.run("frm_add", a + wire * FIELD_BYTES, scratch, a + wire * FIELD_BYTES);
    engine.words(end, 3).set([0, constraints + wire, wire]);
    engine.run("frm_toMontgomery", one, end + 12);
    end += ZKEY_COEFFICIENT_BYTES;
  }

  // c = (β a + α b + c) / δ; private wires only are divided
  const alpha = engine.putMontgomery(trapdoor.alpha);
  const beta = engine.putMontgomery(trapdoor.beta);
  const inverseDelta = engine.putMontgomery(inverseOf(trapdoor.delta));
  const { frm_mul: multiply, frm_add: add } = engine.call as Record<
    string,
    (x: number, y: number, to: number) => number
  >;
  if (multiply === undefined || add === undefined) throw new TypeError("the curve lacks frm_mul or frm_add");
  for (let wire = 0; wire < wires; wire++) {
    const at = wire * FIELD_BYTES;
    multiply(a + at, beta, scratch);
    add(c + at, scratch, c + at);
    multiply(b + at, alpha, scratch);
    add(c + at, scratch, c + at);
    if (wire > publicWires) multiply(c + at, inverseDelta, c + at);
  }
  // Montgomery times plain is plain
  const plainInverseDelta = engine.putScalar(inverseOf(trapdoor.delta));
  for (let row = 0; row < domainSize; row++)
    multiply(odd + row * FIELD_BYTES, plainInverseDelta, odd + row * FIELD_BYTES);

  const scalars = {
    a: engine.bytes(a, stride).slice(),
    b: engine.bytes(b, stride).slice(),
    ic: engine.bytes(c, rows * FIELD_BYTES).slice(),
    c: engine.bytes(c + rows * FIELD_BYTES, stride - rows * FIELD_BYTES).slice(),
    h: engine.bytes(odd, domainSize * FIELD_BYTES).slice(),
    coefficients: engine.bytes(coefficients, end - coefficients).slice(),
  };
  engine.release(start);
  return scalars;
}

/**
 * Lagrange values at τ, in Montgomery form: L_j(τ) = (τⁿ − 1) / n · ωʲ / (τ − ωʲ). `even` are those of the domain of n
 * (ω of order n), `odd` those of the odd points of the doubled domain (ω of order 2n, whose even points are the first).
 */
function lagrangeValues(engine: Engine, domainSize: number, { tau }: Trapdoor): { even: number; odd: number } {
  const doubled = 2 * domainSize;
  const order = Math.log2(doubled);
  const generator = engine.program.rootsOfUnity[order];
  if (generator === undefined) throw new RangeError(`no domain of ${doubled} points in this field, at most 2^28`);
  const vanishing = (size: number): bigint => power(tau, BigInt(size)) - 1n;
  if (vanishing(doubled) === 0n) throw new TrapdoorInDomain(domainSize);
  const factor = (size: number): number =>
    engine.putMontgomery((((vanishing(size) + GROUP_ORDER) % GROUP_ORDER) * inverseOf(BigInt(size))) % GROUP_ORDER);

  const even = engine.allocate(domainSize * FIELD_BYTES);
  const odd = engine.allocate(domainSize * FIELD_BYTES);
  const evenInverses = engine.allocate(domainSize * FIELD_BYTES);
  const oddInverses = engine.allocate(domainSize * FIELD_BYTES);
  const omega = engine.put(generator);
  const point = engine.putMontgomery(1n);
  const tauAt = engine.putMontgomery(tau);
  const evenFactor = factor(domainSize);
  const oddFactor = factor(doubled);
  for (let index = 0; index < doubled; index++) {
    const at = (index >> 1) * FIELD_BYTES;
    const [values, inverses, scale] = index & 1 ? [odd, oddInverses, oddFactor] : [even, evenInverses, evenFactor];
    engine.run("frm_mul", point, scale, values + at);
    engine.run("frm_sub", tauAt, point, inverses + at);
    engine.run("frm_mul", point, omega, point);
  }
  for (const [values, inverses] of [
    [even, evenInverses],
    [odd, oddInverses],
  ] as const) {
    engine.reserve((domainSize + 2) * FIELD_BYTES);
    engine.run("frm_batchInverse", inverses, FIELD_BYTES, domainSize, inverses, FIELD_BYTES);
    for (let row = 0; row < domainSize; row++) {
      const at = row * FIELD_BYTES;
      engine.run("frm_mul", values + at, inverses + at, values + at);
    }
  }
  return { even, odd };
}
