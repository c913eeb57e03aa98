import { beforeAll, describe, expect, it } from "vitest";
import type { AccountHoldings } from "../../sdk/src/model/margin/index.ts";
import { numberLimit } from "../../sdk/src/numbers.ts";
import {
  accountLength,
  FIELD_MODULUS,
  MARGIN_LEVELS,
  PPM,
  SOLVENCY_TOTALS,
  statementLength,
} from "../../sdk/src/protocol.ts";
import { solvencyFacts, unpackMarginResult, unpackSolvencyTotals } from "../../sdk/src/statements/index.ts";
import type { CheatingProver } from "./cheating-prover.ts";
import { laneBit, moved, only, result, size, TIMEOUT } from "./marginProver.ts";
import { honest, type Inputs, parametersOf, solvencyProver, violationsOf, WORDS, witnessOf } from "./solvencyProver.ts";

let prover: CheatingProver;
beforeAll(async () => {
  prover = await solvencyProver();
}, TIMEOUT);

const places = Array.from({ length: size.accounts }, (_, n) => n);
const truth = honest(parametersOf(1));
const [first, second] = parametersOf(1).accounts as [AccountHoldings, AccountHoldings];
const NOTHING: AccountHoldings = { positions: [], cash: 0n, balances: [] };
const inDebt = (account: AccountHoldings, cash: bigint): AccountHoldings => ({ ...account, cash: account.cash - cash });
const SEVEN_MILLIONS = 7_000_000n * PPM;
/** both owe more than they have */
const insolvent = honest(parametersOf(1, [inDebt(first, SEVEN_MILLIONS), inDebt(second, SEVEN_MILLIONS)]));

const at = (name: string, witness = witnessOf(truth)): bigint => witness[prover.system.indexOf.get(name)!]!;
/** One entry of a list of inputs changed. */
const entry = <K extends "results" | "worst" | "heldNumbers">(name: K, place: number, to: string): Partial<Inputs> => ({
  [name]: truth.input[name].map((value, k) => (k === place ? to : value)),
});

