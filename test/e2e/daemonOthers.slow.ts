/** Slow: `npm run test:faults`. Relayers and others: workers that lie, relayers that are killed, a key that is elsewhere, a database that is taken. */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { databaseStore } from "../../relayer/src/daemon/databaseStore.ts";
import { type CheckedProver, PROOF_QUEUE, workProofs } from "../../relayer/src/daemon/proofJobs.ts";
import { QUEUES } from "../../relayer/src/daemon/relayer.ts";
import { openDatabase } from "../../relayer/src/database/database.ts";
import { readDeadLetters, startJobs } from "../../relayer/src/database/jobs.ts";
import {
  ALL_ROLES,
  type Daemon,
  type DaemonFixture,
  type FaultySite,
  RELAYER_KEY,
  startDaemonFixture,
} from "./daemonFixture.ts";
import { type Line, said, transactionAt } from "./daemonProcess.ts";

let fixture: DaemonFixture;
let daemon: Daemon | undefined;

beforeAll(async () => {
  fixture = await startDaemonFixture([31_394, 31_395]);
}, 600_000);
afterAll(async () => {
  await fixture?.stop();
}, 60_000);
afterEach(() => daemon?.stop(), 60_000);

const { resolve } = createRequire(import.meta.url);
/** The module of an operator whose service signs digests, but for the first of each three. */
const SERVICE = `
import { keccak256, serializeTransaction } from ${JSON.stringify(resolve("viem"))};
import { privateKeyToAddress, sign, toAccount } from ${JSON.stringify(resolve("viem/accounts"))};
let asked = 0;
const signDigest = async (hash) => {
  if (asked++ % 3 === 0) throw new Error("over quota");
  return sign({ hash, privateKey: "${RELAYER_KEY}" });
};
const never = () => Promise.reject(new Error("transactions only"));
export default toAccount({
  address: privateKeyToAddress("${RELAYER_KEY}"),
  signTransaction: async (transaction, { serializer = serializeTransaction } = {}) =>
    serializer(transaction, await signDigest(keccak256(await serializer(transaction)))),
  signMessage: never,
  signTypedData: never,
});
`;

describe("equipoise relay beside others", () => {
  it("behavior: a worker that lies about its proofs: the chain is asked before anything is sent, and another worker makes them", async ({
    skip,
  }) => {
    if (fixture.server === undefined) return skip("no Postgres is installed here");
    const epoch = await fixture.fresh();
    const roles = ALL_ROLES.filter((role) => role !== "prover");
    daemon = await fixture.start({ roles });
    const database = await openDatabase({ url: fixture.server.url });
    const jobs = await startJobs(database, QUEUES, () => undefined);
    const store = await databaseStore(database, fixture.config().deployment);
    let lies = 0;
    const liar: CheckedProver = {
      prove: async () => {
        const word = lies++ === 0 ? 1n : 2n ** 256n - 1n; // a point that is not on the curve, then no coordinates at all
        const proof = {
          a: [word, word],
          b: [
            [word, word],
            [word, word],
          ],
          c: [word, word],
        } as const;
        return { proof, witnessMs: 0, proveMs: 0 };
      },
      verify: async () => true,
    };
    await workProofs({ jobs, store, prover: liar, onProof: () => undefined, onWrong: () => undefined });
    await expect.poll(() => lies, { timeout: 400_000 }).toBeGreaterThanOrEqual(2);
    await jobs.leave(PROOF_QUEUE);
    const honest = fixture.spawn({ roles: ["prover"] });
    await epoch.done();
    await honest.kill();
    await jobs.stop();
    await database.close();
    await daemon.stop();
    expect(await epoch.wrong()).toEqual([]);
  }, 900_000);

  it("behavior: two relayers at once on one Postgres, the one that works killed (−9): the other takes over", async ({
    skip,
  }) => {
    if (fixture.server === undefined) return skip("no Postgres is installed here");
    const both = await fixture.fresh();
    const relayers = [fixture.spawn(), fixture.spawn()] as const;
    await both.done();
    expect(await both.wrong()).toEqual([]);
    const epoch = await fixture.nextEpoch();
    const [hub] = fixture.sites as [FaultySite];
    const working = ({ lines }: { lines: readonly Line[] }): boolean =>
      lines.findLastIndex(transactionAt(hub, "broadcast")) >
      lines.findLastIndex(({ done }) => `${done}`.startsWith("allocation"));
    await expect.poll(() => relayers.some(working), { timeout: 400_000 }).toBe(true);
    await relayers.find(working)?.kill();
    await epoch.done();
    await Promise.all(relayers.map((relayer) => relayer.kill()));
    expect(await epoch.wrong()).toEqual([]);
  }, 900_000);

  it("behavior: the database server ends in the middle of things, for a moment and for longer, and comes back: everything is done, once; who is told to end meanwhile ends", async ({
    skip,
  }) => {
    const crash = fixture.server?.crash;
    if (crash === undefined) return skip("no Postgres server of this test's own");
    const epoch = await fixture.fresh();
    const relayer = fixture.spawn();
    const [hub, spoke] = fixture.sites as [FaultySite, FaultySite];
    const worker = fixture.spawn({ roles: ["prover"] });
    for (const [site, seconds] of [
      [hub, 1],
      [spoke, 20],
    ] as const) {
      await said(relayer.lines, transactionAt(site, "broadcast"));
      await crash(() => new Promise((goOn) => setTimeout(goOn, seconds * 1_000)));
    }
    await epoch.done();
    expect(relayer.lines.filter(({ passes }) => passes === false)).toEqual([]);
    await crash(async () => {
      for (const process of [relayer, worker]) process.terminate();
      await Promise.all([relayer.ended, worker.ended]);
    });
    const database = await openDatabase({ url: fixture.server?.url });
    expect(await readDeadLetters(database, Object.keys(QUEUES))).toEqual([]);
    await database.close();
    expect(await epoch.wrong()).toEqual([]);
  }, 900_000);

  it("behavior: a key that only a service holds, which does not answer now and then: everything is done, once", async () => {
    const epoch = await fixture.fresh();
    writeFileSync(join(fixture.folder, "service.mts"), SERVICE);
    const relayer = fixture.spawn({ keys: { relayer: { module: "service.mts" } } });
    await epoch.done();
    await relayer.kill();
    expect(relayer.lines.filter(({ reason }) => `${reason}`.includes("over quota")).length).toBeGreaterThan(0);
    expect(await epoch.wrong()).toEqual([]);
  }, 900_000);

  it("behavior: a second relayer on an embedded database is refused, and the first goes on", async () => {
    const epoch = await fixture.fresh();
    const database = { directory: "held" };
    const first = fixture.spawn({ database });
    await said(first.lines, ({ msg }) => msg === "started");
    const second = fixture.spawn({ database });
    const { code, complaint } = await second.ended;
    expect(code).not.toBe(0);
    expect(complaint).toContain("held");
    await epoch.done();
    await first.kill();
    expect(await epoch.wrong()).toEqual([]);
  }, 900_000);
});
