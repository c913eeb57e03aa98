import { expiriesOf, expiryValue, nakedShorts, type StressExpiry } from "./expiries.ts";
import {
  type ScenarioVolatility,
  type StressBook,
  type StressParameters,
  type StressScenario,
  stressBookFrom,
} from "./layout.ts";
import { scenarioGroup, standardScenarios } from "./scenarioSet.ts";

/**
 * Portfolio margin of a book of one underlying by scenarios, in double precision: the model that exchanges of crypto
 * derivatives publish figures of, with every parameter an input. It checks what our own rules (docs/clearing.md, A and G)
 * should resemble and decides nothing.
 */

/** {days} volatility shocks are stated for this time to expiry */
const SHOCK_DAYS = 30;

/** A scenario and what the book makes in it. */
export type StressedScenario = StressScenario & {
  /** {money} */
  readonly pnl: number;
};

/** What a stress test finds in a book. */
export type StressTest = {
  readonly scenarios: readonly StressedScenario[];
  /** {money} at most 0: the least profit of all scenarios and the forward contingency, which the requirements scale */
  readonly worst: number;
  /** {money} least profit of each group, 0 where it is empty */
  readonly worstRegular: number;
  readonly worstTail: number;
  readonly worstSkew: number;
  /** {money} */
  readonly forwardContingency: number;
  /** {money} */
  readonly optionValue: number;
  /** {money} what is charged per position, at least 0 */
  readonly charges: { readonly maintenance: number; readonly initial: number };
  /** {money} equity less the requirement: below 0 the book is short of margin */
  readonly maintenanceMarginNet: number;
  readonly initialMarginNet: number;
};

/** {per √year} the volatility of an option under a scenario's shock */
function shockedVolatility(
  volatility: number,
  shock: ScenarioVolatility,
  { seconds, years }: StressExpiry,
  logMoneyness: number,
  parameters: StressParameters,
): number {
  const { upShock, downShock, shortPower, longPower, daysFloor, minimumUpVolatility, skew } = parameters;
  if (shock === "none") return volatility;
  if (shock === "up" || shock === "down") {
    const days = Math.max(seconds / 86_400, daysFloor);
    const scale = (SHOCK_DAYS / days) ** (days <= SHOCK_DAYS ? shortPower : longPower);
    if (shock === "down") return volatility * Math.max(0, 1 - downShock * scale);
    return Math.max(minimumUpVolatility, volatility * (1 + upShock * scale));
  }
  const linear = shock === "skew-linear";
  const root = Math.sqrt(years);
  // far out a falling cap would cross zero and turn the skew around
  const cap = Math.max(0, linear ? skew.linearSlope * root + skew.linearCap : skew.absSlope * root + skew.absCap);
  const width = Math.max(skew.kMin, root * skew.width * (skew.volStatic + skew.volSlope * root));
  const distance = linear ? logMoneyness : Math.abs(logMoneyness);
  return volatility * Math.max(0, 1 + Math.min(cap, Math.max(-cap, (distance * cap) / width)));
}

/** {1} what the shocked value of an expiry counts: less than all of an asset, more than all of a debt, as certain as time allows */
function staticDiscount(value: number, { years, forward, leastDiscount }: StressExpiry, parameters: StressParameters) {
  const { base, rateMultiplier, rateAddition } = value > 0 ? parameters.discountPositive : parameters.discountNegative;
  const growth = years * (forward.rate * rateMultiplier + rateAddition);
  if (value > 0) return base * Math.exp(-growth);
  return Math.min(1 / leastDiscount, base * Math.exp(growth));
}

/** {money} */
function scenarioPnl(
  { perpetuals, parameters }: StressBook,
  expiries: readonly StressExpiry[],
  scenario: StressScenario,
) {
  const skewed = scenarioGroup(scenario) === "skew";
  let pnl = perpetuals.amount * perpetuals.price * (scenario.spot - 1);
  for (const expiry of expiries) {
    const shocked = expiryValue(expiry, scenario.spot, (volatility, logMoneyness) =>
      shockedVolatility(volatility, scenario.vol, expiry, logMoneyness, parameters),
    );
    const change = shocked * staticDiscount(shocked, expiry, parameters) - expiry.value;
    // nobody knows which way a smile bends: what it moves is a loss
    pnl += skewed ? -Math.abs(change) : change;
  }
  // −0 would show in what is printed
  return pnl * scenario.dampening + 0;
}

