/**
 * Slow: `npm run test:faults`. Relayers with the roles clearer and keeper do all that a house needs of others: the test deposits, trades,
 * reports, governs and observes, and asks for nothing. They are killed (−9) while a proof of the house and while a bid are on their way.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fullArtifacts } from "@equipoise/circuits";
import {
  CASH_LANE,
  type ClearingSite,
  chainTime,
  clearingSite,
  depositAt,
  hubSite,
  type LocalContext,
  listMissingSeries,
  localAccounts,
  matchOrders,
  type OwnedOrder,
  setNextBlockTime,
  sitesOf,
} from "@equipoise/relayer";
import { PPM } from "@equipoise/sdk";
import {
  accountOf,
  CallReverted,
  clearingHouseAbi,
  exchangeAbi,
  liquidationAbi,
  marginTermsAbi,
  observationLogAbi,
  observe,
  readAccount,
  readAuction,
  readEpochNumbers,
  readIsHealthy,
  readPayoff,
  readSeries,
  readSolvency,
  riskArraysAbi,
  settlementPricesAbi,
} from "@equipoise/sdk/actions";
import { prove, releaseProver } from "@equipoise/sdk/prover";
import { type Abi, type Hex, parseEventLogs } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../relayer/src/chains/anvil.ts";
import { mineBlocks } from "../../relayer/src/chains/clock.ts";
import { type ClearingFixture, FIRST_TICK, NEAR_HOURS, PLACES, startClearing } from "./clearingFixture.ts";
import { until } from "./daemonEpoch.ts";
import { type DaemonProcess, keyOf, type Line, spawnRelayer } from "./daemonProcess.ts";
import { type LocalFeeds, openFeeds } from "./localFeeds.ts";

const accounts = localAccounts();
const [alice, bob] = accounts.traders;
const { keeper } = accounts;
/** the relayer's own: what the test does itself is signed by others */
const relayer = accounts.bidder;
const KEYS = { CLEARING_RELAYER_KEY: keyOf(2), CLEARING_KEEPER_KEY: keyOf(5) };
const [aliceAccount, bobAccount, keeperAccount] = [alice, bob, keeper].map(
  ({ address }) => accountOf(address).toLowerCase() as Hex,
) as [Hex, Hex, Hex];
/** {ppm of a dollar} */
const dollars = (amount: bigint): bigint => amount * PPM;
/** hours after the first epoch at which the price has fallen so far that bob is short */
const FALLEN = 4;
/** {ms} */
const QUIET_MS = 6_000;

let fixture: ClearingFixture;
let context: LocalContext;
let feeds: LocalFeeds;
let folder: string;
let daemon: DaemonProcess | undefined;
/** blocks come by themselves, so many seconds after each other; as the clock says when 0 */
const mining = { on: true, seconds: 0 };
let mined: Promise<unknown> = Promise.resolve();
let timer: NodeJS.Timeout;
/** {transactions} of the relayer's account before it was ever started */
let nonceBefore: number;

const site = (): ClearingSite => clearingSite(context);

beforeAll(async () => {
  const artifacts = await fullArtifacts(["covariance", "margin"]);
  fixture = await startClearing(
    {
      prove: (statement, input) => {
        const own = artifacts[statement.circuit as keyof typeof artifacts];
        if (own === undefined) throw new Error(`the test proves no ${statement.circuit}`);
        return prove(statement, input, own);
      },
    },
    { hours: NEAR_HOURS + 3, chainIds: [31_381, 31_382] },
  );
  context = fixture.clearing();
  const hub = hubSite(context);
  feeds = await openFeeds(hub);
  nonceBefore = await hub.chain.reader.getTransactionCount({ address: relayer.address });
  folder = mkdtempSync(join(tmpdir(), "equipoise-clearing-"));
  writeFileSync(
    join(folder, "deployment.json"),
    JSON.stringify({ version: 1, transactions: [], deployment: context.deployment }),
  );
  timer = setInterval(() => {
    if (mining.on) mined = mineBlocks(hub.chain, 1, mining.seconds).catch(() => undefined);
  }, 400);
}, 600_000);

