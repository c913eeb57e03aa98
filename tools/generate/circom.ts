import {
  ARRAY_COUNT,
  CIRCUITS,
  type CircuitName,
  correlationWordCount,
  DECAYS,
  DOMAINS,
  decayWeights,
  EXPIRY_SLOTS,
  FIELD_MODULUS,
  KAPPA_UNIT,
  LANE_BITS,
  LANE_COUNT,
  MARGIN_RESULT,
  MARGIN_TERMS,
  MARKET,
  MAX_RETURN,
  NORMALISED_TOTAL,
  PAIR_LANES,
  PORTFOLIO,
  POSITIONS_PER_WORD,
  PPM,
  PPT,
  PRICING_BOUNDS,
  PUBLIC_INPUTS,
  QUAD_LANES,
  SCENARIO_COUNT,
  SCENARIO_TERMS,
  SCENARIOS,
  SERIES_FIGURES,
  SERIES_KINDS,
  SERIES_TERMS,
  SERIES_VALUE_WORDS,
  SIGNED_OFFSET,
  SIZES,
  type SizeName,
  SKEWS,
  SOLVENCY_TOTALS,
  SPONGE_RATE,
  SPOT_STEPS,
  STATE_COUNT,
  statementLength,
  TAIL_MOVES,
  TERMS,
  TRIPLE_LANES,
  VOLATILITY_SHOCKS,
} from "../../sdk/src/protocol.ts";
import { STATE_SET } from "../../sdk/src/statements/stateSet.ts";
import { placesOf, portfolioName, upper } from "./names.ts";

const HEADER = "// Generated from sdk/src/protocol.ts by `npm run generate`. Do not edit.\npragma circom 2.2.3;\n";

const constant = (name: string, value: bigint | number): string => `function ${name}() {\n    return ${value};\n}\n`;

function constants(): string {
  const windows = [...new Set(Object.values(SIZES).map((size) => size.windowLength))];
  const weightBranches = windows
    .map((length) => {
      const rows = DECAYS.map((_, decay) => `[${decayWeights(decay, length).join(", ")}]`);
      return `    if (windowLength == ${length}) {\n        var weights[${DECAYS.length}][${length}] = [${rows.join(",\n            ")}];\n        return weights[decay][t];\n    }\n`;
    })
    .join("");
  return [
    HEADER,
    constant("LANE_BITS", LANE_BITS),
    constant("LANE_COUNT", LANE_COUNT),
    constant("PPM", PPM),
    constant("SIGNED_OFFSET", SIGNED_OFFSET),
    constant("MAX_RETURN", MAX_RETURN),
    constant("NORMALISED_TOTAL", NORMALISED_TOTAL),
    constant("KAPPA_UNIT", KAPPA_UNIT),
    constant("DECAY_COUNT", DECAYS.length),
    constant("SPONGE_RATE", SPONGE_RATE),
    constant("FIELD_BITS", FIELD_MODULUS.toString(2).length),
    ...TERMS.map((term, lane) => constant(`TERM_${upper(term)}`, lane)),
    ...PORTFOLIO.map((lane, place) => constant(portfolioName(lane), place)),
    ...Object.entries(DOMAINS).map(([name, value]) => constant(`DOMAIN_${upper(name)}`, value)),
    "// a[t] of the decay menu, oldest observation first",
    `function decayWeight(windowLength, decay, t) {\n${weightBranches}    assert(0);\n    return 0;\n}\n`,
  ].join("\n");
}

/** What only the circuits of clearing need, in a file of its own: a change there compiles no other circuit again. */
function clearingConstants(): string {
  const places = (...named: Parameters<typeof placesOf>): string[] =>
    placesOf(...named).map(([name, place]) => constant(name, place));
  return [
    HEADER,
    constant("PAIR_LANES", PAIR_LANES),
    constant("TRIPLE_LANES", TRIPLE_LANES),
    constant("QUAD_LANES", QUAD_LANES),
    constant("PPT", PPT),
    constant("ARRAY_COUNT", ARRAY_COUNT),
    constant("STATE_COUNT", STATE_COUNT),
    constant("STATE_SET", STATE_SET),
    constant("SPOT_STEPS", SPOT_STEPS),
    constant("VOLATILITY_SHOCK_COUNT", VOLATILITY_SHOCKS.length),
    constant("TAIL_COUNT", TAIL_MOVES.length),
    constant("SKEW_COUNT", SKEWS.length),
    constant("EXPIRY_SLOTS", EXPIRY_SLOTS),
    constant("SERIES_VALUE_WORDS", SERIES_VALUE_WORDS),
    constant("POSITIONS_PER_WORD", POSITIONS_PER_WORD),
    ...places("SCENARIO_TERM", SCENARIO_TERMS),
    ...places("MARKET", MARKET),
    ...places("KIND", SERIES_KINDS),
    ...places("SERIES_TERM", SERIES_TERMS),
    ...places("FIGURE", SERIES_FIGURES),
    ...Object.entries(PRICING_BOUNDS).flatMap(([name, [minimum, maximum]]) => [
      constant(`PRICING_MINIMUM_${upper(name)}`, minimum),
      constant(`PRICING_MAXIMUM_${upper(name)}`, maximum),
    ]),
    ...places("MARGIN_TERM", MARGIN_TERMS),
    ...places("MARGIN_RESULT", MARGIN_RESULT),
    ...places("SOLVENCY_TOTALS", SOLVENCY_TOTALS),
    ...places("SCENARIO", SCENARIOS),
    constant("SCENARIO_COUNT", SCENARIO_COUNT),
    "// {ppm} spot moves of the tail states",
    `function tailMove(tail) {\n    var moves[${TAIL_MOVES.length}] = [${TAIL_MOVES.join(", ")}];\n    return moves[tail];\n}\n`,
  ].join("\n");
}

/** Template parameters of a circuit's `main`. */
function parameters(circuit: CircuitName, sizeName: SizeName): (number | bigint)[] {
  const size = SIZES[sizeName];
  return {
    covariance: [
      size.assets,
      size.windowLength,
      correlationWordCount(size.assets),
      statementLength("covariance", size),
    ],
    parity: [size.assets, size.windowLength, statementLength("parity", size)],
    riskArray: [size.series, statementLength("riskArray", size)],
    margin: [size.positions, size.series, statementLength("margin", size)],
    solvency: [size.accounts, size.positions, size.heldSeries, size.series, statementLength("solvency", size)],
  }[circuit];
}

function main(circuit: CircuitName, sizeName: SizeName): string {
  const template = circuit[0]?.toUpperCase() + circuit.slice(1);
  const [, ...given] = PUBLIC_INPUTS;
  return `${HEADER}
include "../${circuit}.circom";

// Public: ${PUBLIC_INPUTS.join(", ")}; the first is the circuit's one output, so it comes first.
component main {public [${given.join(", ")}]} = ${template}(${parameters(circuit, sizeName).join(", ")});
`;
}

/** Files of `circuits/generated/`: the constants, and a `main` for each circuit and size. */
export function circomFiles(): Map<string, string> {
  const files = new Map([
    ["circuits/generated/protocol.circom", constants()],
    ["circuits/generated/clearing.circom", clearingConstants()],
  ]);
  for (const circuit of CIRCUITS) {
    for (const sizeName of Object.keys(SIZES) as SizeName[]) {
      files.set(`circuits/generated/${circuit}_${sizeName}.circom`, main(circuit, sizeName));
    }
  }
  return files;
}
