/** Slow: `npm run test:faults`. Several relayers of one database: workers that lie, relayers that are killed, a database that is taken. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { databaseStore } from "../../relayer/src/daemon/databaseStore.ts";
import { type CheckedProver, PROOF_QUEUE, workProofs } from "../../relayer/src/daemon/proofJobs.ts";
import { QUEUES } from "../../relayer/src/daemon/relayer.ts";
import { openDatabase } from "../../relayer/src/database/database.ts";
import { startJobs } from "../../relayer/src/database/jobs.ts";
import { ALL_ROLES, type Daemon, type DaemonFixture, type FaultySite, startDaemonFixture } from "./daemonFixture.ts";
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
