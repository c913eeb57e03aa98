import {
  type AssessedHouse,
  assessAccounts,
  CASH_LANE,
  chainTime,
  clearingSite,
  depositAt,
  keepMargins,
  type LocalContext,
  listMissingSeries,
  localAccounts,
} from "@equipoise/relayer";
import { PPM, unpackNumbers } from "@equipoise/sdk";
import { accountOf, liquidationAbi, marginTermsAbi, readAuction } from "@equipoise/sdk/actions";
import { releaseProver } from "@equipoise/sdk/prover";
import { type Hex, parseEther, toHex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClearingFixture, covarianceProver, FIRST_TICK, startClearing } from "./clearingFixture.ts";
import { makeDebt } from "./debtFixture.ts";
import { wait } from "./deskFixture.ts";

const {
  traders: [alice, bob],
  keeper,
} = localAccounts();
/** nonces of a new account that sends several transactions at once, as a relayer's does */
let nonce = 0;
const relayer = privateKeyToAccount(generatePrivateKey(), {
  nonceManager: {
    consume: async () => nonce++,
    get: async () => nonce,
    increment: () => undefined,
    reset: () => undefined,
  },
});
const winner = accountOf(alice.address);
const debtor = (number: bigint): Hex => accountOf(bob.address, number).toLowerCase() as Hex;
/** each owes nearly what its token is worth: two of them bitcoin, one another token, one of them in a way that cannot be shown */
const [first, second, silent, spoiled] = [debtor(1n), debtor(2n), debtor(3n), debtor(4n)];
const SILENT_LANE = 1;
/** {ppm of a token} */
const TOKEN = PPM;
/** {ppm} of its worth that each owes */
const OWED = 970_000n;
/** {s} in which an auction's price falls by a fifth, and an epoch may begin again */
const WHILE = 660n;
const bidder = accountOf(keeper.address);
const by = { owner: keeper, account: bidder, minimumProfit: 10_000n };

let fixture: ClearingFixture;
let context: LocalContext;

beforeAll(async () => {
  fixture = await startClearing(await covarianceProver(), { chainIds: [31_391, 31_392] });
  context = fixture.clearing();
  const since = await fixture.market.report(FIRST_TICK);
  context = { ...context, accounts: { ...context.accounts, relayer } };
  await listMissingSeries(context, fixture.listings);
  await fixture.market.beginEpoch(since);
  const { chain, clearing } = clearingSite(context);
  await askNode("anvil_setBalance", [relayer.address, toHex(parseEther("10"))]);
  const terms = { address: clearing.marginTerms, abi: marginTermsAbi } as const;
  const prices = await chain.reader.readContract({ ...terms, functionName: "factsAt", args: [1n] });
  const { eid } = chain;
  const deposit = async (owner: typeof bob, account: Hex, lane: number, amount: bigint): Promise<void> => {
    const move = { owner, account, eid, lane, amount };
    await fixture.mint(context, move);
    await depositAt(context, move);
  };
  for (const account of [first, second, silent, spoiled]) {
    const lane = account === silent ? SILENT_LANE : 0;
    await deposit(bob, account, lane, TOKEN);
    // {ppm of a dollar} = {ppt of a dollar} * {ppm} / {ppt}
    const worth = (unpackNumbers("quad", prices.slice(0, 4))[lane] ?? 0n) / PPM;
    await makeDebt(clearingSite(context), account, winner, (worth * OWED) / PPM);
  }
  const { accounts } = await assessAccounts(context);
  const { initialMargin } = accounts.find(({ account }) => account === first)?.margin ?? { initialMargin: 0n };
  await deposit(keeper, bidder, CASH_LANE, initialMargin); // for one, not for two
}, 400_000);

afterAll(async () => {
  await fixture?.stop();
  await releaseProver();
});

function askNode(method: string, params: readonly unknown[]): Promise<unknown> {
  const { reader } = clearingSite(context).chain;
  return reader.request({ method, params } as unknown as Parameters<typeof reader.request>[0]);
}

