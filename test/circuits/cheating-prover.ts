/**
 * A prover that cheats. It fills the witness of a circuit compiled without simplification (--O0) from any inputs,
 * true or false, the way an attacker would: every signal follows its defining constraint, every hint gets its best
 * value, and chosen signals are forced. What is then violated is exactly what stands between the lie and a proof.
 *
 * circom's own witness program stops at the first failing assertion, so it cannot play this part.
 */
import { hintsOf, type Step, type Witness } from "./circuit-hints.ts";
import { type Constraint, type ConstraintSystem, type LinearCombination, signalsOf } from "./constraint-system.ts";
import { inverse, inverseMatrix, mod } from "./linear-system.ts";

/** Fills witnesses of one circuit, each from any inputs and with any signals forced. */
export class CheatingProver {
  readonly system: ConstraintSystem;
  private program: readonly Step[] | undefined;
  private readonly onlyChecks: (names: readonly string[]) => boolean;

  /** @param onlyChecks of the signals of a constraint: that it defines none of them, whichever is the last unknown */
  constructor(system: ConstraintSystem, onlyChecks: (names: readonly string[]) => boolean = () => false) {
    this.system = system;
    this.onlyChecks = onlyChecks;
  }

  /**
   * Fills a witness. Every signal follows from what defines it: its hint, the first constraint, in order, in which
   * it is the only unknown, or as many constraints as they have unknowns. Products that must be 0, and the evaluation,
   * define nothing: they only check.
   * @param inputs signal name → field element (negative numbers are reduced), the same names at every call
   * @param forced signals that keep this value whatever defines them
   */
  witness(inputs: Record<string, bigint>, forced: Record<string, bigint> = {}): bigint[] {
    this.program ??= plan(this.system, this.values(inputs), this.onlyChecks);
    const witness = this.values({ ...inputs, ...forced });
    const kept = new Set(Object.keys(forced).map((name) => this.system.indexOf.get(name)));
    for (const { defines, compute } of this.program) {
      const results = compute(witness);
      defines.forEach((signal, at) => {
        if (!kept.has(signal)) witness[signal] = results[at];
      });
    }
    return witness.map((value, index) => {
      if (value === undefined) throw new Error(`no value for ${this.system.names[index]}: give it as an input`);
      return value;
    });
  }

  private values(given: Record<string, bigint>): Witness {
    const witness: Witness = this.system.names.map(() => undefined);
    witness[0] = 1n;
    for (const [name, value] of Object.entries(given)) {
      const index = this.system.indexOf.get(name);
      if (index === undefined) throw new Error(`the circuit has no signal ${name}`);
      witness[index] = mod(value);
    }
    return witness;
  }
}

/** Orders the signals of a circuit by what defines them, starting from the inputs. */
function plan(system: ConstraintSystem, witness: Witness, onlyChecks: (names: readonly string[]) => boolean): Step[] {
  const program: Step[] = [];
  const waiting = new Set(hintsOf(system));
  const evaluation = system.indexOf.get("main.evaluation");
  const definitions = system.constraints.filter(
    (constraint) =>
      constraint[2].size + Number(constraint[0].size === 0) > 0 &&
      !signalsOf(constraint).has(evaluation ?? -1) &&
      !onlyChecks([...signalsOf(constraint)].map((signal) => system.names[signal] as string)),
  );
  const take = (step: Step): void => {
    const results = step.compute(witness);
    step.defines.forEach((signal, at) => {
      witness[signal] = results[at];
    });
    program.push(step);
  };
  for (let before = -1; before !== program.length; ) {
    before = program.length;
    for (const hint of waiting) {
      if (hint.from.some((signal) => witness[signal] === undefined)) continue;
      waiting.delete(hint);
      take(hint);
    }
    for (const constraint of definitions) {
      const unknown = onlyUnknown(constraint, witness);
      if (unknown === undefined) continue;
      take({ defines: [unknown], compute: (values) => [solve(constraint, unknown, values)] });
    }
    if (before === program.length) {
      for (const step of jointly(definitions, witness)) {
        if (step.defines.every((signal) => witness[signal] === undefined)) take(step);
      }
    }
  }
  return program;
}

function onlyUnknown(constraint: Constraint, witness: Witness): number | undefined {
  let unknown: number | undefined;
  for (const combination of constraint) {
    for (const signal of combination.keys()) {
      if (witness[signal] !== undefined || signal === unknown) continue;
      if (unknown !== undefined) return undefined;
      unknown = signal;
    }
  }
  // a signal times itself defines nothing
  const quadratic = unknown !== undefined && constraint[0].has(unknown) && constraint[1].has(unknown);
  return quadratic ? undefined : unknown;
}

/** Signals that several constraints define together, none of them alone: a full round of the permutation. */
function jointly(definitions: readonly Constraint[], witness: Witness): Step[] {
  const steps: Step[] = [];
  const groups = new Map<string, { unknowns: number[]; constraints: Constraint[] }>();
  for (const constraint of definitions) {
    const [a, b, c] = constraint;
    const isUnknown = (signal: number): boolean => witness[signal] === undefined;
    const unknowns = [...c.keys()].filter(isUnknown).toSorted((one, other) => one - other);
    if (unknowns.length === 0 || [...a.keys(), ...b.keys()].some(isUnknown)) continue;
    const group = groups.get(unknowns.join()) ?? { unknowns, constraints: [] };
    groups.set(unknowns.join(), group);
    group.constraints.push(constraint);
    if (group.constraints.length < unknowns.length) continue;
    const inverted = inverseMatrix(
      group.constraints.map(([, , product]) => unknowns.map((unknown) => product.get(unknown) ?? 0n)),
    );
    if (inverted !== undefined) {
      const { constraints } = group;
      steps.push({ defines: unknowns, compute: (values) => solveJointly(constraints, unknowns, inverted, values) });
    }
  }
  return steps;
}

/** Solves a b = c + M u for the vector u. @param inverted M⁻¹ */
function solveJointly(
  constraints: readonly Constraint[],
  unknowns: readonly number[],
  inverted: readonly (readonly bigint[])[],
  witness: Witness,
): bigint[] {
  const known = (terms: LinearCombination): bigint => {
    let total = 0n;
    for (const [signal, coefficient] of terms) {
      if (!unknowns.includes(signal)) total += coefficient * (witness[signal] as bigint);
    }
    return mod(total);
  };
  const products = constraints.map(([a, b, c]) => mod(known(a) * known(b) - known(c)));
  return inverted.map((row) => mod(row.reduce((sum, entry, i) => sum + entry * (products[i] as bigint), 0n)));
}

/** Solves (a + a' u)(b + b' u) = c + c' u for u; 0 where every u or none does. */
function solve(constraint: Constraint, unknown: number, witness: Witness): bigint {
  const [[a, aSlope], [b, bSlope], [c, cSlope]] = constraint.map((combination) => {
    let constant = 0n;
    for (const [signal, coefficient] of combination) {
      if (signal !== unknown) constant += coefficient * (witness[signal] as bigint);
    }
    return [mod(constant), combination.get(unknown) ?? 0n] as const;
  }) as [readonly [bigint, bigint], readonly [bigint, bigint], readonly [bigint, bigint]];
  return mod((c - a * b) * inverse(a * bSlope + b * aSlope - cSlope));
}
