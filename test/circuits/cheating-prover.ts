/**
 * A prover that cheats. It fills the witness of a circuit compiled without simplification (--O0) from any inputs,
 * true or false, the way an attacker would: every signal follows its defining constraint, every hint gets its best
 * value, and chosen signals are forced. What is then violated is exactly what stands between the lie and a proof.
 *
 * circom's own witness program stops at the first failing assertion, so it cannot play this part.
 */
import { readFileSync } from "node:fs";
import { readR1cs } from "r1csfile";
import { FIELD_MODULUS, NORMALISED_TOTAL, PPT } from "../../sdk/src/protocol.ts";
import { inverse, inverseMatrix, mod } from "./linear-system.ts";
import { pricingHintsAt, type Signals } from "./pricing-hints.ts";

type LinearCombination = ReadonlyMap<number, bigint>;
type Constraint = readonly [LinearCombination, LinearCombination, LinearCombination];

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

const signalsOf = (constraint: Constraint): Set<number> =>
  new Set(constraint.flatMap((combination) => [...combination.keys()]));

type Witness = (bigint | undefined)[];
/** How one or several signals get their value from those before them. */
type Step = { readonly defines: readonly number[]; readonly compute: (witness: Witness) => readonly bigint[] };

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

/** The hints (`<--`) of our templates and of circomlib's, found by the names of their signals. */
function hintsOf(system: ConstraintSystem): (Step & { readonly from: readonly number[] })[] {
  const index = (name: string): number => system.indexOf.get(name) ?? -1;
  const members = (prefix: string): number[] => {
    const found: number[] = [];
    for (let at = 0; index(`${prefix}[${at}]`) >= 0; at++) found.push(index(`${prefix}[${at}]`));
    return found;
  };
  const bitsOf = (value: bigint, count: number): bigint[] =>
    Array.from({ length: count }, (_, bit) => (value >> BigInt(bit)) & 1n);
  const hintOf = (from: number[], defines: number[], compute: (...values: bigint[]) => bigint[]) => ({
    from,
    defines,
    compute: (witness: Witness) => compute(...from.map((signal) => witness[signal] as bigint)),
  });
  const hint = (from: number, defines: number[], compute: (value: bigint) => bigint[]) =>
    hintOf([from], defines, compute);

  const signals: Signals = {
    has: (name) => index(name) >= 0,
    factorOf: (part, whole) => system.factorOf(index(part), index(whole)),
  };

  return system.names.flatMap((name) => {
    const ofPricing = pricingHintsAt(name, signals);
    if (ofPricing.length > 0) {
      return ofPricing.map(({ from, defines, compute }) =>
        hintOf(from.map(index), defines.map(index), (...values) => compute(...values).map(mod)),
      );
    }
    if (/\.One_[\d_]+\.one$/.test(name)) return [hint(0, [index(name)], () => [1n])];
    const [, numToBits] = /^(.*\.(?:decomposition|bits))\.out\[0\]$/.exec(name) ?? [];
    if (numToBits !== undefined) {
      const out = members(`${numToBits}.out`);
      return [hint(index(`${numToBits}.in`), out, (value) => bitsOf(value, out.length))];
    }
    const [, held] = /^(.*)\.laneBits\[0\]\[0\]$/.exec(name) ?? [];
    if (held !== undefined) {
      const lanes: number[] = [];
      for (let lane = 0; index(`${held}.laneBits[${lane}][0]`) >= 0; lane++) {
        lanes.push(...members(`${held}.laneBits[${lane}]`));
      }
      return [hint(index(`${held}.word`), lanes, (value) => bitsOf(value, lanes.length))];
    }
    const [, optimality] = /^(.*)\.normaliser$/.exec(name) ?? [];
    if (optimality !== undefined) {
      const ceiling = (total: bigint) => (total === 0n ? 0n : (NORMALISED_TOTAL + total - 1n) / total);
      return [hint(index(`${optimality}.total`), [index(name)], (total) => [ceiling(total)])];
    }
    const [, risks, asset] = /^(.*)\.error\[(\d+)\]$/.exec(name) ?? [];
    if (risks !== undefined) {
      const signed = (value: bigint) => (value > FIELD_MODULUS / 2n ? value - FIELD_MODULUS : value);
      const floor = (value: bigint) =>
        (value - (((value % NORMALISED_TOTAL) + NORMALISED_TOTAL) % NORMALISED_TOTAL)) / NORMALISED_TOTAL;
      return [hint(index(`${risks}.excess[${asset}]`), [index(name)], (value) => [mod(floor(signed(value)))])];
    }
    const [, isZero] = /^(.*)\.inv$/.exec(name) ?? [];
    if (isZero !== undefined) {
      return [hint(index(`${isZero}.in`), [index(name)], (value) => [inverse(value)])];
    }
    const [, atMost] = /^(.*)\.lastBit$/.exec(name) ?? [];
    if (atMost !== undefined) {
      const bits = members(`${atMost}.bits`);
      const half = (1n << BigInt(bits.length)) - 1n;
      const last = system.factorOf(index(name), index(`${atMost}.in`));
      return [
        hint(index(`${atMost}.in`), [index(name), ...bits], (value) =>
          value > half ? [1n, ...bitsOf(mod(value - last), bits.length)] : [0n, ...bitsOf(value, bits.length)],
        ),
      ];
    }
    const [, unpacked] = /^(.*)\.wordBits\[0\]$/.exec(name) ?? [];
    if (unpacked !== undefined) {
      const bits = members(`${unpacked}.wordBits`);
      return [hint(index(`${unpacked}.word`), bits, (value) => bitsOf(value, bits.length))];
    }
    const [, bits] = /^(.*)\.bits\[0\]$/.exec(name) ?? [];
    const isOf = (signal: string): boolean => index(`${bits}.${signal}`) >= 0;
    if (bits !== undefined && isOf("in") && !isOf("lastBit") && !isOf("negative")) {
      const out = members(`${bits}.bits`);
      return [hint(index(`${bits}.in`), out, (value) => bitsOf(value, out.length))];
    }
    const [, signed] = /^(.*)\.negative$/.exec(name) ?? [];
    if (signed !== undefined) {
      return [hint(index(`${signed}.in`), [index(name)], (value) => [value > FIELD_MODULUS / 2n ? 1n : 0n])];
    }
    const [, below] = /^(.*\.Below_[\d_]+(?:\[\d+\])*)\.high$/.exec(name) ?? [];
    if (below !== undefined) {
      const unit = mod(system.factorOf(index(name), index(`${below}.in`)));
      return [hint(index(`${below}.in`), [index(name)], (value) => [value / unit])];
    }
    const [, oneHot] = /^(.*)\.hot\[0\]$/.exec(name) ?? [];
    if (oneHot !== undefined && index(`${oneHot}.index`) >= 0) {
      const hot = members(`${oneHot}.hot`);
      return [hint(index(`${oneHot}.index`), hot, (value) => hot.map((_, k) => (value === BigInt(k) ? 1n : 0n)))];
    }
    const [, bySeries] = /^(.*)\.at\[0\]\[0\]$/.exec(name) ?? [];
    if (bySeries !== undefined) {
      const [numbers, held] = [members(`${bySeries}.numbers`), members(`${bySeries}.held`)];
      const defines = numbers.flatMap((_, i) => members(`${bySeries}.at[${i}]`));
      return [
        hintOf([...numbers, ...held], defines, (...values) => {
          const opened = values.slice(numbers.length);
          return values
            .slice(0, numbers.length)
            .flatMap((number) => opened.map((other) => (number !== 0n && number === other ? 1n : 0n)));
        }),
      ];
    }
    const [, credit] = /^(.*\.counted\[\d+\])\.product$/.exec(name) ?? [];
    if (credit !== undefined) {
      const at = (signal: string): number => index(`${credit}.${signal}`);
      return [
        hint(at("product"), [at("value")], (product) => [product / PPT]),
        hintOf([at("dividend"), at("divisor")], [at("credit")], (dividend, divisor) => [
          divisor === 0n ? 0n : (dividend! * PPT) / divisor!,
        ]),
      ];
    }
    return [];
  });
}
