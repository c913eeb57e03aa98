import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { groth16, type SnarkjsProof, zKey } from "snarkjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CompiledCircuit } from "../../circuits/setup/compile.ts";
import { buildCurveProgram } from "../../circuits/setup/development-key/curve-program.ts";
import {
  Engine,
  FIELD_BYTES,
  GROUP_ORDER,
  POINT_BYTES,
  scalarBytes,
} from "../../circuits/setup/development-key/engine.ts";
import {
  bestWindowBits,
  FixedBase,
  tableWindow,
  windowCount,
} from "../../circuits/setup/development-key/fixed-base.ts";
import { hashToField, trapdoorOf } from "../../circuits/setup/development-key/trapdoor.ts";
import { readKeySummary } from "../../circuits/setup/verification-key.ts";
import {
  type Ceremony,
  compileLedger,
  keyFromTrapdoor,
  LEDGER_PUBLIC_INPUTS,
  ledgerInput,
  releaseSnarkjs,
  sectionsOf,
  snarkjsCeremony,
  temporaryDirectory,
} from "./ledger.ts";

const directory = temporaryDirectory();
let circuit: CompiledCircuit;
let zkey: string;

beforeAll(async () => {
  circuit = await compileLedger(directory);
  zkey = await keyFromTrapdoor(circuit.r1cs, trapdoorOf(circuit.circuitHash), join(directory, "development.zkey"));
});

afterAll(async () => {
  await releaseSnarkjs();
  rmSync(directory, { recursive: true, force: true });
});

describe("a development key", () => {
  let verificationKey: object;
  let proof: SnarkjsProof;
  let publicSignals: string[];

  beforeAll(async () => {
    verificationKey = await zKey.exportVerificationKey(zkey);
    ({ proof, publicSignals } = await groth16.fullProve(ledgerInput, circuit.wasm, zkey));
  });

  test("default: unmodified snarkjs proves and verifies with it", async () => {
    expect(publicSignals).toHaveLength(LEDGER_PUBLIC_INPUTS);
    expect(publicSignals.slice(2)).toEqual([String(ledgerInput.rate), String(ledgerInput.unused)]);
    expect(await groth16.verify(verificationKey, publicSignals, proof)).toBe(true);
  });

  test.each([0, 1, 2, 3])("behavior: public signal %i is bound, also where no constraint uses it", async (index) => {
    for (const offset of [1n, GROUP_ORDER]) {
      const changed = publicSignals.map((value, at) => (at === index ? String(BigInt(value) + offset) : value));
      expect(await groth16.verify(verificationKey, changed, proof)).toBe(false);
    }
  });

  test("behavior: the same circuit gives the same bytes, with one thread or two", async () => {
    const trapdoor = trapdoorOf(circuit.circuitHash);
    const again = await keyFromTrapdoor(circuit.r1cs, trapdoor, join(directory, "again.zkey"), 1);
    expect(readFileSync(again).equals(readFileSync(zkey))).toBe(true);
  });

  test("behavior: another circuit hash gives another trapdoor", () => {
    const [one, other] = [trapdoorOf("1"), trapdoorOf("2")];
    const values = [...Object.values(one), ...Object.values(other)];
    expect(new Set(values).size).toBe(8);
    for (const value of values) expect(value > 1n && value < GROUP_ORDER).toBe(true);
  });

  test("behavior: it reads as what snarkjs reads, and says that it is a development key", async () => {
    const { curve } = await buildCurveProgram();
    const summary = await readKeySummary(zkey, curve);
    expect(summary.verificationKey).toEqual(verificationKey);
    expect(summary.contributions).toEqual(["DEVELOPMENT KEY, trapdoor public"]);
  });
});

