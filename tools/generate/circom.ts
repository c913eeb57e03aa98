import {
  CIRCUITS,
  type CircuitName,
  correlationWordCount,
  DECAYS,
  DOMAINS,
  decayWeights,
  FIELD_MODULUS,
  KAPPA_UNIT,
  LANE_BITS,
  LANE_COUNT,
  MAX_RETURN,
  NORMALISED_TOTAL,
  PORTFOLIO,
  PPM,
  PUBLIC_INPUTS,
  SIGNED_OFFSET,
  SIZES,
  type SizeName,
  SPONGE_RATE,
  statementLength,
  TERMS,
} from "../../sdk/src/protocol.ts";
import { portfolioName, upper } from "./names.ts";

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
  const files = new Map([["circuits/generated/protocol.circom", constants()]]);
  for (const circuit of CIRCUITS) {
    for (const sizeName of Object.keys(SIZES) as SizeName[]) {
      files.set(`circuits/generated/${circuit}_${sizeName}.circom`, main(circuit, sizeName));
    }
  }
  return files;
}
