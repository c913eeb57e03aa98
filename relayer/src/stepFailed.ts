import { ArrayFactsNotShown, CallReverted, ReceiptNotSeen, revertOf } from "@equipoise/sdk/actions";
import { BaseError, RpcRequestError } from "viem";
import { isNodeTrouble } from "./rpc/refusal.ts";

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
  "CollateralForSale",
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
const PASSING_TROUBLES: ReadonlySet<string> = new Set([
  ...["HttpRequestError", "TimeoutError", "WebSocketRequestError", "BlockNotFoundError"],
]);

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
  const passes = (cause: unknown): boolean =>
    PASSING_TROUBLES.has((cause as Error).name) ||
    (cause instanceof RpcRequestError && isNodeTrouble({ code: cause.code, message: cause.details }));
  return error.walk(passes) !== null;
}
