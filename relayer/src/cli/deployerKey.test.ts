import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Keystore } from "ox";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeyUnavailable } from "../daemon/keys.ts";
import { UsageWrong } from "./command.ts";
import { deployerFrom } from "./deployerKey.ts";

const key = generatePrivateKey();
const folder = mkdtempSync(join(tmpdir(), "equipoise-key-"));
const keystore = join(folder, "key.json");

beforeAll(async () => {
  const [derived, options] = await Keystore.pbkdf2Async({ password: "right", iterations: 1_000 });
  writeFileSync(keystore, JSON.stringify(await Keystore.encrypt(key, derived, options)));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("deployerFrom", () => {
  it("default: from a variable, and from a keystore with its password", async () => {
    const fromVariable = await deployerFrom({ "private-key-env": "KEY" }, { KEY: key });
    const fromFile = await deployerFrom({ keystore }, { EQUIPOISE_KEYSTORE_PASSWORD: "right" });
    expect([fromVariable.address, fromFile.address]).toEqual([privateKeyToAddress(key), privateKeyToAddress(key)]);
  });

  it("default: from a module that says whose it is and signs", async () => {
    const module = join(folder, "kms.mjs");
    const address = privateKeyToAddress(key);
    writeFileSync(module, `export default { address: "${address}", signTransaction: async () => "0x" };`);
    expect((await deployerFrom({ "key-module": relative(process.cwd(), module) }, {})).address).toBe(address);
  });

  it.each([
    [{ "private-key-env": "KEY" }, {}],
    [{ "private-key-env": "KEY" }, { KEY: "0x12" }],
    [{ keystore }, {}],
    [{ keystore }, { EQUIPOISE_KEYSTORE_PASSWORD: "wrong" }],
    [{ "key-module": join(folder, "none.mjs") }, {}],
    [{ keystore: join(folder, "none.json") }, { EQUIPOISE_KEYSTORE_PASSWORD: "right" }],
  ])("error: KeyUnavailable, which never says the key (%#)", async (values, environment) => {
    await expect(deployerFrom(values, environment)).rejects.toThrow(KeyUnavailable);
  });

  it("error: UsageWrong for no source, and for two", async () => {
    await expect(deployerFrom({}, {})).rejects.toThrow(UsageWrong);
    await expect(deployerFrom({ keystore, "private-key-env": "KEY" }, {})).rejects.toThrow(UsageWrong);
    await expect(deployerFrom({ "private-key-env": "KEY", "key-module": "b" }, {})).rejects.toThrow(UsageWrong);
  });
});
