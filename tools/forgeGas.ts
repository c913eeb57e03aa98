import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";

/** {gas} of whole transactions by name, as strings. */
export type GasFigures = Readonly<Record<string, string>>;

/** Nothing where there is no file. */
export const readFigures = (path: string): GasFigures | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as GasFigures) : undefined;

/**
 * Runs the gas tests of some paths. A figure above its limit fails the test itself.
 * @param folder under build, where forge writes: measuring does not change what is committed
 * @returns the path of the figures, or what went wrong
 */
export function measureGas(tests: string, folder: string): { readonly path: string } | { readonly problem: string } {
  rmSync(folder, { recursive: true, force: true });
  const run = spawnSync("forge", ["test", "--match-path", tests], {
    encoding: "utf8",
    env: { ...process.env, FOUNDRY_SNAPSHOTS: folder, FORGE_SNAPSHOT_CHECK: "false", FORGE_SNAPSHOT_EMIT: "true" },
  });
  if (run.status !== 0) {
    const output = `${run.stdout ?? ""}${run.stderr ?? ""}`.trim().slice(-2_000);
    const outcome = run.error?.message ?? run.status;
    return { problem: `forge test --match-path ${tests} ended with ${outcome}: correct what it says\n${output}` };
  }
  const path = `${folder}/gas.json`;
  return existsSync(path) ? { path } : { problem: `${tests} measured nothing: ${path} was not written` };
}
