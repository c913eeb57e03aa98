/**
 * Times the proofs of one circuit in a process of its own, so that its memory is its own: `node tools/bench/prove-circuit.ts
 * parity 7 1` proves eight times with prices of seed 1 and prints one JSON object.
 */
import { statSync } from "node:fs";
import { circuitArtifacts } from "@equipoise/circuits";
import { CIRCUITS, type CircuitName } from "@equipoise/sdk";
import { prove, releaseProver, verify } from "@equipoise/sdk/prover";
import { simulatedStatement } from "./statements.ts";

/** One proof. */
export type Run = {
  /** {ms} */
  readonly witnessMs: number;
  /** {ms} */
  readonly proveMs: number;
  /** {s} of processor time, all threads, witness and proof */
  readonly cpuSeconds: number;
};

export type CircuitRuns = {
  readonly circuit: CircuitName;
  readonly constraints: number;
  /** {bytes} */
  readonly zkeyBytes: number;
  /** {bytes} the most this process ever held */
  readonly peakMemory: number;
  /** the first proof starts threads and compiles; those after it are warm */
  readonly first: Run;
  readonly warm: readonly Run[];
};

async function proveRuns(circuit: CircuitName, warmRuns: number, seed: number): Promise<CircuitRuns> {
  const artifacts = await circuitArtifacts(`${circuit}_full`);
  const { statement, input } = simulatedStatement(circuit, seed);
  const runs: Run[] = [];
  try {
    for (let run = 0; run <= warmRuns; run++) {
      const before = process.cpuUsage();
      const proven = await prove(statement, input, artifacts);
      const { user, system } = process.cpuUsage(before);
      const { witnessMs, proveMs } = proven;
      runs.push({ witnessMs, proveMs, cpuSeconds: (user + system) / 1e6 });
      if (run === 0 && !(await verify(statement, proven.proof, artifacts.verificationKey))) {
        throw new Error(`the ${circuit} proof does not verify: a time of it says nothing`);
      }
    }
  } finally {
    await releaseProver();
  }
  const [first, ...warm] = runs as [Run, ...Run[]];
  const peakMemory = process.resourceUsage().maxRSS * 1024;
  const { constraints, zkey } = artifacts;
  return { circuit, constraints, zkeyBytes: statSync(zkey).size, peakMemory, first, warm };
}

const [circuit, warmRuns, seed] = process.argv.slice(2);
if (!CIRCUITS.includes(circuit as CircuitName)) {
  throw new TypeError(`"${circuit}" is no circuit: give one of ${CIRCUITS.join(", ")}, then warm runs and a seed`);
}
const runs = await proveRuns(circuit as CircuitName, Number(warmRuns), Number(seed));
process.stdout.write(`${JSON.stringify(runs)}\n`);