describe("the key snarkjs makes of the same trapdoor", () => {
  let ceremony: Ceremony;
  let own: string;

  beforeAll(async () => {
    ceremony = await snarkjsCeremony(circuit.r1cs, directory);
    own = await keyFromTrapdoor(circuit.r1cs, ceremony.trapdoor, join(directory, "own.zkey"));
  }, 120_000);

  const names = ["protocol", "header", "IC", "coefficients", "A", "B1", "B2", "C", "H"];
  test.each(names.map((name, index) => [name, index + 1] as const))(
    "default: section %s has the same bytes",
    (_, id) => {
      const [theirs, ours] = [sectionsOf(ceremony.final).get(id), sectionsOf(own).get(id)];
      expect(theirs?.length).toBeGreaterThan(0);
      expect(ours?.equals(theirs as Buffer)).toBe(true);
    },
  );

  test("behavior: both have ten sections", () => {
    const ids = (path: string): number[] => [...sectionsOf(path).keys()].toSorted((a, b) => a - b);
    expect(ids(own)).toEqual(ids(ceremony.final));
  });

  // `zkey verify` follows a key back to the powers of tau it was made of. A development key was made of none, and its
  // circuit hash is no hash of their points: everything else holds here because this test chose the ceremony's trapdoor.
  test("behavior: zkey verify accepts theirs and refuses ours for its circuit hash alone", async () => {
    const errors: string[] = [];
    const ignore = (): void => undefined;
    const logger = { debug: ignore, info: ignore, warn: ignore, error: (message: string) => void errors.push(message) };
    expect(await zKey.verifyFromR1cs(circuit.r1cs, ceremony.ptau, ceremony.final, logger)).toBe(true);
    expect(errors).toEqual([]);
    expect(await zKey.verifyFromR1cs(circuit.r1cs, ceremony.ptau, own, logger)).toBe(false);
    expect(errors).toEqual(["INVALID:  Circuit does not match"]);
  }, 60_000);
});

describe(FixedBase, () => {
  const scalars = [
    0n,
    1n,
    2n,
    255n,
    32_768n,
    32_769n,
    65_535n,
    65_536n,
    GROUP_ORDER - 1n,
    GROUP_ORDER - 2n,
    1n << 253n,
  ];
  for (let index = 0; index < 20; index++) scalars.push(hashToField(String(index), "test"));

  test.each([
    ["g1", 4],
    ["g1", 11],
    ["g1", 16],
    ["g2", 5],
    ["g2", 8],
  ] as const)("default: %s with windows of %i bits agrees with double-and-add", async (group, windowBits) => {
    const { program } = await buildCurveProgram();
    const engine = new Engine(program);
    const windows = Array.from({ length: windowCount(windowBits) }, (_, at) =>
      tableWindow(engine, group, windowBits, at),
    );
    const base = new FixedBase(engine, group, windowBits, Buffer.concat(windows));
    const points = base.multiply(Buffer.concat(scalars.map(scalarBytes)));

    const size = POINT_BYTES[group];
    const generator = engine.put(program.generators[group]);
    const product = engine.allocate(2 * size);
    scalars.forEach((scalar, index) => {
      engine.run(`${group}m_timesScalar`, generator, engine.putScalar(scalar), FIELD_BYTES, product);
      engine.run(`${group}m_toAffine`, product, product);
      const found = Buffer.from(points.subarray(index * size, (index + 1) * size)).toString("hex");
      expect(found, `${scalar} times the generator`).toBe(Buffer.from(engine.bytes(product, size)).toString("hex"));
    });
  });

  test("behavior: more scalars are worth wider windows", () => {
    const widths = [1, 100, 10_000, 1_000_000].map(bestWindowBits);
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    expect(new Set(widths).size).toBe(widths.length);
    expect(widths.at(-1)).toBe(16);
  });

  test("error: a point meeting its equal stops the work instead of giving a wrong sum", async () => {
    const { program } = await buildCurveProgram();
    const engine = new Engine(program);
    const point = engine.allocate(POINT_BYTES.g1);
    engine.run("g1m_toAffine", engine.put(program.generators.g1), point);
    const sum = engine.put(engine.bytes(point, POINT_BYTES.g1).slice());
    const selection = engine.allocate(8);
    const scratch = engine.allocate(FIELD_BYTES);
    for (const sign of [0, 1]) {
      engine.words(selection, 1)[0] = point + sign;
      expect(() => engine.run("g1m_addSelected", sum, selection, 1, scratch)).toThrow("unreachable");
    }
  });
});
