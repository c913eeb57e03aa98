import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore, StoreUnreadable } from "./store.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-store-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (): string => join(folder, "deep", "relayer.json");
const proof = {
  a: [1n, 2n],
  b: [
    [3n, 4n],
    [5n, 6n],
  ],
  c: [7n, 1n << 250n],
} as const;
const kept = { proof, witnessMs: 1.5, proveMs: 2.5 };

describe("openStore", () => {
  it("default: another run reads what this one kept", () => {
    const store = openStore(file());
    store.keepCursor(40_337, 12n);
    store.keepProof("parity", 99n, kept);
    const again = openStore(file());
    expect(again.cursor(40_337)).toBe(12n);
    expect(again.proof("parity", 99n)).toEqual(kept);
    expect(again.proof("covariance", 99n)).toBeUndefined();
    again.forgetProof("parity", 99n);
    expect(openStore(file()).proof("parity", 99n)).toBeUndefined();
    expect(again.deployment()).toBeUndefined();
  });

  it("behavior: without a path everything is in memory", () => {
    const store = openStore();
    store.keepProof("parity", 1n, kept);
    expect(store.proof("parity", 1n)).toEqual(kept);
  });

  it("behavior: a write that was cut off leaves the old file", () => {
    openStore(file()).keepCursor(1, 5n);
    writeFileSync(`${file()}.next`, '{"version":1,"curs');
    expect(openStore(file()).cursor(1)).toBe(5n);
    openStore(file()).keepCursor(1, 6n);
    expect(existsSync(`${file()}.next`)).toBe(false);
    expect(openStore(file()).cursor(1)).toBe(6n);
  });

  it("behavior: old proofs make room", () => {
    const store = openStore(file());
    for (let place = 0n; place < 70n; place++) store.keepProof("parity", place, kept);
    expect(store.proof("parity", 5n)).toBeUndefined();
    expect(store.proof("parity", 69n)).toEqual(kept);
    expect(Object.keys(JSON.parse(readFileSync(file(), "utf8")).proofs)).toHaveLength(64);
  });

  it("error: StoreUnreadable", () => {
    openStore(file()).keepCursor(1, 5n);
    for (const text of [
      "{",
      '{"version":2}',
      '{"version":1,"cursors":{"1":"x"},"proofs":{}}',
      '{"version":1,"cursors":{},"proofs":{"a":{"proof":{}}}}',
    ]) {
      writeFileSync(file(), text);
      expect(() => openStore(file())).toThrow(StoreUnreadable);
    }
  });
});
