import type { Deployment } from "@equipoise/sdk/actions";
import { simulatedDeployment } from "@equipoise/sdk/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../database/database.ts";
import type { Store } from "../store/store.ts";
import { claimDatabase, DatabaseOfOtherDeployment, databaseStore } from "./databaseStore.ts";

const { clearing, ...deployment } = simulatedDeployment();
const [hub] = deployment.chains as [Deployment["chains"][number]];

let database: Database;
beforeAll(async () => {
  database = await openDatabase();
}, 240_000);
beforeEach(() => database.query("TRUNCATE equipoise.deployment, equipoise.cursors, equipoise.signers"));
afterAll(() => database?.close());

/** What a relayer that starts with a record remembers. */
async function started(record: Deployment): Promise<Store> {
  await claimDatabase(database, record);
  return databaseStore(database, record);
}

describe("databaseStore", () => {
  it("default: where it looked for packets is found again by the same deployment", async () => {
    await (await started(deployment)).keepCursor(hub.eid, 1_000n);
    expect(await (await started(deployment)).cursor(hub.eid)).toBe(1_000n);
  });

  it.each<[string, Deployment]>([
    ["one chain fewer", { ...deployment, chains: [hub] }],
    ["one mandate fewer", { ...deployment, mandates: deployment.mandates.slice(1) }],
    ["other first blocks", { ...deployment, chains: deployment.chains.map((chain) => ({ ...chain, block: 7 })) }],
    ["its factory in other letters", { ...deployment, factory: deployment.factory.toLowerCase() as `0x${string}` }],
  ])(
    "behavior: a database that was begun with %s is this deployment's, and what was added is looked for from the start",
    async (_, before) => {
      const store = await started(before);
      await store.keepCursor(hub.eid, 1_000n);
      const signer = "INSERT INTO equipoise.signers (chain_id, address, next_nonce) VALUES (1, '\\x01', 5)";
      await database.query(signer);
      const grown = await started({ ...deployment, clearing } as Deployment);
      expect(await grown.cursor(hub.eid)).toBeUndefined();
      const [kept] = await database.query<{ next_nonce: bigint }>("SELECT next_nonce FROM equipoise.signers");
      expect(kept?.next_nonce).toBe(5n);
    },
  );

  it("behavior: who only looks, with a record that has grown, changes nothing, and takes nothing from the next start", async () => {
    const [old, grown] = [deployment, { ...deployment, clearing } as Deployment];
    const looking = await databaseStore(database, grown);
    expect(await database.query("SELECT * FROM equipoise.deployment")).toEqual([]);
    const running = await started(old);
    await running.keepCursor(hub.eid, 1_000n);
    expect(await (await databaseStore(database, grown)).cursor(hub.eid)).toBeUndefined();
    expect(await running.cursor(hub.eid)).toBe(1_000n);
    await running.keepCursor(hub.eid, 2_000n); // goes on beside it
    expect(await looking.cursor(hub.eid)).toBeUndefined();
    const next = await started(grown);
    expect(await next.cursor(hub.eid)).toBeUndefined();
    await next.keepCursor(hub.eid, 10n);
    await running.keepCursor(hub.eid, 3_000n); // another process that has the old record still
    expect(await next.cursor(hub.eid)).toBe(10n);
  });

  it.each<[string, Partial<Deployment>]>([
    ["name", { name: "another" }],
    ["deployer", { deployer: `0x${"12".repeat(20)}` }],
    ["factory", { factory: `0x${"12".repeat(20)}` }],
  ])("error: DatabaseOfOtherDeployment for another %s, which names both", async (_, other) => {
    await started(deployment);
    const refusal = started({ ...deployment, ...other });
    await expect(refusal).rejects.toThrow(DatabaseOfOtherDeployment);
    await expect(refusal).rejects.toThrow(deployment.name);
    await expect(refusal).rejects.toThrow(`${Object.values(other)[0]}`);
    await expect(databaseStore(database, { ...deployment, ...other })).rejects.toThrow(DatabaseOfOtherDeployment);
    await started(deployment);
  });
});
