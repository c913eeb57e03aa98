import { FIELD_MODULUS, NORMALISED_TOTAL, PPT } from "../../sdk/src/protocol.ts";
import type { ConstraintSystem } from "./constraint-system.ts";
import { inverse, mod } from "./linear-system.ts";
import { pricingHintsAt, type Signals } from "./pricing-hints.ts";

/** By signal; nothing where there is no value yet. */
export type Witness = (bigint | undefined)[];
/** How one or several signals get their value from those before them. */
export type Step = { readonly defines: readonly number[]; readonly compute: (witness: Witness) => readonly bigint[] };

/** The hints (`<--`) of our templates and of circomlib's, found by the names of their signals. */
export function hintsOf(system: ConstraintSystem): (Step & { readonly from: readonly number[] })[] {
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
