/** A thread that makes parts of keys. It keeps its engine and the last table of each group between tasks. */
import { parentPort, workerData } from "node:worker_threads";
import type { CurveProgram } from "./curve-program.ts";
import { Engine, FIELD_BYTES, type GroupName, POINT_BYTES } from "./engine.ts";
import { FixedBase, tableWindow, windowBytes } from "./fixed-base.ts";
import { evaluateQap, type KeyScalars } from "./qap.ts";
import type { R1cs } from "./r1cs.ts";
import type { Trapdoor } from "./trapdoor.ts";

type Shared = Uint8Array<SharedArrayBuffer>;

export type Task =
  | { readonly kind: "evaluate"; readonly r1cs: R1cs; readonly trapdoor: Trapdoor }
  /** writes one window into its place in the table */
  | {
      readonly kind: "window";
      readonly group: GroupName;
      readonly windowBits: number;
      readonly position: number;
      readonly table: Shared;
    }
  /** writes the points of scalars [from, to) into their place */
  | {
      readonly kind: "multiply";
      readonly group: GroupName;
      readonly windowBits: number;
      readonly table: Shared;
      readonly scalars: Shared;
      readonly from: number;
      readonly to: number;
      readonly points: Shared;
    };

export type Answer = { readonly result?: KeyScalars; readonly error?: Error };

const port = parentPort;
if (port === null) throw new TypeError("worker.ts runs as a worker thread only");

const engine = new Engine(workerData as CurveProgram);
let heldTables = engine.mark();
const held = new Map<GroupName, { readonly table: SharedArrayBuffer; readonly base: FixedBase }>();

function fixedBase(group: GroupName, windowBits: number, table: Shared): FixedBase {
  const found = held.get(group);
  if (found?.table === table.buffer) return found.base;
  // tables are allocated one above the other: a new one of either group drops both
  if (found !== undefined) {
    held.clear();
    engine.release(heldTables);
  }
  if (held.size === 0) heldTables = engine.mark();
  const base = new FixedBase(engine, group, windowBits, table);
  held.set(group, { table: table.buffer, base });
  return base;
}

function perform(task: Task): KeyScalars | undefined {
  switch (task.kind) {
    case "evaluate":
      return evaluateQap(engine, task.r1cs, task.trapdoor);
    case "window": {
      const window = tableWindow(engine, task.group, task.windowBits, task.position);
      task.table.set(window, task.position * windowBytes(task.group, task.windowBits));
      return undefined;
    }
    case "multiply": {
      const base = fixedBase(task.group, task.windowBits, task.table);
      const points = base.multiply(task.scalars.slice(task.from * FIELD_BYTES, task.to * FIELD_BYTES));
      task.points.set(points, task.from * POINT_BYTES[task.group]);
      return undefined;
    }
  }
}

port.on("message", (task: Task) => {
  let answer: Answer;
  try {
    const result = perform(task);
    answer = result === undefined ? {} : { result };
  } catch (error) {
    answer = { error: error as Error };
  }
  port.postMessage(answer);
});