afterAll(async () => {
  clearInterval(timer);
  await daemon?.kill();
  await fixture?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  await releaseProver();
}, 60_000);

async function start(roles: readonly string[]): Promise<DaemonProcess> {
  const file = join(folder, "relayer.json");
  const chains = sitesOf(context).map(({ chain }) => ({
    eid: chain.eid,
    rpcUrls: [chain.rpcUrl],
    quorum: 1,
    finality: 2,
  }));
  const config = {
    deployment: "deployment.json",
    database: { directory: "data" },
    roles,
    chains,
    keys: { relayer: { variable: "CLEARING_RELAYER_KEY" }, bidder: { variable: "CLEARING_KEEPER_KEY" } },
    lookEverySeconds: 1,
    port: await freePort(),
  };
  writeFileSync(file, JSON.stringify(config));
  daemon = spawnRelayer(file, KEYS);
  void daemon.ended.then(({ code, complaint }) => {
    if (code !== null) process.stderr.write(`a relayer ended by itself with ${code}: ${complaint}\n`);
  });
  return daemon;
}
const ALL = ["prover", "clearer", "keeper"];

const ask = (path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${daemon?.lines.find(({ msg }) => msg === "started")?.port}/${path}`);

/** Ends the relayer at once where its log says so for the first time. */
async function killWhere(what: (line: Line) => boolean, limitMs: number): Promise<void> {
  await until(async () => daemon?.lines.some(what) === true, limitMs, `a line for which ${what}`);
  await daemon?.kill();
  daemon = undefined;
}
const broadcastBy =
  (signer: string, from = 0) =>
  (line: Line): boolean =>
    line.msg === "transaction" && line.event === "broadcast" && line.signer === signer && nonceOf(line) >= from;
const nonceOf = ({ nonce }: Line): number => Number(nonce ?? -1);

/** How often a contract of clearing has said something since its deployment. */
async function eventsOf(address: Hex, abi: Abi, eventName: string, args: Record<string, unknown> = {}) {
  const { chain, clearing } = site();
  const logs = await chain.reader.getLogs({ address, fromBlock: BigInt(clearing.block) });
  return parseEventLogs({ abi, eventName, args, logs });
}
const count = async (address: Hex, abi: Abi, eventName: string, args?: Record<string, unknown>): Promise<number> =>
  (await eventsOf(address, abi, eventName, args)).length;

/** The hub's next hour, as others than the relayers bring it. */
async function nextHour(hour: number): Promise<void> {
  const { chain, hub } = site();
  mining.on = false;
  await mined;
  const log = { address: hub.observationLog, abi: observationLogAbi } as const;
  const due = (await chain.reader.readContract({ ...log, functionName: "lastObservedAt" })) + 3_600n;
  if ((await chainTime(chain)) < due) await setNextBlockTime(chain, due);
  await feeds.publish(fixture.series.prices[FIRST_TICK + hour] ?? []);
  try {
    await observe(chain.signer(accounts.investor), hub);
  } catch (error) {
    if (!(error instanceof CallReverted && error.reason === "ObservationTooEarly")) throw error;
  }
  mining.on = true;
}

async function deposit(owner: typeof alice, account: Hex, amount: bigint): Promise<void> {
  const move = { owner, account, eid: site().chain.eid, lane: CASH_LANE, amount };
  await fixture.mint(context, move);
  await depositAt(context, move);
}

async function orderOf(owner: typeof alice, place: number, buys: boolean, quantity: bigint, price: bigint) {
  const { chain, clearing } = site();
  const listing = await readSeries(chain.reader, { listings: clearing.listings, series: place });
  if (listing === undefined) throw new RangeError(`no listing ${place}`);
  const { series, kind, expiry, strike } = listing;
  const deadline = (await chainTime(chain)) + 3_600n;
  const terms = { series, kind, expiry, strike, quantity, price, maxFee: 1_000n, deadline };
  const order = { ...terms, account: accountOf(owner.address), buys, salt: BigInt(place) };
  return { owner, order } satisfies OwnedOrder;
}

async function trade(place: number, buyer: typeof alice, seller: typeof alice, quantity: bigint, price: bigint) {
  const maker = await orderOf(buyer, place, true, quantity, price);
  await matchOrders(context, maker, await orderOf(seller, place, false, quantity, price), quantity);
}

const isCurrent = async (epoch: bigint): Promise<boolean> => {
  const { chain, clearing } = site();
  return (await readEpochNumbers(chain.reader, clearing)).current === epoch;
};

describe("equipoise relay with the roles clearer and keeper", () => {
  it("default: nothing while nothing is listed; then an epoch, its proof and its collateral", async () => {
    await start(ALL);
    await until(async () => daemon?.lines.some(({ msg }) => msg === "started") === true, 240_000, "started");
    await fixture.market.report(FIRST_TICK);
    const { chain, clearing } = site();
    expect(await readEpochNumbers(chain.reader, clearing)).toEqual({ current: 0n, latest: 0n });
    expect((await listMissingSeries(context, fixture.listings)).stage).toBe("done");
    await until(() => isCurrent(1n), 400_000, "the first epoch proven");
    await until(() => snapshotsOf(1n).then((taken) => taken === 1), 30_000, "the first epoch's collateral");
  }, 600_000);

  it("behavior: killed with a proof of the house on its way: every account is proven once", async () => {
    const { chain, clearing } = site();
    const { clearingHouse, exchange } = clearing;
    await deposit(alice, aliceAccount, dollars(60_000n));
    await deposit(bob, bobAccount, dollars(20_000n));
    await deposit(keeper, keeperAccount, dollars(80_000n));
    const { spot } = fixture;
    await trade(PLACES.put, alice, bob, PPM, spot / 50n);
    await trade(PLACES.perpetual, bob, alice, 2n * PPM, spot);
    expect(await count(exchange, exchangeAbi, "Traded")).toBe(2);
    // what their trades have proven of them is of the past
    const nonce = await chain.reader.getTransactionCount({ address: relayer.address });
    await deposit(alice, aliceAccount, dollars(1n));
    await deposit(bob, bobAccount, dollars(1n));
    await killWhere(broadcastBy(relayer.address, nonce), 400_000);

    await start(ALL);
    const healthy = (account: Hex) => readIsHealthy(chain.reader, { clearingHouse, account, level: "initial" });
    await until(async () => (await healthy(aliceAccount)) && (await healthy(bobAccount)), 400_000, "both proven");
    const solvency = await readSolvency(chain.reader, { clearingHouse, accounts: [aliceAccount, bobAccount].sort() });
    expect(solvency).toMatchObject({ epoch: 1, shortfall: 0n });
    await quiet();
    expect(await count(clearingHouse, clearingHouseAbi, "SolvencyProven")).toBe(1);
    const { chains } = (await (await ask("status")).json()) as { chains: readonly { chainId: number }[] };
    const own = chains.find(({ chainId }) => chainId === chain.chainId);
    expect(own).toMatchObject({ epoch: "1", currentEpoch: "1", openAccounts: "2" });
    expect(await (await ask("metrics")).text()).toContain('equipoise_epoch{state="current"} 1');
    await daemon?.kill();
    daemon = undefined;
  }, 1_200_000);

  it("behavior: after a fall of the price the keeper sells what is short, killed with its bid on its way; once", async () => {
    for (let hour = 1; hour <= FALLEN; hour++) await nextHour(hour);
    const { chain, clearing } = site();
    const { clearingHouse, liquidation, riskArrays, marginTerms, settlementPrices } = clearing;
    await start(ALL);
    await until(async () => (await count(liquidation, liquidationAbi, "AuctionStarted")) > 0, 240_000, "an auction");
    mining.seconds = 10;
    await killWhere(broadcastBy(keeper.address), 400_000);
    mining.seconds = 0;
    await start(ALL);
    const over = async (): Promise<boolean> => {
      const { auction } = await readAuction(chain.reader, { liquidation, account: bobAccount });
      return auction.over;
    };
    await until(over, 400_000, "the end of the auction");
    await until(() => isCurrent(2n), 400_000, "the second epoch proven");
    const sorted = [aliceAccount, bobAccount, keeperAccount].sort();
    const solvent = (): Promise<boolean> =>
      readSolvency(chain.reader, { clearingHouse, accounts: sorted }).then(
        ({ epoch, shortfall }) => epoch === 2 && shortfall === 0n,
        () => false,
      );
    await until(solvent, 400_000, "all three accounts proven over the second epoch");
    await quiet();

    const slices = await eventsOf(liquidation, liquidationAbi, "SliceSold");
    expect(slices).toHaveLength(1);
    const { value, paid, share } = slices[0]!.args as unknown as { value: bigint; paid: bigint; share: bigint };
    expect(paid).toBeLessThan(value);
    const { positions } = await readAccount(chain.reader, { clearingHouse, account: keeperAccount });
    expect(positions.map(({ series }) => series)).toEqual([PLACES.perpetual, PLACES.put]);
    expect(positions[0]?.quantity).toBe((2n * PPM * share) / PPM);
    const done = {
      begun: await count(riskArrays, riskArraysAbi, "EpochBegun"),
      accepted: await count(riskArrays, riskArraysAbi, "ArrayAccepted"),
      snapshots: await count(marginTerms, marginTermsAbi, "SnapshotTaken"),
      recorded: await count(settlementPrices, settlementPricesAbi, "PriceRecorded"),
      started: await count(liquidation, liquidationAbi, "AuctionStarted"),
      stopped: await count(liquidation, liquidationAbi, "AuctionStopped"),
    };
    expect(done).toEqual({ begun: 2, accepted: 2, snapshots: 2, recorded: 1, started: 1, stopped: 1 });
    // and no transaction was in vain: of the relayer these and proofs of the house, of the keeper one bid
    const solvencies = await count(clearingHouse, clearingHouseAbi, "SolvencyProven");
    const sent = (await chain.reader.getTransactionCount({ address: relayer.address })) - nonceBefore;
    expect(sent).toBe(Object.values(done).reduce((sum, one) => sum + one) + solvencies);
    expect(daemon?.lines.filter(({ msg, passes }) => msg === "failed" && passes === false)).toEqual([]);
    await daemon?.kill();
    daemon = undefined;
  }, 1_200_000);

  it("behavior: an expiry is counted hour by hour and settled, without a prover", async () => {
    const { chain, clearing } = site();
    const { clearingHouse, settlementPrices, listings } = clearing;
    await start(["clearer"]);
    for (let hour = FALLEN + 1; hour <= NEAR_HOURS + 1; hour++) {
      const begun = await count(clearing.riskArrays, riskArraysAbi, "EpochBegun");
      const recorded = await count(settlementPrices, settlementPricesAbi, "PriceRecorded");
      await nextHour(hour);
      const isDone = async (): Promise<boolean> =>
        (await count(clearing.riskArrays, riskArraysAbi, "EpochBegun")) > begun &&
        (hour >= NEAR_HOURS || (await count(settlementPrices, settlementPricesAbi, "PriceRecorded")) > recorded);
      await until(isDone, 60_000, `hour ${hour} counted, and an epoch of it`);
    }
    const settled = () => count(clearingHouse, clearingHouseAbi, "Settled", { series: BigInt(PLACES.put) });
    await until(async () => (await settled()) === 3, 60_000, "three accounts settled");
    expect(await readPayoff(chain.reader, { listings, series: PLACES.put })).toBeGreaterThan(0n);
    for (const account of [aliceAccount, bobAccount, keeperAccount]) {
      const { positions } = await readAccount(chain.reader, { clearingHouse, account });
      expect(positions.map(({ series }) => series)).toEqual([PLACES.perpetual]);
    }
  }, 600_000);
});

const snapshotsOf = (epoch: bigint): Promise<number> =>
  count(site().clearing.marginTerms, marginTermsAbi, "SnapshotTaken", { epoch });

/** Waits until the relayer has done nothing for as long as several looks take. */
async function quiet(): Promise<void> {
  // what it has not begun to say is no silence
  await until(async () => daemon?.lines.some(({ msg }) => msg === "started") === true, 240_000, "started");
  for (let seen = -1; seen !== daemon?.lines.length; await pause(QUIET_MS)) seen = daemon?.lines.length ?? 0;
}
