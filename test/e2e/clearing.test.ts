import { fullArtifacts } from "@equipoise/circuits";
import {
  advanceTime,
  assessAccounts,
  beginEpochSince,
  CASH_LANE,
  chainTime,
  clearingSite,
  DEFAULT_CLEARING,
  deliverPackets,
  deployClearing,
  depositAt,
  giveNotice,
  keepMargins,
  type LocalContext,
  liquidateAccount,
  liquidationWords,
  listMissingSeries,
  localAccounts,
  matchOrders,
  type OwnedOrder,
  observePrices,
  proveAccountAfter,
  proveAccountHealth,
  proveAndAcceptArrays,
  proveHouse,
  readHouseAccounts,
  readHouseTotals,
  recordSettlements,
  seriesNumber,
  settleAccounts,
  shortAccounts,
  takeCollateralSnapshot,
  ticksOf,
  withdrawAt,
} from "@equipoise/relayer";
import { type AccountMargin, CIRCUITS, PPM } from "@equipoise/sdk";
import {
  accountOf,
  clearingHouseAbi,
  collateralGateAbi,
  collateralHubAbi,
  exchangeAbi,
  hashOrder,
  holdingsOf,
  orderMessage,
  proveHealth,
  readAccount,
  readAssessment,
  readEpochNumbers,
  readFundingEnd,
  readIsHealthy,
  readMargin,
  readOpenAccounts,
  readOpenInterest,
  readPayoff,
  readSeries,
  readSettlementPrice,
  retireSeries,
} from "@equipoise/sdk/actions";
import { prove, releaseProver } from "@equipoise/sdk/prover";
import { erc20Abi, type Hex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClearingFixture, FIRST_TICK, NEAR_HOURS, PLACES, startClearing } from "./clearingFixture.ts";

const accounts = localAccounts();
const [alice, bob] = accounts.traders;
const { keeper } = accounts;
const [aliceAccount, bobAccount, keeperAccount] = [alice, bob, keeper].map(({ address }) => accountOf(address)) as [
  Hex,
  Hex,
  Hex,
];
/** {ppm of a dollar} */
const dollars = (amount: bigint): bigint => amount * PPM;
/** Everything that was deposited {ppm of a dollar}: alice's first, bob's, the keeper's. */
const DEPOSITS = { alice: dollars(60_000n), bob: dollars(20_000n), keeper: dollars(80_000n) };
const WITHDRAWN = dollars(5_000n);
/** Alice and bob put in a dollar each, by which what had been proven of them is of the past. */
const LATER = dollars(1n);

let fixture: ClearingFixture;
let epoch: bigint;
const made: string[] = [];
const restarted = (): LocalContext => fixture.clearing();
const spokeEid = (): number => fixture.clearing().chains.find(({ role }) => role === "spoke")?.eid ?? 0;
const hubEid = (): number => clearingSite(restarted()).chain.eid;

beforeAll(async () => {
  const artifacts = await fullArtifacts(CIRCUITS);
  fixture = await startClearing({
    prove: (statement, input) => {
      made.push(statement.circuit);
      return prove(statement, input, artifacts[statement.circuit]);
    },
  });
}, 600_000);

afterAll(async () => {
  await fixture?.stop();
  await releaseProver();
});

const orderOf = async (
  owner: typeof alice,
  place: number,
  buys: boolean,
  quantity: bigint,
  price: bigint,
): Promise<OwnedOrder> => {
  const { chain, clearing } = clearingSite(restarted());
  const listing = await readSeries(chain.reader, { listings: clearing.listings, series: place });
  if (listing === undefined) throw new RangeError(`no listing ${place}`);
  const { series, kind, expiry, strike } = listing;
  const deadline = BigInt(fixture.series.times[FIRST_TICK] ?? 0) + 86_400n;
  const account = accountOf(owner.address);
  const terms = { series, kind, expiry, strike, quantity, price, maxFee: 1_000n, deadline };
  return { owner, order: { ...terms, account, buys, salt: BigInt(place) } };
};

