import {
  CASH_LANE,
  clearingSite,
  DEFAULT_CLEARING,
  deployClearing,
  depositAt,
  type LocalContext,
  localAccounts,
  readHouseAccounts,
  writeOffDebts,
} from "@equipoise/relayer";
import { accountOf, clearingHouseAbi, readAccount, readOpenAccounts } from "@equipoise/sdk/actions";
import type { Hex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mintTokens } from "../../relayer/src/demo/clearing/cast.ts";
import { makeDebt } from "./debtFixture.ts";
import { type PipelineFixture, startPipeline } from "./pipelineFixture.ts";

const {
  traders: [alice, bob],
} = localAccounts();
/** of alice, who deposits; of bob, who is owed and who owes */
const rich = accountOf(alice.address);
const owed = accountOf(bob.address);
const debtor = accountOf(bob.address, 1n);
const secured = accountOf(bob.address, 2n);
/** {ppm of a dollar} */
const DOLLAR = 1_000_000n;

let fixture: PipelineFixture;
let context: LocalContext;

beforeAll(async () => {
  fixture = await startPipeline(
    {
      prove: () => {
        throw new Error("nothing is proven here");
      },
    },
    { chainIds: [31_375, 31_376] },
  );
  const deployed = fixture.restarted();
  context = { ...deployed, deployment: await deployClearing({ ...deployed, parameters: DEFAULT_CLEARING }) };
}, 120_000);

afterAll(() => fixture?.stop());

const hubEid = (): number => clearingSite(context).chain.eid;
const cashOf = async (account: Hex): Promise<bigint> => {
  const { chain, clearing } = clearingSite(context);
  return (await readAccount(chain.reader, { ...clearing, account })).cash;
};
async function deposit(owner: typeof alice, account: Hex, lane: number, amount: bigint): Promise<void> {
  const move = { owner, account, eid: hubEid(), lane, amount };
  await mintTokens(context, move);
  await depositAt(context, move);
}

describe("writeOffDebts", () => {
  it("behavior: nothing is sent while nobody could pay", async () => {
    await makeDebt(clearingSite(context), debtor, owed, DOLLAR / 2n);
    const blocks = await fixture.blocks();
    expect(await writeOffDebts(context)).toEqual([]);
    expect(await fixture.blocks()).toEqual(blocks);
    expect(await cashOf(debtor)).toBe(-DOLLAR / 2n);
  });

  it("behavior: nothing is sent while the backstop has a part that is less than a dollar", async () => {
    const site = clearingSite(context);
    const house = { address: site.clearing.clearingHouse, abi: clearingHouseAbi } as const;
    const backstop = await site.chain.reader.readContract({ ...house, functionName: "backstop" });
    await makeDebt(site, owed, backstop, DOLLAR / 4n);
    const blocks = await fixture.blocks();
    expect(await writeOffDebts(context)).toEqual([]);
    expect(await fixture.blocks()).toEqual(blocks);
    await makeDebt(site, backstop, owed, DOLLAR / 4n);
  });

  it("default: a bare debt is shared out, once; one against collateral is not written off", async () => {
    await deposit(alice, rich, CASH_LANE, 1_000n * DOLLAR);
    await deposit(bob, secured, 0, DOLLAR);
    await makeDebt(clearingSite(context), debtor, owed, 99n * DOLLAR + DOLLAR / 2n);
    await makeDebt(clearingSite(context), secured, owed, 10n * DOLLAR);
    const { chain, clearing } = clearingSite(context);
    expect(await readOpenAccounts(chain.reader, clearing)).toBe(2n);

    const written = await writeOffDebts(context);
    expect(written).toEqual([
      { account: debtor.toLowerCase(), debt: 100n * DOLLAR, paid: 100n * DOLLAR, gasUsed: expect.any(BigInt) },
    ]);
    expect(await cashOf(debtor)).toBe(0n);
    expect(await cashOf(secured)).toBe(-10n * DOLLAR);
    // who is owed dollars has borne it, in proportion: 1,000 and 110 dollars
    expect(await cashOf(rich)).toBeLessThanOrEqual(1_000n * DOLLAR - (100n * DOLLAR * 1_000n) / 1_110n);
    expect(await cashOf(rich)).toBeGreaterThan(1_000n * DOLLAR - (100n * DOLLAR * 1_000n) / 1_110n - 5n);
    expect(await writeOffDebts(context)).toEqual([]);
  });

  it("behavior: at most half of what is owed to others is shared at once, and the rest stays a debt", async () => {
    await makeDebt(clearingSite(context), debtor, owed, 5_000n * DOLLAR);
    const [written] = await writeOffDebts(context);
    expect(written?.debt).toBe(5_000n * DOLLAR);
    expect(written?.paid).toBeLessThan(3_100n * DOLLAR);
    expect(written?.paid).toBeGreaterThan(2_900n * DOLLAR);
    expect(await cashOf(debtor)).toBe((written?.paid ?? 0n) - 5_000n * DOLLAR);
    // nothing is created or lost: 1,000 dollars came in
    const held = [rich, owed, debtor, secured].map(cashOf);
    const total = (await Promise.all(held)).reduce((sum, cash) => sum + cash);
    expect(total).toBeGreaterThan(999n * DOLLAR);
    expect(total).toBeLessThanOrEqual(1_000n * DOLLAR);
  });
});

describe("readHouseAccounts", () => {
  it("behavior: an account that is free is not asked for, whoever else is", async () => {
    const { chain } = clearingSite(context);
    const asked: unknown[] = [];
    const readContract: typeof chain.reader.readContract = (call) => {
      if (call.functionName === "accountWords") asked.push((call.args as readonly unknown[])[0]);
      return chain.reader.readContract(call);
    };
    const reader = { ...chain.reader, readContract } as typeof chain.reader;
    const chains = context.chains.map((one) => (one.eid === chain.eid ? { ...one, reader } : one));
    const found = await readHouseAccounts({ ...context, chains });
    expect(found.length).toBeGreaterThan(asked.length);
    const owing = found.filter(({ written }) => written.cash < 0n);
    expect(asked).toEqual(owing.map(({ account }) => account));
    expect(asked).toEqual(expect.arrayContaining([debtor, secured].map((account) => account.toLowerCase())));
    for (const { account, due } of found.filter(({ written }) => written.cash >= 0n)) {
      expect(due.cash).toBeGreaterThanOrEqual(await cashOf(account)); // by no more than its share of losses
    }
  });
});
