import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { CircuitNotCompiled, compileCircuit } from "../../circuits/setup/compile.ts";
import { type CircuitKey, circuitKey, KeyFilesDiffer, withKeyMaker } from "../../circuits/setup/keys.ts";
import { withLock } from "../../circuits/setup/lock.ts";
import { IncludeNotFound } from "../../circuits/setup/sources.ts";
import { compileLedger, LEDGER_PUBLIC_INPUTS, ledgerSource, temporaryDirectory } from "./ledger.ts";

const script = join(import.meta.dirname, "fixtures/build-ledger.ts");
const directories: string[] = [];
const fresh = (): string => {
  const directory = temporaryDirectory();
  directories.push(directory);
  return directory;
};

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

type Built = { compiled: boolean; key: boolean; zkey: string };

async function buildInProcess(directory: string): Promise<Built> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, directory]);
  return JSON.parse(stdout) as Built;
}

/** Kills a process as soon as a half-made directory shows, and waits for its end. */
async function killWhilePartial(child: ChildProcess, directory: string): Promise<string> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  for (;;) {
    if (child.exitCode !== null) throw new Error("the build ended before a half-made directory was seen");
    const partial = existsSync(directory)
      ? readdirSync(directory).find((name) => name.includes(".partial-"))
      : undefined;
    if (partial !== undefined) {
      child.kill("SIGKILL");
      await ended;
      return partial;
    }
    await sleep(2);
  }
}

const visible = (directory: string): string[] => readdirSync(directory).filter((name) => !name.startsWith("."));

describe(compileCircuit, () => {
  test("behavior: compiles once, and again when a source that it includes changes", async () => {
    const directory = fresh();
    const main = join(directory, "main.circom");
    writeFileSync(main, 'pragma circom 2.2.3;\ninclude "part.circom";\ncomponent main = Part();\n');
    const part = (factor: number): string =>
      `pragma circom 2.2.3;\ntemplate Part() { signal input a; signal output b; b <== a * a + ${factor}; }\n`;
    writeFileSync(join(directory, "part.circom"), part(1));
    const request = { source: main, into: join(directory, "out"), level: "O2" } as const;
    const first = await compileCircuit(request);
    const second = await compileCircuit(request);
    writeFileSync(join(directory, "part.circom"), part(2));
    const third = await compileCircuit(request);
    expect([first.fresh, second.fresh, third.fresh]).toEqual([true, false, true]);
    expect(second.circuitHash).toBe(first.circuitHash);
    expect(third.circuitHash).not.toBe(first.circuitHash);
  });

  test("behavior: levels are kept apart", async () => {
    const directory = fresh();
    const [o1, o2] = await Promise.all(
      (["O1", "O2"] as const).map((level) => compileCircuit({ source: ledgerSource, into: directory, level })),
    );
    expect(o1?.circuitHash).not.toBe(o2?.circuitHash);
    expect(visible(directory).toSorted()).toEqual(["ledger", "ledger-O1"]);
  });

  test("error: CircuitNotCompiled, with what the compiler said, and nothing left", async () => {
    const directory = fresh();
    const source = join(directory, "wrong.circom");
    writeFileSync(source, "pragma circom 2.2.3;\ntemplate T() { signal output b; b <== a; }\ncomponent main = T();\n");
    const failure = compileCircuit({ source, into: join(directory, "out"), level: "O2" });
    await expect(failure).rejects.toBeInstanceOf(CircuitNotCompiled);
    await expect(failure).rejects.toThrow(/Undeclared symbol/i);
    expect(readdirSync(join(directory, "out"))).toEqual([]);
  });

  test("error: IncludeNotFound", async () => {
    const directory = fresh();
    const source = join(directory, "lost.circom");
    writeFileSync(source, 'pragma circom 2.2.3;\n// include "commented.circom";\ninclude "nowhere.circom";\n');
    const failure = compileCircuit({ source, into: join(directory, "out"), level: "O2" });
    await expect(failure).rejects.toBeInstanceOf(IncludeNotFound);
    await expect(failure).rejects.toThrow(/"nowhere\.circom"/);
  });
});

