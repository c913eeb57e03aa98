import { describe, expect, it } from "vitest";
import { seededDraws } from "./seededDraws.ts";
import { surfaceArbitrages } from "./volatilityArbitrage.ts";
import {
  atMoneyness,
  type VolatilityReport,
  VolatilityReportEmpty,
  type VolatilitySlice,
  varianceAt,
  volatilityAt,
} from "./volatilitySurface.ts";

const DAY = 86_400n;
const SPOT = 60_000n * 10n ** 12n;
const OBSERVED_AT = 1_700_000_000n;
const percent = (value: number): bigint => BigInt(Math.round(value * 10 ** 6)) * 10n ** 4n;

const slice = (days: bigint, basis: bigint, nodes: readonly (readonly [ofSpot: bigint, percent: number])[]) => ({
  expiry: OBSERVED_AT + days * DAY,
  basis,
  strikes: nodes.map(([ofSpot]) => (SPOT * ofSpot) / 100n),
  volatilities: nodes.map(([, volatility]) => percent(volatility)),
});
const reportOf = (...slices: VolatilitySlice[]): VolatilityReport => ({
  underlying: 0n,
  observedAt: OBSERVED_AT,
  spot: SPOT,
  slices,
});

/** The surface of `test_impliedVolatility_isLinearInVariance` in Solidity, and its figures. */
const twoExpiries = reportOf(
  slice(10n, 0n, [[70n, 50], [130n, 52]]), // biome-ignore format: nodes of a slice on one line
  slice(30n, 0n, [[70n, 60], [130n, 70]]), // biome-ignore format: nodes of a slice on one line
);

describe("volatilityAt", () => {
  it("default: variance is linear in the strike, total variance in time", () => {
    const at = (days: bigint) => volatilityAt(twoExpiries, OBSERVED_AT + days * DAY, SPOT).volatility;
    expect([at(10n), at(20n), at(30n)]).toEqual([510_098_029_794n, 619_515_940_069n, 651_920_240_520n]);
  });

  it("behavior: volatility is flat before the first expiry, past it, after the last, and outside the strikes", () => {
    const at = (seconds: bigint, strike = SPOT) => volatilityAt(twoExpiries, OBSERVED_AT + seconds, strike).volatility;
    expect([at(1n), at(-1n), at(300n * DAY)]).toEqual([510_098_029_794n, 510_098_029_794n, 651_920_240_520n]);
    expect([at(10n * DAY, 0n), at(10n * DAY, 1n << 200n)]).toEqual([percent(50), percent(52)]);
  });

  it("behavior: the basis is linear in time from 0 at the observation, and rounded down", () => {
    const report = reportOf(slice(10n, -1_001n, [[100n, 50]]), slice(30n, 3_000n, [[100n, 50]]));
    const at = (days: bigint) => volatilityAt(report, OBSERVED_AT + days * DAY, SPOT).basis;
    expect([at(0n), at(5n), at(10n), at(20n), at(30n), at(40n)]).toEqual([0n, -501n, -1_001n, 999n, 3_000n, 3_000n]);
  });

  it("behavior: expiries are joined at equal moneyness", () => {
    const smile = [[90n, 60], [110n, 40]] as const; // biome-ignore format: nodes of a slice on one line
    const report = reportOf(slice(10n, 0n, smile), slice(20n, 100_000n, smile));
    const { volatility, basis } = volatilityAt(report, OBSERVED_AT + 15n * DAY, SPOT);
    expect(basis).toBe(50_000n);
    const [near, far] = report.slices as [VolatilitySlice, VolatilitySlice];
    const variances = [
      varianceAt(near, atMoneyness(SPOT, 50_000n, 0n)),
      varianceAt(far, atMoneyness(SPOT, 50_000n, 100_000n)),
    ] as const;
    const wanted = (variances[0] * 10n + variances[1] * 20n) / 30n;
    expect(volatility * volatility).toBeLessThanOrEqual(wanted);
    expect((volatility + 1n) ** 2n).toBeGreaterThan(wanted);
  });

  it("error: VolatilityReportEmpty", () => {
    expect(() => volatilityAt(reportOf(), OBSERVED_AT, SPOT)).toThrow(VolatilityReportEmpty);
    expect(() => varianceAt(slice(1n, 0n, []), SPOT)).toThrow(VolatilityReportEmpty);
  });
});

describe("varianceAt", () => {
  it("behavior: lies between its neighbours", () => {
    const draws = seededDraws(401);
    for (let i = 0; i < 500; i++) {
      const nodes = Array.from({ length: 5 }, (_, k) => [BigInt(60 + 20 * k), draws.integer(20, 90)] as const);
      const smile = slice(30n, 0n, nodes);
      const strike = (SPOT * BigInt(draws.integer(400, 1_600))) / 1_000n;
      const above = smile.strikes.findIndex((listed) => listed >= strike);
      const around = [smile.volatilities.at(above), smile.volatilities[above < 0 ? 4 : Math.max(0, above - 1)]];
      const squares = around.map((volatility) => (volatility as bigint) ** 2n).sort((a, b) => (a < b ? -1 : 1));
      const variance = varianceAt(smile, strike);
      expect(variance).toBeGreaterThanOrEqual(squares[0] as bigint);
      expect(variance).toBeLessThanOrEqual(squares[1] as bigint);
    }
  });
});

describe("surfaceArbitrages", () => {
  const found = (...slices: VolatilitySlice[]) => surfaceArbitrages(reportOf(...slices));

  it("default: none under one volatility, whatever the expiries", () => {
    const flat = [80n, 90n, 100n, 110n, 130n].map((strike) => [strike, 60] as const);
    expect(found(slice(7n, 0n, flat), slice(8n, 2_000n, flat), slice(300n, 30_000n, flat))).toEqual([]);
  });

  it("behavior: a call that is worth more than one of a lower strike", () => {
    const smile = [[90n, 10], [99n, 10], [100n, 100]] as const; // biome-ignore format: nodes of a slice on one line
    expect(found(slice(30n, 0n, smile))[0]).toEqual({ error: "CallValueRises", slice: 0, place: 2 });
  });

  it("behavior: a call above the line between its neighbours, the forward at strike 0 included", () => {
    const hump = [[90n, 50], [100n, 90], [110n, 50]] as const; // biome-ignore format: nodes of a slice on one line
    expect(found(slice(30n, 0n, hump))[0]).toEqual({ error: "CallValueNotConvex", slice: 0, place: 1 });
    const steep = [[90n, 200], [100n, 20], [110n, 20]] as const; // biome-ignore format: nodes of a slice on one line
    expect(found(slice(30n, 0n, steep))[0]).toEqual({ error: "CallValueNotConvex", slice: 0, place: 0 });
  });

  it("behavior: total variance that falls by one unit in the last place", () => {
    const far = (volatility: bigint) => ({ ...slice(40n, 0n, [[100n, 30]]), volatilities: [volatility] });
    expect(found(slice(10n, 0n, [[100n, 60]]), far(percent(30)))).toEqual([]);
    expect(found(slice(10n, 0n, [[100n, 60]]), far(percent(30) - 1n)).map(({ error }) => error)).toEqual([
      "TotalVarianceFalls",
      "TotalVarianceFalls",
    ]);
  });
});
