import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Keystore } from "ox";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeyUnavailable, openKey } from "./keys.ts";

const key = generatePrivateKey();
let folder: string;
let keystore: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-keys-"));
  keystore = join(folder, "key.json");
  const [derived, options] = Keystore.scrypt({ password: "horse", n: 1024 });
  writeFileSync(keystore, JSON.stringify(Keystore.encrypt(key, derived, options)));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("openKey", () => {
  it("default: from a variable, or from a keystore with its password in one", async () => {
    expect((await openKey({ variable: "KEY" }, { KEY: key })).address).toBe(privateKeyToAddress(key));
    const source = { keystore, passwordVariable: "PASSWORD" };
    expect((await openKey(source, { PASSWORD: "horse" })).address).toBe(privateKeyToAddress(key));
  });

  it("error: KeyUnavailable says what to set, and never the key", async () => {
    const short = openKey({ variable: "KEY" }, { KEY: key.slice(0, 40) });
    await expect(short).rejects.toThrow(KeyUnavailable);
    await expect(short).rejects.not.toThrow(key.slice(2, 20));
    await expect(openKey({ variable: "KEY" }, {})).rejects.toThrow("set it");
    const source = { keystore, passwordVariable: "PASSWORD" };
    await expect(openKey(source, { PASSWORD: "pony" })).rejects.toThrow("the password is wrong");
    await expect(openKey(source, {})).rejects.toThrow("set that variable");
    await expect(openKey({ ...source, keystore: join(folder, "none") }, { PASSWORD: "horse" })).rejects.toThrow(
      "ENOENT",
    );
  });
});
