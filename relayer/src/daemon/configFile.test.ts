import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulatedDeployment } from "@equipoise/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfigFile } from "./configFile.ts";
import { ConfigInvalid } from "./configReader.ts";
import type { RelayerConfig } from "./daemonConfig.ts";

const { clearing, ...deployment } = simulatedDeployment();
const withClearing = () =>
  writeFileSync(
    join(folder, "clearing.json"),
    JSON.stringify({ version: 1, transactions: [], deployment: { ...deployment, clearing } }),
  );

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-config-"));
  writeFileSync(join(folder, "deployment.json"), JSON.stringify({ version: 1, transactions: [], deployment }));
});
afterEach(() => rmSync(folder, { recursive: true }));

const valid = () => ({
  deployment: "deployment.json",
  database: { directory: "data" } as Record<string, unknown>,
  roles: ["observer", "deliverer"] as unknown[],
  chains: deployment.chains.map(({ eid }): Record<string, unknown> => ({ eid, rpcUrls: ["http://127.0.0.1:1"] })),
  keys: { relayer: { variable: "KEY" } } as Record<string, unknown>,
});

function readAny(config: object) {
  const path = join(folder, "relayer.json");
  writeFileSync(path, JSON.stringify(config));
  return readConfigFile(path);
}
const read = (config: object): RelayerConfig => readAny(config) as RelayerConfig;

