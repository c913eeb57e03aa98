import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** What the figures were measured on. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  /** {bytes} */
  readonly memory: number;
  readonly platform: string;
  readonly node: string;
  readonly snarkjs: string;
  readonly circom2: string;
  readonly solc: string;
  readonly forge: string;
  readonly anvil: string;
};

const installed = (name: string): string =>
  (JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as { version: string }).version;

/** The machine and the versions of what runs on it. To be called in the repository's root. */
export function readMachine(): Machine {
  const solc = execFileSync(process.execPath, ["tools/solc", "--version"], { encoding: "utf8" });
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    snarkjs: installed("snarkjs"),
    circom2: installed("circom2"),
    solc: /Version: (\S+)/.exec(solc)?.[1] ?? "unknown",
    forge: installed("@foundry-rs/forge"),
    anvil: installed("@foundry-rs/anvil"),
  };
}

/** {1} processes that wanted to run during the last minute: above the cores, times are disturbed. */
export const load = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;
