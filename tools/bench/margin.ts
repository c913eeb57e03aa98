import { formatTable } from "../../relayer/src/cli/table.ts";
import { measureGas, readFigures } from "../forgeGas.ts";
import { atMost, type Limit } from "./limits.ts";

/** {gas} of one account's margin over all 185 scenarios, whole transactions. */
export type MarginGas = {
  readonly options: number;
  readonly proven: number;
  /** in Solidity, from the words that a risk array's proof has left */
  readonly computed: number;
  /** in Solidity, options priced in every state too */
  readonly priced: number;
};

/** {gas} */
const LIMIT = 300_000;
const BOOKS = [1, 4, 16] as const;
const TEST = "test/contracts/GasMargin.t.sol";

/** Real proofs of three accounts before the house, and the same accounts computed on chain, in one run of forge. */
export function benchMargin(): MarginGas[] {
  const measured = measureGas(TEST, "build/bench-gas");
  if ("problem" in measured) throw new Error(measured.problem);
  const figures = readFigures(measured.path) ?? {};
  const figure = (options: number, name: string): number => {
    const found = figures[`margin: ${options} option${options === 1 ? "" : "s"}, ${name}`];
    if (found === undefined) throw new Error(`${TEST} has no figure for ${options} options, ${name}`);
    return Number(found);
  };
  return BOOKS.map((options) => ({
    options,
    proven: figure(options, "proven"),
    computed: figure(options, "computed from proven arrays"),
    priced: figure(options, "priced and computed"),
  }));
}

export const marginLimits = (margin: readonly MarginGas[]): Limit[] => [
  atMost("margin proof before the house", Math.max(...margin.map(({ proven }) => proven)), LIMIT, "gas"),
];

export const marginTable = (margin: readonly MarginGas[]): string =>
  formatTable(
    [
      "margin of an account, 185 scenarios",
      "proven",
      "Solidity, proven arrays",
      "Solidity, priced",
      "arrays / proven",
      "priced / proven",
    ],
    margin.map(({ options, proven, computed, priced }) => [
      `${options} option${options === 1 ? "" : "s"}`,
      `${proven}`,
      `${computed}`,
      `${priced}`,
      (computed / proven).toFixed(2),
      (priced / proven).toFixed(2),
    ]),
  );
