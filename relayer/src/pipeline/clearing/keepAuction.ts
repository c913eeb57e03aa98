import { type ArrayWords, PPM } from "@equipoise/sdk";
import {
  bidLiquidation,
  type CallReverted,
  confirmLiquidation,
  LIQUIDATION_LIFE,
  LIQUIDATION_PHASES,
  type LiquidationAuction,
  type LiquidationPhase,
  type LiquidationWords,
  liquidationAbi,
  readAuction,
  revertOf,
  startLiquidation,
  stopLiquidation,
} from "@equipoise/sdk/actions";
import { type Account, type Hex, parseEventLogs } from "viem";
import { chainTime } from "../../chains/clock.ts";
import { StepFailed, unlessRefused } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { factArrayWords, provenArrayWords } from "./arrayFacts.ts";
import type { AssessedAccount, AssessedHouse } from "./assessAccounts.ts";
import { clearingSite } from "./clearingSite.ts";

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

/** What one look at a short account came to; each part is absent where there was nothing to do. */
export type AuctionLook = {
  /** 0 where there has been none */
  readonly auction: bigint;
  /** {gas} */
  readonly startGas?: bigint;
  readonly confirmGas?: bigint;
  readonly slice?: TakenSlice;
};

/** The keeper's own account could not carry what it would take: the house refuses the bid. */
export class KeeperTooWeak extends StepFailed {
  override name = "KeeperTooWeak";
  constructor(keeper: Hex, short: Hex, cause: unknown) {
    const reason = revertOf(cause)?.reason;
    const message = `account ${keeper} could not carry a slice of ${short} (${reason}): deposit dollars into it, or trade it smaller`;
    super(message, { retry: true, cause });
  }
}

/** {ppm of a dollar} more than any account holds: of simulations, which only ask for the price */
const NO_LIMIT = 1n << 62n;
/** Refusals that say: it has recovered, somebody else has been here, or a newer epoch has begun. The next look shows which. */
const NOT_NOW = [
  "AccountHealthy",
  "AuctionOver",
  "AuctionRunning",
  "EpochNotNewest",
  "LimitPassed",
  "PhaseDiffers",
  "SliceTooSmall",
] as const satisfies readonly CallReverted["reason"][];
/** Refusals that say: the bidder's account cannot hold what it would have then. */
const TOO_WEAK = [
  "BalanceOutOfRange",
  "BidderUnhealthy",
  "CashOutOfRange",
  "QuantityOutOfRange",
  "TooManyPositions",
] as const satisfies readonly CallReverted["reason"][];

/** One look at an account that is short over the newest epoch: its auction, and a slice of it. */
export async function lookAtAuction(
  context: Context,
  house: AssessedHouse,
  short: AssessedAccount,
  keeper: Keeper,
): Promise<AuctionLook> {
  const running = await runAuction(context, house, short);
  const slice = await takeSlice(context, house, short, running, keeper);
  return { ...running, ...(slice === undefined ? {} : { slice }) };
}

/**
 * Starts the auction of an account that is short over the newest epoch, in its worst scenario, where none runs; shows it short again
 * before the auction dies of that or where it has become insolvent. Proven arrays are shown where there are any, facts for the chain to
 * price itself elsewhere: nothing waits for a prover.
 */
export async function runAuction(
  context: Context,
  house: AssessedHouse,
  { account, margin }: AssessedAccount,
): Promise<Omit<AuctionLook, "slice">> {
  const { chain, clearing } = clearingSite(context);
  const { liquidation } = clearing;
  const { scenario } = margin.worst;
  const words = { liquidation, epoch: house.epoch.number, arrayWords: liquidationWords(house) };
  const client = chain.signer(context.accounts.relayer, house.block);
  const [found, now] = await Promise.all([readAuction(chain.reader, { liquidation, account }), chainTime(chain)]);
  if (!isRunning(found.auction, now)) {
    const started = await unlessRefused(NOT_NOW, () => startLiquidation(client, { ...words, account, scenario }));
    const { number } = await readAuction(chain.reader, { liquidation, account });
    return { auction: number, ...(started === undefined ? {} : { startGas: started.gasUsed }) };
  }
  const unsaid = margin.equity < 0n && found.auction.insolventAt === 0n;
  const confirmed =
    unsaid || now >= found.auction.shownAt + LIQUIDATION_LIFE / 2n
      ? await unlessRefused(NOT_NOW, () => confirmLiquidation(client, { ...words, auction: found.number, scenario }))
      : undefined;
  return { auction: found.number, ...(confirmed === undefined ? {} : { confirmGas: confirmed.gasUsed }) };
}

