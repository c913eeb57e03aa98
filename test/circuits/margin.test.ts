import { beforeAll, describe, expect, it } from "vitest";
import { unpackLanes } from "../../sdk/src/lanes.ts";
import { type Charges, type Position, scenarioName } from "../../sdk/src/model/margin/index.ts";
import { seededBook } from "../../sdk/src/model/margin/seededBook.ts";
import { placeNumber, placeSigned } from "../../sdk/src/numbers.ts";
import {
  GREEKS,
  LANE_BITS,
  MARGIN_LEVELS,
  MARGIN_RESULT,
  MARGIN_TERMS,
  type MarginTerm,
  PPM,
  SCENARIO_COUNT,
  SERIES_TERMS,
  SIZES,
  statementLength,
} from "../../sdk/src/protocol.ts";
import {
  type MarginFacts,
  type MarginParameters,
  marginFacts,
  marginInput,
  marginStatement,
  riskArrayFacts,
  type Statement,
  StatementWordOutOfRange,
  statementOf,
  unpackMarginResult,
} from "../../sdk/src/statements/index.ts";
import { CheatingProver } from "./cheating-prover.ts";
import { tamperable } from "./systems.ts";

const size = SIZES.small;
const TIMEOUT = 240_000;

type Inputs = ReturnType<typeof marginInput>;

let prover: CheatingProver;
beforeAll(async () => {
  prover = new CheatingProver(await tamperable("margin_small"));
}, TIMEOUT);

function parametersOf(seed: number, options: Parameters<typeof seededBook>[1] = {}): MarginParameters {
  const book = seededBook(seed, { size, ...options });
  const arrays = book.arrays.map((array) => array && riskArrayFacts(array, size));
  return { ...book, arrays, level: "maintenance" };
}

const honest = (parameters: MarginParameters): { facts: MarginFacts; input: Inputs; statement: Statement } => {
  const { facts } = marginFacts(parameters, size);
  const statement = marginStatement(facts, size);
  return { facts, input: marginInput(facts, statement, size), statement };
};

/** A nested input as the signals of the circuit. */
function signalsOf(name: string, value: unknown): [string, bigint][] {
  if (Array.isArray(value)) return value.flatMap((entry, k) => signalsOf(`${name}[${k}]`, entry));
  return [[name, BigInt(value as string)]];
}

const WORDS = [
  "positions",
  "cash",
  "collateral",
  "collateralPrices",
  "collateralHaircuts",
  "collateralSlopes",
  "collateralArrays",
  "marginTerms",
  "jointStates",
  "result",
  "greeks",
] as const;

/** The witness of a prover who states these inputs, true or false, with public inputs that fit the statement. */
function witnessOf(
  truth: ReturnType<typeof honest>,
  lie: Partial<Inputs> = {},
  forced: Record<string, bigint> = {},
  commitments: readonly bigint[] = truth.statement.words.slice(-4),
): bigint[] {
  const input = { ...truth.input, ...lie };
  const words = [...WORDS.flatMap((word) => [input[word]].flat().map(BigInt)), ...commitments];
  const statement = statementOf("margin", words, size);
  const stated = { ...input, challenge: String(statement.challenge), evaluation: String(statement.evaluation) };
  const given = Object.fromEntries(Object.entries(stated).flatMap(([name, value]) => signalsOf(`main.${name}`, value)));
  return prover.witness(given, forced);
}

const violationsOf = (...lie: Parameters<typeof witnessOf>): string[] => prover.system.violations(witnessOf(...lie));

const big = (value: unknown): bigint => BigInt(value as string);
/** Adds to a word at a bit. */
const moved = (word: unknown, bit: number, change: bigint): string => String(big(word) + (change << BigInt(bit)));
const laneBit = (lane: number): number => LANE_BITS * lane;
const term = (name: MarginTerm): number => laneBit(MARGIN_TERMS.indexOf(name));
const result = (name: keyof typeof MARGIN_RESULT): number => laneBit(MARGIN_RESULT[name]);
const only = (violated: string[], pattern: RegExp): void => {
  expect(violated).not.toEqual([]);
  for (const path of violated) expect(path).toMatch(pattern);
};

