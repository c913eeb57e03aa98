import type { Deployment } from "@equipoise/sdk/actions";
import { simulatedDeployment } from "@equipoise/sdk/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../database/database.ts";
import { DatabaseOfOtherDeployment, databaseStore } from "./databaseStore.ts";

const { clearing, ...deployment } = simulatedDeployment();
const [hub] = deployment.chains as [Deployment["chains"][number]];

let database: Database;
beforeAll(async () => {
  database = await openDatabase();
}, 240_000);
beforeEach(() => database.query("TRUNCATE equipoise.deployment, equipoise.cursors, equipoise.signers"));
afterAll(() => database?.close());

describe("databaseStore", () => {
  it("default: where it looked for packets is found again by the same deployment", async () => {
    await (await databaseStore(database, deployment)).keepCursor(hub.eid, 1_000n);
    expect(await (await databaseStore(database, deployment)).cursor(hub.eid)).toBe(1_000n);
  });

  it.each<[string, Deployment]>([
    ["one chain fewer", { ...deployment, chains: [hub] }],
    ["one mandate fewer", { ...deployment, mandates: deployment.mandates.slice(1) }],
    ["other first blocks", { ...deployment, chains: deployment.chains.map((chain) => ({ ...chain, block: 7 })) }],
    ["its factory in other letters", { ...deployment, factory: deployment.factory.toLowerCase() as `0x${string}` }],
  ])(
    "behavior: a database that was begun with %s is this deployment's, and what was added is looked for from the start",
    async (_, before) => {
      const store = await databaseStore(database, before);
      await store.keepCursor(hub.eid, 1_000n);
      const signer = "INSERT INTO equipoise.signers (chain_id, address, next_nonce) VALUES (1, '\\x01', 5)";
      await database.query(signer);
      const grown = await databaseStore(database, { ...deployment, clearing } as Deployment);
      expect(await grown.cursor(hub.eid)).toBeUndefined();
      const [kept] = await database.query<{ next_nonce: bigint }>("SELECT next_nonce FROM equipoise.signers");
      expect(kept?.next_nonce).toBe(5n);
    },
  );

  it.each<[string, Partial<Deployment>]>([
    ["name", { name: "another" }],
    ["deployer", { deployer: `0x${"12".repeat(20)}` }],
    ["factory", { factory: `0x${"12".repeat(20)}` }],
  ])("error: DatabaseOfOtherDeployment for another %s, which names both", async (_, other) => {
    await databaseStore(database, deployment);
    const refusal = databaseStore(database, { ...deployment, ...other });
    await expect(refusal).rejects.toThrow(DatabaseOfOtherDeployment);
    await expect(refusal).rejects.toThrow(deployment.name);
    await expect(refusal).rejects.toThrow(`${Object.values(other)[0]}`);
    await databaseStore(database, deployment);
  });
});