describe("deployClearing", () => {
  it("behavior: a restart finds what is there", async () => {
    const before = await fixture.blocks();
    const context = fixture.restarted();
    const deployment = await context.store.deployment();
    expect(deployment?.clearing).toEqual(restarted().deployment.clearing);
    if (deployment === undefined) return;
    expect(await deployClearing({ ...context, deployment, parameters: DEFAULT_CLEARING })).toEqual(deployment);
    expect(await fixture.blocks()).toEqual(before);
  });
});

describe("an epoch", () => {
  it("default: volatilities, listing, facts, a proven array, collateral; each once", async () => {
    const since = await fixture.market.report(FIRST_TICK);
    expect(await fixture.market.report(FIRST_TICK)).toBe(since);
    expect((await listMissingSeries(restarted(), fixture.listings)).gasUsed).toBeGreaterThan(0n);
    expect(await listMissingSeries(restarted(), fixture.listings)).toEqual({ stage: "done", readyAt: 0n });
    const begun = await beginEpochSince(restarted(), since);
    epoch = begun.number;
    expect(await beginEpochSince(restarted(), since)).toEqual({ number: epoch });
    const [accepted] = await proveAndAcceptArrays(restarted(), epoch);
    expect(accepted?.proof.reused).toBe(false);
    expect(await proveAndAcceptArrays(restarted(), epoch)).toEqual([]);
    expect(await takeCollateralSnapshot(restarted(), epoch)).toBeGreaterThan(0n);
    expect(await takeCollateralSnapshot(restarted(), epoch)).toBeUndefined();
    const { chain, clearing } = clearingSite(restarted());
    expect(await readEpochNumbers(chain.reader, clearing)).toEqual({ current: epoch, latest: epoch });
    expect(made.filter((circuit) => circuit === "riskArray")).toHaveLength(1);
  }, 300_000);
});

describe("deposits", () => {
  it("default: from a spoke's gate and the hub's own to the house, once", async () => {
    const context = restarted();
    const [spoke, hub] = [spokeEid(), hubEid()];
    const moves = [
      { owner: alice, account: aliceAccount, eid: spoke, lane: CASH_LANE, amount: DEPOSITS.alice },
      { owner: bob, account: bobAccount, eid: spoke, lane: CASH_LANE, amount: DEPOSITS.bob },
      { owner: keeper, account: keeperAccount, eid: hub, lane: CASH_LANE, amount: DEPOSITS.keeper },
    ];
    for (const move of moves) {
      await fixture.mint(context, move);
      await depositAt(context, move);
    }
    const delivered = (await deliverPackets(restarted())).filter(({ dstEid }) => dstEid === hub);
    expect(delivered.map(({ delivery }) => delivery.stage.name)).toEqual(["delivered", "delivered"]);
    const again = (await deliverPackets(restarted())).filter(({ deliveredAt }) => deliveredAt !== undefined);
    expect(again).toEqual([]);
    const { chain, clearing } = clearingSite(context);
    for (const { account, amount } of moves) {
      const { cash } = await readAccount(chain.reader, { clearingHouse: clearing.clearingHouse, account });
      expect(cash).toBe(amount);
    }
  });
});

