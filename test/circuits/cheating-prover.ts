/**
 * A prover that cheats. It fills the witness of a circuit compiled without simplification (--O0) from any inputs,
 * true or false, the way an attacker would: every signal follows its defining constraint, every hint gets its best
 * value, and chosen signals are forced. What is then violated is exactly what stands between the lie and a proof.
 *
 * circom's own witness program stops at the first failing assertion, so it cannot play this part.
 */
import { readFileSync } from "node:fs";
import { readR1cs } from "r1csfile";
import { FIELD_MODULUS } from "../../sdk/src/protocol.ts";

type LinearCombination = ReadonlyMap<number, bigint>;
type Constraint = readonly [LinearCombination, LinearCombination, LinearCombination];

const mod = (value: bigint): bigint => ((value % FIELD_MODULUS) + FIELD_MODULUS) % FIELD_MODULUS;

function inverse(value: bigint): bigint {
  let [r0, r1, s0, s1] = [FIELD_MODULUS, mod(value), 0n, 1n];
  while (r1 !== 0n) [r0, r1, s0, s1] = [r1, r0 % r1, s1, s0 - (r0 / r1) * s1];
  return mod(s0);
}

/** A circuit's constraints with the names of its signals. */
export class ConstraintSystem {
  readonly constraints: readonly Constraint[];
  readonly names: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
  readonly touching: readonly (readonly number[])[];

  constructor(constraints: readonly Constraint[], names: readonly string[]) {
    this.constraints = constraints;
    this.names = names;
    this.indexOf = new Map(names.map((name, index) => [name, index]));
    const touching: number[][] = names.map(() => []);
    constraints.forEach((constraint, at) => {
      for (const signal of signalsOf(constraint)) touching[signal]?.push(at);
    });
    this.touching = touching;
  }

  /** Reads `name.r1cs` and `name.sym` as the compiler wrote them. */
  static async read(r1csPath: string, symPath: string): Promise<ConstraintSystem> {
    const r1cs = await readR1cs(r1csPath, { loadConstraints: true, loadMap: false, singleThread: true });
    const field = r1cs.curve.Fr;
    const combination = (coefficients: Record<string, unknown>): LinearCombination =>
      new Map(Object.entries(coefficients).map(([signal, value]) => [Number(signal), BigInt(field.toString(value))]));
    const names: string[] = Array.from({ length: r1cs.nVars }, () => "");
    names[0] = "one";
    for (const line of readFileSync(symPath, "utf8").trim().split("\n")) {
      const [, index, , name] = line.split(",");
      if (Number(index) >= 0) names[Number(index)] ||= name ?? "";
    }
    const constraints = r1cs.constraints.map(
      ([a, b, c]) => [combination(a), combination(b), combination(c)] as Constraint,
    );
    await r1cs.curve.terminate();
    return new ConstraintSystem(constraints, names);
  }

  /** Whether one constraint holds for a witness. */
  holds(at: number, witness: readonly bigint[]): boolean {
    const [a, b, c] = this.constraints[at] as Constraint;
    const sum = (terms: LinearCombination): bigint => {
      let total = 0n;
      for (const [signal, coefficient] of terms) total += coefficient * (witness[signal] as bigint);
      return mod(total);
    };
    return mod(sum(a) * sum(b)) === sum(c);
  }

  /** Violated constraints as the component paths of their last-declared signal. */
  violations(witness: readonly bigint[]): string[] {
    const paths = new Set<string>();
    this.constraints.forEach((constraint, at) => {
      if (!this.holds(at, witness)) paths.add(this.names[Math.max(...signalsOf(constraint))] as string);
    });
    return [...paths];
  }

  /** Signals, other than the constant, that can change by one with no constraint noticing. */
  unnoticed(witness: readonly bigint[]): string[] {
    const changed = [...witness];
    const free: string[] = [];
    for (let signal = 1; signal < changed.length; signal++) {
      const before = changed[signal] as bigint;
      changed[signal] = mod(before + 1n);
      if (this.touching[signal]?.every((at) => this.holds(at, changed))) free.push(this.names[signal] as string);
      changed[signal] = before;
    }
    return free;
  }
}

const signalsOf = (constraint: Constraint): Set<number> =>
  new Set(constraint.flatMap((combination) => [...combination.keys()]));

