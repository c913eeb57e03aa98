import { PPM } from "../../protocol.ts";
import { divideUp, larger, smaller } from "../integers.ts";
import type { MarginMarket } from "../margin/account.ts";
import { deltasOf, emptyHolding, equityOf, exposureOf, type Holding, type Ledger } from "./ledger.ts";
import type { Assessment } from "./methods.ts";
import type { ReplayParameters } from "./parameters.ts";

/** What one liquidation did. */
export type Slice = {
  /** {ppm} of the account */
  readonly share: bigint;
  /** {ppm of a dollar} taken over */
  readonly exposure: bigint;
  /** {ppm of a dollar} asked below the mark */
  readonly fee: bigint;
  /** {ppm of a dollar} what the account pays the backstop */
  readonly penalty: bigint;
  /** {ppm of a dollar} by asset, what the liquidators sell (below 0: buy) to be rid of it */
  readonly sold: readonly bigint[];
};

/**
 * {ppm} the share of an account whose sale brings its equity to `targetHealth` of its maintenance requirement, which shrinks
 * with the account: equity − share · lost ≥ target (1 − share). Rounded up; all of it where no part is enough.
 * @param lost {ppm of a dollar} fee and penalty for all of it
 */
export function shareToSell(
  { equity, maintenanceMargin }: Pick<Assessment, "equity" | "maintenanceMargin">,
  lost: bigint,
  { targetHealth }: Pick<ReplayParameters, "targetHealth">,
): bigint {
  const target = divideUp(targetHealth * maintenanceMargin, PPM);
  if (equity <= lost || target <= lost) return PPM;
  const share = divideUp(PPM * (target - equity), target - lost);
  return larger(0n, smaller(share, PPM));
}

/**
 * The liquidators take a slice of all that an account holds at the mark less their fee, as much as `depth` allows.
 * @param depth {ppm of a dollar} exposure they still take
 * @returns undefined where nothing can be taken
 */
export function liquidate(
  ledger: Ledger,
  account: Holding,
  assessment: Assessment,
  market: MarginMarket,
  parameters: ReplayParameters,
  depth: bigint,
): Slice | undefined {
  const whole = exposureOf(account, market);
  if (depth <= 0n) return undefined;
  const rate = parameters.liquidators.fee;
  const equity = equityOf(account, market);
  const penaltyOf = (share: bigint): bigint => larger(0n, (equity * share * parameters.penalty) / (PPM * PPM));
  let share = shareToSell(assessment, divideUp(whole * rate, PPM) + penaltyOf(PPM), parameters);
  const left = whole - (whole * share) / PPM;
  if (left < parameters.dust) share = PPM;
  // an account smaller than dust is taken by whoever has anything left
  if (whole > parameters.dust) share = smaller(share, (PPM * depth) / whole);
  if (share === 0n) return undefined;

  const slice = emptyHolding("slice", account.balances.length);
  // a whole share leaves nothing, whatever the rounding of parts
  const part = (quantity: bigint): bigint => (quantity * share) / PPM;
  account.positions.forEach((quantity, series) => {
    slice.positions[series] = part(quantity);
  });
  account.balances.forEach((balance, asset) => {
    slice.balances[asset] = part(balance);
  });
  const exposure = exposureOf(slice, market);
  const fee = divideUp(exposure * rate, PPM);
  const price = equityOf(slice, market) - fee;
  // the liquidators come first: the penalty is what is left of the slice's share of equity at most
  const penalty = smaller(penaltyOf(share), larger(0n, (equity * share) / PPM - fee));
  const sold = deltasOf(slice, market);

  slice.positions.forEach((quantity, series) => {
    account.positions[series]! -= quantity;
    ledger.liquidators.positions[series]! += quantity;
  });
  slice.balances.forEach((balance, asset) => {
    account.balances[asset]! -= balance;
    ledger.liquidators.balances[asset]! += balance;
  });
  account.cash += price - penalty;
  ledger.liquidators.cash -= price;
  ledger.backstop.cash += penalty;
  return { share, exposure, fee, penalty, sold };
}

const isEmpty = ({ positions, balances }: Holding): boolean =>
  positions.every((quantity) => quantity === 0n) && balances.every((balance) => balance === 0n);

/**
 * The backstop pays what accounts without positions or tokens owe.
 * @returns {ppm of a dollar} by account, 0 for those that owe nothing
 */
export const coverDebts = (ledger: Ledger): bigint[] =>
  ledger.accounts.map((account) => {
    if (account.cash >= 0n || !isEmpty(account)) return 0n;
    const paid = -account.cash;
    ledger.backstop.cash -= paid;
    account.cash = 0n;
    return paid;
  });

/**
 * What the backstop lacks is taken from all accounts with equity, pro rata, rounded up, so that it lacks nothing afterwards.
 * @returns {ppm of a dollar} what was taken; less than what lacks only where nobody has anything
 */
export function shareLoss(ledger: Ledger, market: MarginMarket): bigint {
  const lacking = -ledger.backstop.cash;
  if (lacking <= 0n) return 0n;
  const equities = ledger.accounts.map((account) => larger(0n, equityOf(account, market)));
  const total = equities.reduce((sum, equity) => sum + equity, 0n);
  let taken = 0n;
  ledger.accounts.forEach((account, i) => {
    const equity = equities[i] as bigint;
    if (equity === 0n) return;
    const due = divideUp(lacking * equity, total);
    const part = smaller(due, equity);
    account.cash -= part;
    ledger.backstop.cash += part;
    taken += part;
  });
  return taken;
}
