/** The part of r1csfile 0.0.48 that the cheating prover uses; the package ships no declarations. */
declare module "r1csfile" {
  type Coefficients = Record<string, Uint8Array>;
  export function readR1cs(
    path: string,
    options: { loadConstraints: boolean; loadMap: boolean; singleThread: boolean },
  ): Promise<{
    nVars: number;
    constraints: [Coefficients, Coefficients, Coefficients][];
    curve: { Fr: { toString(element: Uint8Array): string }; terminate(): Promise<void> };
  }>;
}
