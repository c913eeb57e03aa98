import { fullArtifacts } from "@equipoise/circuits";
import {
  advanceTime,
  deployLocal,
  type EpochReport,
  hubSite,
  type LocalContext,
  localAccounts,
  mineBlocks,
  type OpenedRebalance,
  observePrices,
  openVaultRebalance,
  type PriceSeries,
  type ProverPort,
  publishPrices,
  runEpoch,
  StepFailed,
  ticksOf,
  type VaultSite,
  vaultSitesOf,
} from "@equipoise/relayer";
import { WAD } from "@equipoise/sdk";
import {
  acceptRiskCall,
  CallReverted,
  contractCall,
  localTokenAbi,
  observe,
  parityVaultAbi,
  readAllocation,
  readHoldings,
  readLatestRiskIndex,
  readRebalance,
  readRiskState,
  redeem,
  riskBeaconAbi,
  sendCall,
  type TokenDeployment,
} from "@equipoise/sdk/actions";
import { prove, releaseProver } from "@equipoise/sdk/prover";
import { erc20Abi, parseEventLogs, toHex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Duty, dutiesOf } from "../../relayer/src/daemon/roles.ts";
import { ASSETS, type PipelineFixture, startPipeline, TWO_MANDATES, WINDOW_TICKS } from "./pipelineFixture.ts";
import { publicNode } from "./publicNode.ts";

let fixture: PipelineFixture;
let series: PriceSeries;
const made: string[] = [];
const accounts = localAccounts();
/** Its nodes answer for 2,000 blocks at once, as public ones do. */
const restarted = (overrides: Partial<LocalContext> = {}): LocalContext => {
  const context = fixture.restarted(overrides);
  return { ...context, chains: context.chains.map((chain) => publicNode(chain)) };
};
const pricesAt = (tick: number): readonly bigint[] => series.prices[tick] ?? [];

beforeAll(async () => {
  const artifacts = await fullArtifacts(["covariance", "parity"]);
  fixture = await startPipeline(
    {
      prove: (statement, input) => {
        made.push(statement.circuit);
        return prove(statement, input, artifacts[statement.circuit as keyof typeof artifacts]);
      },
    },
    { parameters: { mandates: TWO_MANDATES, auctionLength: 600 } },
  );
  ({ series } = fixture);
}, 400_000);

afterAll(async () => {
  await fixture?.stop();
  await releaseProver();
});

describe("deployLocal", () => {
  it("behavior: a restart finds what is there", async () => {
    const before = await fixture.blocks();
    const { chains, deployment, store } = restarted();
    expect(await deployLocal({ chains, accounts, parameters: fixture.parameters, store })).toEqual(deployment);
    expect(await fixture.blocks()).toEqual(before);
  });

  it("error: StepFailed for other assets than the chains have", async () => {
    const { chains, store } = restarted();
    const parameters = { ...fixture.parameters, assets: series.assets.slice(0, 2) };
    const refusal = deployLocal({ chains, accounts, parameters, store });
    await expect(refusal).rejects.toMatchObject({ name: "StepFailed", retry: false });
  });
});

describe("observePrices", () => {
  it("default: 240 observations, in two runs, none twice", async () => {
    const started = performance.now();
    const first = await observePrices(restarted(), ticksOf(series, 0, 100));
    expect(first).toMatchObject({ observed: 100, index: 99n });
    await mineBlocks(hubSite(restarted()).chain, 2_100); // more than a question for logs may cover
    const second = await observePrices(restarted(), ticksOf(series));
    expect(second).toMatchObject({ observed: WINDOW_TICKS - 100, index: 240n });
    expect((performance.now() - started) / WINDOW_TICKS).toBeLessThan(250);
    const third = await observePrices(restarted(), ticksOf(series));
    expect(third).toMatchObject({ observed: 0, index: 240n });
  });

  it("error: CallReverted names the contract's error and its arguments", async () => {
    const { chain, deployment } = hubSite(restarted());
    const refusal = observe(chain.signer(accounts.relayer), deployment);
    await expect(refusal).rejects.toThrow(CallReverted);
    const readyAt = BigInt((series.times.at(-1) ?? 0) + fixture.parameters.interval);
    await expect(refusal).rejects.toMatchObject({ reason: "ObservationTooEarly", args: [readyAt] });
  });
});