/** Whether an auction goes on: it dies where its account has not been shown short for long. @param now {s} */
const isRunning = ({ startedAt, shownAt, over }: LiquidationAuction, now: bigint): boolean =>
  startedAt !== 0n && !over && now < shownAt + LIQUIDATION_LIFE;

/** Words of an epoch's arrays: all of those that are proven, the facts of the others. */
export function liquidationWords({ epoch, arrays }: AssessedHouse): LiquidationWords {
  const wordsOf = (array: ArrayWords | undefined, a: number): bigint[] => {
    if (array === undefined) return [];
    return ((epoch.accepted >> a) & 1) === 0 ? factArrayWords(array) : provenArrayWords(array);
  };
  const [first, second, third, fourth] = [0, 1, 2, 3].map((a) => wordsOf(arrays[a], a));
  return [first ?? [], second ?? [], third ?? [], fourth ?? []];
}

/**
 * Takes as much of an account as its auction may sell, if it is worth it at the next block's price. Nothing where what it is worth is not
 * known: its auction goes on, and whoever knows better bids.
 */
export async function takeSlice(
  context: Context,
  house: AssessedHouse,
  { account: short, margin, unpriced }: AssessedAccount,
  { auction }: Pick<AuctionLook, "auction">,
  { owner, account: bidder, minimumProfit }: Keeper,
): Promise<TakenSlice | undefined> {
  if (unpriced) return undefined;
  const { chain, clearing } = clearingSite(context);
  const { liquidation } = clearing;
  const contract = { address: liquidation, abi: liquidationAbi } as const;
  const [epoch, arrayWords] = [house.epoch.number, liquidationWords(house)];
  const { scenario } = margin.worst;
  const unlessWeak = <answer>(call: () => Promise<answer>) => unlessTooWeak(bidder, short, call);
  for (const phase of LIQUIDATION_PHASES) {
    const offer = {
      auction,
      phase: BigInt(LIQUIDATION_PHASES.indexOf(phase)),
      bidder,
      scenario: BigInt(scenario),
      epoch,
      share: PPM,
      limit: NO_LIMIT,
    };
    const answer = await unlessWeak(() =>
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
    const bid = { liquidation, auction, phase, bidder, scenario, epoch, arrayWords, share: PPM, limit };
    const sent = await unlessWeak(() => bidLiquidation(chain.signer(owner, house.block), bid));
    if (sent === undefined) return undefined;
    const [sold] = parseEventLogs({ abi: liquidationAbi, eventName: "SliceSold", logs: [...sent.logs] });
    const [{ timestamp }, { auction: begun }] = await Promise.all([
      chain.reader.getBlock({ blockNumber: sent.blockNumber }),
      readAuction(chain.reader, { liquidation, account: short }),
    ]);
    return {
      phase,
      scenario,
      share: sold?.args.share ?? share,
      value: sold?.args.value ?? 0n,
      paid: sold?.args.paid ?? paid,
      penalty: sold?.args.penalty ?? 0n,
      after: timestamp - begun.startedAt,
      gasUsed: sent.gasUsed,
    };
  }
  return undefined;
}

/**
 * What a bid, simulated or sent, comes to; nothing where the auction is in the other phase, or nothing may be sold now.
 * @throws KeeperTooWeak
 */
export async function unlessTooWeak<answer>(
  keeper: Hex,
  short: Hex,
  call: () => Promise<answer>,
): Promise<answer | undefined> {
  try {
    return await call();
  } catch (error) {
    const reason = revertOf(error)?.reason;
    if (TOO_WEAK.some((known) => known === reason)) throw new KeeperTooWeak(keeper, short, error);
    if (NOT_NOW.some((known) => known === reason)) return undefined;
    throw error;
  }
}

/** Ends the auction of an account where it has recovered. @returns {gas} */
export async function stopRecovered(context: Context, house: AssessedHouse, account: Hex): Promise<bigint | undefined> {
  const { chain, clearing } = clearingSite(context);
  const { liquidation } = clearing;
  const [{ number, auction }, now] = await Promise.all([
    readAuction(chain.reader, { liquidation, account }),
    chainTime(chain),
  ]);
  if (!isRunning(auction, now)) return undefined;
  const client = chain.signer(context.accounts.relayer, house.block);
  const stop = { liquidation, auction: number, epoch: house.epoch.number, arrayWords: liquidationWords(house) };
  const refusals = ["AccountNotRecovered", "AuctionOver", "EpochNotNewest"] as const;
  return (await unlessRefused(refusals, () => stopLiquidation(client, stop)))?.gasUsed;
}
