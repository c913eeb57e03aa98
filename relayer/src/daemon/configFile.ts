import { isIP } from "node:net";
import { type Deployment, LOG_RANGE } from "@equipoise/sdk/actions";
import type { DatabasePlace } from "../database/database.ts";
import { type DeploymentRecord, parseRecord } from "../deploy/record.ts";
import type { Finality } from "../transactions/node.ts";
import { type ConfigFields, type ConfigReader, configReader } from "./configReader.ts";
import { type ChainConfig, type DaemonConfig, type KeySource, ROLES, type Role } from "./daemonConfig.ts";

/** Roles that there is nothing to do for where clearing has not been deployed. */
const CLEARING_ROLES: readonly Role[] = ["clearer", "keeper"];

const GWEI = 10n ** 9n;
const DEFAULTS = {
  maxLag: 3,
  logRange: Number(LOG_RANGE),
  finality: "safe",
  maxFeePerGasGwei: 500,
  escalateAfterSeconds: 60,
  minimumProfitPpm: 50_000,
  discountPpm: 10_000,
  lookEverySeconds: 15,
  takeOverAfterSeconds: 300,
  host: "127.0.0.1",
  port: 9464,
} as const;

/** Reads the configuration of a relayer. Throws `ConfigInvalid` with the first key that is wrong and what it should be. */
export function readConfigFile(path: string): DaemonConfig {
  const reader = configReader(path);
  const { load, at, fieldsOf, text, whole, list, refuse } = reader;
  const spans = ["lookEverySeconds", "takeOverAfterSeconds"];
  const known = ["deployment", "database", "roles", "chains", "keys", "keeper", ...spans, "host", "port"];
  const fields = fieldsOf(load(path, "the file"), "the file", known);
  const place = fieldsOf(fields.database, "database", ["url", "urlVariable", "directory"]);
  if (Object.keys(place).length !== 1)
    refuse("database", fields.database, "give one of url, urlVariable (an environment variable), directory");
  const roles = list(fields.roles, "roles", `some of ${ROLES.join(", ")}`).map((role, index) =>
    ROLES.includes(role as Role) ? (role as Role) : refuse(`roles[${index}]`, role, `give one of ${ROLES.join(", ")}`),
  );
  const host = text(fields.host ?? DEFAULTS.host, "host", "an IP address");
  if (isIP(host) === 0) refuse("host", host, "give an IP address of this machine, or 0.0.0.0 for all it has");
  const own = {
    database: databaseOf(reader, place),
    roles: [...new Set(roles)],
    host,
    port: whole(fields.port ?? DEFAULTS.port, "port", 0, 65_535),
  };
  // One file may serve every machine: what a worker has no use for may be there.
  if (roles.every((role) => role === "prover")) return own;

  const deploymentFile = at(text(fields.deployment, "deployment", "the path of a record of equipoise deploy"));
  const { deployment } = recordOf(load(deploymentFile, "deployment"), (reason) =>
    refuse("deployment", deploymentFile, `it is no record of equipoise deploy (${reason})`),
  );
  if (deployment === undefined)
    return refuse("deployment", deploymentFile, "run equipoise deploy again: it was cut off before its last step");
  const chains = list(fields.chains, "chains", "chains").map((one, index) =>
    chainOf(reader, one, `chains[${index}]`, deployment),
  );
  for (const { eid } of deployment.chains) {
    const count = chains.filter((one) => one.eid === eid).length;
    if (count !== 1)
      refuse(
        "chains",
        chains.map((one) => one.eid),
        `give eid ${eid} of the deployment once`,
      );
  }
  for (const [index, role] of roles.entries()) {
    if (deployment.clearing === undefined && CLEARING_ROLES.includes(role))
      refuse(
        `roles[${index}]`,
        role,
        "the deployment has no clearing: run equipoise deploy with it, or remove the role",
      );
  }
  const keys = fieldsOf(fields.keys, "keys", ["relayer", "bidder"]);
  const bidding = roles.find((role) => role === "filler" || role === "keeper");
  if (bidding !== undefined && keys.bidder === undefined)
    refuse(
      "keys.bidder",
      keys.bidder,
      `the ${bidding} bids from an account of its own: give its key, or remove the role`,
    );
  const takeOver = fields.takeOverAfterSeconds;
  const keeper = fieldsOf(fields.keeper ?? {}, "keeper", ["minimumProfitPpm", "discountPpm"]);
  const share = (name: "minimumProfitPpm" | "discountPpm"): bigint =>
    BigInt(whole(keeper[name] ?? DEFAULTS[name], `keeper.${name}`, 0, 999_999));
  return {
    ...own,
    deployment,
    chains,
    keys: {
      relayer: keyOf(reader, keys.relayer, "keys.relayer"),
      ...(keys.bidder === undefined ? {} : { bidder: keyOf(reader, keys.bidder, "keys.bidder") }),
    },
    keeper: { minimumProfit: share("minimumProfitPpm"), discount: share("discountPpm") },
    lookEvery: whole(fields.lookEverySeconds ?? DEFAULTS.lookEverySeconds, "lookEverySeconds", 1, 3_600),
    takeOverAfter: whole(takeOver ?? DEFAULTS.takeOverAfterSeconds, "takeOverAfterSeconds", 0, 86_400),
  };
}

