import type { Code, CodeBuilder, FunctionBuilder, ModuleBuilder } from "ffjavascript";

/** Bytes of one field element. */
const FIELD = 32;
/** Bytes before the value of a coefficient in a zkey: matrix, constraint, signal. */
const COEFFICIENT_HEADER = 12;

/**
 * Adds to the curve's WebAssembly the loops that key making spends its time in. One call handles a whole batch, so
 * that neither a field multiplication nor a curve addition crosses between JavaScript and WebAssembly.
 */
export function addKeyFunctions(module: ModuleBuilder): void {
  addSelected(module, "g1m", "f1m", FIELD);
  addSelected(module, "g2m", "f2m", 2 * FIELD);
  evaluateConstraints(module);
}

const integers = (f: FunctionBuilder, ...names: string[]): void => {
  for (const name of names) f.addLocal(name, "i32");
};

const advance = (c: CodeBuilder, name: string, bytes: number): Code =>
  c.setLocal(name, c.i32_add(c.getLocal(name), c.i32_const(bytes)));

/** Repeats `body` with the local `counter` going from 0 to the local `count`. */
const repeat = (c: CodeBuilder, counter: string, count: Code, body: Code): Code => [
  ...c.setLocal(counter, c.i32_const(0)),
  ...c.block(c.loop(c.br_if(1, c.i32_eq(c.getLocal(counter), count)), body, advance(c, counter, 1), c.br(0))),
];

/**
 * `g_addSelected(sums, selections, n, inverses)`: sums[i] += or −= the point that selections[i] names. All points are
 * affine; the n inversions of the chord slopes are one inversion (5 multiplications and a square per addition instead
 * of 11 for a mixed Jacobian one).
 *
 * A selection is the address of a point, plus 1 to subtract it; 0 adds nothing. `inverses` is scratch for n elements.
 * Traps where a sum meets the selected point or its negative, which the callers rule out (see fixed-base.ts).
 */
function addSelected(module: ModuleBuilder, group: string, field: string, size: number): void {
  const name = `${group}_addSelected`;
  const f = module.addFunction(name);
  for (const parameter of ["sums", "selections", "n", "inverses"]) f.addParam(parameter, "i32");
  integers(f, "i", "sum", "selection", "inverse", "point");
  const c = f.getCodeBuilder();
  const [slope, x, y] = [0, 1, 2].map(() => c.i32_const(module.alloc(size))) as [Code, Code, Code];
  const local = c.getLocal.bind(c);
  const yOf = (point: string): Code => c.i32_add(local(point), c.i32_const(size));
  const start: Code = [
    ...c.setLocal("sum", local("sums")),
    ...c.setLocal("selection", local("selections")),
    ...c.setLocal("inverse", local("inverses")),
  ];
  const next: Code = [...advance(c, "sum", 2 * size), ...advance(c, "selection", 4), ...advance(c, "inverse", size)];
  const selectPoint = c.setLocal("point", c.i32_and(c.i32_load(local("selection")), c.i32_const(-2)));
  const subtracts = c.i32_and(c.i32_load(local("selection")), c.i32_const(1));

  const difference: Code = [
    ...selectPoint,
    ...c.if(
      local("point"),
      c.call(`${field}_sub`, local("sum"), local("point"), local("inverse")),
      c.call(`${field}_zero`, local("inverse")),
    ),
    ...next,
  ];
  const copyFirst: Code = [
    ...c.call(`${group}_copyAffine`, local("point"), local("sum")),
    ...c.if(subtracts, c.call(`${field}_neg`, yOf("sum"), yOf("sum"))),
  ];
  const addChord: Code = [
    ...c.if(c.call(`${field}_isZero`, local("inverse")), c.unreachable()),
    ...c.if(
      subtracts,
      c.call(`${field}_add`, yOf("sum"), yOf("point"), slope),
      c.call(`${field}_sub`, yOf("sum"), yOf("point"), slope),
    ),
    ...c.call(`${field}_mul`, slope, local("inverse"), slope),
    ...c.call(`${field}_square`, slope, x),
    ...c.call(`${field}_sub`, x, local("sum"), x),
    ...c.call(`${field}_sub`, x, local("point"), x),
    ...c.call(`${field}_sub`, local("sum"), x, y),
    ...c.call(`${field}_mul`, y, slope, y),
    ...c.call(`${field}_sub`, y, yOf("sum"), yOf("sum")),
    ...c.call(`${field}_copy`, x, local("sum")),
  ];
  const add: Code = [
    ...selectPoint,
    ...c.if(local("point"), c.if(c.call(`${group}_isZeroAffine`, local("sum")), copyFirst, addChord)),
    ...next,
  ];
  const batchInverse = c.call(
    `${field}_batchInverse`,
    local("inverses"),
    c.i32_const(size),
    local("n"),
    local("inverses"),
    c.i32_const(size),
  );
  f.addCode(start, repeat(c, "i", local("n"), difference), batchInverse, start, repeat(c, "i", local("n"), add));
  module.exportFunction(name);
}