describe("trades", () => {
  it("error: AccountTooWeak where the account could not carry it, and nothing is proven", async () => {
    const count = made.length;
    const position = { series: PLACES.perpetual, quantity: 100n * PPM };
    const cash = -(100n * fixture.spot) / PPM;
    await expect(proveAccountAfter(restarted(), bobAccount, { position, cash })).rejects.toMatchObject({
      name: "AccountTooWeak",
      retry: false,
    });
    expect(made).toHaveLength(count);
  });

  it("default: an option and a perpetual, each account with a proof of what it is afterwards", async () => {
    const { spot } = fixture;
    const put = { price: spot / 50n, quantity: PPM };
    const maker = await orderOf(alice, PLACES.put, true, put.quantity, put.price);
    const taker = await orderOf(bob, PLACES.put, false, put.quantity, put.price);
    const { chain, clearing } = clearingSite(restarted());
    const { clearingHouse, exchange } = clearing;
    const args = [orderMessage(maker.order)] as const;
    const hash = await chain.reader.readContract({
      address: exchange,
      abi: exchangeAbi,
      functionName: "hashOrder",
      args,
    });
    expect(hashOrder(chain.chainId, { exchange, order: maker.order })).toBe(hash);

    const matched = await matchOrders(restarted(), maker, taker, put.quantity);
    expect(matched?.cash).toBe(put.price / PPM); // one contract
    expect(await matchOrders(restarted(), maker, taker, put.quantity)).toBeUndefined();
    const quantity = 2n * PPM;
    await matchOrders(
      restarted(),
      await orderOf(bob, PLACES.perpetual, true, quantity, spot),
      await orderOf(alice, PLACES.perpetual, false, quantity, spot),
      quantity,
    );
    const held = await readAccount(chain.reader, { clearingHouse, account: bobAccount });
    expect(held.positions).toEqual([
      { series: PLACES.perpetual, quantity },
      { series: PLACES.put, quantity: -PPM },
    ]);
    expect(await readIsHealthy(chain.reader, { clearingHouse, account: bobAccount, level: "initial" })).toBe(true);
    expect(await readOpenInterest(chain.reader, { ...clearing, series: PLACES.perpetual })).toEqual({
      held: 2n * quantity,
      limit: DEFAULT_CLEARING.positionLimits.openInterest,
      accountLimit: DEFAULT_CLEARING.positionLimits.account,
    });
    expect((await proveAccountHealth(restarted(), bobAccount)).proof).toBeUndefined();
    expect(made.filter((circuit) => circuit === "margin")).toHaveLength(4);
  }, 400_000);
});

describe("withdrawals", () => {
  it("default: with a proof of what is left, paid out by the spoke's gate", async () => {
    const context = restarted();
    const site = context.deployment.chains.find(({ eid }) => eid === spokeEid());
    const spoke = context.chains.find(({ eid }) => eid === spokeEid());
    const balance = () =>
      spoke?.reader.readContract({
        address: site?.cash.address as Hex,
        abi: erc20Abi,
        functionName: "balanceOf",
        args: [alice.address],
      });
    const before = (await balance()) ?? 0n;
    const move = { owner: alice, account: aliceAccount, eid: spokeEid(), lane: CASH_LANE, amount: WITHDRAWN };
    const { proven } = await withdrawAt(context, move);
    expect(proven.obtained?.reused).toBe(false);
    await deliverPackets(restarted());
    expect(((await balance()) ?? 0n) - before).toBe(WITHDRAWN); // six decimals: a unit is a ppm

    // the same proof with a better figure is refused: the house forms the statement itself
    const { chain, clearing } = clearingSite(context);
    const forged = { ...proven.proof, result: proven.proof.result + 1n };
    const client = chain.signer(accounts.relayer);
    const lie = proveHealth(client, { clearingHouse: clearing.clearingHouse, account: aliceAccount, proof: forged });
    await expect(lie).rejects.toMatchObject({ reason: "StatementNotProven" });
  }, 200_000);
});

describe("solvency", () => {
  const open = [aliceAccount, bobAccount].map((account) => account.toLowerCase() as Hex).toSorted();
  const solvencyProofs = () => made.filter((circuit) => circuit === "solvency").length;

  it("behavior: where every open account has been proven by itself, nothing is left to prove", async () => {
    const { batches, accounts: found, solvency } = await proveHouse(restarted());
    expect(batches).toEqual([]);
    expect(found).toEqual(open);
    const { accounts: assessed } = await assessAccounts(restarted());
    const sum = (of: (margin: AccountMargin) => bigint): bigint =>
      assessed.reduce((total, { margin }) => total + of(margin), 0n);
    expect(solvency).toMatchObject({
      epoch: Number(epoch),
      equity: sum(({ equity }) => equity),
      maintenanceMargin: sum(({ maintenanceMargin }) => maintenanceMargin),
      initialMargin: sum(({ initialMargin }) => initialMargin),
      shortfall: 0n,
    });
    expect(solvency.backstopCash).toBeGreaterThan(0n);
    expect(solvencyProofs()).toBe(0);
  });

  it("default: all open accounts in one proof, once", async () => {
    const { chain, clearing } = clearingSite(restarted());
    const { clearingHouse } = clearing;
    for (const [owner, account] of [
      [alice, aliceAccount],
      [bob, bobAccount],
    ] as const) {
      const move = { owner, account, eid: hubEid(), lane: CASH_LANE, amount: LATER };
      await fixture.mint(restarted(), move);
      await depositAt(restarted(), move);
    }
    await expect(readHouseTotals(restarted())).rejects.toThrow("HealthNotProven");
    expect(await readOpenAccounts(chain.reader, { clearingHouse })).toBe(2n);

    const { batches, solvency } = await proveHouse(restarted());
    expect(batches.map(({ accounts: proven }) => proven)).toEqual([open]);
    const { totals, proof } = batches[0]!;
    expect(proof.reused).toBe(false);
    expect(solvency).toMatchObject(totals);
    for (const account of open) {
      expect(await readIsHealthy(chain.reader, { clearingHouse, account, level: "initial" })).toBe(true);
    }
    expect((await proveHouse(restarted())).batches).toEqual([]);
    expect(solvencyProofs()).toBe(1);
  }, 400_000);
});

