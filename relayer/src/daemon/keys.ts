import { readFileSync } from "node:fs";
import { Keystore } from "ox";
import { type Hex, isHex, size } from "viem";
import { type LocalAccount, privateKeyToAccount } from "viem/accounts";
import type { KeySource } from "./daemonConfig.ts";
import { importAccount } from "./keyModule.ts";

/** A key cannot be had from where the configuration says. */
export class KeyUnavailable extends Error {
  override name = "KeyUnavailable";
  constructor(source: string, reason: string) {
    super(`the key from ${source} cannot be used: ${reason}`);
  }
}

/** The account of a key. Neither the key nor its password is kept or said. */
export async function openKey(
  source: KeySource,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LocalAccount> {
  if ("variable" in source) {
    const key = environment[source.variable];
    if (!isHex(key) || size(key) !== 32)
      throw new KeyUnavailable(`variable ${source.variable}`, "it must hold 32 bytes as 0x and 64 hex digits: set it");
    return privateKeyToAccount(key);
  }
  if ("module" in source) {
    return importAccount(source.module).catch((error: unknown) => {
      throw new KeyUnavailable(source.module, error instanceof Error ? error.message : String(error));
    });
  }
  const password = environment[source.passwordVariable];
  if (password === undefined || password === "")
    throw new KeyUnavailable(source.keystore, `its password is not in ${source.passwordVariable}: set that variable`);
  try {
    const keystore = JSON.parse(readFileSync(source.keystore, "utf8")) as Keystore.Keystore;
    const key: Hex = Keystore.decrypt(keystore, await Keystore.toKeyAsync(keystore, { password }));
    return privateKeyToAccount(key);
  } catch (error) {
    const reason = (error as Error).message === "corrupt keystore" ? "the password is wrong" : (error as Error).message;
    throw new KeyUnavailable(source.keystore, `${reason}; correct ${source.passwordVariable} or the file`);
  }
}
