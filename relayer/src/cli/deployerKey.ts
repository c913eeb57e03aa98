import type { LocalAccount } from "viem/accounts";
import { openKey } from "../daemon/keys.ts";
import { type OptionValues, textOption, UsageWrong } from "./command.ts";

/** Whose password opens a keystore. */
const PASSWORD = "EQUIPOISE_KEYSTORE_PASSWORD";

export const KEY_OPTIONS = {
  keystore: { value: "FILE", summary: `the deployer's encrypted key (version 3); its password in ${PASSWORD}` },
  "private-key-env": { value: "NAME", summary: "the environment variable that holds the deployer's key" },
} as const;

/** The account that deploys. */
export async function deployerFrom(
  values: OptionValues,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LocalAccount> {
  const [keystore, variable] = [textOption(values, "keystore"), textOption(values, "private-key-env")];
  if (keystore !== undefined && variable === undefined)
    return openKey({ keystore, passwordVariable: PASSWORD }, environment);
  if (keystore === undefined && variable !== undefined) return openKey({ variable }, environment);
  throw new UsageWrong("give the deployer's key by --keystore or by --private-key-env: see equipoise deploy --help");
}
