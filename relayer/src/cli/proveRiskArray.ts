import {
  marginArrayOf,
  riskArrayInput,
  riskArrayStatement,
  SERIES_FIGURES,
  unpackMarket,
  unpackScenarioTerms,
} from "@equipoise/sdk";
import { readAccountFile } from "./accountFile.ts";
import { UsageWrong } from "./command.ts";
import type { ProvableMargin } from "./proveMargin.ts";
import { formatTable } from "./table.ts";

/** {1} of {ppt} and {ppm}, for people */
const fromPpt = (value: bigint): number => Number(value) / 1e12;
const fromPpm = (value: bigint): number => Number(value) / 1e6;

/**
 * One array of the market of an account file: what its series are worth in every stress state.
 * @param place in the file's list of underlyings
 */
export function riskArrayOf(path: string, place: number): ProvableMargin {
  const { parameters, names } = readAccountFile(path);
  const facts = parameters.arrays[place];
  if (facts === undefined) {
    throw new UsageWrong(
      `--array is ${place} and ${path} has underlyings 0 to ${names.length - 1}: choose one of them`,
    );
  }
  const statement = riskArrayStatement(facts);
  const { series } = marginArrayOf(facts);
  const rows = series.map((one, number) => [
    `${number}: ${one.kind}`,
    ...SERIES_FIGURES.map((figure) => fromPpt(one[figure]).toFixed(9)),
    Math.min(...one.riskArray.map(fromPpt)).toFixed(9),
  ]);
  const { spot } = unpackMarket(facts.market);
  const { step } = unpackScenarioTerms(facts.scenarioTerms);
  return {
    statement,
    input: riskArrayInput(facts, statement),
    result: { array: place, name: names[place], spot: fromPpt(spot), step: fromPpm(step), series: series.length },
    text: [
      `${names[place]} at ${fromPpt(spot)}, spot levels ${fromPpm(step)} apart; per contract, of spot:`,
      formatTable(["series", ...SERIES_FIGURES, "worst state"], rows),
    ].join("\n"),
  };
}