describe("solvency", () => {
  it.each([1, 2, 3, 4])("accepts what the model says of seeded accounts: %i", (seed) => {
    expect(violationsOf(honest(parametersOf(seed)))).toEqual([]);
  });

  it.each([
    ["one account, and a place that is not used", [first]],
    ["no account", []],
    ["a place that is not used before an account", [NOTHING, second]],
    ["an account that stands twice, which the chain refuses", [first, first]],
    ["accounts without positions", [NOTHING, { positions: [], cash: -5n, balances: [1n] }]],
    [
      "as many different series as there is room for",
      [
        { ...first, positions: first.positions.slice(0, 2) },
        {
          ...second,
          positions: [
            { series: 33, quantity: 3n * PPM },
            { series: 48, quantity: -PPM },
          ],
        },
      ],
    ],
  ])("accepts %s", (_, accounts) => {
    expect(violationsOf(honest(parametersOf(1, accounts)))).toEqual([]);
  });

  it.each([
    ["one array", { underlyings: [0] }],
    ["no array", { underlyings: [] }],
    ["four arrays of one underlying", { underlyings: [2, 2, 2, 2] }],
  ])("accepts %s", (_, options) => {
    expect(violationsOf(honest(parametersOf(5, undefined, options)))).toEqual([]);
  });

  it("accepts accounts that owe more than they have, and the level of either requirement", () => {
    expect(unpackSolvencyTotals(insolvent.facts.totals).shortfall).toBeGreaterThan(0n);
    expect(violationsOf(insolvent)).toEqual([]);
    for (const level of MARGIN_LEVELS) {
      const stated = honest({ ...parametersOf(1, [first, inDebt(second, SEVEN_MILLIONS)]), level });
      expect(stated.facts.results.map((word) => unpackMarginResult(word).healthy)).toEqual([true, false]);
      expect(violationsOf(stated)).toEqual([]);
    }
  });

  it(
    "notices a change of any signal of the witness but the free inverses and signs of 0",
    () => {
      const witness = witnessOf(truth);
      // IsZero leaves `inv` free exactly where its input is 0, and 0 has either sign
      const free = prover.system.unnoticed(witness).filter((name) => !name.endsWith(".inv"));
      expect(
        free.filter((name) => !name.endsWith(".negative") || at(name.replace(/negative$/, "in"), witness) !== 0n),
      ).toEqual([]);
    },
    TIMEOUT,
  );

  describe("Q-1: accounts are their words", () => {
    const cash = accountLength(size) - 4;
    it.each(places)("refuses cash of account %i with a bit above its number, and positions out of order", (n) => {
      const stated = honest(parametersOf(1, [first, { ...second, positions: first.positions }]));
      const place = n * accountLength(size);
      const accounts = (word: number, bit: number, change: bigint): Partial<Inputs> => ({
        accounts: stated.input.accounts.map((value, k) => (k === place + word ? moved(value, bit, change) : value)),
      });
      only(violationsOf(stated, accounts(cash, 63, 1n)), new RegExp(`^main\\.account\\[${n}\\]\\.UnpackNumbers_`));
      const [one, other] = first.positions.map(({ series }) => BigInt(series)) as [bigint, bigint];
      const swapped = other - one + ((one - other) << BigInt(laneBit(4)));
      expect(violationsOf(stated, accounts(0, 0, swapped)).join()).toContain(`main.unpacked[${n}].rise`);
    });

    it("refuses a quantity where no position is, in a place that is not used too", () => {
      const stated = honest(parametersOf(1, [first]));
      const accounts = stated.input.accounts.map((value, k) =>
        k === accountLength(size) ? moved(value, laneBit(1), 1n) : value,
      );
      expect(violationsOf(stated, { accounts })).toContain("main.unpacked[1].quantities[0]");
    });
  });

  describe("Q-2: positions are in the series that are opened", () => {
    const { series } = first.positions[0]!;
    const place = truth.input.heldNumbers.indexOf(String(series + 1));

    /** What is true of the account without its first position. */
    const without = honest(parametersOf(1, [{ ...first, positions: first.positions.slice(1) }, second])).input;
    const richer = { results: without.results, totals: without.totals, worst: without.worst };
    /** The constraint that a position is in one of the series, by its last signal. */
    const found = "main.unpacked[0].empty[0]";

    it("refuses a position whose series is not opened", () => {
      const hidden = { ...entry("heldNumbers", place, "0"), ...richer };
      expect(violationsOf(truth, hidden)).toEqual([found]);
      const claimed = `main.held[0].at[0][${place}]`;
      expect(violationsOf(truth, entry("heldNumbers", place, "0"), { [claimed]: 1n })).toContain(claimed);
    });

    it("refuses other words for a series that is opened, and the words of another", () => {
      const [values, terms] = [truth.input.seriesValues, truth.input.seriesTerms];
      const changed = values.map((six, k) => (k === place ? [moved(six[0], 0, 1n), ...six.slice(1)] : six));
      const leaf = `main.opened.each[${place}].leafInArray`;
      expect(violationsOf(truth, { seriesValues: changed })).toContain(leaf);
      const other = (place + 1) % 2;
      const swapped = {
        seriesValues: values.with(place, values[other]!),
        seriesTerms: terms.with(place, terms[other]!),
      };
      expect(violationsOf(truth, swapped)).toContain(leaf);
    });

    it("refuses a number beyond the last series", () => {
      expect(violationsOf(truth, entry("heldNumbers", place, "65")).join()).toMatch(
        new RegExp(`main\\.opened\\.each\\[${place}\\]\\.place`),
      );
    });

    it("refuses a position that is denied, counted in another series, or by a half", () => {
      const [own, other] = [`main.held[0].at[0][${place}]`, `main.held[0].at[0][${(place + 1) % 2}]`];
      expect(at(own)).toBe(1n);
      expect(violationsOf(truth, richer, { [own]: 0n })).toEqual([found]);
      expect(violationsOf(truth, {}, { [own]: 0n, [other]: 1n })).toContain(other);
      expect(violationsOf(truth, {}, { [own]: (FIELD_MODULUS + 1n) / 2n })).toContain(found);
    });

    it("lets a series stand twice, in whatever parts a position is counted: all of it is linear", () => {
      const free = truth.input.heldNumbers.indexOf("0");
      expect(free).toBeGreaterThan(0);
      const twice = {
        ...entry("heldNumbers", free, String(series + 1)),
        seriesTerms: truth.input.seriesTerms.with(free, truth.input.seriesTerms[place]!),
        seriesValues: truth.input.seriesValues.with(free, truth.input.seriesValues[place]!),
      };
      const counted = (times: bigint): Record<string, bigint> => ({
        [`main.held[0].at[0][${place}]`]: times,
        [`main.held[0].at[0][${free}]`]: 1n - times,
      });
      const others = second.positions.flatMap((position, i) =>
        position.series === series ? [[`main.held[1].at[${i}][${free}]`, 0n] as const] : [],
      );
      for (const times of [1n, 0n, 3n]) {
        expect(violationsOf(truth, twice, { ...counted(times), ...Object.fromEntries(others) })).toEqual([]);
        const cheaper = {
          ...twice,
          results: truth.input.results.with(0, moved(truth.input.results[0], result("initialMargin"), -1n)),
        };
        const totals = { totals: moved(truth.input.totals, laneBit(SOLVENCY_TOTALS.initialMargin), -1n) };
        expect(
          violationsOf(truth, { ...cheaper, ...totals }, { ...counted(times), ...Object.fromEntries(others) }),
        ).toEqual(["main.account[0].covered[1].in"]);
      }
    });

    it.each(["quantity", "magnitude"])("refuses another %s of a series", (name) => {
      const path = `main.held[1].${name}[0][0]`;
      expect(violationsOf(truth, {}, { [path]: at(path) + 1n })).toContain(path);
    });
  });

  describe.each(places)("G of account %i", (n) => {
    const totals = (name: keyof typeof SOLVENCY_TOTALS, change: bigint): Partial<Inputs> => ({
      totals: moved(truth.input.totals, laneBit(SOLVENCY_TOTALS[name]), change),
    });
    const said = (name: "equity" | "maintenanceMargin" | "initialMargin", change: bigint): Partial<Inputs> => ({
      ...entry("results", n, moved(truth.input.results[n], result(name), change)),
      ...totals(name, change),
    });

    it("refuses more equity and lower requirements, and takes less and higher ones", () => {
      expect(violationsOf(truth, said("equity", 1n))).toEqual([`main.account[${n}].equityLeft.in`]);
      expect(violationsOf(truth, said("equity", -1n))).toEqual([]);
      expect(violationsOf(truth, said("maintenanceMargin", -1n))).toEqual([`main.account[${n}].covered[0].in`]);
      expect(violationsOf(truth, said("initialMargin", -1n))).toEqual([`main.account[${n}].covered[1].in`]);
      expect(violationsOf(truth, said("maintenanceMargin", 1n))).toEqual([]);
    });

    it("refuses one unit less than the worst loss, by the scenario that has it", () => {
      const { worst } = solvencyFacts(parametersOf(1), size).margins[n]!;
      const violated = violationsOf(truth, entry("worst", n, String(worst.loss - 1n)));
      expect(violated).toContain(`main.account[${n}].notWorse[${worst.scenario}].in`);
      for (const path of violated) expect(path).toContain(`main.account[${n}].`);
    });

    it("refuses health that is not there", () => {
      const lie = {
        results: insolvent.input.results.with(n, moved(insolvent.input.results[n], result("healthy"), 1n)),
      };
      expect(violationsOf(insolvent, lie)).toEqual([`main.account[${n}].excess.in`]);
    });

    it("refuses another credit for its collateral, and other Greeks of nothing: there are none", () => {
      const lane = parametersOf(1).accounts[n]!.balances.findIndex((balance) => balance > 0n);
      const path = `main.account[${n}].balances.counted[${lane}].credit`;
      expect(violationsOf(truth, {}, { [path]: at(path) + 1n }).join()).toContain(
        `main.account[${n}].balances.counted[${lane}].`,
      );
      expect(prover.system.names.some((name) => /greek/i.test(name))).toBe(false);
    });
  });

  it("refuses results that are those of each other", () => {
    expect(violationsOf(truth, { results: truth.input.results.toReversed() })).not.toEqual([]);
  });

  describe("Q-3: totals", () => {
    const names = Object.keys(SOLVENCY_TOTALS) as (keyof typeof SOLVENCY_TOTALS)[];
    it.each(names)("refuses another %s, more or less", (name) => {
      for (const stated of [truth, insolvent]) {
        for (const change of name === "shortfall" && stated === truth ? [1n] : [1n, -1n]) {
          const violated = violationsOf(stated, {
            totals: moved(stated.input.totals, laneBit(SOLVENCY_TOTALS[name]), change),
          });
          expect(violated).toHaveLength(1);
          expect(violated[0]).toMatch(/^main\.(total\.numbers\[\d\]|owed\[\d\]\.magnitude)$/);
        }
      }
    });

    it("refuses a debt called a claim", () => {
      const name = "main.owed[0].negative";
      expect(at(name, witnessOf(insolvent))).toBe(1n);
      expect(violationsOf(insolvent, {}, { [name]: 0n }).join()).toMatch(/main\.owed\[0\]\.Bits_/);
      expect(violationsOf(truth, {}, { [name]: 1n }).join()).toMatch(/main\.owed\[0\]\.Bits_/);
    });

    const limit = numberLimit("triple") / 2n;
    const rich = (cash: bigint): AccountHoldings => ({ positions: [], cash, balances: [] });
    it("accepts the greatest and the smallest equity that accounts and totals hold", () => {
      for (const cash of [
        [limit - 1n, 0n],
        [limit - 1n, -limit],
        [-limit, 0n],
        [-limit / 2n, -limit / 2n],
      ] as const) {
        const stated = honest(parametersOf(1, cash.map(rich)));
        expect(unpackSolvencyTotals(stated.facts.totals)).toEqual({
          equity: cash[0] + cash[1],
          maintenanceMargin: 0n,
          initialMargin: 0n,
          shortfall: cash.reduce((sum, value) => sum + (value < 0n ? -value : 0n), 0n),
        });
        expect(violationsOf(stated)).toEqual([]);
      }
    });

    it("has no proof where a total passes what its triple holds", () => {
      const most = honest(parametersOf(1, [rich(limit - 1n), rich(0n)]));
      // the other gets one dollar's millionth as well, in cash, result and the total, which carries into the next
      const more = 2 * accountLength(size) - 4;
      const violated = violationsOf(most, {
        accounts: most.input.accounts.map((value, k) => (k === more ? moved(value, 0, 1n) : value)),
        results: most.input.results.with(1, moved(most.input.results[1], 0, 1n)),
        totals: moved(most.input.totals, 0, 1n),
      });
      expect(violated.length).toBeGreaterThan(0);
      for (const path of violated)
        expect(path).toMatch(/^main\.total\.numbers\[\d\]|^main\.account\[1\]\.requirements/);
    });
  });

  describe("statement", () => {
    it("refuses another evaluation, challenge or commitment", () => {
      const { evaluation, challenge, commitment } = truth.statement;
      expect(violationsOf(truth, {}, { "main.evaluation": evaluation + 1n }).join()).toMatch(/^main\.statement\./);
      expect(violationsOf(truth, {}, { "main.challenge": challenge + 1n }).join()).toMatch(/^main\.statement\./);
      expect(violationsOf(truth, {}, { "main.commitment": commitment + 1n }).join()).toMatch(/^main\.Sponge[^,]*$/);
    });

    it(
      "binds every word",
      () => {
        const words = WORDS.flatMap((name) => [truth.input[name]].flat().map((_, k) => [name, k] as const));
        expect(words).toHaveLength(statementLength("solvency", size) - 4);
        const witness = witnessOf(truth);
        for (const [name, k] of words) {
          const signal = Array.isArray(truth.input[name]) ? `main.${name}[${k}]` : `main.${name}`;
          expect(violationsOf(truth, {}, { [signal]: at(signal, witness) + 1n }).join()).toMatch(
            /main\.(statement|Sponge)/,
          );
        }
      },
      TIMEOUT,
    );
  });
});
