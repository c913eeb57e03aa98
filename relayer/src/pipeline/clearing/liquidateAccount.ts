import { type ArrayWords, PPM } from "@equipoise/sdk";
import {
  bidLiquidation,
  confirmLiquidation,
  LIQUIDATION_LIFE,
  LIQUIDATION_PHASES,
  type LiquidationPhase,
  type LiquidationWords,
  liquidationAbi,
  readAuction,
  revertOf,
  startLiquidation,
  stopLiquidation,
} from "@equipoise/sdk/actions";
import { type Account, type Hex, parseEventLogs } from "viem";
import { chainTime, setNextBlockTime } from "../../chains/clock.ts";
import { runStep, unlessRefused } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { factArrayWords, provenArrayWords } from "./arrayFacts.ts";
import { type AssessedAccount, type AssessedHouse, assessAccounts } from "./assessAccounts.ts";
import { type ClearingSite, clearingSite } from "./clearingSite.ts";

/** Who liquidates, and for what. */
export type Keeper = {
  readonly owner: Account;
  /** takes the slices */
  readonly account: Hex;
  /** {ppm of the slice's maintenance requirement} below which it does not bid */
  readonly minimumProfit: bigint;
};

/** A slice that the keeper took. Money {ppm of a dollar}. */
export type TakenSlice = {
  readonly phase: LiquidationPhase;
  readonly scenario: number;
  /** {ppm} of everything in the account */
  readonly share: bigint;
  readonly value: bigint;
  /** by the keeper; below 0 to it */
  readonly paid: bigint;
  readonly penalty: bigint;
  /** {s} since the auction started */
  readonly after: bigint;
  readonly gasUsed: bigint;
};

/** What became of an account below its maintenance requirement. */
export type LiquidatedAccount = {
  readonly account: Hex;
  readonly auction: bigint;
  /** in which it was short at first, with what it had and needed there {ppm of a dollar} */
  readonly scenario: number;
  readonly equity: bigint;
  readonly requirement: bigint;
  /** nothing where the auction was running already */
  readonly startGas?: bigint;
  readonly slices: readonly TakenSlice[];
  /** nothing where it was sold whole, or has not recovered */
  readonly stopGas?: bigint;
};

/** {ppm of a dollar} more than any account holds: of simulations, which only ask for the price */
const NO_LIMIT = 1n << 62n;
/** {s} between two looks at an auction */
const LOOK = 30n;
/** {s} the solvent phase, the growth of the insolvent one, and a little more */
const PATIENCE = 4_800n;

/**
 * Local chains only: opens the auction of an account that is short over the newest epoch, in its worst scenario, and takes slices
 * as soon as they are worth it, moving time on in between. Proven arrays are shown where there are any, facts for the chain to
 * price itself elsewhere: nothing waits for a prover.
 */
export function liquidateAccount(context: Context, house: AssessedHouse, short: AssessedAccount, keeper: Keeper) {
  return runStep("liquidate", async (): Promise<LiquidatedAccount> => {
    const site = clearingSite(context);
    const { account, margin } = short;
    const arrayWords = liquidationWords(house);
    const { scenario } = margin.worst;
    const { auction, gasUsed } = await openAuction(context, site, house, short, arrayWords);
    const slices: TakenSlice[] = [];
    const { liquidation } = site.clearing;
    const opened = (await readAuction(site.chain.reader, { liquidation, account })).auction;
    const { startedAt } = opened;
    let { shownAt } = opened;
    let left: AssessedAccount | undefined = short;
    for (let time = await chainTime(site.chain); time < startedAt + PATIENCE; time += LOOK) {
      if (left === undefined || left.margin.excess.maintenance >= 0n) break;
      await setNextBlockTime(site.chain, time);
      if (time + 2n * LOOK >= shownAt + LIQUIDATION_LIFE) {
        const { epoch } = house;
        const shown = { liquidation, auction, scenario: left.margin.worst.scenario, epoch: epoch.number, arrayWords };
        await confirmLiquidation(site.chain.signer(context.accounts.relayer), shown);
        shownAt = time;
        continue;
      }
      const taken = await takeSlice(site, house, left, auction, arrayWords, keeper);
      if (taken === undefined) continue;
      slices.push(taken);
      left = (await assessAccounts(context)).accounts.find((assessed) => assessed.account === account);
      time = await chainTime(site.chain);
      shownAt = time;
    }
    const stopGas = await stopRecovered(context, site, house, account, arrayWords);
    const { equity, maintenanceMargin: requirement } = margin;
    return {
      account,
      auction,
      scenario,
      equity,
      requirement,
      slices,
      ...(gasUsed === undefined ? {} : { startGas: gasUsed }),
      ...(stopGas === undefined ? {} : { stopGas }),
    };
  });
}

