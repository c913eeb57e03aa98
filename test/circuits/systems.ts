import { execFileSync } from "node:child_process";
import { ConstraintSystem } from "./cheating-prover.ts";
export async function tamperable(name: string) {
  execFileSync("circom2", [
    `circuits/generated/${name}.circom`,
    "--r1cs",
    "--sym",
    "--O0",
    "-l",
    "node_modules",
    "-o",
    "/tmp/c",
  ]);
  return ConstraintSystem.read(`/tmp/c/${name}.r1cs`, `/tmp/c/${name}.sym`);
}
