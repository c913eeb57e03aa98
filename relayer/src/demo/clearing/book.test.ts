import {
  type MarginArray,
  marginArrayOf,
  PPM,
  PPT,
  riskArrayFacts,
  type SeriesTerms,
  vacantPlace,
} from "@equipoise/sdk";
import { describe, expect, it } from "vitest";
import { fairPrice, pickOption, plannedListings } from "./book.ts";

const SPOT = 42_123n * PPT;
const NOW = 1_704_067_200n;
const listings = plannedListings(2, SPOT, NOW);

describe("plannedListings", () => {
  it("default: a perpetual in place 0, then calls and puts at round strikes", () => {
    expect(listings).toHaveLength(13);
    expect(listings.map(({ place }) => place)).toEqual(Array.from({ length: 13 }, (_, place) => place));
    expect(listings[0]).toMatchObject({ kind: "perpetual", expiry: 0n, strike: 0n, underlying: 2 });
    const strikes = new Set(listings.slice(1).map(({ strike }) => strike / PPT));
    expect([...strikes]).toEqual([37_900n, 42_100n, 46_300n]);
  });
});

describe("pickOption", () => {
  it("default: of the last expiry, nearest to the target", () => {
    const put = pickOption(listings, "put", 38_000n * PPT);
    expect(put).toMatchObject({ kind: "put", strike: 37_900n * PPT, expiry: NOW + 15n * 86_400n });
  });
});

describe("fairPrice", () => {
  const option = (kind: "call" | "put"): SeriesTerms => ({
    ...vacantPlace(SPOT),
    kind,
    expirySlot: 1,
    basis: 4_000n,
    volatility: 600_000n * PPM,
    seconds: 15n * 86_400n,
    strike: 40_000n * PPT,
  });
  const series = [vacantPlace(SPOT), option("call"), option("put"), ...new Array(13).fill(vacantPlace(SPOT))];
  const array: MarginArray = marginArrayOf(
    riskArrayFacts({
      market: { spot: SPOT, time: NOW, underlying: 2 },
      terms: { version: 1n, step: 30_000n, upShock: 500_000n, downShock: 250_000n, minimumUpVolatility: 450_000n },
      series,
    }),
  );

  it("default: a perpetual at the spot, options at their marks to the cent, a put by parity with its call", () => {
    expect(fairPrice(array, 0)).toBe(SPOT);
    const [call, put] = [fairPrice(array, 1), fairPrice(array, 2)];
    expect(call % (PPT / 100n)).toBe(0n);
    const forward = (SPOT * 1_004n) / 1_000n;
    const parity = Number(call - put - (forward - 40_000n * PPT)) / Number(PPT);
    expect(Math.abs(parity)).toBeLessThan(0.011);
    expect(call).toBeGreaterThan(forward - 40_000n * PPT);
  });
});
