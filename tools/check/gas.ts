import { copyFileSync } from "node:fs";
import { type GasFigures, measureGas, readFigures } from "../forgeGas.ts";

const TEST = "test/contracts/*Gas*.t.sol";
const SNAPSHOT = "snapshots/gas.json";
const UPDATE = "npm run check -- --update";

/** What differs between two snapshots, a name that only one of them has included. */
export function compareGas(committed: GasFigures, measured: GasFigures): string[] {
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

/** Runs the gas tests and says where their figures differ from the committed snapshot, or writes them there when told to. */
export function gasDrift(update = false): string[] {
  const measured = measureGas(TEST, "build/gas-snapshots");
  if ("problem" in measured) return [measured.problem];
  if (update) {
    copyFileSync(measured.path, SNAPSHOT); // as forge writes it, so that `forge test` finds nothing to change
    return [];
  }
  const problems = compareGas(readFigures(SNAPSHOT) ?? {}, readFigures(measured.path) ?? {});
  return problems.length === 0 ? [] : [...problems, `if the change is meant: ${UPDATE}`];
}
