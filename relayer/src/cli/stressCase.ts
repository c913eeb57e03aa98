import { readFileSync } from "node:fs";
import { fieldInFiles, type ScanLeg, type StressBook, stressBookFrom } from "@equipoise/sdk";

/** A case file that is not there, or cannot be read. */
export class StressCaseMissing extends Error {
  override name = "StressCaseMissing";
  constructor(path: string, reason: string) {
    super(
      `case file ${path} cannot be read (${reason}): give the path of a JSON file with a case's inputs, or {inputs} around them`,
    );
  }
}

/** A case file in none of the layouts. */
export class StressCaseMalformed extends Error {
  override name = "StressCaseMalformed";
  constructor(path: string, reason: string) {
    super(
      `case file ${path} ${reason}: its inputs must be {cash, spot, perpetuals, options, forwards, parameters, …}, {scenario, long_…, position} or {price_shocks, position_btc}`,
    );
  }
}

/** What a case file asks for. */
export type StressCase =
  | { readonly kind: "book"; readonly book: StressBook }
  | { readonly kind: "scan"; readonly names: readonly string[]; readonly legs: readonly ScanLeg[] }
  | { readonly kind: "inverse"; readonly position: number; readonly shocks: readonly number[] };

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads a case: its shape here, a book's figures by `stressBookFrom`. The layout has a case's scenarios beside what is
 * expected of them; they are taken from there (without their profits) where the inputs name none.
 */
export function readStressCase(path: string): StressCase {
  const content = contentOf(path);
  const inputs = "inputs" in content ? content.inputs : content;
  if (!isFields(inputs)) throw new StressCaseMalformed(path, "holds no object under `inputs`");
  if ("price_shocks" in inputs || "position_btc" in inputs) return inverseFrom(path, inputs);
  if ("position" in inputs) return scanFrom(path, inputs);
  if (!("options" in inputs || "parameters" in inputs)) {
    throw new StressCaseMalformed(path, `has the fields ${Object.keys(inputs).join(", ") || "of no layout"}`);
  }
  const scenarios = inputs.scenarios ?? scenariosOf(content.expected);
  return {
    kind: "book",
    book: stressBookFrom({ ...inputs, ...(scenarios !== undefined && { scenarios }) }, fieldInFiles),
  };
}

function contentOf(path: string): Fields {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new StressCaseMissing(path, (error as NodeJS.ErrnoException).code ?? String(error));
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new StressCaseMalformed(path, `is not JSON (${(error as Error).message})`);
  }
  if (!isFields(content)) throw new StressCaseMalformed(path, "holds no object");
  return content;
}

function scenariosOf(expected: unknown): unknown {
  if (!isFields(expected) || !Array.isArray(expected.scenarios)) return undefined;
  return expected.scenarios.map((scenario: unknown) => {
    if (!isFields(scenario)) return scenario;
    const { pnl: _, ...definition } = scenario;
    return definition;
  });
}

function numbersUnder(path: string, inputs: Fields, field: string): number[] {
  const list = inputs[field];
  if (!Array.isArray(list) || list.length === 0 || !list.every((value) => typeof value === "number")) {
    throw new StressCaseMalformed(path, `has no list of numbers under \`${field}\``);
  }
  return list;
}

/** SPAN: what one long contract of each kind makes, and how many the position holds. */
function scanFrom(path: string, inputs: Fields): StressCase {
  const { position, scenario } = inputs;
  if (!isFields(position) || Object.keys(position).length === 0) {
    throw new StressCaseMalformed(path, "has no quantities under `position`");
  }
  const legs = Object.entries(position).map(([name, quantity]) => {
    if (typeof quantity !== "number") throw new StressCaseMalformed(path, `has no number under \`position.${name}\``);
    return { quantity, riskArray: numbersUnder(path, inputs, `long_${name}`) };
  });
  const count = (legs[0] as ScanLeg).riskArray.length;
  const names = scenario ?? Array.from({ length: count }, (_, s) => String(s));
  if (!Array.isArray(names) || names.length !== count) {
    throw new StressCaseMalformed(path, `does not name ${count} scenarios under \`scenario\``);
  }
  return { kind: "scan", names: names.map(String), legs };
}

function inverseFrom(path: string, inputs: Fields): StressCase {
  const { position_btc: position } = inputs;
  if (typeof position !== "number") throw new StressCaseMalformed(path, "has no number under `position_btc`");
  return { kind: "inverse", position, shocks: numbersUnder(path, inputs, "price_shocks") };
}
