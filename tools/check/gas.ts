import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";

const TEST = "test/contracts/*Gas*.t.sol";
const SNAPSHOT = "snapshots/gas.json";
/** Where the test writes here, so that looking does not change what is committed. */
const MEASURED_FOLDER = "build/gas-snapshots";
const MEASURED = `${MEASURED_FOLDER}/gas.json`;
const UPDATE = "npm run check -- --update";

type Figures = Readonly<Record<string, string>>;

/** {gas} by name; nothing where there is no file. */
function readFigures(path: string): Figures | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Figures) : undefined;
}

/** What differs between two snapshots, a name that only one of them has included. */
export function compareGas(committed: Figures, measured: Figures): string[] {
  const names = [...new Set([...Object.keys(committed), ...Object.keys(measured)])].sort();
  return names.flatMap((name) => {
    const [before, now] = [committed[name], measured[name]];
    if (before === now) return [];
    if (now === undefined) return [`${name}: ${SNAPSHOT} has ${before} gas and ${TEST} measures no such thing`];
    const change =
      before === undefined ? "" : ` (${Number(now) > Number(before) ? "+" : ""}${Number(now) - Number(before)})`;
    return [`${name}: ${now} gas${change}, ${SNAPSHOT} says ${before ?? "nothing"}`];
  });
}

/**
 * Runs the gas test and says where its figures differ from the committed snapshot, or writes them there when told to. A
 * figure above its limit fails the test itself.
 */
export function gasDrift(update = false): string[] {
  rmSync(MEASURED_FOLDER, { recursive: true, force: true });
  const run = spawnSync("forge", ["test", "--match-path", TEST], {
    encoding: "utf8",
    env: {
      ...process.env,
      FOUNDRY_SNAPSHOTS: MEASURED_FOLDER,
      FORGE_SNAPSHOT_CHECK: "false",
      FORGE_SNAPSHOT_EMIT: "true",
    },
  });
  if (run.status !== 0) {
    const output = `${run.stdout ?? ""}${run.stderr ?? ""}`.trim().slice(-2_000);
    return [
      `forge test --match-path ${TEST} ended with ${run.error?.message ?? run.status}: correct what it says\n${output}`,
    ];
  }
  const measured = readFigures(MEASURED);
  if (measured === undefined) return [`${TEST} measured nothing: ${MEASURED} was not written`];
  if (update) {
    copyFileSync(MEASURED, SNAPSHOT); // as forge writes it, so that `forge test` finds nothing to change
    return [];
  }
  const problems = compareGas(readFigures(SNAPSHOT) ?? {}, measured);
  return problems.length === 0 ? [] : [...problems, `if the change is meant: ${UPDATE}`];
}
