import { vaultsAt } from "@equipoise/relayer";
/** Slow: `npm run test:faults`. Whole relayers before endpoints that fail, lag, or lie. */
import { readAllocation } from "@equipoise/sdk/actions";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../relayer/src/rpc/faultyProxy.ts";
import { HUB_TRANSACTIONS } from "./daemonEpoch.ts";
import { type Daemon, type DaemonFixture, type FaultySite, startDaemonFixture } from "./daemonFixture.ts";
import { askDaemon, type Line, retry, said } from "./daemonProcess.ts";

let fixture: DaemonFixture;
let daemon: Daemon | undefined;

beforeAll(async () => {
  fixture = await startDaemonFixture([31_381, 31_382, 31_383]);
}, 600_000);
afterAll(async () => {
  await fixture?.stop();
}, 60_000);
afterEach(async () => {
  await daemon?.stop();
  for (const { endpoints } of fixture.sites) for (const endpoint of endpoints) endpoint.fault = "none";
}, 60_000);

/** Endpoints of a chain do so from now on. */
const fail = (site: FaultySite | undefined, ...faults: Fault[]): void => {
  for (const [place, fault] of faults.entries()) site!.endpoints[place]!.fault = fault;
};
/** The risk state that every vault of a chain has come to. */
const indexAt = async (site: FaultySite): Promise<number> => {
  const reads = vaultsAt(site).map(({ vault }) => readAllocation(site.chain.reader, { vault }));
  return Math.min(...(await Promise.all(reads)).map(({ index }) => Number(index)));
};
/** A block may come between two counts of the newest, and a busy machine be late: nothing else is held against who is honest. */
const isHeldAgainst = (line: Line): boolean =>
  line.event !== "silent" && !String(line.detail).startsWith("eth_getTransactionCount");
const stopOf = (chainId: number) => (line: { msg?: unknown; chain?: unknown }) =>
  line.msg === "chain stopped" && line.chain === chainId;

describe("equipoise relay before bad endpoints", () => {
  it("default: three good endpoints", async () => {
    const epoch = await fixture.fresh();
    daemon = await fixture.start();
    await epoch.done();
    await daemon.stop();
    expect(await epoch.wrong()).toEqual([]);
    expect(daemon.lines.filter(({ msg }) => msg === "endpoint").filter(isHeldAgainst)).toEqual([]);
  }, 900_000);

  it.each([
    ["lies about logs", "forgesLogs", "differs"],
    ["hides logs", "liesAboutLogs", "differs"],
    ["lies about calls", "liesAboutCalls", "differs"],
    ["says that every transaction would revert", "refusesEstimates", undefined],
    ["answers 429", "tooManyRequests", "silent"],
    ["says in a body that there were too many questions", "limitsInBody", "silent"],
    ["writes what it says as another client does", "otherFields", undefined],
    ["lags ten blocks", "lags", "lagging"],
    ["claims a head far ahead", "claimsAhead", "differs"],
    ["times out", "timesOut", "silent"],
  ] as const)(
    "behavior: one of three %s, on every chain: the pipeline goes on, and it is named",
    async (_, fault, event) => {
      const epoch = await fixture.fresh();
      for (const [place, site] of fixture.sites.entries()) site.endpoints[place]!.fault = fault;
      daemon = await fixture.start();
      await epoch.done();
      await daemon.stop();
      expect(await epoch.wrong()).toEqual([]);
      const named = daemon.lines.filter((line) => line.msg === "endpoint");
      if (event !== undefined) expect(named.some((line) => line.event === event)).toBe(true);
      const faulty = fixture.sites.map(({ endpoints }, place) => new URL(endpoints[place]!.url).host);
      const others = named.filter(({ label }) => !faulty.includes(String(label)));
      if (event !== undefined) expect(others.length).toBeLessThan(named.length - others.length);
      expect(others.filter(isHeldAgainst)).toEqual([]);
    },
    300_000,
  );

  it("behavior: two of three lie on a spoke: it stops and says so, the others go on; afterwards it catches up", async () => {
    const epoch = await fixture.fresh();
    const [hub, honest, lied] = fixture.sites as [FaultySite, FaultySite, FaultySite];
    fail(lied, "liesAboutCalls", "liesAboutCalls");
    daemon = await fixture.start();
    const line = await said(daemon.lines, stopOf(lied.chain.chainId));
    for (const { url } of lied.endpoints.slice(0, 2)) expect(line.reason).toContain(new URL(url).host);
    await expect.poll(() => indexAt(honest), { timeout: 400_000, interval: 500 }).toBe(Number(epoch.index));
    await expect.poll(() => indexAt(hub), { timeout: 200_000, interval: 500 }).toBe(Number(epoch.index));
    expect(await indexAt(lied)).toBeLessThan(Number(epoch.index));
    expect((await askDaemon(daemon, "/readyz")).status).toBe(503);
    fail(lied, "none", "none");
    expect(await retry(daemon)).toBe(200);
    await epoch.done();
    await daemon.stop();
    // a spoke that was stopped before the first message was left out of it, and got one of its own
    const sent = [HUB_TRANSACTIONS, HUB_TRANSACTIONS + 1];
    expect(await epoch.wrong({ [hub.chain.chainId]: sent })).toEqual([]);
  }, 900_000);

  it("behavior: the hub's endpoints say different things about logs: everything stops, nothing is sent; afterwards it goes on", async () => {
    const epoch = await fixture.fresh();
    const [hub] = fixture.sites as [FaultySite];
    fail(hub, "forgesLogs", "forgesLogs");
    daemon = await fixture.start();
    await said(daemon.lines, stopOf(hub.chain.chainId));
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(daemon.lines.filter(({ event }) => event === "broadcast")).toEqual([]);
    fail(hub, "none", "none");
    expect(await retry(daemon)).toBe(200);
    await epoch.done();
    await daemon.stop();
    expect(await epoch.wrong()).toEqual([]);
  }, 900_000);

  it("behavior: a chain whose endpoints all time out holds up no other, and catches up by itself", async () => {
    const epoch = await fixture.fresh();
    const [hub, honest, silent] = fixture.sites as [FaultySite, FaultySite, FaultySite];
    fail(silent, "timesOut", "timesOut", "timesOut");
    daemon = await fixture.start();
    await expect.poll(() => indexAt(honest), { timeout: 400_000, interval: 500 }).toBe(Number(epoch.index));
    fail(silent, "none", "none", "none");
    await epoch.done();
    await daemon.stop();
    expect(await epoch.wrong({ [hub.chain.chainId]: [HUB_TRANSACTIONS + 1] })).toEqual([]);
  }, 900_000);
});
