import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type CircuitArtifacts, fullArtifacts } from "@equipoise/circuits";
import { CIRCUITS, type CircuitName } from "@equipoise/sdk";

/** forge could not compile the contracts. */
export class ContractsNotCompiled extends Error {
  override name = "ContractsNotCompiled";
  constructor(outcome: string, output: string) {
    super(
      `forge build ended with ${outcome}; correct what it says, or run npm ci again:\n${output.trim().slice(-2000)}`,
    );
  }
}

/** What proving needs, by circuit: all of them where there is clearing. */
export type PreparedCircuits = Partial<Record<CircuitName, CircuitArtifacts>>;

const root = join(import.meta.dirname, "../../..");

/** Compiles the contracts, in a process of its own. Forge keeps what has not changed. */
export function compileContracts(): Promise<void> {
  const installed = join(root, "node_modules/.bin/forge");
  const command = existsSync(installed) ? installed : "forge";
  return new Promise((resolve, reject) => {
    const child = spawn(command, ["build", "--skip", "test"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk;
      });
    }
    child.once("error", (error) => reject(new ContractsNotCompiled(error.message, output)));
    child.once("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new ContractsNotCompiled(signal ?? `code ${code}`, output));
    });
  });
}

/** Compiles the circuits of a demo and makes their development keys, each unless it is there. */
export const prepareCircuits = (clearing: boolean): Promise<PreparedCircuits> =>
  clearing ? fullArtifacts(CIRCUITS) : fullArtifacts(["covariance", "parity"]);