describe("a crash", () => {
  it("default: the keeper finds who is short, the chain agrees to the last ppm, and a slice is sold without a proof", async () => {
    const { series, market } = fixture;
    const proofs = made.length;
    let liquidated: Awaited<ReturnType<typeof liquidateAccount>> | undefined;
    for (let hour = 1; hour < NEAR_HOURS && liquidated === undefined; hour++) {
      await observePrices(restarted(), ticksOf(series, FIRST_TICK + hour, FIRST_TICK + hour + 1));
      await recordSettlements(restarted());
      await market.beginEpoch(await market.report(FIRST_TICK + hour));
      const house = await assessAccounts(restarted());
      const [short] = shortAccounts(house);
      const { chain, clearing } = clearingSite(restarted());
      for (const { account, holdings, margin } of house.accounts) {
        const { scenario } = margin.worst;
        const words = { epoch: house.epoch.number, arrayWords: liquidationWords(house) };
        const judged = await readAssessment(chain.reader, { ...clearing, account, scenario, ...words });
        expect(judged).toEqual({ equity: margin.equity, requirement: margin.maintenanceMargin });
        const initial = await readMargin(chain.reader, { ...clearing, account, level: "initial", ...words });
        expect(initial).toEqual({ equity: margin.equity, requirement: margin.initialMargin });
        expect(holdings.positions.length).toBeGreaterThan(0);
      }
      if (short === undefined) continue;
      expect(short.account).toBe(bobAccount.toLowerCase());
      const by = { owner: keeper, account: keeperAccount, minimumProfit: 50_000n };
      // who has nothing starts the auction and is told so; who has something finds it running
      const poor = { ...by, account: accountOf(keeper.address, 9n) };
      const refused = { name: "NotForAll", retry: true, cause: { name: "KeeperTooWeak" } };
      await expect(keepMargins(restarted(), house, poor)).rejects.toMatchObject(refused);
      liquidated = await liquidateAccount(restarted(), house, short, by);
      const after = await assessAccounts(restarted());
      const excess = after.accounts.find(({ account }) => account === short.account)?.margin.excess.maintenance;
      expect(excess ?? 0n).toBeGreaterThanOrEqual(0n);
    }
    expect(liquidated?.startGas).toBeUndefined();
    expect(liquidated?.slices.length).toBeGreaterThan(0);
    for (const { paid, value } of liquidated?.slices ?? []) expect(paid).toBeLessThan(value);
    expect(made).toHaveLength(proofs);
  }, 200_000);
});