describe("runEpoch", () => {
  let report: EpochReport;

  it("error: StepFailed, and the proof that was made is kept", async () => {
    const poor = privateKeyToAccount(generatePrivateKey());
    const unfunded = restarted({ accounts: { ...accounts, relayer: poor } });
    await expect(runEpoch(unfunded, pricesAt(240))).rejects.toThrow(StepFailed);
    expect(made).toEqual(["covariance"]);
    const { chain, deployment } = hubSite(unfunded);
    expect(await readLatestRiskIndex(chain.reader, deployment)).toBe(0n);
  }, 200_000);

  it("error: StepFailed when the prover ends between accepting and allocating", async () => {
    const broken: ProverPort = { prove: () => Promise.reject(new Error("the prover ended")) };
    const failure = runEpoch(restarted({ prover: broken }), pricesAt(240));
    await expect(failure).rejects.toMatchObject({ name: "StepFailed", retry: false });
    await expect(failure).rejects.toThrow("the prover ended");
    for (const { chain, deployment, vault } of vaultSitesOf(restarted())) {
      expect(await readLatestRiskIndex(chain.reader, deployment)).toBe(240n);
      expect((await readAllocation(chain.reader, { vault })).index).toBe(0n);
    }
  }, 200_000);

  it("default: finishes what was begun, repeats and loses nothing", async () => {
    const context = restarted();
    report = await runEpoch(context, pricesAt(240));
    expect(made).toEqual(["covariance", "parity", "parity"]);
    const { chain, deployment } = hubSite(context);
    const logs = await hubSite(fixture.restarted()).chain.reader.getLogs({
      address: deployment.riskBeacon,
      fromBlock: 0n,
    });
    expect(parseEventLogs({ abi: riskBeaconAbi, eventName: "RiskStateBroadcast", logs })).toHaveLength(1);
    expect(report.allocations.map(({ proof }) => proof?.reused)).toEqual([false, false, true, true]);
    for (const site of vaultSitesOf(context)) {
      const [mirrored, accepted] = await Promise.all([
        readRiskState(site.chain.reader, { riskState: site.deployment.riskState, index: 240n }),
        readRiskState(chain.reader, { riskState: deployment.riskState, index: 240n }),
      ]);
      expect(mirrored).toEqual(accepted);
      const { index, weights } = await readAllocation(site.chain.reader, site);
      expect(index).toBe(240n);
      for (const { mandate, allocation } of report.allocations) {
        expect(allocation?.weights.join() === weights.join()).toBe(mandate === site.mandate);
      }
    }
  }, 200_000);

  it("behavior: vaults hold exposure × weights, bought at the bidder's market price or better for it", async () => {
    const prices = pricesAt(240);
    for (const site of vaultSitesOf(restarted())) {
      const { weights, exposure } = await readAllocation(site.chain.reader, site);
      const { balances } = await readHoldings(site.chain.reader, site);
      const { tokens, cash } = site.deployment;
      // {D18} = {token units} · {D18} / {token units/token}
      const values = tokens.map(
        ({ decimals }, lane) => ((balances[lane] ?? 0n) * (prices[lane] ?? 0n)) / 10n ** BigInt(decimals),
      );
      const cashValue = ((balances[12] ?? 0n) * WAD) / 10n ** BigInt(cash.decimals);
      const total = values.reduce((sum, value) => sum + value, cashValue);
      values.forEach((value, lane) => {
        const target = (Number(weights[lane]) * exposure) / 1e12;
        expect(Math.abs(Number(value) / Number(total) - target)).toBeLessThan(0.02); // the mandate's band
      });
      const own = report.rebalances.find(({ eid, mandate }) => eid === site.chain.eid && mandate === site.mandate);
      const rounds = own?.rounds ?? [];
      const bids = rounds.flatMap((round) => round.bids);
      expect(bids.length).toBeGreaterThanOrEqual(ASSETS);
      for (const { buying, price, lane } of bids) {
        expect(buying ? price >= (prices[lane] ?? 0n) : price <= (prices[lane] ?? 0n)).toBe(true);
      }
      expect((await readRebalance(site.chain.reader, site)).id).toBe(rounds.at(-1)?.id);
    }
  });

  it("behavior: once more does nothing on any chain but fresh prices on the spokes", async () => {
    const [hubBefore] = await fixture.blocks();
    const again = await runEpoch(restarted(), pricesAt(240));
    expect((await fixture.blocks())[0]).toBe(hubBefore);
    expect(made).toEqual(["covariance", "parity", "parity"]);
    expect(again.broadcast.dstEids).toEqual([]);
    expect(again.allocations.every(({ gasUsed }) => gasUsed === undefined)).toBe(true);
    expect(again.rebalances).toEqual(
      report.rebalances.map(({ eid, mandate }) => ({ eid, mandate, rounds: [], withinBand: true })),
    );
  });

  it("error: CallReverted for a proof of another window", async () => {
    const { chain, deployment } = hubSite(restarted());
    const kept = restarted().store;
    const state = await readRiskState(chain.reader, { riskState: deployment.riskState, index: 240n });
    expect(state.index).toBe(240n);
    const words = new Array<bigint>(252).fill(0n);
    const proof = {
      a: [1n, 2n],
      b: [
        [1n, 2n],
        [1n, 2n],
      ],
      c: [1n, 2n],
    } as const;
    const call = acceptRiskCall({
      riskOracle: deployment.riskState,
      index: 240n,
      statement: { words, commitment: 1n },
      proof,
    });
    await expect(sendCall(chain.signer(accounts.relayer), call)).rejects.toMatchObject({
      reason: "WindowNotNewer",
      args: [240n, 240n],
    });
    expect(kept.deployment()).toEqual(restarted().deployment);
  });
});

