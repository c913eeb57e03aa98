import {
  assessAccounts,
  CASH_LANE,
  clearingSite,
  collectDebts,
  depositAt,
  type LocalContext,
  listMissingSeries,
  localAccounts,
  observePrices,
  ticksOf,
} from "@equipoise/relayer";
import { PPM } from "@equipoise/sdk";
import { accountOf, readAccount } from "@equipoise/sdk/actions";
import { releaseProver } from "@equipoise/sdk/prover";
import type { Hex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keeperDuties } from "../../relayer/src/daemon/clearingDuties.ts";
import { type ClearingFixture, covarianceProver, FIRST_TICK, startClearing } from "./clearingFixture.ts";
import { makeDebt } from "./debtFixture.ts";

const {
  traders: [alice, bob],
  keeper,
} = localAccounts();
const [winner, debtor, buyer] = [alice, bob, keeper].map(({ address }) => accountOf(address)) as [Hex, Hex, Hex];
const small = accountOf(keeper.address, 1n);
/** {ppm of a dollar} */
const DOLLAR = 1_000_000n;
const OWED = 5_000n * DOLLAR;
/** what another account of the buyer has, for a part of it */
const LITTLE = 1_000n * DOLLAR;
/** {ppm of a token} of lane 0 */
const TOKENS = 2n * PPM;
/** hours after the call: inside the last of the sale's four */
const LATE = 15;
/** {ppm} */
const DISCOUNT = 10_000n;

let fixture: ClearingFixture;
let context: LocalContext;

beforeAll(async () => {
  fixture = await startClearing(await covarianceProver(), { hours: LATE + 1, chainIds: [31_377, 31_378] });
  context = fixture.clearing();
  const since = await fixture.market.report(FIRST_TICK);
  await listMissingSeries(context, fixture.listings);
  await fixture.market.beginEpoch(since);
  const { eid } = clearingSite(context).chain;
  const moves = [
    { owner: alice, account: winner, eid, lane: CASH_LANE, amount: OWED },
    { owner: bob, account: debtor, eid, lane: 0, amount: TOKENS },
    { owner: keeper, account: buyer, eid, lane: CASH_LANE, amount: 2n * OWED },
    { owner: keeper, account: small, eid, lane: CASH_LANE, amount: LITTLE },
  ];
  for (const move of moves) {
    await fixture.mint(context, move);
    await depositAt(context, move);
  }
  await makeDebt(clearingSite(context), debtor, winner, OWED);
}, 400_000);

afterAll(async () => {
  await fixture?.stop();
  await releaseProver();
});

const holdings = (account: Hex) => {
  const { chain, clearing } = clearingSite(context);
  return readAccount(chain.reader, { ...clearing, account });
};
const collect = async () =>
  collectDebts(context, await assessAccounts(context), { owner: keeper, account: buyer, discount: DISCOUNT });
/** a relayer's, which buys with the second account of its bidder */
const duty = (): Promise<string | undefined> => {
  const own = { ...context, accounts: { ...context.accounts, bidder: keeper } };
  const found = keeperDuties(own, { minimumProfit: 0n, discount: DISCOUNT }).find(([name]) => name === "debts");
  if (found === undefined) throw new RangeError("the keeper has no such duty");
  return found[1]();
};

/** In the sale: of an account without dollars is said so, and of one that cannot be read why not; neither holds up the other. */
async function poorBuyer(): Promise<void> {
  const house = await assessAccounts(context);
  const owing = house.accounts.filter(({ debt }) => debt > 0n);
  expect(owing.map(({ account, debt }) => [account, debt])).toEqual([[debtor.toLowerCase(), OWED]]);
  const spoiled = owing.map((one) => ({ ...one, account: "0x12" as const }));
  const poor = accountOf(keeper.address, 7n);
  const by = { owner: keeper, account: poor, discount: DISCOUNT };
  const collecting = collectDebts(context, { ...house, accounts: [...spoiled, ...owing] }, by);
  const said = `account ${poor} has no dollars to buy of ${debtor.toLowerCase()} with`;
  await expect(collecting).rejects.toMatchObject({
    ...{ name: "NotForAll", retry: true },
    message: expect.stringMatching(new RegExp(`^0x12: .*; ${debtor.toLowerCase()}: ${said}`)),
  });
}

describe("collectDebts", () => {
  it("default: a debt against collateral is called, and nothing is sold before its notice is over", async () => {
    const house = await assessAccounts(context);
    expect(await assessAccounts(context)).toBe(house); // of the same block: read once
    // of a sale in which it would never buy
    const choosy = { owner: keeper, account: buyer, discount: 900_000n };
    expect(await collectDebts(context, house, choosy)).toEqual([]);
    const called = await collect();
    expect(called).toEqual([{ account: debtor.toLowerCase(), debt: OWED, gasUsed: expect.any(BigInt) }]);
    expect(await assessAccounts(context)).not.toBe(house);
    expect(await collect()).toEqual([]);
    expect((await holdings(debtor)).cash).toBe(-OWED);
  });

  it("default: bought once the price has fallen below the epoch's, for dollars that pay the debt", async () => {
    const { series, market } = fixture;
    let bought: Awaited<ReturnType<typeof collect>> = [];
    let part: string | undefined;
    for (let hour = 1; hour <= LATE && bought.length === 0; hour++) {
      const tick = FIRST_TICK + hour;
      await observePrices(context, ticksOf(series, tick, tick + 1));
      await market.beginEpoch(await market.report(tick));
      part = await duty();
      if (hour === LATE - 2) await poorBuyer();
      bought = await collect();
      // the price is above the epoch's for two of the four hours
      if (bought.length > 0) expect(hour).toBeGreaterThanOrEqual(14);
    }
    // as much as there are dollars for, and no more
    const before = (await holdings(small)).balances[0] ?? 0n;
    const first = LITTLE - (await holdings(small)).cash;
    expect(first).toBeLessThanOrEqual(LITTLE);
    expect(first).toBeGreaterThan((LITTLE * 95n) / 100n);
    expect(part).toBe(`${before} ppm of lane 0 bought of ${debtor.toLowerCase()} for ${first} ppm of a dollar`);

    const [{ bought: sold, debt } = {}] = bought;
    expect(debt).toBe(OWED - first);
    expect(sold?.lane).toBe(0);
    const { amount = 0n, paid = 0n } = sold ?? {};
    expect(first + paid).toBeGreaterThanOrEqual(OWED);
    expect(first + paid).toBeLessThan(OWED + DOLLAR);
    expect((await holdings(debtor)).cash).toBe(first + paid - OWED);
    expect((await holdings(debtor)).balances[0]).toBe(TOKENS - before - amount);
    expect((await holdings(buyer)).balances[0]).toBe(amount);
    expect((await holdings(buyer)).cash).toBe(2n * OWED - paid);
    expect(await collect()).toEqual([]);
  }, 60_000);
});
