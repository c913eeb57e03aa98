import { packLanes } from "../../sdk/src/lanes.ts";
import {
  ARRAY_COUNT,
  CIRCUITS,
  type CircuitName,
  DECAYS,
  DOMAINS,
  EXPIRY_SLOTS,
  FEED_DECIMALS,
  FIELD_MODULUS,
  LANE_BITS,
  LANE_COUNT,
  LANE_LIMIT,
  MARGIN_LEVELS,
  MARGIN_RESULT,
  MARGIN_TERMS,
  MARKET,
  MAX_RETURN,
  MIN_TOLERANCES_PER_BUDGET,
  PAIR_LANES,
  PORTFOLIO,
  POSITIONS_PER_WORD,
  PPM,
  PPT,
  PRICING_BOUNDS,
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
  SOLVENCY_TOTALS,
  SPOT_STEPS,
  STATE_COUNT,
  STATEMENT_WORDS,
  statementLength,
  TAIL_MOVES,
  TERM_BOUNDS,
  TERMS,
  TRIPLE_LANES,
  VOLATILITY_SHOCKS,
  WAD,
  WINDOW_LENGTH,
  WORD_LIMIT,
  YEAR,
} from "../../sdk/src/protocol.ts";
import { STATE_SET } from "../../sdk/src/statements/stateSet.ts";
import { placesOf, portfolioName, upper } from "./names.ts";

/** A statement's lane words must come before its commitment words: `Statement.sol` checks their ranges by position. */
export class LaneWordsNotFirst extends Error {
  override name = "LaneWordsNotFirst";
  constructor(circuit: CircuitName, word: string) {
    super(`${circuit}: lane word ${word} stands after a commitment word; move it before them in STATEMENT_WORDS`);
  }
}

const constant = (name: string, value: bigint | number, comment?: string): string =>
  `${comment === undefined ? "" : `    /// @dev ${comment}\n`}    uint256 internal constant ${name} = ${value};`;

/** Where each name of a statement starts, how many words it spans, and how many of the words are packed lanes. */
function statementConstants(circuit: CircuitName): string[] {
  const prefix = upper(circuit);
  const lines: string[] = [];
  let offset = 0;
  let laneWords = 0;
  for (const { name, count, kind } of STATEMENT_WORDS[circuit](SIZES.full)) {
    if (kind === "lanes") {
      if (laneWords !== offset) throw new LaneWordsNotFirst(circuit, name);
      laneWords += count;
    }
    lines.push(constant(`${prefix}_${upper(name)}_OFFSET`, offset), constant(`${prefix}_${upper(name)}_LENGTH`, count));
    offset += count;
  }
  return [
    constant(`${prefix}_LENGTH`, statementLength(circuit), `words of a ${circuit} statement`),
    constant(
      `${prefix}_LANE_WORDS`,
      laneWords,
      "the first of them, each below WORD_LIMIT; the rest below FIELD_MODULUS",
    ),
    ...lines,
  ];
}

function protocol(): string {
  const groups = [
    [
      constant("FIELD_MODULUS", FIELD_MODULUS, "order of the BN254 scalar field, r"),
      constant("LANE_BITS", LANE_BITS),
      constant("LANE_COUNT", LANE_COUNT),
      constant("LANE_LIMIT", LANE_LIMIT, "a lane is below this"),
      constant("WORD_LIMIT", WORD_LIMIT, "a lane word is below this"),
      constant("PPM", PPM, "{ppm} one"),
      constant("WAD", WAD, "{D18} one"),
      constant("SIGNED_OFFSET", SIGNED_OFFSET, "a signed lane holds value + SIGNED_OFFSET"),
      constant("MAX_RETURN", MAX_RETURN, "{ppm} larger moves saturate here"),
      constant("WINDOW_LENGTH", WINDOW_LENGTH, "observations of a window"),
      constant("DECAY_COUNT", DECAYS.length),
      constant("FEED_DECIMALS", FEED_DECIMALS),
    ],
    [
      constant("TERM_MINIMUMS", packLanes(TERMS.map((term) => TERM_BOUNDS[term][0])), "lanes as in `terms`"),
      constant("TERM_MAXIMUMS", packLanes(TERMS.map((term) => TERM_BOUNDS[term][1])), "lanes as in `terms`"),
      constant("MIN_TOLERANCES_PER_BUDGET", MIN_TOLERANCES_PER_BUDGET, "a budget that is not 0 is at least this many"),
    ],
    ["    // Lanes of the word `terms`", ...TERMS.map((term, lane) => constant(`TERM_${upper(term)}`, lane))],
    ["    // Lanes of the word `portfolio`", ...PORTFOLIO.map((lane, place) => constant(portfolioName(lane), place))],
    [
      "    // What a sponge commits to",
      ...Object.entries(DOMAINS).map(([name, value]) => constant(`DOMAIN_${upper(name)}`, value)),
    ],
    ...CIRCUITS.map((circuit) => [`    // Words of a ${circuit} statement, in order`, ...statementConstants(circuit)]),
  ];
  return `// SPDX-License-Identifier: MIT
// Generated from sdk/src/protocol.ts by \`npm run generate\`. Do not edit.
pragma solidity ^0.8.30;

/// @title Constants that all languages of the project share
library Protocol {
${groups.map((lines) => lines.join("\n")).join("\n\n")}
}
`;
}