/**
 * Fills a witness. Signals in `given` (inputs, and whatever else is forced) keep their value; every other follows from
 * the first constraint, in order, in which it is the only unknown and linear; bits and inverses are computed from the
 * `in` of their component, low bits where the number does not fit.
 * @param given signal name → field element (negative numbers are reduced)
 */
export function cheat(system: ConstraintSystem, given: Record<string, bigint>): bigint[] {
  const witness: (bigint | undefined)[] = system.names.map(() => undefined);
  witness[0] = 1n;
  for (const [name, value] of Object.entries(given)) {
    const index = system.indexOf.get(name);
    if (index === undefined) throw new Error(`the circuit has no signal ${name}`);
    witness[index] = mod(value);
  }
  const hints = hintsOf(system);
  let progress = true;
  while (progress) {
    progress = false;
    for (const hint of hints) progress = hint(witness) || progress;
    for (const constraint of system.constraints) progress = solve(constraint, witness) || progress;
  }
  return witness.map((value, index) => {
    if (value === undefined) throw new Error(`no value for ${system.names[index]}: force it or add its hint`);
    return value;
  });
}

/** Solves a constraint for its only unknown signal. */
function solve(constraint: Constraint, witness: (bigint | undefined)[]): boolean {
  let unknown: number | undefined;
  for (const combination of constraint) {
    for (const signal of combination.keys()) {
      if (witness[signal] !== undefined || signal === unknown) continue;
      if (unknown !== undefined) return false;
      unknown = signal;
    }
  }
  if (unknown === undefined) return false;
  // (a + a' u)(b + b' u) = c + c' u
  const [[a, aSlope], [b, bSlope], [c, cSlope]] = constraint.map((combination) => {
    let constant = 0n;
    for (const [signal, coefficient] of combination) {
      if (signal !== unknown) constant += coefficient * (witness[signal] as bigint);
    }
    return [mod(constant), combination.get(unknown) ?? 0n] as const;
  }) as [readonly [bigint, bigint], readonly [bigint, bigint], readonly [bigint, bigint]];
  const slope = mod(a * bSlope + b * aSlope - cSlope);
  if (mod(aSlope * bSlope) !== 0n || slope === 0n) return false;
  witness[unknown] = mod((c - a * b) * inverse(slope));
  return true;
}

type Hint = (witness: (bigint | undefined)[]) => boolean;

/** The hints (`<--`) of our templates and of circomlib's, found by the names of their signals. */
function hintsOf(system: ConstraintSystem): Hint[] {
  const hints: Hint[] = [];
  const index = (name: string): number => system.indexOf.get(name) ?? -1;
  const once = (from: number, to: number[], compute: (value: bigint) => bigint[]): void => {
    hints.push((witness) => {
      const value = witness[from];
      const waiting = to.filter((signal) => witness[signal] === undefined);
      if (value === undefined || waiting.length === 0) return false;
      compute(value).forEach((result, at) => {
        const signal = to[at] as number;
        witness[signal] ??= result;
      });
      return true;
    });
  };
  const members = (prefix: string): number[] => {
    const found: number[] = [];
    for (let at = 0; index(`${prefix}[${at}]`) >= 0; at++) found.push(index(`${prefix}[${at}]`));
    return found;
  };
  const bitsOf = (value: bigint, count: number): bigint[] =>
    Array.from({ length: count }, (_, bit) => (value >> BigInt(bit)) & 1n);

  for (const name of system.names) {
    const [, numToBits] = /^(.*\.(?:decomposition|bits))\.out\[0\]$/.exec(name) ?? [];
    if (numToBits !== undefined) {
      const out = members(`${numToBits}.out`);
      once(index(`${numToBits}.in`), out, (value) => bitsOf(value, out.length));
    }
    const [, isZero] = /^(.*)\.inv$/.exec(name) ?? [];
    if (isZero !== undefined) {
      once(index(`${isZero}.in`), [index(name)], (value) => [value === 0n ? 0n : inverse(value)]);
    }
    const [, atMost] = /^(.*)\.lastBit$/.exec(name) ?? [];
    if (atMost !== undefined) {
      const bits = members(`${atMost}.bits`);
      const half = (1n << BigInt(bits.length)) - 1n;
      const maximum = bits.length === 20 ? 2_000_000n : 1_000_000n;
      once(index(`${atMost}.in`), [index(name), ...bits], (value) =>
        value > half
          ? [1n, ...bitsOf(mod(value - (maximum - half)), bits.length)]
          : [0n, ...bitsOf(value, bits.length)],
      );
    }
  }
  return hints;
}
