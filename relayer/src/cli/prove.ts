import { circuitArtifacts } from "@equipoise/circuits";
import {
  allocationFacts,
  type CircuitName,
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
import { parseWhole } from "./fraction.ts";
import { marginOf } from "./proveMargin.ts";
import { riskArrayOf } from "./proveRiskArray.ts";
import { solvencyOf } from "./proveSolvency.ts";
import { writeProvenDirectory } from "./statementDirectory.ts";
import { MANDATE_OPTIONS, mandateFrom, type ObservedWindow, WINDOW_OPTIONS, windowFrom } from "./windowOptions.ts";

/** `equipoise prove`: the proof a chain would accept, from prices, on this machine. */
export const prove: Command = {
  name: "prove",
  summary:
    "prove a risk state (covariance) or an allocation (parity) from prices, the margin of an account, the solvency of several, or a risk array",
  usage: [
    "prove covariance --prices FILE.csv|coinbase|simulated [--at ISO] --out DIR [--json]",
    "prove parity --prices FILE.csv|coinbase|simulated [--at ISO] [options] --out DIR [--json]",
    "prove margin --account FILE.json --out DIR [--json]",
    "prove riskArray --account FILE.json [--array N] --out DIR [--json]",
    "prove solvency --accounts FILE.json --out DIR [--json]",
  ],
  options: {
    out: { value: "DIR", summary: "where statement.json, proof.json, public.json and vkey.json go" },
    account: {
      value: "FILE.json",
      summary: "margin, riskArray: an account and its market in plain numbers, like docs/examples/account.json",
    },
    accounts: {
      value: "FILE.json",
      summary: "solvency: up to four accounts and their market, like docs/examples/accounts.json",
    },
    array: { value: "N", summary: "riskArray: place of the underlying in the file (default 0)" },
    ...WINDOW_OPTIONS,
    ...MANDATE_OPTIONS,
  },
  positionals: 1,
  run: async ({ values, positionals, progress }) => {
    const [circuit] = positionals;
    if (circuit === undefined || !isProvable(circuit)) {
      throw new UsageWrong(`prove takes one of ${PROVABLE.join(", ")}: see equipoise prove --help`);
    }
    const out = textOption(values, "out");
    if (out === undefined) throw new UsageWrong("prove needs --out DIR: see equipoise prove --help");
    checkOptions(circuit, values);

    const { statement, input, result, text } = await provableOf(circuit, values);
    progress("circuit and development key: built the first time, which takes a minute or two");
    const artifacts = await circuitArtifacts(`${circuit}_full`);
    progress(`proving ${circuit}: ${artifacts.constraints} constraints`);
    try {
      const proven = await proveStatement(statement, input, artifacts);
      const files = writeProvenDirectory(out, statement, proven.proof, artifacts.verificationKey);
      const [witnessMs, proveMs] = [proven.witnessMs, proven.proveMs].map(Math.round);
      return {
        ok: true,
        result: { circuit, ...result, constraints: artifacts.constraints, witnessMs, proveMs, files },
        text: [text, `witness ${witnessMs} ms, proof ${proveMs} ms`, ...files].join("\n"),
      };
    } finally {
      await releaseProver();
    }
  },
};

const PROVABLE = ["covariance", "parity", "margin", "riskArray", "solvency"] as const satisfies readonly CircuitName[];
type ProvableCircuit = (typeof PROVABLE)[number];
const isProvable = (name: string): name is ProvableCircuit => (PROVABLE as readonly string[]).includes(name);

/** What a statement of clearing is read from, and what else it takes. */
const CLEARING_OPTIONS = {
  margin: { file: "account", others: [] },
  riskArray: { file: "account", others: ["array"] },
  solvency: { file: "accounts", others: [] },
} as const;
const isOfClearing = (circuit: ProvableCircuit): circuit is keyof typeof CLEARING_OPTIONS =>
  Object.hasOwn(CLEARING_OPTIONS, circuit);

/** Throws where an option is given that the circuit takes nothing from. */
function checkOptions(circuit: ProvableCircuit, values: OptionValues): void {
  const given = (options: readonly string[]): string | undefined => options.find((name) => values[name] !== undefined);
  const mandate = given(Object.keys(MANDATE_OPTIONS));
  if (circuit !== "parity" && mandate !== undefined) {
    throw new UsageWrong(`--${mandate} belongs to prove parity: a ${circuit} statement has no mandate`);
  }
  const taken: readonly string[] = isOfClearing(circuit)
    ? [CLEARING_OPTIONS[circuit].file, ...CLEARING_OPTIONS[circuit].others]
    : Object.keys(WINDOW_OPTIONS);
  const all = [...Object.keys(WINDOW_OPTIONS), "account", "accounts", "array"];
  const foreign = given(all.filter((name) => !taken.includes(name)));
  if (foreign !== undefined)
    throw new UsageWrong(`--${foreign} is not for prove ${circuit}: see equipoise prove --help`);
}

/** A statement, the inputs of its proof, and what to say of it. */
type Provable = {
  readonly statement: Statement;
  readonly input: object;
  readonly result: Readonly<Record<string, unknown>>;
  readonly text: string;
};

async function provableOf(circuit: ProvableCircuit, values: OptionValues): Promise<Provable> {
  if (isOfClearing(circuit)) {
    const { file } = CLEARING_OPTIONS[circuit];
    const path = textOption(values, file);
    if (path === undefined)
      throw new UsageWrong(`prove ${circuit} needs --${file} FILE.json: see equipoise prove --help`);
    if (circuit === "margin") return marginOf(path);
    if (circuit === "solvency") return solvencyOf(path);
    return riskArrayOf(path, Number(parseWhole(textOption(values, "array") ?? "0", "--array")));
  }
  const window = await windowFrom(values);
  const { source, assets, from, to } = window;
  const span = { from: formatTime(from), to: formatTime(to) };
  const said = source === "simulated" ? "SIMULATED prices" : source;
  return {
    ...(circuit === "covariance" ? covarianceOf(window) : parityOf(window, values)),
    result: { source, assets, window: span },
    text: `${circuit} proven for ${said}, ${span.from} to ${span.to}`,
  };
}

function covarianceOf({ observations }: ObservedWindow): Pick<Provable, "statement" | "input"> {
  const facts = covarianceFactsOf(observations);
  const statement = covarianceStatement(facts);
  return { statement, input: covarianceInput(facts, statement) };
}

function parityOf(window: ObservedWindow, values: OptionValues): Pick<Provable, "statement" | "input"> {
  const mandate = mandateFrom(values, window.assets.length);
  const { facts } = allocationFacts(mandate, window.figures.triangles[mandate.decayIndex] as bigint[]);
  const statement = parityStatement(facts);
  return { statement, input: parityInput(facts, statement) };
}
