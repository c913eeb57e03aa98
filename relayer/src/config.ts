import { join } from "node:path";

/** What the environment says about a run of the relayer on local chains. */
export type RelayerConfig = {
  /** the relayer's file; remembered in memory when absent */
  readonly storeFile?: string;
  /** where local chains keep their state between runs; in memory when absent */
  readonly chainFolder?: string;
};

/**
 * Reads the configuration. `EQUIPOISE_STATE` names a folder that makes a run restartable: the chains and the relayer's
 * file live there.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): RelayerConfig {
  const folder = environment.EQUIPOISE_STATE;
  if (folder === undefined || folder === "") return {};
  return { storeFile: join(folder, "relayer.json"), chainFolder: join(folder, "chains") };
}