/** Words of an epoch's arrays: all of those that are proven, the facts of the others. */
export function liquidationWords({ epoch, arrays }: AssessedHouse): LiquidationWords {
  const wordsOf = (array: ArrayWords | undefined, a: number): bigint[] => {
    if (array === undefined) return [];
    return ((epoch.accepted >> a) & 1) === 0 ? factArrayWords(array) : provenArrayWords(array);
  };
  const [first, second, third, fourth] = [0, 1, 2, 3].map((a) => wordsOf(arrays[a], a));
  return [first ?? [], second ?? [], third ?? [], fourth ?? []];
}

type OpenedAuction = { readonly auction: bigint; readonly gasUsed?: bigint };

/** The account's running auction, or a new one. */
async function openAuction(
  context: Context,
  { chain, clearing: { liquidation } }: ClearingSite,
  { epoch }: AssessedHouse,
  { account, margin }: AssessedAccount,
  arrayWords: LiquidationWords,
): Promise<OpenedAuction> {
  const { scenario } = margin.worst;
  const running = async (): Promise<bigint> => (await readAuction(chain.reader, { liquidation, account })).number;
  const client = chain.signer(context.accounts.relayer);
  const sent = await unlessRefused(["AuctionRunning"], () =>
    startLiquidation(client, { liquidation, account, scenario, epoch: epoch.number, arrayWords }),
  );
  return { auction: await running(), ...(sent === undefined ? {} : { gasUsed: sent.gasUsed }) };
}

/** Takes as much as may be sold, if it is worth it at the next block's price. */
async function takeSlice(
  { chain, clearing: { liquidation } }: ClearingSite,
  { epoch }: AssessedHouse,
  { margin }: AssessedAccount,
  auction: bigint,
  arrayWords: LiquidationWords,
  { owner, account: bidder, minimumProfit }: Keeper,
): Promise<TakenSlice | undefined> {
  const contract = { address: liquidation, abi: liquidationAbi } as const;
  const { startedAt } = await chain.reader.readContract({ ...contract, functionName: "auctionAt", args: [auction] });
  const { scenario } = margin.worst;
  for (const phase of LIQUIDATION_PHASES) {
    const offer = {
      auction,
      phase: BigInt(LIQUIDATION_PHASES.indexOf(phase)),
      bidder,
      scenario: BigInt(scenario),
      epoch: epoch.number,
      share: PPM,
      limit: NO_LIMIT,
    };
    const answer = await simulated(() =>
      chain.reader.simulateContract({
        ...contract,
        functionName: "bid",
        args: [offer, arrayWords],
        account: owner,
        blockTag: "pending",
      }),
    );
    if (answer === undefined) continue; // the other phase
    const [share, paid] = answer.result;
    const profit = (margin.equity * share) / PPM - paid;
    if (profit * PPM * PPM < minimumProfit * margin.maintenanceMargin * share) return undefined;
    // {ppm of a dollar} for the whole, from what this share costs now; rounded up
    const limit = -((-paid * PPM) / share) + (paid > 0n ? 1n : 0n);
    const client = chain.signer(owner);
    const sent = await bidLiquidation(client, {
      liquidation,
      auction,
      phase,
      bidder,
      scenario,
      epoch: epoch.number,
      arrayWords,
      share: PPM,
      limit,
    });
    const [sold] = parseEventLogs({ abi: liquidationAbi, eventName: "SliceSold", logs: [...sent.logs] });
    const { timestamp } = await chain.reader.getBlock({ blockNumber: sent.blockNumber });
    return {
      phase,
      scenario,
      share: sold?.args.share ?? share,
      value: sold?.args.value ?? 0n,
      paid: sold?.args.paid ?? paid,
      penalty: sold?.args.penalty ?? 0n,
      after: timestamp - startedAt,
      gasUsed: sent.gasUsed,
    };
  }
  return undefined;
}

/** What a simulation answers; nothing where the auction is in the other phase. */
async function simulated<answer>(simulate: () => Promise<answer>): Promise<answer | undefined> {
  try {
    return await simulate();
  } catch (error) {
    if (revertOf(error)?.reason === "PhaseDiffers") return undefined;
    throw error;
  }
}

/** Ends the auction where the account has recovered. @returns {gas} */
async function stopRecovered(
  context: Context,
  { chain, clearing: { liquidation } }: ClearingSite,
  { epoch }: AssessedHouse,
  account: Hex,
  arrayWords: LiquidationWords,
): Promise<bigint | undefined> {
  const { number, auction } = await readAuction(chain.reader, { liquidation, account });
  if (number === 0n || auction.over) return undefined;
  const client = chain.signer(context.accounts.relayer);
  const stop = { liquidation, auction: number, epoch: epoch.number, arrayWords };
  return (await unlessRefused(["AccountNotRecovered"], () => stopLiquidation(client, stop)))?.gasUsed;
}
