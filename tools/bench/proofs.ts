import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { formatTable } from "../../relayer/src/cli/table.ts";
import { atMost, type Limit } from "./limits.ts";
import type { CircuitRuns, Run } from "./prove-circuit.ts";

/** The middle and the ends of some figures. */
export type Spread = { readonly median: number; readonly minimum: number; readonly maximum: number };

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
  return { median, minimum: sorted[0] as number, maximum: sorted.at(-1) as number };
}

/** What a circuit may take: {ms} for witness and proof of a warm run on two cores, {1} constraints. */
const LIMITS: Readonly<Record<string, { readonly milliseconds?: number; readonly constraints?: number }>> = {
  covariance: { milliseconds: 8_000 },
  parity: { milliseconds: 1_000 },
  riskArray: { constraints: 2 ** 18 },
  margin: { milliseconds: 12_000, constraints: 120_000 },
  solvency: { constraints: 2 ** 18 },
};

/** Every circuit's proofs, one circuit after the other. To be called in the repository's root. */
export const benchProofs = (warmRuns: number, seed: number): CircuitRuns[] =>
  Object.keys(LIMITS).map((circuit) => {
    const script = join(import.meta.dirname, "prove-circuit.ts");
    const output = execFileSync(process.execPath, [script, circuit, `${warmRuns}`, `${seed}`], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    return JSON.parse(output.trim().split("\n").at(-1) as string) as CircuitRuns;
  });

const total = ({ witnessMs, proveMs }: Run): number => witnessMs + proveMs;

export const proofLimits = (results: readonly CircuitRuns[]): Limit[] =>
  results.flatMap(({ circuit, constraints, warm }) => {
    const limits = LIMITS[circuit] ?? {};
    const time = spreadOf(warm.map(total)).median;
    return [
      ...(limits.milliseconds === undefined
        ? []
        : [atMost(`${circuit} proof, warm: witness and proof`, time, limits.milliseconds, "ms")]),
      ...(limits.constraints === undefined
        ? []
        : [atMost(`${circuit} circuit`, constraints, limits.constraints, "constraints")]),
    ];
  });

/** {1} processor time over time: well below the machine's cores, something else was running. */
const coresGot = (run: Run): number => (1000 * run.cpuSeconds) / total(run);

const whole = (value: number): string => String(Math.round(value));

export function proofTable(results: readonly CircuitRuns[]): string {
  const row = (name: string, first: number, warm: readonly number[], show = whole): string[] => {
    const { median, minimum, maximum } = spreadOf(warm);
    return [name, show(first), show(median), show(minimum), show(maximum)];
  };
  return results
    .map(({ circuit, constraints, zkeyBytes, peakMemory, first, warm }) => {
      const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
      const title = `${circuit}: ${constraints} constraints, zkey ${megabytes(zkeyBytes)}, peak memory ${megabytes(peakMemory)}`;
      const header = ["", "first", `warm median of ${warm.length}`, "min", "max"];
      const column = (of: (run: Run) => number): [number, number[]] => [of(first), warm.map(of)];
      const table = formatTable(header, [
        row("witness, ms", ...column(({ witnessMs }) => witnessMs)),
        row("proof, ms", ...column(({ proveMs }) => proveMs)),
        row("both, ms", ...column(total)),
        row("processor time, s", ...column(({ cpuSeconds }) => cpuSeconds), (seconds) => seconds.toFixed(2)),
        row("cores it got", ...column(coresGot), (cores) => cores.toFixed(2)),
      ]);
      return `${title}\n${table}`;
    })
    .join("\n\n");
}