/** What only the contracts of clearing need. */
function clearing(): string {
  const places = (...named: Parameters<typeof placesOf>): string[] =>
    placesOf(...named).map(([name, place]) => constant(name, place));
  const groups = [
    [
      constant("PPT", PPT, "{ppt} one"),
      constant("PAIR_LANES", PAIR_LANES, "21-bit lanes of a pair {ppt}"),
      constant("TRIPLE_LANES", TRIPLE_LANES, "of a triple {ppm}"),
      constant("QUAD_LANES", QUAD_LANES, "of a quad {ppt}"),
      constant("YEAR", YEAR, "{s}"),
      constant("ARRAY_COUNT", ARRAY_COUNT),
      constant("SERIES_PER_ARRAY", SIZES.full.series),
      constant("POSITION_COUNT", SIZES.full.positions, "positions of one account"),
      constant("POSITIONS_PER_WORD", POSITIONS_PER_WORD),
      constant("STATE_COUNT", STATE_COUNT),
      constant("STATE_SET", STATE_SET, "the word `stateSet` of the states that circuits and tables here mean"),
      constant("SPOT_STEPS", SPOT_STEPS),
      constant("VOLATILITY_SHOCK_COUNT", VOLATILITY_SHOCKS.length),
      constant("TAIL_COUNT", TAIL_MOVES.length),
      constant("EXPIRY_SLOTS", EXPIRY_SLOTS),
      constant("SERIES_VALUE_WORDS", SERIES_VALUE_WORDS),
    ],
    ["    // Lanes of `scenarioTerms`", ...places("SCENARIO_TERM", SCENARIO_TERMS)],
    ["    // First lanes in `market`", ...places("MARKET", MARKET)],
    ["    // Kinds of series", ...places("KIND", SERIES_KINDS)],
    ["    // First lanes in `seriesTerms`", ...places("SERIES_TERM", SERIES_TERMS)],
    [
      "    // What pricing covers, both ends included",
      constant("MAXIMUM_BASIS", PRICING_BOUNDS.basis[1], "{ppm of spot} on either side of 0"),
      constant("MAXIMUM_VOLATILITY", PRICING_BOUNDS.volatility[1], "{ppt per √year}"),
      constant("MINIMUM_SECONDS", PRICING_BOUNDS.seconds[0], "{s}"),
      constant("MAXIMUM_SECONDS", PRICING_BOUNDS.seconds[1], "{s}"),
      constant("MAXIMUM_STEP", PRICING_BOUNDS.step[1], "{ppm}"),
      constant("MAXIMUM_UP_SHOCK", PRICING_BOUNDS.upShock[1], "{ppm}"),
    ],
    ["    // Values of a series after its states", ...places("FIGURE", SERIES_FIGURES)],
    ["    // Lanes of `marginTerms`", ...places("MARGIN_TERM", MARGIN_TERMS)],
    ["    // First lanes in `result`", ...places("MARGIN_RESULT", MARGIN_RESULT)],
    ["    // First lanes in `totals`", ...places("SOLVENCY_TOTALS", SOLVENCY_TOTALS)],
    ["    // Levels", ...places("LEVEL", MARGIN_LEVELS)],
    [
      "    // Scenarios of a book: where each kind starts",
      ...places("SCENARIO", SCENARIOS),
      constant("SCENARIO_COUNT", SCENARIO_COUNT),
    ],
    ["    // {ppm} spot moves of the tail states, `tailMove` below"],
  ];
  const moves = TAIL_MOVES.map((move, tail) => `        if (tail == ${tail}) return ${move};`);
  return `// SPDX-License-Identifier: MIT
// Generated from sdk/src/protocol.ts by \`npm run generate\`. Do not edit.
pragma solidity ^0.8.30;

/// @title Constants of clearing that all languages share
library Clearing {
${groups.map((lines) => lines.join("\n")).join("\n\n")}
    function tailMove(uint256 tail) internal pure returns (int256) {
${moves.slice(0, -1).join("\n")}
        return ${TAIL_MOVES.at(-1)};
    }
}
`;
}

/** Files of `contracts/generated/` that come from the protocol's constants (the verifiers come from the keys). */
export function solidityFiles(): Map<string, string> {
  return new Map([
    ["contracts/generated/Protocol.sol", protocol()],
    ["contracts/generated/Clearing.sol", clearing()],
  ]);
}