describe("readConfigFile", () => {
  it("default: paths from the file's folder, a majority as quorum", () => {
    const config = valid();
    config.chains[0]!.rpcUrls = ["http://a.invalid", "http://b.invalid", "http://c.invalid"];
    config.keys.relayer = { module: "kms.ts" };
    const { database, chains, roles, lookEvery, takeOverAfter, keys } = read(config);
    expect(keys.relayer).toEqual({ module: join(folder, "kms.ts") });
    expect(database).toEqual({ directory: join(folder, "data") });
    expect(chains[0]).toMatchObject({ quorum: 2, finality: "safe", maxFeePerGas: 500n * 10n ** 9n });
    expect([roles, lookEvery, takeOverAfter]).toEqual([["observer", "deliverer"], 15, 300]);
    expect(read({ ...config, takeOverAfterSeconds: 0 }).takeOverAfter).toBe(0);
  });

  it("default: a clearer and a keeper for a deployment with clearing, five and one per cent for the keeper", () => {
    withClearing();
    const config = { ...valid(), deployment: "clearing.json", roles: ["clearer", "keeper"] };
    config.keys.bidder = { variable: "BIDDER" };
    const { roles, keeper, keys } = read(config);
    expect(roles).toEqual(["clearer", "keeper"]);
    expect(keeper).toEqual({ minimumProfit: 50_000n, discount: 10_000n });
    expect(keys.bidder).toEqual({ variable: "BIDDER" });
    const asked = read({ ...config, keeper: { minimumProfitPpm: 1_000, discountPpm: 0 } });
    expect(asked.keeper).toEqual({ minimumProfit: 1_000n, discount: 0n });
  });

  it("default: who only proves needs the database, no chain, no key and no deployment", () => {
    const config = { database: { directory: "data" }, roles: ["prover"] };
    const worker = { database: { directory: join(folder, "data") }, roles: ["prover"] };
    expect(readAny(config)).toMatchObject(worker);
    expect(readAny({ ...valid(), roles: ["prover"] })).toEqual(readAny(config)); // one file for every machine
    expect(() => readAny({ ...config, roles: ["prover", "reporter"] })).toThrow("deployment is missing");
    expect(() => readAny({ roles: ["prover"] })).toThrow("database is missing");
  });

  it.each<[string, (config: ReturnType<typeof valid>) => void, string]>([
    ["an unknown key", (config) => Object.assign(config, { rpc: 1 }), "the file.rpc is not as it should be: remove it"],
    ["a role there is not", (config) => config.roles.push("banker"), 'roles[2] is "banker": give one of observer'],
    ["no roles", (config) => Object.assign(config, { roles: [] }), "roles is []: give a list"],
    [
      "more blocks of logs at once than are ever asked for",
      (config) => Object.assign(config.chains[0]!, { logRange: 2_001 }),
      "chains[0].logRange is 2001: give a whole number from 1 to 2000",
    ],
    ["a chain without URL", (config) => delete config.chains[0]!.rpcUrls, "chains[0].rpcUrls is missing: give a list"],
    [
      "a host by name",
      (config) => Object.assign(config, { host: "a.example" }),
      'host is "a.example": give an IP address',
    ],
    ["no URL", (config) => Object.assign(config.chains[0]!, { rpcUrls: ["ftp://x"] }), "give an http or https URL"],
    [
      "a minority",
      (config) => Object.assign(config.chains[0]!, { rpcUrls: ["http://a", "http://b"], quorum: 1 }),
      "chains[0].quorum is 1: give a whole number from 2 to 2",
    ],
    [
      "another chain",
      (config) => Object.assign(config.chains[0]!, { eid: 7 }),
      "chains[0].eid is 7: give one of the deployment's",
    ],
    ["a chain missing", (config) => config.chains.pop(), "of the deployment once"],
    ["no finality", (config) => Object.assign(config.chains[0]!, { finality: 0 }), "chains[0].finality is 0: give"],
    [
      "a database that is none",
      (config) => Object.assign(config, { database: { url: "base" } }),
      "database.url is not as it should be: give a URL that begins with postgres://",
    ],
    [
      "a database of another kind, by a variable",
      (config) => {
        process.env.EQUIPOISE_CONFIG_DATABASE = "mysql://a.example/b";
        Object.assign(config, { database: { urlVariable: "EQUIPOISE_CONFIG_DATABASE" } });
      },
      "database.urlVariable is not as it should be: give a URL",
    ],
    ["two databases", (config) => Object.assign(config.database, { url: "x" }), "give one of url, urlVariable"],
    [
      "a variable unset",
      (config) => Object.assign(config, { database: { urlVariable: "NOT_SET_HERE" } }),
      "set that variable",
    ],
    ["a filler without key", (config) => config.roles.push("filler"), "keys.bidder is missing: the filler bids"],
    [
      "a clearer where clearing is not deployed",
      (config) => config.roles.push("clearer"),
      'roles[2] is "clearer": the deployment has no clearing: run equipoise deploy with it, or remove the role',
    ],
    [
      "a keeper where clearing is not deployed",
      (config) => Object.assign(config, { roles: ["keeper"], keys: { ...config.keys, bidder: { variable: "B" } } }),
      'roles[0] is "keeper": the deployment has no clearing',
    ],
    [
      "a keeper without key",
      (config) => {
        withClearing();
        Object.assign(config, { deployment: "clearing.json", roles: ["keeper"] });
      },
      "keys.bidder is missing: the keeper bids from an account of its own",
    ],
    [
      "a keeper that asks for everything",
      (config) => Object.assign(config, { keeper: { minimumProfitPpm: 1_000_000 } }),
      "keeper.minimumProfitPpm is 1000000: give a whole number from 0 to 999999",
    ],
    [
      "a term of a keeper that there is not",
      (config) => Object.assign(config, { keeper: { profit: 1 } }),
      "keeper.profit is not as it should be: remove it; known are minimumProfitPpm, discountPpm",
    ],
    [
      "a key of two kinds",
      (config) => Object.assign(config.keys, { relayer: { variable: "A", keystore: "b" } }),
      "not both",
    ],
    [
      "a key of a module and of a keystore",
      (config) => Object.assign(config.keys, { relayer: { module: "kms.ts", keystore: "b" } }),
      "keys.relayer.keystore is not as it should be: give it or module, not both",
    ],
    [
      "a module without a name",
      (config) => Object.assign(config.keys, { relayer: { module: 1 } }),
      "keys.relayer.module is not as it should be: give the path of a module that exports a viem account",
    ],
    [
      "no deployment",
      (config) => Object.assign(config, { deployment: "elsewhere.json" }),
      "must be a readable JSON file",
    ],
    [
      "a record of something else",
      (config) => {
        writeFileSync(join(folder, "else.json"), JSON.stringify({ version: 9 }));
        Object.assign(config, { deployment: "else.json" });
      },
      'else.json": it is no record of equipoise deploy (record.version is 9',
    ],
    [
      "a deployment that was cut off",
      (config) => {
        writeFileSync(join(folder, "cut.json"), JSON.stringify({ version: 1, transactions: [] }));
        Object.assign(config, { deployment: "cut.json" });
      },
      "cut off before its last step",
    ],
  ])("error: ConfigInvalid for %s, with the key and the fix", (_, spoil, said) => {
    const config = valid();
    spoil(config);
    expect(() => read(config)).toThrow(ConfigInvalid);
    expect(() => read(config)).toThrow(said);
  });

  it.each<[string, (config: ReturnType<typeof valid>, secret: string) => void]>([
    ["a name there is not", (config, secret) => Object.assign(config, { privateKey: secret })],
    ["a name of a chain", (config, secret) => Object.assign(config.chains[0]!, { key: secret })],
    ["a name of a key", (config, secret) => Object.assign(config.keys, { relayer: { privateKey: secret } })],
    ["a key by itself", (config, secret) => Object.assign(config.keys, { relayer: secret })],
    [
      "a key of two kinds",
      (config, secret) => Object.assign(config.keys, { relayer: { variable: "A", module: secret } }),
    ],
    ["keys in a list", (config, secret) => Object.assign(config, { keys: [secret] })],
    [
      "a database of two kinds",
      (config, secret) => Object.assign(config.database, { url: `postgres://a:${secret}@b` }),
    ],
    ["a database by itself", (config, secret) => Object.assign(config, { database: secret })],
    ["a bidder", (config, secret) => Object.assign(config.keys, { bidder: [secret] })],
    ["a URL", (config, secret) => Object.assign(config.chains[0]!, { rpcUrls: [`ws://a.example/${secret}`] })],
  ])("behavior: what stands in %s is never said", (_, spoil) => {
    const config = valid();
    const secret = "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";
    spoil(config, secret);
    expect(() => read(config)).toThrow(ConfigInvalid);
    expect(() => read(config)).toThrow(expect.objectContaining({ message: expect.not.stringContaining(secret) }));
  });

  it("behavior: nothing is said of what stands in a file that is no JSON", () => {
    const path = join(folder, "relayer.json");
    writeFileSync(path, '{ "keys": { "relayer": 5de4111afa1a4b94 } }');
    const said = expect.objectContaining({ message: expect.not.stringContaining("de4111") });
    expect(() => readConfigFile(path)).toThrow(said);
    expect(() => readConfigFile(path)).toThrow("must be a readable JSON file (it is not JSON)");
  });
});
