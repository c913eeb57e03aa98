import { readFileSync } from "node:fs";
import { readR1cs } from "r1csfile";
import { inverse, mod } from "./linear-system.ts";

export type LinearCombination = ReadonlyMap<number, bigint>;
export type Constraint = readonly [LinearCombination, LinearCombination, LinearCombination];

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
    const combination = (coefficients: Record<string, Uint8Array>): LinearCombination =>
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

  /** The factor of `part` where a linear constraint says that `whole` is what others add up to with it. */
  factorOf(part: number, whole: number): bigint {
    for (const at of this.touching[part] ?? []) {
      const [a, , c] = this.constraints[at] as Constraint;
      if (a.size === 0 && c.has(whole)) return mod(-(c.get(part) as bigint) * inverse(c.get(whole) as bigint));
    }
    throw new Error(`no linear constraint has ${this.names[part]} in ${this.names[whole]}`);
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

/** Every signal of a constraint, once. */
export const signalsOf = (constraint: Constraint): Set<number> =>
  new Set(constraint.flatMap((combination) => [...combination.keys()]));
