import { describe, expect, it } from "vitest";
import { partToFund } from "./keepDesk.ts";

const rich = { held: 0n, value: 1_000_000n, cash: 1_000_000n };
const desk = { share: 250_000n, supply: 0n, equity: 0n };

describe("partToFund", () => {
  it.each([
    ["nothing yet: all but a hundredth of its share", desk, rich, 247_500n],
    [
      "a part of its units: of what they are worth",
      { ...desk, supply: 4n, equity: 400_000n },
      { ...rich, held: 1n },
      148_500n,
    ],
    ["enough", { ...desk, supply: 4n, equity: 1_000_000n }, { ...rich, held: 1n }, 0n],
    ["a basket with less cash than that", desk, { ...rich, cash: 40n }, 40n],
    ["a basket without cash", desk, { ...rich, cash: 0n }, 0n],
  ] as const)("default: a vault that has %s", (_, found, vault, part) => {
    expect(partToFund(found, vault)).toBe(part);
  });
});