/**
 * `qap_evaluate(constraints, n, lagrange, matrices, stride, coefficients)` walks the constraints of an r1cs file and
 *   - adds coefficient · lagrange[constraint] to the signal's element of its matrix (A, B, C: `stride` bytes apart).
 *     The Lagrange values are in Montgomery form and the coefficients are not, so the sums are not either;
 *   - writes the coefficients of A and B the way a zkey holds them: matrix, constraint, signal, value · R² with
 *     R = 2²⁵⁶ (snarkjs multiplies one R away when it reads the witness and the other when it multiplies).
 * Returns the address after the last coefficient; twelve more bytes may be written there.
 */
function evaluateConstraints(module: ModuleBuilder): void {
  const f = module.addFunction("qap_evaluate");
  const parameters = ["constraints", "n", "lagrange", "matrices", "stride", "coefficients"];
  for (const parameter of parameters) f.addParam(parameter, "i32");
  integers(f, "constraint", "matrix", "term", "terms", "sums", "sum");
  f.setReturnType("i32");
  const c = f.getCodeBuilder();
  const product = c.i32_const(module.alloc(FIELD));
  const local = c.getLocal.bind(c);
  const value = c.i32_add(local("coefficients"), c.i32_const(COEFFICIENT_HEADER));

  const term: Code = [
    ...c.setLocal(
      "sum",
      c.i32_add(local("sums"), c.i32_mul(c.i32_load(local("constraints"), 0, 0), c.i32_const(FIELD))),
    ),
    ...c.i32_store(local("coefficients"), 0, 0, local("matrix")),
    ...c.i32_store(local("coefficients"), 4, 0, local("constraint")),
    ...c.i32_store(local("coefficients"), 8, 0, c.i32_load(local("constraints"), 0, 0)),
    ...advance(c, "constraints", 4),
    ...c.call("frm_mul", local("constraints"), local("lagrange"), product),
    ...c.call("frm_add", product, local("sum"), local("sum")),
    ...c.if(c.i32_lt_s(local("matrix"), c.i32_const(2)), [
      ...c.call("frm_toMontgomery", local("constraints"), value),
      ...c.call("frm_toMontgomery", value, value),
      ...advance(c, "coefficients", COEFFICIENT_HEADER + FIELD),
    ]),
    ...advance(c, "constraints", FIELD),
  ];
  const matrix: Code = [
    ...c.setLocal("terms", c.i32_load(local("constraints"), 0, 0)),
    ...advance(c, "constraints", 4),
    ...repeat(c, "term", local("terms"), term),
    ...c.setLocal("sums", c.i32_add(local("sums"), local("stride"))),
  ];
  const constraint: Code = [
    ...c.setLocal("sums", local("matrices")),
    ...repeat(c, "matrix", c.i32_const(3), matrix),
    ...advance(c, "lagrange", FIELD),
  ];
  f.addCode(repeat(c, "constraint", local("n"), constraint), local("coefficients"));
  module.exportFunction("qap_evaluate");
}
