import { type Curve, getCurveFromName } from "ffjavascript";
import type { GroupName } from "./engine.ts";
import { addKeyFunctions } from "./wasm-functions.ts";

/** What a thread needs to compute on the curve. ffjavascript itself cannot be loaded in a worker thread of ours. */
export type CurveProgram = {
  readonly module: WebAssembly.Module;
  /** Jacobian coordinates in Montgomery form */
  readonly generators: Readonly<Record<GroupName, Uint8Array>>;
  /** the primitive root of order 2^index, in Montgomery form */
  readonly rootsOfUnity: readonly Uint8Array[];
};

/** Builds ffjavascript's WebAssembly of the curve with our batch loops added. */
export async function buildCurveProgram(): Promise<{ curve: Curve; program: CurveProgram }> {
  let code: Uint8Array<ArrayBuffer> | undefined;
  const curve = await getCurveFromName("bn128", true, (module) => {
    addKeyFunctions(module);
    code = module.build();
  });
  if (code === undefined) throw new TypeError("the curve was built without our functions: ffjavascript is not 0.3.1");
  return {
    curve,
    program: {
      module: await WebAssembly.compile(code),
      generators: { g1: curve.G1.g, g2: curve.G2.g },
      rootsOfUnity: curve.Fr.w,
    },
  };
}
