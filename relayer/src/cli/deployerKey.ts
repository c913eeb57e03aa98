import { readFileSync } from "node:fs";
import { Keystore } from "ox";
import { type Hex, isHex, size } from "viem";
import { type LocalAccount, privateKeyToAccount } from "viem/accounts";
import { type OptionValues, textOption, UsageWrong } from "./command.ts";

/** Whose password opens a keystore. */
const PASSWORD = "EQUIPOISE_KEYSTORE_PASSWORD";

/** A key cannot be had from where the command line says. */
export class DeployerKeyUnavailable extends Error {
  override name = "DeployerKeyUnavailable";
  constructor(source: string, reason: string) {
    super(`the deployer's key cannot be had from ${source}: ${reason}`);
  }
}

export const KEY_OPTIONS = {
  keystore: { value: "FILE", summary: `the deployer's encrypted key (version 3); its password in ${PASSWORD}` },
  "private-key-env": { value: "NAME", summary: "the environment variable that holds the deployer's key" },
} as const;

/** The account that deploys. Neither the key nor its password is kept or said. */
export async function deployerFrom(
  values: OptionValues,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LocalAccount> {
  const [keystore, variable] = [textOption(values, "keystore"), textOption(values, "private-key-env")];
  if ((keystore === undefined) === (variable === undefined))
    throw new UsageWrong("give the deployer's key by --keystore or by --private-key-env: see equipoise deploy --help");
  if (variable !== undefined) {
    const key = environment[variable];
    if (!isHex(key) || size(key) !== 32)
      throw new DeployerKeyUnavailable(`variable ${variable}`, "it must hold 0x and 64 hex digits: set it");
    return privateKeyToAccount(key);
  }
  const password = environment[PASSWORD];
  const path = keystore as string;
  if (password === undefined) throw new DeployerKeyUnavailable(path, `set its password in ${PASSWORD}`);
  try {
    const read = JSON.parse(readFileSync(path, "utf8")) as Keystore.Keystore;
    const key: Hex = Keystore.decrypt(read, await Keystore.toKeyAsync(read, { password }));
    return privateKeyToAccount(key);
  } catch (error) {
    throw new DeployerKeyUnavailable(path, `${(error as Error).message}: correct the file or ${PASSWORD}`);
  }
}
