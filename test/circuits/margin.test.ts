import { beforeAll, describe, expect, it } from "vitest";
import { unpackLanes } from "../../sdk/src/lanes.ts";
import type { Position } from "../../sdk/src/model/margin/index.ts";
import { MARGIN_LEVELS, PPM, SERIES_TERMS, SPOT_STEPS, statementLength } from "../../sdk/src/protocol.ts";
import { StatementWordOutOfRange, unpackMarginResult } from "../../sdk/src/statements/index.ts";
import type { CheatingProver } from "./cheating-prover.ts";
import {
  account,
  big,
  honest,
  laneBit,
  marginProver,
  moved,
  only,
  parametersOf,
  placed,
  result,
  size,
  TIMEOUT,
  truth,
  violationsOf,
  WORDS,
  witnessOf,
} from "./marginProver.ts";

let prover: CheatingProver;
beforeAll(async () => {
  prover = await marginProver();
}, TIMEOUT);

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
        /main\.market\.JointLevels_[\d_]+\.OneHot_/,
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
      expect(violationsOf(truth, placed(positions)).join()).toMatch(/main\.unpacked\.(rise|empty)\[/);
    });

    it("refuses a quantity where no position is", () => {
      const word = big(placed([first, second, undefined]).positions![0]);
      const lie = { ...placed([first, second, undefined]), positions: [moved(word, laneBit(9), 1n)] };
      expect(violationsOf(truth, lie)).toContain("main.unpacked.quantities[2]");
    });

    it("refuses a series whose number has no array", () => {
      const lie = { positions: [moved(truth.input.positions[0], laneBit(8), 64n)] };
      expect(violationsOf(truth, lie).join()).toMatch(/main\.opened\.each\[2\]\.place/);
    });

    it("refuses the other sign", () => {
      const name = "main.unpacked.isPositive[0]";
      const sign = witnessOf(truth)[prover.system.indexOf.get(name)!]!;
      expect(violationsOf(truth, {}, { [name]: 1n - sign }).length).toBeGreaterThan(0);
    });
  });

  describe("G-2: arrays are the committed ones", () => {
    it("refuses values that are not in the array", () => {
      const [six, ...others] = truth.input.seriesValues;
      const lie = { seriesValues: [[moved(six![0], 0, 1n), ...six!.slice(1)], ...others] };
      expect(violationsOf(truth, lie).join()).toMatch(/main\.opened\.each\[0\]\.leafInArray/);
    });

    it("refuses an array in which something changes where nothing does", () => {
      const parameters = parametersOf(1);
      const { series } = account.positions[0] as Position;
      const at = Math.floor(series / 16);
      const bit = 42 * ((3 * SPOT_STEPS + 1) % 6);
      const arrays = parameters.arrays.map((array, a) => {
        if (array === undefined || a !== at) return array;
        const seriesValues = array.seriesValues.map((words, k) =>
          k === series % 16 ? words.map((word, w) => (w === 1 ? word + (1n << BigInt(bit)) : word)) : words,
        );
        return { ...array, seriesValues };
      });
      const pairs = "main.opened.each[0].said.unpacked[1]";
      expect(violationsOf(honest({ ...parameters, arrays }))).toEqual([`${pairs}.wordBits[${bit}]`, `${pairs}.one`]);
    });

    it("refuses terms that are not in the array", () => {
      const lie = {
        seriesTerms: [moved(truth.input.seriesTerms[0], laneBit(SERIES_TERMS.strike), 1n)].concat(
          truth.input.seriesTerms.slice(1),
        ),
      };
      expect(violationsOf(truth, lie).join()).toMatch(/main\.opened\.each\[0\]\.leafInArray/);
    });

    it("refuses the values of another series of the array", () => {
      const [position, ...rest] = account.positions as Position[];
      const other = position!.series % 16 === 0 ? position!.series + 1 : position!.series - 1;
      const { seriesTerms, seriesValues } = placed([{ series: other, quantity: 0n }, ...rest]);
      expect(violationsOf(truth, { seriesTerms: seriesTerms!, seriesValues: seriesValues! }).join()).toMatch(
        /main\.opened\.each\[0\]\.leafInArray/,
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
      expect(violated).toMatch(/main\.opened\.each\[0\]\.(empty|present)/);
      expect(violated).toMatch(/main\.market\.hot\[/);
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
