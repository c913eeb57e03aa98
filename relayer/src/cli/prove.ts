import { circuitArtifacts } from "@equipoise/circuits";
import {
  allocationFacts,
  CIRCUITS,
  covarianceFactsOf,
  covarianceInput,
  covarianceStatement,
  parityInput,
  parityStatement,
  type Statement,
} from "@equipoise/sdk";
import { prove as proveStatement, releaseProver } from "@equipoise/sdk/prover";
import { formatTime } from "../prices/series.ts";
import { type Command, type OptionValues, textOption, UsageWrong } from "./command.ts";
import { writeProvenDirectory } from "./statementDirectory.ts";
import { MANDATE_OPTIONS, mandateFrom, type ObservedWindow, WINDOW_OPTIONS, windowFrom } from "./windowOptions.ts";

/** `equipoise prove`: the proof a chain would accept, from prices, on this machine. */
export const prove: Command = {
  name: "prove",
  summary: "prove a risk state (covariance) or an allocation (parity) from prices",
  usage: [
    "prove covariance --prices FILE.csv|coinbase|simulated [--at ISO] --out DIR [--json]",
    "prove parity --prices FILE.csv|coinbase|simulated [--at ISO] [options] --out DIR [--json]",
  ],
  options: {
    out: { value: "DIR", summary: "where statement.json, proof.json, public.json and vkey.json go" },
    ...WINDOW_OPTIONS,
    ...MANDATE_OPTIONS,
  },
  run: async ({ values, positionals, progress }) => {
    const [circuit, ...rest] = positionals;
    if (rest.length > 0 || (circuit !== "covariance" && circuit !== "parity")) {
      throw new UsageWrong(`prove takes one of ${CIRCUITS.join(", ")}: see equipoise prove --help`);
    }
    const out = textOption(values, "out");
    if (out === undefined) throw new UsageWrong("prove needs --out DIR: see equipoise prove --help");
    if (circuit === "covariance") {
      const other = Object.keys(MANDATE_OPTIONS).find((name) => values[name] !== undefined);
      if (other !== undefined) throw new UsageWrong(`--${other} belongs to prove parity: a risk state has no mandate`);
    }

    const window = await windowFrom(values);
    const { statement, input } = circuit === "covariance" ? covarianceOf(window) : parityOf(window, values);
    progress("circuit and development key: built the first time, which takes a minute or two");
    const artifacts = await circuitArtifacts(`${circuit}_full`);
    progress(`proving ${circuit}: ${artifacts.constraints} constraints`);
    try {
      const proven = await proveStatement(statement, input, artifacts);
      const files = writeProvenDirectory(out, statement, proven.proof, artifacts.verificationKey);
      const [witnessMs, proveMs] = [proven.witnessMs, proven.proveMs].map(Math.round);
      const { source, assets, from, to } = window;
      const span = { from: formatTime(from), to: formatTime(to) };
      return {
        ok: true,
        result: {
          circuit,
          source,
          assets,
          window: span,
          constraints: artifacts.constraints,
          witnessMs,
          proveMs,
          files,
        },
        text: [
          `${circuit} proven for ${source === "simulated" ? "SIMULATED prices" : source}, ${span.from} to ${span.to}`,
          `witness ${witnessMs} ms, proof ${proveMs} ms`,
          ...files,
        ].join("\n"),
      };
    } finally {
      await releaseProver();
    }
  },
};

type Provable = { readonly statement: Statement; readonly input: object };

function covarianceOf({ observations }: ObservedWindow): Provable {
  const facts = covarianceFactsOf(observations);
  const statement = covarianceStatement(facts);
  return { statement, input: covarianceInput(facts, statement) };
}

function parityOf(window: ObservedWindow, values: OptionValues): Provable {
  const mandate = mandateFrom(values, window.assets.length);
  const { facts } = allocationFacts(mandate, window.figures.triangles[mandate.decayIndex] as bigint[]);
  const statement = parityStatement(facts);
  return { statement, input: parityInput(facts, statement) };
}