describe(circuitKey, () => {
  test("behavior: makes a key once, and refuses one whose files were changed", async () => {
    const directory = fresh();
    const compiled = await compileLedger(directory);
    const request = { compiled, into: directory, publicInputs: LEDGER_PUBLIC_INPUTS, verifier: undefined };
    const get = (): Promise<CircuitKey> => withKeyMaker((maker) => circuitKey(request, maker));
    const first = await get();
    const noMaker = (): Promise<never> => Promise.reject(new Error("the key should have been there"));
    const second = await circuitKey(request, noMaker);
    expect([first.fresh, second.fresh]).toEqual([true, false]);
    expect(second.manifest).toEqual(first.manifest);
    expect(first.manifest.kind).toBe("dev");

    const bytes = readFileSync(first.zkey);
    bytes[bytes.length - 200] = (bytes[bytes.length - 200] as number) ^ 1;
    writeFileSync(first.zkey, bytes);
    await expect(get()).rejects.toBeInstanceOf(KeyFilesDiffer);
  });

  test("error: KeyRefused, for a key with other public inputs than the circuit", async () => {
    const directory = fresh();
    const compiled = await compileLedger(directory);
    const request = { compiled, into: directory, publicInputs: 3, verifier: undefined };
    await expect(withKeyMaker((maker) => circuitKey(request, maker))).rejects.toThrow(/^InputCountDiffers/);
  });
});

describe("a build that is killed", () => {
  test("default: leaves nothing that looks finished, compiling or making a key, and the next one finishes it", async () => {
    const directory = fresh();
    const keys = join(directory, "keys");
    const compiling = spawn(process.execPath, [script, directory], { stdio: "ignore" });
    expect(await killWhilePartial(compiling, directory)).toMatch(/^\.ledger-O1\.partial-/);
    expect(visible(directory)).toEqual(["ledger-O1.lock"]);

    const keying = spawn(process.execPath, [script, directory], { stdio: "ignore" });
    expect(await killWhilePartial(keying, keys)).toMatch(/^\.ledger-[0-9a-f]{16}\.partial-/);
    expect(visible(keys)).toEqual([expect.stringMatching(/^ledger-[0-9a-f]{16}\.lock$/)]);

    expect(await buildInProcess(directory)).toMatchObject({ compiled: false, key: true });
    for (const place of [directory, keys]) {
      expect(readdirSync(place).filter((name) => name.includes("partial") || name.includes("lock"))).toEqual([]);
    }
  });
});

describe("processes that build at once", () => {
  test("default: one builds, the others take what it built", async () => {
    const directory = fresh();
    const built = await Promise.all([1, 2, 3].map(() => buildInProcess(directory)));
    expect(built.filter(({ compiled }) => compiled)).toHaveLength(1);
    expect(built.filter(({ key }) => key)).toHaveLength(1);
    expect(new Set(built.map(({ zkey }) => zkey)).size).toBe(1);
  });
});

describe(withLock, () => {
  test("behavior: holders follow each other", async () => {
    const lock = join(fresh(), "lock");
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 4 }, () =>
        withLock(lock, async () => {
          most = Math.max(most, ++inside);
          await sleep(20);
          inside--;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  test("behavior: a lock that nobody refreshes is taken over, one that is refreshed is not", async () => {
    const lock = join(fresh(), "lock");
    const age = (seconds: number): void => {
      const then = new Date(Date.now() - seconds * 1000);
      utimesSync(lock, then, then);
    };
    mkdirSync(lock);
    age(31);
    expect(await withLock(lock, async () => "taken")).toBe("taken");

    mkdirSync(lock);
    age(5);
    let entered = false;
    const waiting = withLock(lock, async () => {
      entered = true;
    });
    await sleep(500);
    expect(entered).toBe(false);
    age(31);
    await waiting;
    expect(entered).toBe(true);
  });

  test("behavior: an error inside frees the lock", async () => {
    const lock = join(fresh(), "lock");
    await expect(withLock(lock, () => Promise.reject(new Error("inside")))).rejects.toThrow("inside");
    expect(statSync(lock, { throwIfNoEntry: false })).toBeUndefined();
  });
});
