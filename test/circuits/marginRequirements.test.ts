import { beforeAll, describe, expect, it } from "vitest";
import { type Charges, scenarioName } from "../../sdk/src/model/margin/index.ts";
import { GREEKS, MARGIN_TERMS, type MarginTerm, PPM, SCENARIO_COUNT } from "../../sdk/src/protocol.ts";
import { marginFacts } from "../../sdk/src/statements/index.ts";
import type { CheatingProver } from "./cheating-prover.ts";
import {
  account,
  honest,
  laneBit,
  marginProver,
  moved,
  only,
  parametersOf,
  result,
  size,
  TIMEOUT,
  term,
  truth,
  violationsOf,
  witnessOf,
} from "./marginProver.ts";

let prover: CheatingProver;
beforeAll(async () => {
  prover = await marginProver();
}, TIMEOUT);

describe("margin: requirements", () => {
  describe("G-3, G-4: the worst loss is that of every scenario", () => {
    it(
      "refuses a worst loss of 0 by exactly the scenarios that lose",
      () => {
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
      },
      TIMEOUT,
    );

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
      "main.account.holdings.position[2].byArray[2]",
      "main.opened.each[0].own[1]",
      "main.opened.each[1].held.slotDelta[1]",
      "main.opened.each[2].held.change[7]",
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
      expect(violationsOf(truth, lie).join()).toMatch(/main\.market\.Bits_/);
    });

    it("refuses collateral that moves with an array beyond the last", () => {
      const lie = { collateralArrays: moved(truth.input.collateralArrays, laneBit(11), 5n) };
      expect(violationsOf(truth, lie).join()).toMatch(/main\.market\.OneHot_/);
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
          only(violationsOf(truth, { greeks }), /^main\.greek\.Below_/);
        }
      },
    );
  });
});