/** {money} at most 0: what the forwards of single expiries can do that the spot does not */
function forwardContingency({ parameters }: StressBook, expiries: readonly StressExpiry[]): number {
  const { up, down, add, multiplyYears } = parameters.forwardContingency;
  return expiries.reduce((sum, expiry) => {
    const worst = Math.min(0, ...[up, down].map((level) => expiryValue(expiry, level) - expiry.value));
    return sum + worst * (add + multiplyYears * expiry.years);
  }, 0);
}

/** {money} Per position: perpetuals, naked short options, and in initial margin what rests on a price nobody is sure of. */
function chargesOf(book: StressBook, expiries: readonly StressExpiry[]): StressTest["charges"] {
  const { spot, spotConfidence, perpetuals, parameters } = book;
  const { perPerp, perNakedShortOption, confidence } = parameters;
  const perpetualValue = spot * Math.abs(perpetuals.amount);
  const nakedValue = spot * expiries.reduce((sum, expiry) => sum + nakedShorts(expiry), 0);
  const doubt = (known: number): number => (known < confidence.threshold ? (1 - known) * confidence.factor : 0);
  const doubted = expiries.reduce(
    (sum, { options, forward }) =>
      sum +
      doubt(Math.min(spotConfidence, forward.minConfidence)) *
        options.reduce((amounts, { amount }) => amounts + Math.abs(amount), 0),
    doubt(Math.min(spotConfidence, perpetuals.confidence)) * Math.abs(perpetuals.amount),
  );
  const maintenance = perPerp.maintenance * perpetualValue + perNakedShortOption.maintenance * nakedValue;
  const extra = perPerp.initialExtra * perpetualValue + perNakedShortOption.initialExtra * nakedValue;
  return { maintenance, initial: maintenance + extra + doubted * spot };
}

const least = (scenarios: readonly StressedScenario[], group: ReturnType<typeof scenarioGroup>): number =>
  scenarios.reduce(
    (worst, scenario) => (scenarioGroup(scenario) === group && scenario.pnl < worst ? scenario.pnl : worst),
    scenarios.some((scenario) => scenarioGroup(scenario) === group) ? Infinity : 0,
  );

/**
 * Stresses a book in each of its scenarios (its own, or the standard set) and says what both margins leave.
 *
 * The loss that the requirements scale is the worst of all scenarios and of the forward contingency, so that a book which no
 * scenario hurts still answers for its forwards.
 * @throws StressFieldInvalid, StressFieldUnknown, ForwardMissing, ForwardRepeated, PerpetualPriceMissing
 */
export function stressTest(input: StressBook): StressTest {
  const book = stressBookFrom(input);
  const { cash, stablePrice, perpetuals, parameters } = book;
  const expiries = expiriesOf(book);
  const scenarios = (book.scenarios ?? standardScenarios(parameters)).map((scenario) => ({
    ...scenario,
    pnl: scenarioPnl(book, expiries, scenario),
  }));
  const [worstRegular, worstTail, worstSkew] = (["regular", "tail", "skew"] as const).map((group) =>
    least(scenarios, group),
  ) as [number, number, number];
  const contingency = forwardContingency(book, expiries);
  // at most 0, as the contingency is: profits margin nothing
  const worst = Math.min(worstRegular, worstTail, worstSkew, contingency);
  const optionValue = expiries.reduce((sum, { value }) => sum + value, 0);
  const charges = chargesOf(book, expiries);
  const { lossFactor, peg } = parameters;
  const pegFactor = Math.max(0, peg.threshold - stablePrice) * peg.factor;
  const equity = optionValue + perpetuals.unrealised + cash;
  return {
    scenarios,
    worst,
    worstRegular,
    worstTail,
    worstSkew,
    forwardContingency: contingency,
    optionValue,
    charges,
    maintenanceMarginNet: equity + worst * lossFactor.maintenance - charges.maintenance,
    initialMarginNet: equity + worst * (lossFactor.initial + pegFactor) - charges.initial,
  };
}
