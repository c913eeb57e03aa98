import { fullArtifacts } from "@equipoise/circuits";
import {
  CASH_LANE,
  clearingSite,
  depositAt,
  fillDesk,
  fundDeskShare,
  hubSite,
  type LocalContext,
  listMissingSeries,
  localAccounts,
  openDeskAuctions,
  type ProverPort,
  proveAccountAfter,
  proveAndAcceptArrays,
  proveAndAllocate,
  returnDeskExcess,
} from "@equipoise/relayer";
import { CIRCUITS, defaultMandate, LANE_COUNT, PPM } from "@equipoise/sdk";
import {
  accountOf,
  applyProtection,
  type Desk,
  enterDesk,
  expectSlice,
  leaveDesk,
  parityVaultAbi,
  readAccount,
  readDesk,
  readDeskAuction,
  readDeskGap,
  readHealth,
  readHoldings,
  readIsHealthy,
  readOptionMark,
  readProtection,
  readVaultValue,
  redeem,
} from "@equipoise/sdk/actions";
import { prove, releaseProver } from "@equipoise/sdk/prover";
import { erc20Abi, getAddress, type Hex } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveDesk } from "../../relayer/src/daemon/clearingDuties.ts";
import { ProofAwaited } from "../../relayer/src/pipeline/proverPort.ts";
import { type ClearingFixture, FIRST_TICK, PLACES, startClearing } from "./clearingFixture.ts";
import { DESK, deployLeveragedVault, type LeveragedVault, servingVault, wait, worthOf } from "./deskFixture.ts";
import { openFeeds } from "./localFeeds.ts";
import { ASSETS } from "./pipelineFixture.ts";

const accounts = localAccounts();
const { investor, keeper } = accounts;
const keeperAccount = accountOf(keeper.address);
/** {ppm of a dollar} */
const SEED = 1_000_000n * PPM;
const EXPOSURE = 1_400_000n;
/** of a vault that has most of its value in cash, and dollars in each of two tokens that nothing is listed of */
const STEADY_EXPOSURE = 300_000n;
const STEADY_TOKENS = 150_000n;
/** 1 % of delta a per cent, and 6 dollars in 10,000 a point, for 3 % of value in a month */
const PROTECTION = { gamma: 10_000, vega: 600, premium: 30_000 };

let fixture: ClearingFixture;
let leveraged: LeveragedVault;
let steady: LeveragedVault;
const context = (): LocalContext => servingVault(fixture.clearing(), leveraged);
const hub = () => hubSite(context()).chain;
const onHouse = (account: Hex) =>
  readAccount(hub().reader, { clearingHouse: clearingSite(context()).clearing.clearingHouse, account });

beforeAll(async () => {
  const artifacts = await fullArtifacts(CIRCUITS);
  const mandate = { ...defaultMandate(ASSETS), maxExposure: EXPOSURE, targetVolatility: 200_000n };
  fixture = await startClearing(
    { prove: (statement, input) => prove(statement, input, artifacts[statement.circuit]) },
    {
      early: async (early, parameters) => {
        leveraged = await deployLeveragedVault(early, parameters, mandate, PROTECTION, SEED);
        const tokens = await Promise.all(
          [0n, PPM, PPM].map((part, lane) => worthOf(early, lane, STEADY_TOKENS * part)),
        );
        const unlevered = { ...mandate, maxExposure: STEADY_EXPOSURE };
        const cash = SEED - 2n * STEADY_TOKENS * PPM;
        steady = await deployLeveragedVault(early, parameters, unlevered, PROTECTION, cash, tokens);
      },
    },
  );
  const since = await fixture.market.report(FIRST_TICK);
  await listMissingSeries(context(), fixture.listings);
  await proveAndAcceptArrays(context(), (await fixture.market.beginEpoch(since)) as bigint);
  const move = { owner: keeper, account: keeperAccount, eid: hub().eid, lane: CASH_LANE, amount: 900_000n * PPM };
  await fixture.mint(context(), move);
  await depositAt(context(), move);
}, 900_000);

afterAll(async () => {
  await fixture?.stop();
  await releaseProver();
});

