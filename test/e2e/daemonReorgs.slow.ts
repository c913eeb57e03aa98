/** Slow: `npm run test:faults`. Whole relayers on chains that go back. Anvil does that no more once it has gone to a snapshot: no `fresh`. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { mineBlocks } from "../../relayer/src/chains/clock.ts";
import { allocatedAt, HUB_TRANSACTIONS, sentOf, until } from "./daemonEpoch.ts";
import { type Daemon, type DaemonFixture, type FaultySite, forgetFrom, startDaemonFixture } from "./daemonFixture.ts";
import { said, statusOf, transactionAt } from "./daemonProcess.ts";

let fixture: DaemonFixture;
let hub: FaultySite;
let spoke: FaultySite;
let daemon: Daemon | undefined;

beforeAll(async () => {
  fixture = await startDaemonFixture([31_396, 31_397]);
  [hub, spoke] = fixture.sites as [FaultySite, FaultySite];
}, 600_000);
afterAll(async () => {
  await fixture?.stop();
}, 60_000);
afterEach(async () => {
  fixture.mining.on = true;
  await daemon?.stop();
}, 60_000);

describe("equipoise relay on chains that go back", () => {
  it("behavior: the hub forgets an observation, its risk state and its message, and observes another price: the guid carries another payload", async () => {
    fixture.mining.on = false;
    const epoch = await fixture.nextEpoch();
    const observed = await hub.chain.reader.getBlockNumber();
    daemon = await fixture.start();
    await said(daemon.lines, transactionAt(hub, "broadcast"));
    await mineBlocks(hub.chain, 2); // the risk state counts
    await until(async () => (await sentOf(fixture.context, epoch.index)) === 1, 400_000, "sent");
    await said(daemon.lines, ({ done }) => done === "1 packets found");
    await forgetFrom(hub, observed - 3n); // and the three prices
    expect(await fixture.observeNext(1_010n)).toBe(epoch.index);
    fixture.mining.on = true;
    await epoch.done();
    const orphaned = async (): Promise<boolean> => (await statusOf(daemon!)).packets.orphaned === 1;
    await until(orphaned, 200_000, "orphaned");
    await daemon.stop();
    // the old acceptance, message and perhaps allocations come again and revert: the hub knows no state yet
    const sent = [2, 3, 4].map((more) => HUB_TRANSACTIONS + more);
    expect(await epoch.wrong({ [hub.chain.chainId]: sent })).toEqual([]);
  }, 900_000);

  it("behavior: a spoke goes back behind all that was done there: it is done again, by the same transactions", async () => {
    const epoch = await fixture.nextEpoch();
    const before = await spoke.chain.reader.getBlockNumber();
    daemon = await fixture.start();
    await epoch.done();
    await forgetFrom(spoke, before + 1n);
    expect(await allocatedAt(spoke, epoch.index)).toBe(0);
    await said(daemon.lines, transactionAt(spoke, "reorganised"));
    await epoch.done();
    await daemon.stop();
    expect(await epoch.wrong()).toEqual([]);
  }, 900_000);
});
