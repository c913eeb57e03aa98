import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Curve } from "ffjavascript";
import { groth16 } from "snarkjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildCurveProgram } from "../../circuits/setup/development-key/curve-program.ts";
import { trapdoorOf } from "../../circuits/setup/development-key/trapdoor.ts";
import { checkKey, type KeyFact, KeyRefused } from "../../circuits/setup/gate.ts";
import {
  type KeySummary,
  ProvingKeyNotReadable,
  readKeySummary,
  type VerificationKey,
} from "../../circuits/setup/verification-key.ts";
import {
  compileLedger,
  keyFromTrapdoor,
  LEDGER_PUBLIC_INPUTS,
  ledgerSource,
  releaseSnarkjs,
  snarkjsCeremony,
  temporaryDirectory,
} from "./ledger.ts";

const directory = temporaryDirectory();
/** Nobody computed these: a forger chooses what to claim. */
const claims = ["1000000", "2", "3", "4"];
let curve: Curve;
let good: KeySummary;
let uncontributed: KeySummary;

beforeAll(async () => {
  ({ curve } = await buildCurveProgram());
  const circuit = await compileLedger(directory);
  const ceremony = await snarkjsCeremony(circuit.r1cs, directory);
  const zkey = await keyFromTrapdoor(circuit.r1cs, trapdoorOf(circuit.circuitHash), join(directory, "good.zkey"));
  good = await readKeySummary(zkey, curve);
  uncontributed = await readKeySummary(ceremony.uncontributed, curve);
}, 120_000);

afterAll(async () => {
  await releaseSnarkjs();
  rmSync(directory, { recursive: true, force: true });
});

/** A = α, B = β, C = −Σ IC: the pairing equation of a key with γ = δ, without a witness. With δ = −γ, C = +Σ IC. */
function forge(key: VerificationKey, sign: 1 | -1) {
  const { Fr, G1 } = curve;
  const [constant, ...inputs] = key.IC.map((point) => G1.fromObject(point.map(BigInt))) as [
    Uint8Array,
    ...Uint8Array[],
  ];
  const sum = inputs.reduce(
    (total, point, index) => G1.add(total, G1.timesFr(point, Fr.e(BigInt(claims[index] as string)))),
    constant,
  );
  const c = G1.toObject(G1.toAffine(sign === 1 ? G1.neg(sum) : sum)) as bigint[];
  return {
    pi_a: key.vk_alpha_1,
    pi_b: key.vk_beta_2,
    pi_c: c.map(String),
    protocol: "groth16",
    curve: "bn128",
  };
}

/** The opposite of a G2 point. */
function opposite(point: VerificationKey["vk_delta_2"]): VerificationKey["vk_delta_2"] {
  const [x, y, z] = point as [string[], string[], string[]];
  const modulus = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
  return [x, y.map((part) => String((modulus - BigInt(part)) % modulus)), z];
}

function factOf(key: KeySummary, publicInputs = LEDGER_PUBLIC_INPUTS): KeyFact | undefined {
  try {
    checkKey(key, publicInputs);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(KeyRefused);
    return (error as KeyRefused).fact;
  }
}

const withKey = (summary: KeySummary, changes: Partial<VerificationKey>): KeySummary => ({
  ...summary,
  verificationKey: { ...summary.verificationKey, ...changes },
});

describe("a key to which nobody contributed", () => {
  test("default: snarkjs accepts a forged proof of anything, and the gate refuses the key", async () => {
    const key = uncontributed.verificationKey;
    expect(await groth16.verify(key, claims, forge(key, 1))).toBe(true);
    expect(factOf(uncontributed)).toBe("GammaEqualsDelta");
  });

  test("behavior: delta opposite to gamma is as bad", async () => {
    const turned = withKey(uncontributed, { vk_delta_2: opposite(uncontributed.verificationKey.vk_delta_2) });
    expect(await groth16.verify(turned.verificationKey, claims, forge(turned.verificationKey, -1))).toBe(true);
    expect(factOf(turned)).toBe("GammaEqualsDelta");
  });

  test("behavior: the same forgery fails against a key that passes the gate", async () => {
    expect(factOf(good)).toBeUndefined();
    for (const sign of [1, -1] as const) {
      expect(await groth16.verify(good.verificationKey, claims, forge(good.verificationKey, sign))).toBe(false);
    }
  });
});

describe(checkKey, () => {
  test("error: DeltaIsGenerator, when gamma is another point", () => {
    const { vk_gamma_2, vk_delta_2 } = good.verificationKey;
    expect(factOf(withKey(good, { vk_gamma_2: vk_delta_2, vk_delta_2: vk_gamma_2 }))).toBe("DeltaIsGenerator");
  });

  test("error: GammaEqualsDelta, whatever the point", () => {
    expect(factOf(withKey(good, { vk_gamma_2: good.verificationKey.vk_delta_2 }))).toBe("GammaEqualsDelta");
  });

  test("error: PointAtInfinity, for every point of the key and both ways of writing it", () => {
    const g1 = [
      ["0", "1", "0"],
      ["0", "0", "1"],
    ];
    const g2 = [
      [
        ["0", "0"],
        ["1", "0"],
        ["0", "0"],
      ],
      [
        ["0", "0"],
        ["0", "0"],
        ["1", "0"],
      ],
    ];
    for (const point of g1) {
      expect(factOf(withKey(good, { vk_alpha_1: point }))).toBe("PointAtInfinity");
      good.verificationKey.IC.forEach((_, index) => {
        expect(factOf(withKey(good, { IC: good.verificationKey.IC.with(index, point) }))).toBe("PointAtInfinity");
      });
    }
    for (const point of g2) {
      for (const name of ["vk_beta_2", "vk_gamma_2", "vk_delta_2"] as const) {
        expect(factOf(withKey(good, { [name]: point }))).toBe("PointAtInfinity");
      }
    }
  });

  test("error: InputCountDiffers, for a point too few, a point too many and another circuit", () => {
    const { IC } = good.verificationKey;
    expect(factOf(withKey(good, { IC: IC.slice(1) }))).toBe("InputCountDiffers");
    expect(factOf(withKey(good, { IC: [...IC, ...IC.slice(0, 1)] }))).toBe("InputCountDiffers");
    expect(factOf(good, LEDGER_PUBLIC_INPUTS - 1)).toBe("InputCountDiffers");
  });

  test("error: NotContributed", () => {
    expect(factOf({ ...good, contributions: [] })).toBe("NotContributed");
  });

  test("error: the message names value, limit and remedy", () => {
    expect(() => checkKey(uncontributed, LEDGER_PUBLIC_INPUTS)).toThrow(
      /^GammaEqualsDelta: gamma and delta are the same .*, they must differ\. Make the key again with/,
    );
  });
});

describe(readKeySummary, () => {
  test("error: ProvingKeyNotReadable, for what is no zkey", async () => {
    await expect(readKeySummary(ledgerSource, curve)).rejects.toBeInstanceOf(ProvingKeyNotReadable);
  });
});
