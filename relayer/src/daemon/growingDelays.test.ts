import { describe, expect, it } from "vitest";
import { growingDelays } from "./growingDelays.ts";

describe("growingDelays", () => {
  it("default: doubles up to a minute, half of it by lot, each name for itself, until it went well", () => {
    const { after, end } = growingDelays();
    for (const most of [2, 4, 8, 16, 32, 60, 60, 60]) {
      const delay = after("one");
      expect(delay).toBeGreaterThanOrEqual(most / 2);
      expect(delay).toBeLessThanOrEqual(most);
    }
    expect(after("other")).toBeLessThanOrEqual(2);
    end("one");
    expect(after("one")).toBeLessThanOrEqual(2);
    expect(new Set(Array.from({ length: 50 }, () => after("long"))).size).toBeGreaterThan(5);
  });
});