describe("a leveraged vault", () => {
  it("default: an exposure above one is proven, and its desk gets margin", async () => {
    const allocated = await proveAndAllocate(context());
    const { allocation } = allocated.find(({ eid }) => eid === hub().eid) ?? {};
    expect(allocation?.exposure).toBe(EXPOSURE);
    // as a relayer does
    const [margin, ...opened] = (await serveDesk(context()))?.split("; ") ?? [];
    // but for a hundredth: prices move
    const funded = (SEED * 99n) / 400n;
    expect(margin).toBe(`desk funded with ${funded} ppm of a dollar`);
    expect(opened).toEqual([
      expect.stringMatching(
        new RegExp(`^auction of \\d+ ppm of series ${PLACES.perpetual} that the desk buys opened$`),
      ),
    ]);
    expect(await serveDesk(context())).toBeUndefined();
    expect(await fundDeskShare(context(), leveraged)).toBe(0n);
    const desk = await readDesk(hub().reader, leveraged);
    expect(desk).toMatchObject({ vault: getAddress(leveraged.vault), account: leveraged.account, equity: funded });
    expect(await readVaultValue(hub().reader, leveraged)).toBe(SEED * 10n ** 12n);
  }, 400_000);

  it("default: the desk buys what the basket lacks, both accounts with a proof", async () => {
    const series = PLACES.perpetual;
    const { gap, buying } = await readDeskGap(hub().reader, { ...leveraged, series });
    expect(buying).toBe(true);
    const running = await openDeskAuctions(context(), leveraged, [series, PLACES.put]);
    expect([...running.keys()]).toEqual([series]);
    const { mark = 0n, left = 0n } = running.get(series) ?? {};
    expect(left).toBeLessThanOrEqual(gap);
    // the auction reaches its mark half way
    const early = fillDesk(context(), leveraged, series, mark, { owner: keeper, account: keeperAccount });
    await expect(early).rejects.toMatchObject({ cause: { reason: "BiddingClosed" } });
    await wait(context(), DESK.warmUp + DESK.auctionLength / 2n);
    const filled = await fillDesk(context(), leveraged, series, mark, { owner: keeper, account: keeperAccount });
    expect(filled).toMatchObject({ buying: true, quantity: left, price: mark });
    const { positions } = await onHouse(leveraged.account);
    expect(positions).toEqual([{ series, quantity: left }]);
    const { clearingHouse } = clearingSite(context()).clearing;
    const healthy = readIsHealthy(hub().reader, { clearingHouse, account: leveraged.account, level: "initial" });
    expect(await healthy).toBe(true);
    // what is lacking now is within what one auction may trade of what was
    expect((await readDeskGap(hub().reader, { ...leveraged, series })).gap).toBeLessThan(gap);
  }, 400_000);

  it("default: a holder leaves with units, and with these for a part of the account", async () => {
    const client = hub().signer(investor);
    const { supply } = await readHoldings(hub().reader, leveraged);
    await redeem(client, { vault: leveraged.vault, shares: supply / 4n, receiver: investor.address });
    const { balances } = await readHoldings(hub().reader, leveraged);
    const { supply: all } = await readDesk(hub().reader, leveraged);
    const units = all - (balances[LANE_COUNT + 1] ?? 0n);
    const token = { address: leveraged.vaultDesk, abi: erc20Abi, functionName: "balanceOf" } as const;
    expect(await hub().reader.readContract({ ...token, args: [investor.address] })).toBe(units);

    const account = accountOf(investor.address, 9n);
    const { exchange } = clearingSite(context()).clearing;
    await expectSlice(client, { exchange, account, giver: leveraged.account });
    const before = await onHouse(leveraged.account);
    const floor = (amount: bigint): bigint => (amount * units) / all - ((amount * units) % all < 0n ? 1n : 0n);
    const [{ series, quantity: held } = { series: 0, quantity: 0n }] = before.positions;
    const [quantity, cash] = [floor(held), floor(before.cash)];
    const slice = { position: { series, quantity }, cash };
    const taken = await proveAccountAfter(context(), account, slice);
    const left = await proveAccountAfter(context(), leveraged.account, {
      position: { series, quantity: -quantity },
      cash: -cash,
    });
    const { vaultDesk } = leveraged;
    await leaveDesk(client, { vaultDesk, units, account, proof: left.proof, receiverProof: taken.proof });
    expect(await onHouse(account)).toMatchObject({ positions: [{ series, quantity }], cash });
    expect((await readDesk(hub().reader, leveraged)).supply).toBe(all - units);
  }, 400_000);

  it("error: AuctionRuns, PartTooSmall for whoever would enter", async () => {
    const client = hub().signer(keeper);
    const { vaultDesk } = leveraged;
    const entry = { vaultDesk, minimum: 0n, receiver: keeper.address };
    await expect(enterDesk(client, { ...entry, cash: PPM })).rejects.toMatchObject({ reason: "PartTooSmall" });
    await expect(enterDesk(client, { ...entry, cash: 500n * PPM })).rejects.toMatchObject({ reason: "AuctionRuns" });
  });

  it("behavior: its basket is rebalanced to what the desk's share leaves", async () => {
    const drift = { address: leveraged.vault, abi: parityVaultAbi, functionName: "drift" } as const;
    // the heaviest lane should hold its weight of three quarters of the value, and holds nothing
    const largest = await hub().reader.readContract(drift);
    expect(largest).toBeGreaterThan(750_000n / BigInt(ASSETS));
    expect(largest).toBeLessThan(750_000n);
  });

  it("default: it buys the option that brings gamma and vega to what its governor asks for", async () => {
    const series = PLACES.call;
    await applyProtection(hub().signer(keeper), leveraged);
    expect(await readProtection(hub().reader, leveraged)).toMatchObject({ asked: PROTECTION, readyAt: 0n });
    const before = await onHouse(leveraged.account);
    // a relayer opens auctions also where it cannot bring margin
    const elsewhere = servingVault(fixture.clearing(), { ...leveraged, vaultDesk: investor.address });
    await expect(serveDesk(elsewhere)).rejects.toMatchObject({
      retry: true,
      message: expect.stringMatching(/^margin: fund desk: /),
    });
    const running = await openDeskAuctions(context(), leveraged, [series, PLACES.put]);
    expect(running.get(series)?.isNew).toBe(false);
    // the put expires too soon
    expect([...running.keys()]).toEqual([series]);
    const shown = await readOptionMark(hub().reader, { ...leveraged, series });
    expect(shown.gamma).toBeGreaterThan(0n);
    const { mark = 0n, left = 0n, buying } = running.get(series) ?? {};
    expect([buying, mark]).toEqual([true, shown.price]);
    await wait(context(), DESK.warmUp + DESK.auctionLength / 2n);
    const filled = await fillDesk(context(), leveraged, series, mark, { owner: keeper, account: keeperAccount });
    expect(filled).toMatchObject({ buying: true, quantity: left, price: mark });
    const { positions, cash } = await onHouse(leveraged.account);
    expect(positions).toEqual([...before.positions, { series, quantity: left }]);
    expect(cash).toBeLessThan(before.cash);
    // what was asked for is there: nothing worth an auction is left
    const { gap } = await readDeskGap(hub().reader, { ...leveraged, series });
    expect(gap * 10n).toBeLessThan(left);
    expect((await readDesk(hub().reader, leveraged)).equity).toBeGreaterThan(0n);
  }, 400_000);
});

