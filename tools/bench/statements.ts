import {
  allocationFacts,
  type CircuitName,
  covarianceFactsOf,
  covarianceInput,
  covarianceStatement,
  defaultMandate,
  marginFacts,
  marginInput,
  marginStatement,
  observedReturns,
  packObservations,
  parityInput,
  parityStatement,
  type RiskArrayInputs,
  riskArrayFacts,
  riskArrayInput,
  riskArrayStatement,
  SIZES,
  type Statement,
  solvencyFacts,
  solvencyInput,
  solvencyStatement,
  WINDOW_LENGTH,
} from "@equipoise/sdk";
import { SIMULATED_ASSETS, simulatePrices } from "../../relayer/src/prices/simulator.ts";
import { seededAccounts, seededBook } from "../../sdk/src/model/margin/seededBook.ts";

/** Assets of the proofs that are timed, as in the prototypes whose figures the design quotes. */
export const PROVEN_ASSETS = 11;

export type Provable = { readonly statement: Statement; readonly input: object };

/** A statement from simulated prices or a seeded book. */
export function simulatedStatement(circuit: CircuitName, seed: number): Provable {
  if (circuit === "riskArray") {
    const facts = riskArrayFacts(seededBook(seed).arrays[0] as RiskArrayInputs);
    const statement = riskArrayStatement(facts);
    return { statement, input: riskArrayInput(facts, statement) };
  }
  if (circuit === "margin") {
    const book = seededBook(seed);
    const arrays = book.arrays.map((array) => array && riskArrayFacts(array));
    const { facts } = marginFacts({ ...book, arrays, level: "initial" });
    const statement = marginStatement(facts);
    return { statement, input: marginInput(facts, statement) };
  }
  if (circuit === "solvency") {
    const book = seededBook(seed);
    const arrays = book.arrays.map((array) => array && riskArrayFacts(array));
    const accounts = seededAccounts(seed, book, SIZES.full.accounts);
    const { collateral } = book.account;
    const { facts } = solvencyFacts({ ...book, arrays, accounts, collateral, level: "initial" });
    const statement = solvencyStatement(facts);
    return { statement, input: solvencyInput(facts, statement) };
  }
  const assets = SIMULATED_ASSETS.slice(0, PROVEN_ASSETS);
  const { prices } = simulatePrices({ seed, assets, ticks: WINDOW_LENGTH + 1 });
  const observations = packObservations(observedReturns(prices));
  const facts = covarianceFactsOf(observations);
  if (circuit === "covariance") {
    const statement = covarianceStatement(facts);
    return { statement, input: covarianceInput(facts, statement) };
  }
  const mandate = defaultMandate(PROVEN_ASSETS);
  const triangle = facts.covarianceTriangles[mandate.decayIndex] as bigint[];
  const allocated = allocationFacts(mandate, triangle).facts;
  const statement = parityStatement(allocated);
  return { statement, input: parityInput(allocated, statement) };
}
