import { describe, expect, it } from "vitest";
import { partToFund, partToReturn } from "./deskMargin.ts";

const rich = { held: 0n, value: 1_000_000n, cash: 1_000_000n };
const empty = { share: 250_000n, supply: 0n, equity: 0n, owned: 0n, called: false };
/** half of it the vault's: 200,000 of the 250,000 that it is due */
const half = { ...empty, supply: 4n, equity: 400_000n };
const owner = { ...rich, held: 2n };

describe("partToFund", () => {
  it.each([
    ["nothing yet: all but a hundredth of its share", empty, rich, 247_500n],
    ["a part of its units: of what they are worth", { ...half, supply: 4n }, { ...rich, held: 1n }, 148_500n],
    ["enough", { ...half, equity: 1_000_000n }, { ...rich, held: 1n }, 0n],
    ["a basket with less cash than that", empty, { ...rich, cash: 40n }, 40n],
    ["a basket without cash", empty, { ...rich, cash: 0n }, 0n],
    ["a desk that owes and is not called", { ...half, owned: -70_000n }, owner, 49_500n],
    ["a called desk: all that it owes", { ...half, owned: -70_000n, called: true }, owner, 70_000n],
    ["a called desk that lacks more of its share", { ...half, owned: -20_000n, called: true }, owner, 49_500n],
    ["a called desk that owes nothing any more", { ...half, equity: 500_000n, owned: 9n, called: true }, owner, 0n],
    ["less cash than it is called for", { ...half, owned: -70_000n, called: true }, { ...owner, cash: 40n }, 40n],
  ] as const)("default: a vault that has %s", (_, desk, vault, part) => {
    expect(partToFund(desk, vault)).toBe(part);
  });
});

/** {ppm of a dollar} a fifth too much, all of it the vault's */
const full = { share: 250_000n, supply: 4n, equity: 300_000n, owned: 300_000n, health: 1_500_000n };
const whole = { held: 4n, value: 1_000_000n };
const account = { equity: 300_000n, initialMargin: 100_000n, owned: 300_000n, cash: 300_000n, isFree: false };

describe("partToReturn", () => {
  it.each([
    ["a fifth too much: all but a hundredth of that, of few different sizes", full, account, 49_152n],
    ["a little more: the same", { ...full, equity: 300_500n }, { ...account, equity: 300_500n }, 49_152n],
    ["a tenth too much: within its band", { ...full, equity: 275_000n }, account, 0n],
    ["more than that", { ...full, equity: 275_001n }, account, 24_576n],
    ["less cash than that", full, { ...account, cash: 33_000n }, 32_768n],
    ["no cash", full, { ...account, cash: 0n }, 0n],
    ["a debt", full, { ...account, cash: -9n }, 0n],
    ["a requirement that leaves less", full, { ...account, initialMargin: 165_000n }, 26_624n],
    ["a requirement that leaves less than a twentieth", full, { ...account, initialMargin: 181_000n }, 0n],
    ["a requirement above what it has", full, { ...account, initialMargin: 200_000n }, 0n],
    ["less at the marks of its epoch", full, { ...account, equity: 198_000n }, 32_768n],
    ["tokens that most of it is worth", full, { ...account, owned: 20_000n }, 18_432n],
    ["tokens that most of it is worth at present prices", { ...full, owned: 20_000n }, account, 18_432n],
    ["no positions, whatever its tokens count", full, { ...account, isFree: true, owned: 0n, equity: 0n }, 49_152n],
  ] as const)("default: a desk that has %s", (_, desk, held, part) => {
    expect(partToReturn(desk, whole, held)).toBe(part);
  });

  it("behavior: what is left calls nothing back and is called for nothing: neither is done again", () => {
    for (let equity = 275_001n; equity < 900_000n; equity += 7_919n) {
      const desk = { ...full, equity, owned: equity };
      const held = { ...account, equity, cash: equity, owned: equity };
      const part = partToReturn(desk, whole, held);
      expect(part).toBeGreaterThan(0n);
      // the vault's value stays: what leaves its desk is in its basket
      const left = { ...desk, equity: equity - part, owned: equity - part, called: true };
      expect(partToFund(left, { ...whole, cash: 1_000_000n })).toBe(0n);
      const again = { ...held, equity: equity - part, cash: equity - part, owned: equity - part };
      if (equity < 450_000n) expect(partToReturn(left, whole, again)).toBe(0n);
      // a tenth of what `health` asks for stays above it
      expect((equity - part) * 1_000_000n).toBeGreaterThanOrEqual(100_000n * 1_500_000n + 15_000n * 1_000_000n);
    }
  });
});