/** The house, but that one account is said to be short in a scenario that there is not. */
const spoil = (house: AssessedHouse): AssessedHouse => ({
  ...house,
  accounts: house.accounts.map((one) =>
    one.account === spoiled
      ? { ...one, margin: { ...one.margin, worst: { ...one.margin.worst, scenario: 999 } } }
      : one,
  ),
});
const startedAt = async (account: Hex): Promise<bigint> => {
  const { chain, clearing } = clearingSite(context);
  return (await readAuction(chain.reader, { ...clearing, account })).auction.startedAt;
};
const slices = async () => {
  const { chain, clearing } = clearingSite(context);
  const event = { address: clearing.liquidation, abi: liquidationAbi, eventName: "SliceSold" } as const;
  return chain.reader.getContractEvents({ ...event, fromBlock: BigInt(clearing.block), strict: true });
};
const failureOf = (keeping: Promise<unknown>) =>
  keeping.then(
    () => undefined,
    (error: Error & { readonly retry: boolean; readonly cause: { readonly name: string } }) => error,
  );

describe("keepMargins", () => {
  it("error: NotForAll, to be tried again, names who could not be dealt with; all others are", async () => {
    const house = spoil(await assessAccounts(context));
    expect(house.accounts.map(({ account }) => account)).toEqual(
      expect.arrayContaining([first, second, silent, spoiled]),
    );
    const failed = await failureOf(keepMargins(context, house, by));
    expect(failed).toMatchObject({ name: "NotForAll", retry: true });
    expect(failed?.message).toMatch(new RegExp(`^${spoiled}: .*ScenarioUnknown`));
    for (const account of [first, second, silent]) expect(failed?.message).not.toContain(account);
    for (const account of [first, second, silent]) expect(await startedAt(account)).toBeGreaterThan(0n);
    expect(await startedAt(spoiled)).toBe(0n);
    expect(await slices()).toEqual([]); // at the start a slice costs what it is worth
  });

  it("behavior: no bid where the token's source is silent; what one slice leaves of the bidder carries no other", async () => {
    const { chain, clearing } = clearingSite(context);
    const terms = { address: clearing.marginTerms, abi: marginTermsAbi } as const;
    const { source } = await chain.reader.readContract({
      ...terms,
      functionName: "lane",
      args: [BigInt(SILENT_LANE)],
    });
    await askNode("anvil_setCode", [source, "0xfe"]);
    await wait(context, WHILE);
    await fixture.market.beginEpoch(await chainTime(chain));
    const house = await assessAccounts(context);
    const unpriced = house.accounts.filter((one) => one.unpriced).map(({ account }) => account);
    expect(unpriced).toEqual([silent]);

    const failed = await failureOf(keepMargins(context, spoil(house), by));
    expect(failed).toMatchObject({ name: "NotForAll", retry: true });
    const sold = await slices();
    expect(sold).toHaveLength(1);
    const { account: taken } = await chain.reader.readContract({
      address: clearing.liquidation,
      abi: liquidationAbi,
      functionName: "auctionAt",
      args: [sold[0]?.args.auction ?? 0n],
    });
    const left = taken === first ? second : first;
    expect([first, second]).toContain(taken);
    expect(failed?.message).toContain(
      `${left}: account ${bidder} could not carry a slice of ${left} (BidderUnhealthy)`,
    );
    expect(failed?.message).toMatch(new RegExp(`${spoiled}: .*ScenarioUnknown`));
    expect(failed?.message).not.toContain(silent);
    // with a price it would be bought: nothing else keeps the bidder from it
    const priced = { ...house, accounts: house.accounts.map((one) => ({ ...one, unpriced: false })) };
    const tried = await failureOf(keepMargins(context, priced, by));
    expect(tried?.message ?? "").toContain(`could not carry a slice of ${silent}`);
  });
});
