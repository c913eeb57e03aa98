import { describe, expect, it } from "vitest";
import { type AccountHoldings, accountWith, TooMany } from "../model/margin/index.ts";
import { seededAccounts, seededBook } from "../model/margin/seededBook.ts";
import { NumberOutOfRange } from "../numbers.ts";
import { ARRAY_COUNT, accountLength, SIZES, SOLVENCY_TOTALS, statementLength, TRIPLE_LANES } from "../protocol.ts";
import {
  arrayCommitmentsOf,
  collateralTermsOf,
  marginAccountOf,
  marginFacts,
  marginStatement,
  packMarginResult,
  packSolvencyTotals,
  riskArrayFacts,
  type SolvencyParameters,
  solvencyFacts,
  solvencyInput,
  solvencyStatement,
  unpackSolvencyTotals,
} from "./index.ts";

const book = seededBook(3);
const arrays = book.arrays.map((array) => array && riskArrayFacts(array));
const accounts = seededAccounts(3, book, SIZES.full.accounts - 1);
const parameters: SolvencyParameters = {
  accounts,
  collateral: book.account.collateral,
  terms: book.terms,
  jointLevels: book.jointLevels,
  arrays,
  level: "initial",
};
const { facts, margins, totals } = solvencyFacts(parameters);
const statement = solvencyStatement(facts);

describe("solvencyStatement", () => {
  it("default: accounts' words first, then what judges them, results, totals and commitments", () => {
    const { words } = statement;
    expect(words).toHaveLength(statementLength("solvency"));
    const length = accountLength(SIZES.full);
    const each = accounts.map(
      (account) =>
        marginStatement(marginFacts({ ...parameters, account: accountWith(account, parameters.collateral) }).facts)
          .words,
    );
    each.forEach((margin, n) => {
      expect(words.slice(n * length, (n + 1) * length)).toEqual(margin.slice(0, length));
      expect(words.slice(4 * length, 4 * length + 11)).toEqual(margin.slice(length, length + 11));
      expect(words[4 * length + 11 + n]).toBe(margin[length + 11]);
    });
    expect(words.at(-1 - ARRAY_COUNT)).toBe(packSolvencyTotals(totals));
    expect(words.slice(-ARRAY_COUNT)).toEqual(arrayCommitmentsOf({ arrays }));
  });

  it("default: a place that is not used has an empty account's words, and its result", () => {
    const nothing = solvencyFacts({ ...parameters, accounts: [] });
    expect(facts.accounts.at(-1)).toEqual(nothing.facts.accounts[0]);
    const none = { equity: 0n, maintenanceMargin: 0n, initialMargin: 0n, level: "initial", healthy: true } as const;
    expect(nothing.facts.results).toEqual(new Array(SIZES.full.accounts).fill(packMarginResult(none)));
    expect(nothing.margins).toEqual([]);
    expect(unpackSolvencyTotals(nothing.facts.totals)).toEqual(nothing.totals);
  });

  it("default: accounts come back from their words", () => {
    expect(facts.accounts.slice(0, 3).map((words) => marginAccountOf({ ...facts, ...words }))).toEqual(
      accounts.map((account) => accountWith(account, collateralTermsOf(facts))),
    );
    expect(margins).toHaveLength(accounts.length);
  });
});

describe("solvencyInput", () => {
  it("default: every series that anybody holds, once, and each account's worst loss", () => {
    const input = solvencyInput(facts, statement);
    const held = input.heldNumbers.map(Number);
    const all = new Set(accounts.flatMap(({ positions }) => positions.map(({ series }) => series + 1)));
    expect(new Set(held.filter((number) => number > 0))).toEqual(all);
    expect(held.filter((number) => number === 0)).toHaveLength(SIZES.full.heldSeries - all.size);
    expect(input.worst).toEqual([...margins.map(({ worst }) => String(worst.loss)), "0"]);
    expect(input.accounts).toHaveLength(SIZES.full.accounts * accountLength(SIZES.full));
  });
});

describe("solvencyFacts", () => {
  const holding = (...series: number[]): AccountHoldings => ({
    positions: series.map((number) => ({ series: number, quantity: 1n })),
    cash: 0n,
    balances: [],
  });

  it("error: TooMany accounts, different series, or balances", () => {
    const five = new Array(SIZES.full.accounts + 1).fill(holding());
    expect(() => solvencyFacts({ ...parameters, accounts: five })).toThrow(/5 accounts; there is room for 4/);
    const sixteen = (from: number) => holding(...Array.from({ length: 16 }, (_, k) => from + k));
    expect(() => solvencyFacts({ ...parameters, accounts: [sixteen(0), sixteen(16)] })).toThrow(
      /32 different series; there is room for 24/,
    );
    const balances = new Array(13).fill(1n);
    expect(() => solvencyFacts({ ...parameters, accounts: [{ ...holding(), balances }] })).toThrow(TooMany);
  });

  it("error: NumberOutOfRange where the totals pass what they hold", () => {
    const rich = { ...holding(), cash: (1n << 62n) - 1n };
    expect(() => solvencyFacts({ ...parameters, accounts: [rich] })).not.toThrow();
    expect(() => solvencyFacts({ ...parameters, accounts: [rich, rich] })).toThrow(NumberOutOfRange);
  });
});

describe("packSolvencyTotals", () => {
  const values = { equity: -5n, maintenanceMargin: 7n, initialMargin: 9n, shortfall: 11n };

  it("default: there and back, equity below 0 too; four triples fill the word", () => {
    expect(unpackSolvencyTotals(packSolvencyTotals(values))).toEqual(values);
    expect(Object.values(SOLVENCY_TOTALS)).toEqual([0, 1, 2, 3].map((place) => place * TRIPLE_LANES));
  });

  it("error: NumberOutOfRange", () => {
    expect(() => packSolvencyTotals({ ...values, shortfall: 1n << 63n })).toThrow(NumberOutOfRange);
    expect(() => packSolvencyTotals({ ...values, equity: 1n << 62n })).toThrow(NumberOutOfRange);
  });
});