describe("a vault whose value has fallen", () => {
  const serving = (overrides: Partial<LocalContext> = {}) => servingVault(fixture.clearing(overrides), steady);
  /** Its two tokens at a part of what they were; the listed one as it was. @param part {ppm} */
  const fall = async (part: bigint): Promise<void> => {
    const { publish } = await openFeeds(hubSite(context()));
    const prices = fixture.series.prices[FIRST_TICK] ?? [];
    await publish(prices.map((price, lane) => (lane === 0 ? price : (price * part) / PPM)));
  };
  let before: Desk;

  it("default: its desk keeps a position and cash", async () => {
    await proveAndAllocate(serving());
    expect(await serveDesk(serving())).toMatch(/^desk funded with \d+ ppm of a dollar; auction of /);
    await wait(serving(), DESK.warmUp + DESK.auctionLength / 2n);
    await fall(PPM);
    const { mark } = await readDeskAuction(hub().reader, { ...steady, series: PLACES.perpetual });
    await fillDesk(serving(), steady, PLACES.perpetual, mark, { owner: keeper, account: keeperAccount });
    expect((await onHouse(steady.account)).cash).toBeGreaterThan(0n);
    before = await readDesk(hub().reader, steady);
    expect(await returnDeskExcess(serving(), steady)).toBe(0n);
  }, 400_000);

  it("error: ProofAwaited for the same statement while prices move a little", async () => {
    const ordered: bigint[] = [];
    const prover: ProverPort = {
      prove: ({ circuit, commitment }) => {
        ordered.push(commitment);
        return Promise.reject(new ProofAwaited(circuit));
      },
    };
    for (const part of [400_000n, 400_400n]) {
      await fall(part);
      await expect(serveDesk(serving({ prover }))).rejects.toBeInstanceOf(ProofAwaited);
    }
    expect(ordered).toHaveLength(2);
    expect(ordered[1]).toBe(ordered[0]);
  }, 100_000);

  it("default: what its desk has too much comes back, with a proof of what stays, once", async () => {
    const [, said] = /^desk gave back (\d+) ppm of a dollar$/.exec((await serveDesk(serving())) ?? "") ?? [];
    const part = BigInt(said ?? 0);
    const after = await readDesk(hub().reader, steady);
    expect(before.equity - after.equity).toBe(part);
    const [due, has] = [((await readVaultValue(hub().reader, steady)) * after.share) / PPM, after.equity * 10n ** 12n];
    expect(has).toBeGreaterThanOrEqual(due);
    expect(has * 10n).toBeLessThan(due * 11n);
    const { clearingHouse } = clearingSite(context()).clearing;
    const { equity, initialMargin } = await readHealth(hub().reader, { clearingHouse, account: steady.account });
    expect(equity * PPM).toBeGreaterThan(initialMargin * after.health);
    expect(await serveDesk(serving())).toBeUndefined();
  }, 100_000);
});
