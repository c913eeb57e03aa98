import { ArrayFactsNotShown, CallReverted, ReceiptNotSeen, revertOf } from "@equipoise/sdk/actions";
import { BaseError } from "viem";
import { disagreementIn } from "./rpc/transport.ts";

/**
 * A step of the relayer could not be done. The loop reads nothing but `retry`: true when time or another run may cure
 * it, false when somebody has to change something.
 */
export class StepFailed extends Error {
  override name = "StepFailed";
  readonly retry: boolean;
  constructor(message: string, options: { readonly retry: boolean; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retry = options.retry;
  }
}

/** Refusals that newer facts, newer prices or more time end. */
const PASSING_REASONS: ReadonlySet<string> = new Set<CallReverted["reason"]>([
  "AccountLiquidated",
  "AllocationNotNewer",
  "AllocationOutdated",
  "ArrayIsHalted",
  "ArraysTooOld",
  "AuctionBlocked",
  "AuctionOver",
  "AuctionRuns",
  "BiddingClosed",
  "BuyerNotFree",
  "DayLimitReached",
  "EpochNotNewest",
  "EpochNotOpen",
  "EpochTooEarly",
  "EpochStale",
  "EpochTooOld",
  "EpochUnknown",
  "EquityMissing",
  "LimitPassed",
  "LimitReached",
  "NotAllocated",
  "NothingLeft",
  "ObservationTooEarly",
  "OptionNotMarked",
  "PartTooLarge",
  "PartTooSmall",
  "PhaseDiffers",
  "PriceBeyondLimit",
  "PriceDeviates",
  "PriceMoved",
  "PriceNotReached",
  "PriceTooOld",
  "PriceUnavailable",
  "RebalanceBlocked",
  "RebalanceNotCurrent",
  "RebalanceRunning",
  "ReportNotNewer",
  "RiskStateTooOld",
  "RiskStateUnknown",
  "SequencerDown",
  "SequencerGraceNotOver",
  "SeriesEnded",
  "SnapshotMissing",
  "SourceFailed",
  "SpotMoved",
  "SpotTooFar",
  "TransferWaits",
  "VolatilityMoveTooLarge",
  "VolatilityStale",
  "WindowNotNewer",
  "WordsDiffer",
]);
const PASSING_TROUBLES: ReadonlySet<string> = new Set(["HttpRequestError", "TimeoutError", "WebSocketRequestError"]);

/** What a call comes to; nothing where a contract refuses it for one of these reasons: somebody was first, or it need not be. */
export async function unlessRefused<result>(
  reasons: readonly CallReverted["reason"][],
  call: () => Promise<result>,
): Promise<result | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CallReverted && reasons.includes(error.reason)) return undefined;
    throw error;
  }
}

/**
 * Does something for each, one after the other. What cannot be done for one holds up no other, and is thrown in the end: so several
 * proofs are ordered at once.
 */
export async function eachInTurn<item, result>(
  items: readonly item[],
  work: (one: item) => Promise<result>,
): Promise<result[]> {
  const results: result[] = [];
  const failures: unknown[] = [];
  for (const one of items) {
    try {
      results.push(await work(one));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return results;
}

/** Something could not be done for some of several: each is named with its reason. What was done for the others stands. */
export class NotForAll extends StepFailed {
  override name = "NotForAll";
  constructor(failures: readonly { readonly name: string; readonly reason: unknown }[]) {
    const said = failures.map(({ name, reason }) => `${name}: ${messageOf(reason)}`);
    const reasons = failures.map(({ reason }) => reason);
    // endpoints that contradict each other stop their chain, whichever account it was about
    const cause = reasons.find((reason) => disagreementIn(reason) !== undefined) ?? reasons[0];
    super(said.join("; "), { retry: true, cause });
  }
}

/** viem's whole messages have the calldata in them. */
const messageOf = (reason: unknown): string =>
  reason instanceof BaseError ? reason.shortMessage : reason instanceof Error ? reason.message : String(reason);

/** Things that are tried apart: what cannot be done for one holds up no other. */
export type Attempts = {
  /** what came of it; nothing where it failed */
  readonly attempt: <result>(name: string, work: () => Promise<result>) => Promise<result | undefined>;
  /** throws {@link NotForAll} where anything has failed */
  readonly end: () => void;
};

export function openAttempts(): Attempts {
  const failures: { readonly name: string; readonly reason: unknown }[] = [];
  return {
    attempt: async (name, work) => {
      try {
        return await work();
      } catch (reason) {
        failures.push({ name, reason });
        return undefined;
      }
    },
    end: () => {
      if (failures.length > 0) throw new NotForAll(failures);
    },
  };
}

/** Runs a step; whatever goes wrong in it comes out as {@link StepFailed} with the step's name. */
export async function runStep<result>(name: string, step: () => Promise<result>): Promise<result> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof StepFailed) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new StepFailed(`${name}: ${message}`, { retry: mayPass(error), cause: error });
  }
}

function mayPass(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CallReverted) return PASSING_REASONS.has(cause.reason);
    // logs and state are asked for apart: a chain that goes back in between shows facts that hash to others
    if (cause instanceof ReceiptNotSeen || cause instanceof ArrayFactsNotShown) return true;
    if ("retry" in cause && typeof cause.retry === "boolean") return cause.retry;
  }
  if (!(error instanceof BaseError)) return false;
  const revert = revertOf(error);
  if (revert !== undefined) return PASSING_REASONS.has(revert.reason);
  return error.walk((cause) => PASSING_TROUBLES.has((cause as Error).name)) !== null;
}
