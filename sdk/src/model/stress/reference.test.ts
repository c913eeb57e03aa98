import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inversePerpetualPnl } from "./inversePerpetual.ts";
import { fieldInFiles, stressBookFrom } from "./layout.ts";
import { scanningRisk } from "./scanningRisk.ts";
import { stressTest } from "./stressTest.ts";

const REFERENCE = new URL("../../../../../shared/reference/margin.json", import.meta.url);

type ExpectedScenario = { spot: number; vol: string; dampening: number; pnl: number };
type Case = {
  id: string;
  // biome-ignore lint/suspicious/noExplicitAny: three layouts, read field by field below
  inputs: any;
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  expected: any;
  tolerance: { pnl: number; margin: number; relative: number; last_entry: number; exact: boolean };
};
const cases: Case[] = existsSync(REFERENCE) ? JSON.parse(readFileSync(REFERENCE, "utf8")).cases : [];
const books = cases.filter(({ inputs }) => "options" in inputs);
const bookOf = ({ inputs, expected }: Case, scenarios?: ExpectedScenario[]) =>
  stressBookFrom(
    {
      ...inputs,
      ...(scenarios && { scenarios: expected.scenarios.map(({ pnl, ...scenario }: ExpectedScenario) => scenario) }),
    },
    fieldInFiles,
  );

describe.skipIf(cases.length === 0)(
  "stress models on published figures (skipped where ../shared/reference is absent)",
  () => {
    it("default: every case of the file is one of three layouts", () => {
      const others = cases.filter(({ inputs }) => "long_future" in inputs || "price_shocks" in inputs);
      expect([books.length, others.length, cases.length]).toEqual([8, 2, 10]);
    });
    it.each(books.map((book) => [book.id, book] as const))("behavior: %s", (_, book) => {
      const { expected, tolerance } = book;
      const result = stressTest(bookOf(book, expected.scenarios));
      expect(result.scenarios).toHaveLength(31);
      result.scenarios.forEach(({ spot, vol, pnl }, s) => {
        const wanted: ExpectedScenario = expected.scenarios[s];
        expect([spot, vol]).toEqual([wanted.spot, wanted.vol]);
        expect(Math.abs(pnl - wanted.pnl), JSON.stringify(wanted)).toBeLessThanOrEqual(tolerance.pnl);
      });
      for (const [ours, wanted] of [
        [result.optionValue, expected.option_value],
        [result.forwardContingency, expected.forward_contingency],
        [result.worstRegular, expected.worst_regular],
        [result.worstTail, expected.worst_tail],
        [result.worstSkew, expected.worst_skew],
        // what the case's requirement uses
        [result.worst, Math.min(expected.worst_regular, expected.worst_tail, expected.worst_skew)],
      ]) {
        expect(Math.abs(ours - wanted)).toBeLessThanOrEqual(tolerance.pnl);
      }
      expect(Math.abs(result.initialMarginNet - expected.initial_margin_net)).toBeLessThanOrEqual(tolerance.margin);
      expect(Math.abs(result.maintenanceMarginNet - expected.maintenance_margin_net)).toBeLessThanOrEqual(
        tolerance.margin,
      );
    });
    it("behavior: the standard set is what the cases list, but for one that doubles a skew", () => {
      const listed = (scenarios: readonly Omit<ExpectedScenario, "pnl">[]) =>
        scenarios.map(({ spot, vol, dampening }) => [spot, vol, dampening]);
      const differing = books.filter(
        (book) =>
          JSON.stringify(listed(stressTest(bookOf(book)).scenarios)) !==
          JSON.stringify(listed(book.expected.scenarios)),
      );
      const doubled = books.filter(({ expected }) =>
        expected.scenarios.some(({ dampening }: ExpectedScenario) => dampening > 1),
      );
      expect(differing).toEqual(doubled);
      expect(doubled).toHaveLength(1);
    });
    it.each(cases.filter(({ inputs }) => "long_future" in inputs).map((scan) => [scan.id, scan] as const))(
      "behavior: %s",
      (_, { inputs, expected, tolerance }) => {
        expect(tolerance.exact).toBe(true);
        const legs = Object.entries<number>(inputs.position).map(([name, quantity]) => ({
          quantity,
          riskArray: inputs[`long_${name}`],
        }));
        const { pnl, scanningRisk: risk, worst } = scanningRisk(legs);
        expect(pnl).toEqual(expected.position_pnl);
        expect(risk).toBe(expected.scanning_risk_covered_write);
        expect(inputs.scenario[worst]).toBe("-3/3 up");
        expect(scanningRisk([{ quantity: 1, riskArray: inputs.long_call }]).scanningRisk).toBe(
          expected.scanning_risk_long_call,
        );
      },
    );
    it.each(cases.filter(({ inputs }) => "price_shocks" in inputs).map((vector) => [vector.id, vector] as const))(
      "behavior: %s",
      (_, { inputs, expected, tolerance }) => {
        const pnl = inversePerpetualPnl(inputs.position_btc, inputs.price_shocks);
        expect(pnl).toHaveLength(expected.pnl_btc.length);
        pnl.forEach((profit, i) => {
          const wanted: number = expected.pnl_btc[i];
          const relative = i === pnl.length - 1 ? tolerance.last_entry : tolerance.relative;
          expect(Math.abs(profit - wanted)).toBeLessThanOrEqual(relative * Math.abs(wanted));
        });
      },
    );
  },
);
