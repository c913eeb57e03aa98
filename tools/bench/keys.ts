import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { circuitNames, PUBLIC_INPUTS, sourceOf, verifierOf } from "../../circuits/setup/circuits.ts";
import { compileCircuit } from "../../circuits/setup/compile.ts";
import { circuitKey, withKeyMaker } from "../../circuits/setup/keys.ts";
import { formatTable } from "../../relayer/src/cli/table.ts";
import { atMost, type Limit } from "./limits.ts";

export type KeyTime = {
  readonly circuit: string;
  /** {s} */
  readonly compileSeconds: number;
  /** {s} waiting for the other circuits included */
  readonly keySeconds: number;
};

export type KeyTimes = {
  readonly circuits: readonly KeyTime[];
  /** {s} from nothing to all keys */
  readonly seconds: number;
  /** {s} of processor time in this process: the keys, not the compiler */
  readonly cpuSeconds: number;
};

const LIMIT_SECONDS = 120;

/** Compiles all circuits and makes all keys in an empty folder, in the order and as many at once as `npm run build:keys`. */
export async function benchKeys(): Promise<KeyTimes> {
  const into = mkdtempSync(resolve("build/bench-keys-"));
  const started = performance.now();
  const before = process.cpuUsage();
  const waiting = [...circuitNames];
  const times: KeyTime[] = [];
  try {
    await withKeyMaker(async (maker) => {
      const lane = async (): Promise<void> => {
        for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
          const begun = performance.now();
          const compiled = await compileCircuit({ source: sourceOf(name), into: join(into, "circuits"), level: "O2" });
          const compiledAt = performance.now();
          const verifier = verifierOf(name);
          await circuitKey({ compiled, into: join(into, "keys"), publicInputs: PUBLIC_INPUTS, verifier }, maker);
          const [compileSeconds, keySeconds] = [compiledAt - begun, performance.now() - compiledAt].map(
            (ms) => ms / 1000,
          );
          times.push({ circuit: name, compileSeconds: compileSeconds as number, keySeconds: keySeconds as number });
        }
      };
      await Promise.all(Array.from({ length: availableParallelism() }, lane));
    });
    const { user, system } = process.cpuUsage(before);
    return { circuits: times, seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 };
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
}

export const keyLimits = ({ seconds }: KeyTimes): Limit[] => [
  atMost("compilation and keys of all circuits, from nothing", seconds, LIMIT_SECONDS, "s"),
];

export function keyTable({ circuits, seconds, cpuSeconds }: KeyTimes): string {
  const rows = circuits.map(({ circuit, compileSeconds, keySeconds }) => [
    circuit,
    compileSeconds.toFixed(1),
    keySeconds.toFixed(1),
  ]);
  const sum = `all from nothing: ${seconds.toFixed(1)} s; processor time of the keys ${cpuSeconds.toFixed(1)} s`;
  return `${formatTable(["circuit", "compile s", "key s, with waiting"], rows)}\n${sum}`;
}