function keyOf({ fieldsOf, text, at, refuse }: ConfigReader, value: unknown, name: string): KeySource {
  const fields = fieldsOf(value, name, ["variable", "keystore", "passwordVariable", "module"]);
  const [kind, other] = ["variable", "keystore", "module"].filter((one) => fields[one] !== undefined);
  if (kind !== undefined && other !== undefined)
    refuse(`${name}.${kind}`, fields[kind], `give it or ${other}, not both`);
  if (kind === "module")
    return { module: at(text(fields.module, `${name}.module`, "the path of a module that exports a viem account")) };
  if (fields.keystore === undefined)
    return {
      variable: text(fields.variable, `${name}.variable`, "the name of the environment variable with the key"),
    };
  const password = "the name of the environment variable with the password";
  return {
    keystore: at(text(fields.keystore, `${name}.keystore`, "the path of an encrypted keystore (version 3 JSON)")),
    passwordVariable: text(fields.passwordVariable, `${name}.passwordVariable`, password),
  };
}

const finalityOf = ({ refuse }: ConfigReader, value: unknown, name: string): Finality =>
  value === "safe" || value === "finalized"
    ? value
    : typeof value === "number" && Number.isInteger(value) && value > 0
      ? value
      : refuse(name, value, 'give "safe", "finalized", or a number of confirmations from 1 up');

function chainOf(reader: ConfigReader, value: unknown, name: string, deployment: Deployment): ChainConfig {
  const { fieldsOf, text, whole, list, refuse } = reader;
  const known = [
    "eid",
    "rpcUrls",
    "quorum",
    "maxLag",
    "logRange",
    "finality",
    "maxFeePerGasGwei",
    "escalateAfterSeconds",
  ];
  const fields = fieldsOf(value, name, known);
  const eids = deployment.chains.map(({ eid }) => eid);
  const eid = whole(fields.eid, `${name}.eid`, 1, 2 ** 32 - 1);
  if (!eids.includes(eid)) refuse(`${name}.eid`, eid, `give one of the deployment's: ${eids.join(", ")}`);
  const rpcUrls = list(fields.rpcUrls, `${name}.rpcUrls`, "URLs").map((url, place) => {
    const given = text(url, `${name}.rpcUrls[${place}]`, "a URL");
    const parsed = URL.canParse(given) ? new URL(given).protocol : "";
    return /^https?:$/.test(parsed) ? given : refuse(`${name}.rpcUrls[${place}]`, given, "give an http or https URL");
  });
  const majority = Math.floor(rpcUrls.length / 2) + 1;
  const gwei = whole(fields.maxFeePerGasGwei ?? DEFAULTS.maxFeePerGasGwei, `${name}.maxFeePerGasGwei`, 1, 1_000_000);
  const escalate = fields.escalateAfterSeconds ?? DEFAULTS.escalateAfterSeconds;
  return {
    eid,
    rpcUrls,
    quorum: whole(fields.quorum ?? majority, `${name}.quorum`, majority, rpcUrls.length),
    maxLag: whole(fields.maxLag ?? DEFAULTS.maxLag, `${name}.maxLag`, 0, 1_000),
    logRange: BigInt(whole(fields.logRange ?? DEFAULTS.logRange, `${name}.logRange`, 1, DEFAULTS.logRange)),
    finality: finalityOf(reader, fields.finality ?? DEFAULTS.finality, `${name}.finality`),
    maxFeePerGas: BigInt(gwei) * GWEI,
    escalateAfterMs: whole(escalate, `${name}.escalateAfterSeconds`, 1, 86_400) * 1_000,
  };
}

function recordOf(value: unknown, refuse: (reason: string) => never): DeploymentRecord {
  try {
    return parseRecord(value);
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function databaseOf({ at, text, refuse }: ConfigReader, { url, urlVariable, directory }: ConfigFields): DatabasePlace {
  if (directory !== undefined) return { directory: at(text(directory, "database.directory", "a directory's path")) };
  const postgres = (given: string, key: string): string =>
    URL.canParse(given) && /^postgres(ql)?:$/.test(new URL(given).protocol) && new URL(given).host !== ""
      ? given
      : refuse(key, given, "give a URL that begins with postgres:// and a host");
  if (url !== undefined)
    return { url: postgres(text(url, "database.url", "the URL of a Postgres server"), "database.url") };
  const name = text(urlVariable, "database.urlVariable", "the name of an environment variable with a Postgres URL");
  const given = process.env[name];
  return {
    url: postgres(
      given === undefined || given === "" ? refuse("database.urlVariable", name, "set that variable") : given,
      "database.urlVariable",
    ),
  };
}