describe("settlement", () => {
  it("default: the put pays at the average of the last hours, and nothing is created or lost", async () => {
    const { series, listings } = fixture;
    const { chain, clearing } = clearingSite(restarted());
    const { clearingHouse, settlementPrices } = clearing;
    const put = listings[PLACES.put];
    if (put === undefined) throw new RangeError("no put");
    const counted: bigint[] = [];
    for (let hour = 1; hour <= NEAR_HOURS + 1; hour++) {
      await observePrices(restarted(), ticksOf(series, FIRST_TICK + hour, FIRST_TICK + hour + 1));
      for (const { price } of await recordSettlements(restarted())) if (price !== undefined) counted.push(price);
      expect(await recordSettlements(restarted())).toEqual([]);
    }
    const price = await readSettlementPrice(chain.reader, { settlementPrices, lane: 0, expiry: put.expiry });
    expect(price).toBeGreaterThan(0n);
    expect(price).toBeLessThan(put.strike);

    const before = await readAccount(chain.reader, { clearingHouse, account: aliceAccount });
    expect(before.positions.map(({ series: number }) => number)).toEqual([PLACES.perpetual]);
    const settled = await settleAccounts(restarted());
    expect(settled.length).toBeGreaterThanOrEqual(3); // alice, bob, and the keeper with its slice
    expect(await settleAccounts(restarted())).toEqual([]);

    const house = { address: clearingHouse, abi: clearingHouseAbi } as const;
    const unsettled = await Promise.all(
      listings.map((listing) =>
        chain.reader.readContract({ ...house, functionName: "unsettled", args: [BigInt(seriesNumber(listing))] }),
      ),
    );
    const all = await readHouseAccounts(restarted());
    const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
    const credited = DEPOSITS.alice + DEPOSITS.bob + DEPOSITS.keeper + 2n * LATER - WITHDRAWN;
    expect(sum(all.map(({ words }) => holdingsOf(words).cash)) + sum(unsettled)).toBe(credited);
    for (const { eid, collateralGate } of clearing.gates) {
      const at = restarted().chains.find((candidate) => candidate.eid === eid);
      const args = [BigInt(CASH_LANE)] as const;
      const gate = { address: collateralGate, abi: collateralGateAbi, functionName: "escrow", args } as const;
      const held = await chain.reader.readContract({
        address: clearing.collateralHub,
        abi: collateralHubAbi,
        functionName: "held",
        args: [eid, BigInt(CASH_LANE)],
      });
      expect(await at?.reader.readContract(gate)).toBe(held);
    }
  }, 200_000);
});

describe("retirement of the perpetual", () => {
  it("default: on notice; no epoch, price or proof comes any more, and all are paid the last spot", async () => {
    const { chain, clearing } = clearingSite(restarted());
    const { clearingHouse, listings, riskArrays } = clearing;
    const series = PLACES.perpetual;
    const announced = await giveNotice(restarted(), series);
    expect(announced.stage).toBe("scheduled");
    await advanceTime(chain, announced.readyAt);
    const { stage, end } = await giveNotice(restarted(), series);
    expect(stage).toBe("done");
    if (end === undefined) throw new RangeError("no end");
    expect(end).toBe((await chainTime(chain)) + 7n * 86_400n);
    expect(await giveNotice(restarted(), series)).toMatchObject({ stage: "done", end });

    await advanceTime(chain, end + 1n);
    expect(await readPayoff(chain.reader, { listings, series })).toBeUndefined();
    const holders = (await readHouseAccounts(restarted())).filter(({ due }) =>
      due.positions.some((position) => position.series === series),
    );
    expect(holders.length).toBeGreaterThanOrEqual(2);
    expect(await settleAccounts(restarted())).toHaveLength(holders.length);
    expect(await settleAccounts(restarted())).toEqual([]);
    const last = await readFundingEnd(chain.reader, { riskArrays, array: 0 });
    expect(await readPayoff(chain.reader, { listings, series })).toBe(last?.spot);
    for (const { due } of await readHouseAccounts(restarted())) {
      expect(due.positions.filter((position) => position.series === series)).toEqual([]);
    }
    const house = { address: clearingHouse, abi: clearingHouseAbi } as const;
    const args = [BigInt(series)] as const;
    expect(await chain.reader.readContract({ ...house, functionName: "openInterest", args })).toBe(0n);
    expect(await chain.reader.readContract({ ...house, functionName: "unsettled", args })).toBeGreaterThanOrEqual(0n);

    await retireSeries(chain.signer(accounts.relayer), { listings, series });
    expect(await readSeries(chain.reader, { listings, series })).toBeUndefined();
  }, 200_000);
});
