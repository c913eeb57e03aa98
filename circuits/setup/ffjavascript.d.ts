/** The part of ffjavascript 0.3.1 that key making uses; the package ships no declarations. */
declare module "ffjavascript" {
  /** Code of the WebAssembly builder behind the curves: a sequence of bytes. */
  export type Code = readonly number[];
  export type CodeBuilder = {
    setLocal(name: string, value: Code): Code;
    getLocal(name: string): Code;
    call(name: string, ...parameters: Code[]): Code;
    if(condition: Code, then: Code, otherwise?: Code): Code;
    block(body: Code): Code;
    loop(...body: Code[]): Code;
    br(depth: number): Code;
    br_if(depth: number, condition: Code): Code;
    ret(value: Code): Code;
    unreachable(): Code;
    i32_const(value: number): Code;
    i32_load(address: Code, offset?: number, align?: number): Code;
    i32_store(address: Code, offset: number, align: number, value: Code): Code;
    i32_add(a: Code, b: Code): Code;
    i32_sub(a: Code, b: Code): Code;
    i32_mul(a: Code, b: Code): Code;
    i32_and(a: Code, b: Code): Code;
    i32_eq(a: Code, b: Code): Code;
    i32_eqz(a: Code): Code;
    i32_lt_s(a: Code, b: Code): Code;
  };
  export type FunctionBuilder = {
    addParam(name: string, type: "i32"): void;
    addLocal(name: string, type: "i32"): void;
    setReturnType(type: "i32"): void;
    getCodeBuilder(): CodeBuilder;
    addCode(...code: Code[]): void;
  };
  export type ModuleBuilder = {
    addFunction(name: string): FunctionBuilder;
    exportFunction(name: string): void;
    alloc(bytes: number): number;
    build(): Uint8Array<ArrayBuffer>;
  };
  type Element = Uint8Array;
  type Group = {
    readonly g: Element;
    toAffine(point: Element): Element;
    timesFr(point: Element, scalar: Element): Element;
    add(a: Element, b: Element): Element;
    neg(point: Element): Element;
    fromRng(rng: ChaCha): Element;
    eq(a: Element, b: Element): boolean;
    fromObject(coordinates: unknown): Element;
    toObject(point: Element): unknown;
    toRprLEM(buffer: Uint8Array, offset: number, point: Element): void;
    toRprUncompressed(buffer: Uint8Array, offset: number, point: Element): void;
  };
  export type Curve = {
    readonly Fr: {
      readonly w: readonly Element[];
      e(value: bigint | number): Element;
      toObject(element: Element): bigint;
      fromRng(rng: ChaCha): Element;
    };
    readonly G1: Group;
    readonly G2: Group;
    readonly Gt: { toObject(element: Element): unknown };
    pairing(a: Element, b: Element): Promise<Element>;
    readonly tm: {
      readonly instance: { readonly exports: Record<string, (...parameters: number[]) => number> };
      readonly memory: WebAssembly.Memory;
    };
    terminate(): Promise<void>;
  };
  export class ChaCha {
    constructor(seed: readonly number[]);
  }
  export function getCurveFromName(
    name: "bn128",
    singleThread?: boolean,
    plugins?: (module: ModuleBuilder) => void,
  ): Promise<Curve>;
}
