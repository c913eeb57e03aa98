import { type RiskArrayInputs, riskArrayValues } from "../model/riskArray.ts";
import { SIZES, type Size } from "../protocol.ts";
import {
  type ArrayWords,
  arrayCommitmentOf,
  packMarket,
  packScenarioTerms,
  packSeriesTerms,
  packSeriesValues,
} from "./arrayWords.ts";
import { type Statement, statementOf } from "./statement.ts";
import { STATE_SET } from "./stateSet.ts";

/**
 * The words that a contract writes of an array, and the values that a prover adds: docs/clearing.md, A-4.
 * @throws SeriesCountWrong, PricingInputOutOfBounds, RatioOutOfRange
 */
export function riskArrayFacts(inputs: RiskArrayInputs, size: Size = SIZES.full): ArrayWords {
  return {
    stateSet: STATE_SET,
    scenarioTerms: packScenarioTerms(inputs.terms),
    market: packMarket(inputs.market),
    seriesTerms: inputs.series.map(packSeriesTerms),
    seriesValues: riskArrayValues(inputs, size).map(packSeriesValues),
  };
}

/** The statement of a risk array. */
export function riskArrayStatement(facts: ArrayWords, size: Size = SIZES.full): Statement {
  const { stateSet, scenarioTerms, market, seriesTerms, seriesValues } = facts;
  const words = [stateSet, scenarioTerms, market, ...seriesTerms, ...seriesValues.flat(), arrayCommitmentOf(facts)];
  return statementOf("riskArray", words, size);
}

/** Inputs of the circuit's witness; field elements as decimal strings, as snarkjs takes them. */
export const riskArrayInput = (facts: ArrayWords, statement: Statement) => ({
  stateSet: String(facts.stateSet),
  scenarioTerms: String(facts.scenarioTerms),
  market: String(facts.market),
  seriesTerms: facts.seriesTerms.map(String),
  seriesValues: facts.seriesValues.flat().map(String),
  challenge: String(statement.challenge),
  evaluation: String(statement.evaluation),
});
