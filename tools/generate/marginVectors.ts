/** Shared vectors of account margin (G): TypeScript, circom and Solidity have to agree on every figure. Seeded. */
import { accountMargin, scenarioMargin } from "../../sdk/src/model/margin/index.ts";
import { seededBook } from "../../sdk/src/model/margin/seededBook.ts";
import { MARGIN_LEVELS, PPM, SCENARIO_COUNT } from "../../sdk/src/protocol.ts";
import {
  arrayCommitmentOf,
  type MarginParameters,
  marginAccountOf,
  marginFacts,
  marginMarketOf,
  riskArrayFacts,
} from "../../sdk/src/statements/index.ts";
import { linedText } from "./linedText.ts";

const NOTE =
  "written by tools/generate/marginVectors.ts; integers are decimal strings. accounts[].market is a place in markets; " +
  "requirements[level][scenario] are of one scenario alone";

/** Path from the repository's root → text. */
export const marginVectorFiles = (): Map<string, string> => {
  const drawn = MARKETS.map((_, market) => marketCase(market));
  return new Map([
    [
      "test/vectors/margin.json",
      linedText({
        note: NOTE,
        markets: drawn.map(({ words }) => words),
        accounts: drawn.flatMap(({ parameters }, market) =>
          changesOf(parameters).map(([name, changed]) => accountCase(name, market, changed)),
        ),
      }),
    ],
  ]);
};

/** Underlyings of the arrays: strangers and kin, an array alone, one missing before its kin, all of one. */
const MARKETS: readonly (readonly (number | undefined)[])[] = [[0, 1, 0, 2], [2], [undefined, 0, 1, 0], [1, 1, 1, 1]];

function marketCase(market: number) {
  const book = seededBook(40 + market, { underlyings: MARKETS[market] as (number | undefined)[] });
  const arrays = book.arrays.map((array) => array && riskArrayFacts(array));
  const parameters: MarginParameters = { ...book, arrays, level: "maintenance" };
  const { facts } = marginFacts(parameters);
  const words = {
    arrays: arrays.map((array) =>
      array === undefined
        ? { commitment: 0n, stateSet: 0n, scenarioTerms: 0n, market: 0n, seriesTerms: [], seriesValues: [] }
        : { commitment: arrayCommitmentOf(array), ...array, seriesValues: array.seriesValues.flat() },
    ),
    marginTerms: facts.marginTerms,
    jointStates: facts.jointStates,
  };
  return { words, parameters };
}

/** The same account under several fates. */
function changesOf(parameters: MarginParameters): [string, MarginParameters][] {
  const { account } = parameters;
  const withAccount = (changed: Partial<MarginParameters["account"]>): MarginParameters => ({
    ...parameters,
    account: { ...account, ...changed },
  });
  return [
    ["as drawn", parameters],
    ["at the initial level", { ...parameters, level: "initial" }],
    ["in debt", withAccount({ cash: account.cash - 10_000_000n * PPM })],
    [
      "every position turned around",
      withAccount({
        positions: account.positions.map(({ series, quantity }) => ({ series, quantity: -quantity })),
      }),
    ],
    ["no collateral", withAccount({ collateral: [] })],
    ["no positions", withAccount({ positions: [] })],
    ["one short", withAccount({ positions: account.positions.filter(({ quantity }) => quantity < 0n).slice(0, 1) })],
    [
      "whole haircuts, and none",
      withAccount({
        collateral: account.collateral.map((lane, at) => ({
          ...lane,
          haircut: at % 2 === 0 ? PPM : 0n,
          slope: (BigInt(at) * PPM) / 6n,
        })),
      }),
    ],
  ];
}

function accountCase(name: string, market: number, parameters: MarginParameters) {
  const { margin, facts } = marginFacts(parameters);
  // from the words, as whoever replays this has them
  const [account, readMarket] = [marginAccountOf(facts), marginMarketOf(facts)];
  if (accountMargin(account, readMarket).equity !== margin.equity)
    throw new Error(`words of "${name}" say something else`);
  const scenarios = Array.from({ length: SCENARIO_COUNT }, (_, scenario) => scenario);
  const requirements = MARGIN_LEVELS.map((level) =>
    scenarios.map((scenario) => scenarioMargin(account, readMarket, scenario, level).requirement),
  );
  const { positions, cash, collateral, collateralPrices } = facts;
  const { collateralHaircuts, collateralSlopes, collateralArrays, result, greeks } = facts;
  return {
    name,
    market,
    positions,
    cash,
    collateral,
    collateralPrices,
    collateralHaircuts,
    collateralSlopes,
    collateralArrays,
    result,
    greeks,
    equity: margin.equity,
    maintenanceMargin: margin.maintenanceMargin,
    initialMargin: margin.initialMargin,
    worstScenario: margin.worst.scenario,
    worstLoss: margin.worst.loss,
    haircuts: margin.haircuts,
    profits: margin.scenarioProfits,
    requirements,
  };
}
