import { pino } from "pino";
import { readConfigFile } from "../daemon/configFile.ts";
import { dryRun } from "../daemon/dryRun.ts";
import { startProofWorker } from "../daemon/proofWorker.ts";
import { startRelayer } from "../daemon/relayer.ts";
import { type Command, type OptionValues, textOption, UsageWrong } from "./command.ts";
import { formatTable } from "./table.ts";

/** The configuration that --config names. */
export function configFrom(values: OptionValues) {
  const path = textOption(values, "config");
  if (path === undefined) throw new UsageWrong("--config FILE is missing: docs/relayer.md has an example");
  return readConfigFile(path);
}

function logLevel(given = "info"): string {
  const levels = ["silent", ...Object.keys(pino.levels.values)];
  if (!levels.includes(given)) throw new UsageWrong(`EQUIPOISE_LOG is "${given}": give one of ${levels.join(", ")}`);
  return given;
}

/** `equipoise relay`: the roles of a configuration, until a signal ends it. */
export const relay: Command = {
  name: "relay",
  summary:
    "runs the roles of a configuration until it is ended: observe, prove, allocate, carry, rebalance, clear, liquidate",
  usage: ["relay --config FILE.json [--dry-run] [--json]"],
  options: {
    config: { value: "FILE.json", summary: "database, deployment, chains, keys and roles: docs/relayer.md" },
    "dry-run": { summary: "say what each role would do next, and do nothing" },
  },
  run: async ({ values, progress }) => {
    const config = configFrom(values);
    if (values["dry-run"] === true) {
      const duties = await dryRun(config);
      const rows = duties.map(({ duty, outcome }) => [duty, outcome]);
      const ok = !duties.some(({ failed }) => failed);
      return { ok, result: { duties }, text: formatTable(["duty", "next"], rows) };
    }
    const log = pino({ level: logLevel(process.env.EQUIPOISE_LOG), base: null });
    const relayer = await (config.deployment === undefined ? startProofWorker(config, log) : startRelayer(config, log));
    const signal = new Promise<string>((resolve) => {
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(name, () => resolve(name));
    });
    const end = await Promise.race([signal, relayer.failed]);
    await relayer.stop();
    if (end instanceof Error) throw end; // whoever watches the process starts it again
    progress(`ended by ${end}`); // standard output is the log: JSON lines only
    return { ok: true, result: { endedBy: end } };
  },
};