const truth = honest(parametersOf(1));
const { account } = parametersOf(1);

/** The same account with other positions, in any order and number; the model is not asked. */
function placed(positions: readonly (Position | undefined)[]): Partial<Inputs> {
  const { arrays } = parametersOf(1);
  const word = positions.reduce((sum, position, place) => {
    const lane = 4 * place;
    return (
      sum +
      placeNumber("lane", lane, BigInt((position?.series ?? -1) + 1)) +
      placeSigned("triple", lane + 1, position?.quantity ?? 0n)
    );
  }, 0n);
  const series = positions.map((position) => {
    const array = arrays[Math.floor((position?.series ?? 0) / 16)]!;
    const place = (position?.series ?? 0) % 16;
    return { terms: array.seriesTerms[place]!, values: array.seriesValues[place]! };
  });
  return {
    positions: [String(word)],
    seriesTerms: series.map(({ terms }) => String(terms)),
    seriesValues: series.map(({ values }) => values.map(String)),
  };
}

describe("margin", () => {
  it.each([1, 2, 3, 4])("accepts what the model says of a seeded book: %i", (seed) => {
    expect(violationsOf(honest(parametersOf(seed)))).toEqual([]);
  });

  it.each([
    ["an account without positions", { positions: 0 }],
    ["one position", { positions: 1 }],
    ["one array", { underlyings: [0] }],
    ["no array", { underlyings: [] }],
    ["an array that is missing before its kin", { underlyings: [undefined, 0, 1, 0] }],
    ["four arrays of one underlying", { underlyings: [2, 2, 2, 2] }],
  ])("accepts %s", (_, options) => {
    expect(violationsOf(honest(parametersOf(5, options)))).toEqual([]);
  });

  it("accepts the level of either requirement, and an account that falls short of it", () => {
    const poor = { ...account, cash: account.cash - 2_000_000n * PPM };
    for (const level of MARGIN_LEVELS) {
      for (const holder of [account, poor]) {
        const stated = honest({ ...parametersOf(1), account: holder, level });
        expect(unpackMarginResult(stated.facts.result).healthy).toBe(holder === account);
        expect(violationsOf(stated)).toEqual([]);
      }
    }
  });

  it("accepts the largest and the smallest quantities that a place holds", () => {
    const tiny = parametersOf(1, { underlyings: [2] });
    for (const quantity of [1n, -1n, (1n << 62n) - 1n, -(1n << 62n)]) {
      const { cash } = account;
      const stated = honest({
        ...tiny,
        account: { ...account, cash, collateral: [], positions: [{ series: 0, quantity }] },
      });
      expect(violationsOf(stated)).toEqual([]);
    }
  });

  it("notices a change of any signal of the witness but the free inverses and signs of 0", () => {
    const witness = witnessOf(truth);
    const of = (name: string): bigint => witness[prover.system.indexOf.get(name)!]!;
    // IsZero leaves `inv` free exactly where its input is 0, and 0 has either sign
    const free = prover.system.unnoticed(witness).filter((name) => !name.endsWith(".inv"));
    expect(free.filter((name) => !name.endsWith(".negative") || of(name.replace(/negative$/, "in")) !== 0n)).toEqual(
      [],
    );
  });

  describe("G-1: words are their numbers", () => {
    it.each([
      ["cash", "cash", 63],
      ["haircuts", "collateralHaircuts", 252],
      ["terms", "marginTerms", 252],
      ["result", "result", laneBit(11)],
    ] as const)("refuses %s with a bit above its numbers", (_, word, bit) => {
      const lie = { [word]: moved(truth.input[word], bit, 1n) };
      if (bit === 252) expect(() => witnessOf(truth, lie)).toThrow(StatementWordOutOfRange);
      else only(violationsOf(truth, lie), /^main\.account\.UnpackNumbers_/);
    });

    it("refuses joint states above 6, and with bits above", () => {
      const words = truth.input.jointStates;
      const level = unpackLanes(big(words[0]))[0]!;
      expect(violationsOf(truth, { jointStates: [moved(words[0], 0, 7n - level), ...words.slice(1)] }).join()).toMatch(
        /main\.JointLevels_[\d_]+\.OneHot_/,
      );
      only(violationsOf(truth, { jointStates: [moved(words[0], 3, 1n), ...words.slice(1)] }), /unpacked\[0\]\./);
    });

    it("refuses a level or a health that is no bit", () => {
      for (const name of ["level", "healthy"] as const) {
        const bit = result(name) + 1;
        expect(violationsOf(truth, { result: moved(truth.input.result, bit, 1n) }).join()).toMatch(
          /main\.account\.UnpackNumbers_[\d_]+\.(wordBits|one)/,
        );
      }
    });

    const [first, second, third] = account.positions as [Position, Position, Position];
    it.each([
      ["series out of order", [second, first, third]],
      ["a series that stands twice", [first, first, third]],
      ["a place left free before a position", [first, undefined, third]],
    ])("refuses %s", (_, positions) => {
      expect(violationsOf(truth, placed(positions)).join()).toMatch(/main\.account\.holdings\.account\.(rise|empty)\[/);
    });

    it("refuses a quantity where no position is", () => {
      const word = big(placed([first, second, undefined]).positions![0]);
      const lie = { ...placed([first, second, undefined]), positions: [moved(word, laneBit(9), 1n)] };
      expect(violationsOf(truth, lie)).toContain("main.account.holdings.account.quantities[2]");
    });

    it("refuses a series whose number has no array", () => {
      const lie = { positions: [moved(truth.input.positions[0], laneBit(8), 64n)] };
      expect(violationsOf(truth, lie).join()).toMatch(/holdings\.opened\[2\]\.number/);
    });

    it("refuses the other sign", () => {
      const name = "main.account.holdings.account.isPositive[0]";
      const sign = witnessOf(truth)[prover.system.indexOf.get(name)!]!;
      expect(violationsOf(truth, {}, { [name]: 1n - sign }).length).toBeGreaterThan(0);
    });
  });

  describe("G-2: arrays are the committed ones", () => {
    it("refuses values that are not in the array", () => {
      const [six, ...others] = truth.input.seriesValues;
      const lie = { seriesValues: [[moved(six![0], 0, 1n), ...six!.slice(1)], ...others] };
      expect(violationsOf(truth, lie).join()).toMatch(/main\.account\.holdings\.opened\[0\]\.leafInArray/);
    });

    it("refuses terms that are not in the array", () => {
      const lie = {
        seriesTerms: [moved(truth.input.seriesTerms[0], laneBit(SERIES_TERMS.strike), 1n)].concat(
          truth.input.seriesTerms.slice(1),
        ),
      };
      expect(violationsOf(truth, lie).join()).toMatch(/main\.account\.holdings\.opened\[0\]\.leafInArray/);
    });

    it("refuses the values of another series of the array", () => {
      const [position, ...rest] = account.positions as Position[];
      const other = position!.series % 16 === 0 ? position!.series + 1 : position!.series - 1;
      const { seriesTerms, seriesValues } = placed([{ series: other, quantity: 0n }, ...rest]);
      expect(violationsOf(truth, { seriesTerms: seriesTerms!, seriesValues: seriesValues! }).join()).toMatch(
        /opened\[0\]\.leafInArray/,
      );
    });

    it.each(["scenarioTerms", "markets", "stateSets"] as const)("refuses other %s than those committed to", (name) => {
      const lie = { [name]: [moved(truth.input[name][0], 0, 1n), ...truth.input[name].slice(1)] };
      expect(violationsOf(truth, lie).join()).toMatch(/^main\.statement\.|^main\.commitment|main\.statement/);
    });

    it("refuses a leaf that is not committed to", () => {
      const [leaves, ...others] = truth.input.leaves;
      const lie = { leaves: [[moved(leaves![0], 0, 1n), ...leaves!.slice(1)], ...others] };
      expect(violationsOf(truth, lie).join()).toMatch(/main\.statement/);
    });

    it("refuses an array that is called missing, for its positions and for its collateral", () => {
      const at = Math.floor(account.positions[0]!.series / 16);
      const listed = truth.input.listed.map((bit, a) => (a === at ? "0" : bit));
      const commitments = truth.statement.words.slice(-4).map((word, a) => (a === at ? 0n : word));
      const violated = violationsOf(truth, { listed }, {}, commitments).join();
      expect(violated).toMatch(/main\.account\.holdings\.opened\[0\]\.empty|isPresent|present/);
      expect(violated).toMatch(/main\.account\.balances\.hot\[/);
    });

    it("refuses kin of an array that is missing", () => {
      // array 0 is missing; the prover gives it the underlying of its neighbours and no spot, to charge them by that
      const orphan = honest(parametersOf(5, { underlyings: [undefined, 0, 0, 1] }));
      const markets = [orphan.input.markets[1]!, ...orphan.input.markets.slice(1)].map((word, a) =>
        a === 0 ? String((big(word) >> 84n) << 84n) : word,
      );
      expect(violationsOf(orphan, { markets })).toEqual([]);
      const cheaper = { markets, result: moved(orphan.input.result, result("initialMargin"), -1n) };
      expect(violationsOf(orphan, cheaper)).toContain("main.account.covered[1].in");
      const forced = { "main.market.kinship.kin[0][1]": 1n };
      expect(violationsOf(orphan, { markets }, forced)).toContain("main.market.kinship.same[0][1]");
    });

    it("refuses kin denied and kin invented", () => {
      for (const [a, b] of [
        [0, 2],
        [0, 1],
      ] as const) {
        const name = `main.market.kinship.same[${a}][${b}]`;
        const same = witnessOf(truth)[prover.system.indexOf.get(name)!]!;
        const zero = `main.market.kinship.IsZero_`;
        expect(same).toBe(b === 2 ? 1n : 0n);
        expect(
          violationsOf(truth, {}, { [name]: 1n - same }).some((path) => path.startsWith(zero) || path === name),
        ).toBe(true);
      }
    });
  });

  describe("G-3, G-4: the worst loss is that of every scenario", () => {
    it("refuses a worst loss of 0 by exactly the scenarios that lose", () => {
      const all = Array.from({ length: SCENARIO_COUNT }, (_, s) => s);
      // the static state of each array alone, and of all, never loses
      const waiting = new Set(all.filter((s) => !/: spot unchanged, volatility static$/.test(scenarioName(s))));
      expect(waiting.size).toBe(SCENARIO_COUNT - 5);
      for (let seed = 1; waiting.size > 0; seed++) {
        expect(seed).toBeLessThan(40);
        const parameters = parametersOf(seed);
        const { scenarioProfits } = marginFacts(parameters, size).margin;
        const losing = all.filter((s) => scenarioProfits[s]! < 0n);
        if (!losing.some((s) => waiting.has(s))) continue;
        const violated = violationsOf(honest(parameters), { worst: "0" });
        expect(violated.toSorted()).toEqual(losing.map((s) => `main.account.notWorse[${s}].in`).toSorted());
        for (const s of losing) waiting.delete(s);
      }
    });

    it.each([1, 2, 3])("refuses one unit less than the worst loss: %i", (seed) => {
      const parameters = parametersOf(seed);
      const { worst } = marginFacts(parameters, size).margin;
      const violated = violationsOf(honest(parameters), { worst: String(worst.loss - 1n) });
      expect(violated).toContain(`main.account.notWorse[${worst.scenario}].in`);
    });

    it.each([
      "main.account.scenarios.profit[1][3]",
      "main.account.scenarios.creditStep[0]",
      "main.account.scenarios.withKin[0][2][5]",
      "main.account.scenarios.chosen[7][1][2]",
      "main.account.holdings.position[1].moves[1][4]",
      "main.account.holdings.position[2].held[2]",
      "main.account.holdings.opened[0].own[1]",
    ])("refuses another %s", (name) => {
      const before = witnessOf(truth)[prover.system.indexOf.get(name)!]!;
      const violated = violationsOf(truth, {}, { [name]: before + 1n });
      expect(violated.length).toBeGreaterThan(0);
    });
  });

  describe("G-5, G-6: equity and collateral", () => {
    it("refuses more equity, and takes less", () => {
      expect(violationsOf(truth, { result: moved(truth.input.result, 0, 1n) })).toEqual(["main.account.equityLeft.in"]);
      expect(violationsOf(truth, { result: moved(truth.input.result, 0, -1n) })).toEqual([]);
    });

    const lane = account.collateral.findIndex(({ balance, slope }) => balance > 0n && slope > 0n);
    it.each([
      ["value", 1n],
      ["value", -1n],
      ["credit", 1n],
      ["credit", -1n],
    ])("refuses a %s moved by %i", (name, change) => {
      const path = `main.account.balances.counted[${lane}].${name}`;
      const before = witnessOf(truth)[prover.system.indexOf.get(path)!]!;
      expect(before).toBeGreaterThan(0n);
      expect(violationsOf(truth, {}, { [path]: before + change }).join()).toMatch(
        new RegExp(`main\\.account\\.balances\\.counted\\[${lane}\\]\\.`),
      );
    });

    it("refuses a haircut above one", () => {
      const lie = { collateralHaircuts: moved(truth.input.collateralHaircuts, laneBit(lane), PPM) };
      expect(violationsOf(truth, lie).join()).toMatch(new RegExp(`counted\\[${lane}\\]\\.Bits_`));
    });

    it("refuses collateral that moves with an array beyond the last", () => {
      const lie = { collateralArrays: moved(truth.input.collateralArrays, laneBit(11), 5n) };
      expect(violationsOf(truth, lie).join()).toMatch(/main\.account\.balances\.OneHot_/);
    });
  });

  describe("G-7: requirements", () => {
    it.each([
      ["maintenanceMargin", 0],
      ["initialMargin", 1],
    ] as const)("refuses less %s, and takes more", (name, level) => {
      expect(violationsOf(truth, { result: moved(truth.input.result, result(name), -1n) })).toContain(
        `main.account.covered[${level}].in`,
      );
      expect(violationsOf(truth, { result: moved(truth.input.result, result(name), 1n) })).toEqual([]);
    });

    const part = (name: MarginTerm): keyof Charges | undefined =>
      name === "basis"
        ? "basis"
        : name === "shortOptionMinimum"
          ? "shortOptions"
          : name.endsWith("Perpetual")
            ? "perpetual"
            : name.endsWith("NakedShort")
              ? "nakedShort"
              : undefined;
    it.each(MARGIN_TERMS.map((name) => [name] as const))("charges more where %s is higher", (name) => {
      const charge = part(name);
      const charged = Array.from({ length: 40 }, (_, seed) => parametersOf(seed + 1)).find((parameters) => {
        const { charges } = marginFacts(parameters, size).margin;
        return charge === undefined || charges.initial[charge] > 0n;
      })!;
      const stated = honest(charged);
      const lie = { marginTerms: moved(stated.input.marginTerms, term(name), 1_000n) };
      const levels = name.startsWith("maintenance") ? [0] : name.startsWith("initial") ? [1] : [0, 1];
      expect(violationsOf(stated, lie).toSorted()).toEqual(levels.map((level) => `main.account.covered[${level}].in`));
    });

    it("refuses a net short called long, and a delta called the other way", () => {
      for (const name of ["ofCalls[0]", "ofPuts[1]", "ofSlot[1][2]"]) {
        const path = `main.account.charges.${name}.negative`;
        const index = prover.system.indexOf.get(path)!;
        const books = [1, 2, 3, 6, 8].map((seed) => honest(parametersOf(seed)));
        const lies = books.flatMap((stated) => {
          const witness = witnessOf(stated);
          const magnitude = witness[prover.system.indexOf.get(path.replace("negative", "magnitude"))!]!;
          return magnitude === 0n ? [] : [violationsOf(stated, {}, { [path]: 1n - witness[index]! })];
        });
        expect(lies.length).toBeGreaterThan(0);
        for (const violated of lies) expect(violated.join()).toContain(`main.account.charges.${name}.Bits_`);
      }
    });

    it("lets the prover choose the sign of a net delta, which only raises what is charged", () => {
      const names = prover.system.names.filter((name) =>
        /^main\.account\.charges\.EitherSign_.*\.negative$/.test(name),
      );
      expect(names).toHaveLength(4);
      const charged = [1, 2, 3].map((seed) => {
        const stated = honest(parametersOf(seed));
        const witness = witnessOf(stated);
        return names.map((name) => {
          const sign = witness[prover.system.indexOf.get(name)!]!;
          const violated = violationsOf(stated, {}, { [name]: 1n - sign });
          for (const path of violated) expect(path).toMatch(/^main\.account\.covered\[\d\]\.in$/);
          return violated.length > 0;
        });
      });
      // an array that has a net delta and leads its kin
      expect(charged.flat().filter(Boolean).length).toBeGreaterThan(3);
    });
  });

  describe("G-8: health and Greeks", () => {
    const poor = honest({ ...parametersOf(1), account: { ...account, cash: account.cash - 2_000_000n * PPM } });

    it("refuses an account called healthy that is not", () => {
      expect(violationsOf(poor, { result: moved(poor.input.result, result("healthy"), 1n) })).toEqual([
        "main.account.excess.in",
      ]);
    });

    it("takes a healthy account that is not called so", () => {
      expect(violationsOf(truth, { result: moved(truth.input.result, result("healthy"), -1n) })).toEqual([]);
    });

    it("refuses health at the other level where only the lower one is met", () => {
      const { excess } = marginFacts(parametersOf(1), size).margin;
      const between = { ...account, cash: account.cash - (excess.initial + excess.maintenance) / 2n };
      const stated = honest({ ...parametersOf(1), account: between });
      expect(violationsOf(stated)).toEqual([]);
      expect(violationsOf(stated, { result: moved(stated.input.result, result("level"), 1n) })).toEqual([
        "main.account.excess.in",
      ]);
    });

    it.each(GREEKS.flatMap((greek, word) => [0, 1, 2, 3].map((array) => [greek, array, word] as const)))(
      "refuses another %s of array %i",
      (_, array, word) => {
        for (const change of [1n, -1n]) {
          const greeks = truth.input.greeks.map((value, k) =>
            k === word ? moved(value, laneBit(3 * array), change) : value,
          );
          only(violationsOf(truth, { greeks }), /^main\.account\.greek\.Below_/);
        }
      },
    );
  });

  describe("statement", () => {
    it("refuses another evaluation, challenge or commitment", () => {
      const { evaluation, challenge, commitment } = truth.statement;
      expect(violationsOf(truth, {}, { "main.evaluation": evaluation + 1n }).join()).toMatch(/^main\.statement\./);
      expect(violationsOf(truth, {}, { "main.challenge": challenge + 1n }).join()).toMatch(/^main\.statement\./);
      expect(violationsOf(truth, {}, { "main.commitment": commitment + 1n }).join()).toMatch(/^main\.Sponge[^,]*$/);
    });

    it("binds every word", () => {
      const words = WORDS.flatMap((name) => [truth.input[name]].flat().map((_, k) => [name, k] as const));
      expect(words).toHaveLength(statementLength("margin", size) - 4);
      for (const [name, k] of words) {
        const signal = Array.isArray(truth.input[name]) ? `main.${name}[${k}]` : `main.${name}`;
        const before = witnessOf(truth)[prover.system.indexOf.get(signal)!]!;
        expect(violationsOf(truth, {}, { [signal]: before + 1n }).join()).toMatch(/main\.(statement|Sponge)/);
      }
    });
  });
});
