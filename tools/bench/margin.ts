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

/** The same accounts and whom they traded with, proven together. */
export type MarginBench = {
  readonly books: readonly MarginGas[];
  readonly together: { readonly accounts: number; readonly each: number };
};

/** {gas} */
const LIMIT = 300_000;
const BOOKS = [1, 4, 16] as const;
const TEST = "test/contracts/GasMargin.t.sol";

/** Real proofs of accounts before the house, alone and together, and the same accounts computed on chain, in one run of forge. */
export function benchMargin(): MarginBench {
  const measured = measureGas(TEST, "build/bench-gas");
  if ("problem" in measured) throw new Error(measured.problem);
  const figures = readFigures(measured.path) ?? {};
  const figure = (name: string): number => {
    const found = figures[name];
    if (found === undefined) throw new Error(`${TEST} has no figure "${name}"`);
    return Number(found);
  };
  const ofBook = (options: number, name: string): number =>
    figure(`margin: ${options} option${options === 1 ? "" : "s"}, ${name}`);
  const books = BOOKS.map((options) => ({
    options,
    proven: ofBook(options, "proven"),
    computed: ofBook(options, "computed from proven arrays"),
    priced: ofBook(options, "priced and computed"),
  }));
  const accounts = BOOKS.length + 1;
  return { books, together: { accounts, each: Math.round(figure("solvency: four accounts in one proof") / accounts) } };
}

export const marginLimits = ({ books }: MarginBench): Limit[] => [
  atMost("margin proof before the house", Math.max(...books.map(({ proven }) => proven)), LIMIT, "gas"),
];

export const marginTable = ({ books, together }: MarginBench): string =>
  `${formatTable(
    [
      "margin of an account, 185 scenarios",
      "proven",
      "Solidity, proven arrays",
      "Solidity, priced",
      "arrays / proven",
      "priced / proven",
    ],
    books.map(({ options, proven, computed, priced }) => [
      `${options} option${options === 1 ? "" : "s"}`,
      `${proven}`,
      `${computed}`,
      `${priced}`,
      (computed / proven).toFixed(2),
      (priced / proven).toFixed(2),
    ]),
  )}
${together.accounts} accounts in one proof: ${together.each} gas each, of which each is healthy as if it had been proven alone`;
