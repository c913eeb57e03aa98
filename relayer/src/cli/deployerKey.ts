import { resolve } from "node:path";
import type { LocalAccount } from "viem/accounts";
import type { KeySource } from "../daemon/daemonConfig.ts";
import { openKey } from "../daemon/keys.ts";
import { type OptionValues, textOption, UsageWrong } from "./command.ts";

/** Whose password opens a keystore. */
const PASSWORD = "EQUIPOISE_KEYSTORE_PASSWORD";

export const KEY_OPTIONS = {
  keystore: { value: "FILE", summary: `the deployer's encrypted key (version 3); its password in ${PASSWORD}` },
  "private-key-env": { value: "NAME", summary: "the environment variable that holds the deployer's key" },
  "key-module": { value: "FILE", summary: "a module that exports a viem account, for a key in a KMS: docs/relayer.md" },
} as const;

/** The account that deploys. */
export async function deployerFrom(
  values: OptionValues,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LocalAccount> {
  const [keystore, variable] = [textOption(values, "keystore"), textOption(values, "private-key-env")];
  const module = textOption(values, "key-module");
  const sources: KeySource[] = [
    ...(keystore === undefined ? [] : [{ keystore, passwordVariable: PASSWORD }]),
    ...(variable === undefined ? [] : [{ variable }]),
    ...(module === undefined ? [] : [{ module: resolve(module) }]),
  ];
  const [source, another] = sources;
  if (source !== undefined && another === undefined) return openKey(source, environment);
  throw new UsageWrong(
    "give the deployer's key once, by --keystore, --private-key-env or --key-module: see equipoise deploy --help",
  );
}
