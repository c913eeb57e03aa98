import { describe, expect, it } from "vitest";
import { LogRangeEmpty, logRanges, logRangesBack } from "./logRanges.ts";

describe("logRanges, logRangesBack", () => {
  it("default: all blocks, at most 2,000 at once, from either end", () => {
    expect([...logRanges(10n, 4_009n)]).toEqual([
      { fromBlock: 10n, toBlock: 2_009n },
      { fromBlock: 2_010n, toBlock: 4_009n },
    ]);
    expect([...logRangesBack(10n, 2_010n)]).toEqual([
      { fromBlock: 11n, toBlock: 2_010n },
      { fromBlock: 10n, toBlock: 10n },
    ]);
    expect([...logRanges(5n, 4n), ...logRangesBack(5n, 4n)]).toEqual([]);
  });

  it("behavior: as many blocks at once as are asked for", () => {
    expect([...logRanges(0n, 2n, 2n)].map(({ toBlock }) => toBlock)).toEqual([1n, 2n]);
    expect([...logRangesBack(0n, 2n, 2n)].map(({ fromBlock }) => fromBlock)).toEqual([1n, 0n]);
  });

  it("error: LogRangeEmpty", () => {
    for (const ranges of [logRanges, logRangesBack]) expect(() => [...ranges(0n, 2n, 0n)]).toThrow(LogRangeEmpty);
  });
});
