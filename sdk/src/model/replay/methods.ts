import { PPM, PPT, SCENARIO_COUNT } from "../../protocol.ts";
import { divideUp, larger, magnitude, smaller } from "../integers.ts";
import { kinOf, type MarginAccount, type MarginMarket, SERIES_PER_ARRAY, seriesAt } from "../margin/account.ts";
import { accountEquity, arrayProfits, requirementOf } from "../margin/accountMargin.ts";
import { balanceValue } from "../margin/collateral.ts";
import { scenarioStates } from "../margin/scenarios.ts";
import { STATIC_RATES, type StaticLevels, type StaticRates } from "./parameters.ts";

/** An account by some method. {ppm of a dollar} */
export type Assessment = {
  readonly equity: bigint;
  readonly maintenanceMargin: bigint;
  readonly initialMargin: bigint;
  /** the scenario that a liquidation would name; undefined where the method has none */
  readonly scenario: number | undefined;
};

/** A way to margin accounts in a market. */
export type MarginMethod = (market: MarginMarket) => (account: MarginAccount) => Assessment;

/** Scenarios that differ in what they do to the arrays that are there, the first of equals. */
function distinctScenarios(market: MarginMarket): { scenario: number; states: readonly (number | undefined)[] }[] {
  const kin = kinOf(market);
  const seen = new Set<string>();
  return Array.from({ length: SCENARIO_COUNT }, (_, scenario) => ({
    scenario,
    states: scenarioStates(scenario, kin, market.jointLevels).slice(0, market.arrays.length),
  })).filter(({ states }) => {
    const key = states.join();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Portfolio margin of docs/clearing.md, G: what `accountMargin` says, with the scenarios laid out once for all accounts. */
export const portfolioMethod: MarginMethod = (market) => {
  const scenarios = distinctScenarios(market);
  return (account) => {
    const profits = arrayProfits(account, market);
    let worst = { scenario: 0, loss: 0n };
    for (const { scenario, states } of scenarios) {
      let loss = 0n;
      states.forEach((state, a) => {
        if (state !== undefined) loss -= profits[a]![state] as bigint;
      });
      if (loss > worst.loss) worst = { scenario, loss };
    }
    return {
      equity: accountEquity(account, market),
      maintenanceMargin: requirementOf(account, market, "maintenance", worst.loss).requirement,
      initialMargin: requirementOf(account, market, "initial", worst.loss).requirement,
      scenario: worst.scenario,
    };
  };
};

/** {ppm of a dollar} rounded up */
function staticRequirement(account: MarginAccount, market: MarginMarket, rates: StaticRates): bigint {
  /** {10⁻²⁴ dollar} */
  let charged = 0n;
  /** {ppm of a token} tokens that no short call is written on yet */
  const free = market.arrays.map((_, a) =>
    account.collateral.reduce((sum, { array, balance }) => sum + (array === a ? balance : 0n), 0n),
  );
  for (const { series: number, quantity } of account.positions) {
    const { array, series } = seriesAt(market, number);
    const { spot } = array;
    if (series.kind === "perpetual") {
      charged += (rates.perpetual * magnitude(quantity) * spot * PPT) / PPM;
      continue;
    }
    const put = series.kind === "put";
    if (quantity > 0n) {
      // {ppt of a dollar} a long option is paid in full
      const worth = (spot * (series.mark - (put ? PPM * (PPM + series.basis) : 0n))) / PPT + (put ? series.strike : 0n);
      charged += quantity * larger(0n, worth) * PPT;
      continue;
    }
    const place = Math.floor(number / SERIES_PER_ARRAY);
    const unlent = free[place] as bigint;
    const covered = put ? 0n : smaller(unlent, -quantity);
    free[place] = unlent - covered;
    const outOfTheMoney = larger(0n, put ? spot - series.strike : series.strike - spot);
    const full = (rates.shortOption * spot) / PPM;
    charged += (-quantity - covered) * larger(full - outOfTheMoney, full / 2n) * PPT;
  }
  const haircuts = account.collateral.reduce(
    (sum, balance) => sum + divideUp(balanceValue(balance) * rates.collateral, PPM),
    0n,
  );
  return haircuts + divideUp(charged, PPT * PPT);
}

/** {ppm} a scale of the static rates at which they are what STATIC_RATES says */
export const STATIC_SCALE = PPM;

/** Rates of positions grow with the scale; what tokens are worth does not. */
const scaled = (rates: StaticRates, scale: bigint): StaticRates => ({
  perpetual: (rates.perpetual * scale) / PPM,
  shortOption: (rates.shortOption * scale) / PPM,
  collateral: rates.collateral,
});

/**
 * Static haircuts, position by position, for comparison: perpetuals a share of what they are worth, nothing netted; long
 * options paid in full; short options the exchanges' rule for options on shares, a share of the underlying less what the option is
 * out of the money and half of it at least (their 20 % and 10 %), nothing for calls covered by collateral; collateral a flat share.
 * @param scale {ppm} of the rates
 * @param rates without their scale
 */
export const staticMethod =
  (scale: bigint = STATIC_SCALE, rates: StaticLevels = STATIC_RATES): MarginMethod =>
  (market) => {
    const [maintenance, initial] = [scaled(rates.maintenance, scale), scaled(rates.initial, scale)];
    return (account) => ({
      equity: accountEquity(account, market),
      maintenanceMargin: staticRequirement(account, market, maintenance),
      initialMargin: staticRequirement(account, market, initial),
      scenario: undefined,
    });
  };