describe("filler", () => {
  const bidder = privateKeyToAccount(generatePrivateKey());
  let site: VaultSite;
  const fill = (): Promise<string | undefined> => {
    const context = restarted({ accounts: { ...accounts, bidder } });
    const noKeeper = { minimumProfit: 0n, discount: 0n };
    const duties = dutiesOf(
      context,
      ["filler"],
      noKeeper,
      async () => 0,
      async () => undefined,
    );
    const name = `filler:${site.chain.eid}:vault:${site.mandate}`;
    return (duties.find((duty) => duty.name === name) as Duty).run(() => true);
  };
  /** {whole tokens} */
  const give = ({ address, decimals }: TokenDeployment, amount: bigint): Promise<unknown> => {
    const args = [bidder.address, amount * 10n ** BigInt(decimals)] as const;
    const call = contractCall({ address, abi: localTokenAbi, functionName: "mint", args });
    return sendCall(site.chain.signer(accounts.deployer), call);
  };
  const filledLanes = async (): Promise<number[]> => {
    const { startTime, id } = await readRebalance(site.chain.reader, site);
    const logs = await fixture.restarted().chains[1]?.reader.getLogs({ address: site.vault, fromBlock: 0n });
    const bids = parseEventLogs({ abi: parityVaultAbi, eventName: "BidFilled", logs: logs ?? [] });
    expect(startTime).toBeGreaterThan(0n);
    return bids.filter(({ args }) => args.id === id).map(({ args }) => Number(args.lane));
  };

  it("behavior: a bidder that has approved nothing and holds one token of two: it lets the vault take, fills what it can pay and names the rest", async () => {
    const context = restarted();
    site = vaultSitesOf(context)[2] as VaultSite;
    const { chain, deployment } = site;
    const [first, ...others] = pricesAt(240);
    await publishPrices(context, site, [((first as bigint) * 3n) / 2n, ...others]);
    const opened = await openVaultRebalance(context, site);
    const { lanes, endTime } = (opened as OpenedRebalance).rebalance;
    expect(lanes.filter(({ buying }) => buying).map(({ lane }) => lane)).toEqual([1, 2]);
    await advanceTime(chain, endTime - 60n);

    await chain.reader.request<{ Method: "anvil_setBalance"; Parameters: unknown[]; ReturnType: unknown }>({
      method: "anvil_setBalance",
      params: [bidder.address, toHex(WAD)],
    });
    const [, held, missing] = deployment.tokens as [TokenDeployment, TokenDeployment, TokenDeployment];
    await give(deployment.cash, 1_000n); // not enough for all of lane 0, whose sale pays for what the vault buys
    await give(held, 1_000_000n);
    const failed: unknown = await fill().catch((error: unknown) => error);
    expect(failed).toMatchObject({ name: "NotForAll", retry: true });
    expect((failed as Error).message).toContain(`bidder ${bidder.address} holds too little ${missing.symbol}`);
    expect((failed as Error).message).not.toContain("lane 0");
    expect(await filledLanes()).toEqual([0, 1]);

    await give(deployment.cash, 1_000_000n);
    await give(missing, 1_000_000n);
    expect(await fill()).toBe(`3 lanes filled, ${missing.symbol} approved`);
    expect(await filledLanes()).toEqual([0, 1, 0, 1, 2]);
    expect(`${await fill()}`).not.toContain("approved");
  });
});

describe("redeem", () => {
  it("default: all shares of the investor for a proportional part of everything", async () => {
    for (const { chain, deployment, vault } of vaultSitesOf(restarted())) {
      const { tokens } = deployment;
      const owner = accounts.investor.address;
      const shares = await chain.reader.readContract({
        address: vault,
        abi: erc20Abi,
        functionName: "balanceOf",
        args: [owner],
      });
      const held = await readHoldings(chain.reader, { vault });
      const { logs } = await redeem(chain.signer(accounts.investor), { vault, shares, receiver: owner });
      const [redeemed] = parseEventLogs({ abi: parityVaultAbi, eventName: "Redeemed", logs: [...logs] });
      tokens.forEach((_, lane) => {
        const part = ((held.balances[lane] ?? 0n) * shares) / held.supply;
        expect(redeemed?.args.amounts[lane]).toBe(part);
      });
      expect((await readHoldings(chain.reader, { vault })).supply).toBe(held.supply - shares);
    }
  });
});
