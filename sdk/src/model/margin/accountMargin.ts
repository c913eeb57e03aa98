import { ARRAY_COUNT, MARGIN_LEVELS, type MarginLevel, PPM, PPT, SCENARIO_COUNT, STATE_COUNT } from "../../protocol.ts";
import { divideDown, divideUp } from "../integers.ts";
import { arrayOf, checkAccount, kinOf, type MarginAccount, type MarginMarket, seriesAt } from "./account.ts";
import { type Charges, chargesOf, totalCharges } from "./charges.ts";
import { balanceCredit, balanceValue } from "./collateral.ts";
import { type AccountGreeks, accountGreeks } from "./greeks.ts";
import { scenarioStates, spotShift } from "./scenarios.ts";

/** {10⁻³⁰ dollar} in {ppm of a dollar} */
const DOLLAR_PPM = PPT * PPT;
/** {10⁻³⁶ dollar} in {ppm of a dollar} */
const CHARGE_UNIT = PPM * PPT * PPT;

/** An account against its requirements. {ppm of a dollar} unless said otherwise. */
export type AccountMargin = {
  /** rounded down */
  readonly equity: bigint;
  /** rounded up */
  readonly maintenanceMargin: bigint;
  readonly initialMargin: bigint;
  /** equity − requirement, by level */
  readonly excess: Readonly<Record<MarginLevel, bigint>>;
  /** the greatest loss {10⁻³⁰ dollar}, at least 0, and the first scenario that has it */
  readonly worst: { readonly scenario: number; readonly loss: bigint };
  /** {10⁻³⁰ dollar} [185] */
  readonly scenarioProfits: readonly bigint[];
  /** what margin does not count of the collateral */
  readonly haircuts: bigint;
  /** {10⁻³⁶ dollar} */
  readonly charges: Readonly<Record<MarginLevel, Charges>>;
  readonly greeks: AccountGreeks;
};

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

/** {ppm of a dollar} credit of the collateral that moves with each array [4] */
export function creditsByArray(account: MarginAccount): bigint[] {
  const credits = new Array<bigint>(ARRAY_COUNT).fill(0n);
  for (const collateral of account.collateral) {
    if (collateral.array !== undefined) credits[collateral.array]! += balanceCredit(collateral);
  }
  return credits;
}

/** What margin does not count of the collateral {ppm of a dollar}: rule G-6. */
export const accountHaircuts = (account: MarginAccount): bigint =>
  sum(account.collateral.map((collateral) => balanceValue(collateral) - balanceCredit(collateral)));

/** profit[a][s] {10⁻³⁰ dollar} of rule G-3, exact. */
export function arrayProfits(account: MarginAccount, market: MarginMarket): bigint[][] {
  const profits = Array.from({ length: ARRAY_COUNT }, () => new Array<bigint>(STATE_COUNT).fill(0n));
  for (const { series: number, quantity } of account.positions) {
    const { array, series } = seriesAt(market, number);
    const row = profits[arrayOf(number)]!;
    for (let s = 0; s < STATE_COUNT; s++) row[s]! += array.spot * quantity * (series.riskArray[s] as bigint);
  }
  creditsByArray(account).forEach((credit, a) => {
    const array = market.arrays[a];
    if (array === undefined) return;
    for (let s = 0; s < STATE_COUNT; s++) profits[a]![s]! += PPT * credit * spotShift(s, array.step);
  });
  return profits;
}

/** {10⁻³⁰ dollar} of one scenario, rule G-4 */
export function scenarioProfit(
  scenario: number,
  profits: readonly (readonly bigint[])[],
  market: MarginMarket,
): bigint {
  const states = scenarioStates(scenario, kinOf(market), market.jointLevels);
  return sum(states.map((state, a) => (state === undefined ? 0n : (profits[a]?.[state] as bigint))));
}

/** {ppm of a dollar} rounded down: rule G-5 */
export function accountEquity(account: MarginAccount, market: MarginMarket): bigint {
  let worth = 0n;
  for (const { series: number, quantity } of account.positions) {
    const { array, series } = seriesAt(market, number);
    const put = series.kind === "put";
    worth += array.spot * quantity * (series.mark - (put ? PPM * (PPM + series.basis) : 0n));
    if (put) worth += PPT * quantity * series.strike;
  }
  return account.cash + sum(account.collateral.map(balanceValue)) + divideDown(worth, DOLLAR_PPM);
}

/** {ppm of a dollar} rounded up, for a loss in {10⁻³⁰ dollar}: rule G-7 */
export function requirementOf(
  account: MarginAccount,
  market: MarginMarket,
  level: MarginLevel,
  loss: bigint,
): { readonly requirement: bigint; readonly charges: Charges } {
  const charges = chargesOf(account, market, level);
  const stressed = market.terms[`${level}LossFactor`] * loss + totalCharges(charges);
  return { requirement: accountHaircuts(account) + divideUp(stressed, CHARGE_UNIT), charges };
}

/**
 * Equity and requirements of an account over the whole set of scenarios.
 * @throws PositionsNotAscending, ArrayMissing, TooMany
 */
export function accountMargin(account: MarginAccount, market: MarginMarket): AccountMargin {
  checkAccount(account, market);
  const profits = arrayProfits(account, market);
  const scenarioProfits = Array.from({ length: SCENARIO_COUNT }, (_, s) => scenarioProfit(s, profits, market));
  const worst = scenarioProfits.reduce(
    (found, profit, scenario) => (-profit > found.loss ? { scenario, loss: -profit } : found),
    { scenario: 0, loss: 0n },
  );
  const equity = accountEquity(account, market);
  const [maintenance, initial] = MARGIN_LEVELS.map((level) => requirementOf(account, market, level, worst.loss));
  const [atMaintenance, atInitial] = [maintenance!, initial!];
  return {
    equity,
    maintenanceMargin: atMaintenance.requirement,
    initialMargin: atInitial.requirement,
    excess: { maintenance: equity - atMaintenance.requirement, initial: equity - atInitial.requirement },
    worst,
    scenarioProfits,
    haircuts: accountHaircuts(account),
    charges: { maintenance: atMaintenance.charges, initial: atInitial.charges },
    greeks: accountGreeks(account, market, creditsByArray(account)),
  };
}

/** An account in one named scenario, the way a liquidation judges it: rule H-4. */
export type ScenarioMargin = {
  readonly equity: bigint;
  /** of this scenario alone, at most the account's {ppm of a dollar} */
  readonly requirement: bigint;
  /** below 0: insolvent in this scenario, and so insolvent */
  readonly excess: bigint;
};

/** @throws ScenarioUnknown, PositionsNotAscending, ArrayMissing, TooMany */
export function scenarioMargin(
  account: MarginAccount,
  market: MarginMarket,
  scenario: number,
  level: MarginLevel = "maintenance",
): ScenarioMargin {
  checkAccount(account, market);
  const profit = scenarioProfit(scenario, arrayProfits(account, market), market);
  const equity = accountEquity(account, market);
  const { requirement } = requirementOf(account, market, level, profit < 0n ? -profit : 0n);
  return { equity, requirement, excess: equity - requirement };
}
