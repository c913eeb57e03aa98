import { join } from "node:path";
import { compileCircuit, repositoryRoot } from "../../circuits/setup/compile.ts";
import { ConstraintSystem } from "./constraint-system.ts";

/** A circuit compiled without simplification, so that every signal of its source can be forced. */
export async function tamperable(name: string): Promise<ConstraintSystem> {
  const { r1cs, sym } = await compileCircuit({
    source: join(repositoryRoot, `circuits/generated/${name}.circom`),
    into: join(repositoryRoot, "build/circuits"),
    level: "O0",
  });
  return ConstraintSystem.read(r1cs, sym);
}
