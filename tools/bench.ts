/**
 * `npm run bench`: what proofs and transactions cost on this machine, against their limits and against doing the same on
 * chain. Prices are simulated from a seed, so gas repeats exactly; times depend on the machine and its load.
 *   --runs N   warm proofs of each circuit, 5 or more (default 7)
 *   --seed N   of the simulated market (default 1)
 *   --keys     also times compilation and keys of all circuits from nothing
 *   --relayer  also allocations per minute by prover workers, and an epoch of 100 mandates on 20 simulated chains; needs Postgres
 *   --only proofs|gas|margin|relayer|keys   one part
 *   --json     one object as the last line of standard output, and no tables
 *   --strict   exit code 1 where a limit is not met
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { compare, comparisonTable, gasLimits, gasTable } from "./bench/comparison.ts";
import { benchGas } from "./bench/gas.ts";
import { benchKeys, keyLimits, keyTable } from "./bench/keys.ts";
import { limitTable } from "./bench/limits.ts";
import { load, readMachine } from "./bench/machine.ts";
import { benchMargin, marginLimits, marginTable } from "./bench/margin.ts";
import { benchProofs, proofLimits, proofTable } from "./bench/proofs.ts";
import { benchRelayer, relayerTable } from "./bench/relayer.ts";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "7" },
    seed: { type: "string", default: "1" },
    keys: { type: "boolean", default: false },
    relayer: { type: "boolean", default: false },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    strict: { type: "boolean", default: false },
  },
});
const PARTS = ["proofs", "gas", "margin", "relayer", "keys"];
const runs = Number(options.runs);
const seed = Number(options.seed);
if (!Number.isInteger(runs) || runs < 5) throw new RangeError(`--runs is ${options.runs} and must be 5 or more`);
if (!Number.isInteger(seed)) throw new RangeError(`--seed is ${options.seed} and must be a whole number`);
if (options.only !== undefined && !PARTS.includes(options.only)) {
  throw new RangeError(`--only is ${options.only} and must be one of ${PARTS.join(", ")}`);
}
const wanted = (part: string): boolean =>
  options.only === undefined
    ? (part !== "keys" || options.keys) && (part !== "relayer" || options.relayer)
    : options.only === part;

const progress = (line: string): boolean => process.stderr.write(`${line}\n`);
const show = (text: string): boolean => !options.json && process.stdout.write(`${text}\n\n`);

process.chdir(`${import.meta.dirname}/..`);
const machine = readMachine();
const loadBefore = load();
show(
  [
    `${machine.cpu}, ${machine.cores} cores, ${(machine.memory / 2 ** 30).toFixed(1)} GiB, ${machine.platform}`,
    `node ${machine.node}, snarkjs ${machine.snarkjs}, circom2 ${machine.circom2}, solc ${machine.solc}, forge ${machine.forge}, anvil ${machine.anvil}`,
    `load ${loadBefore} at the start; simulated prices, seed ${seed}`,
  ].join("\n"),
);

progress("compiling contracts");
const compiled = spawnSync("forge", ["build"], { encoding: "utf8" });
if (compiled.status !== 0) {
  const outcome = compiled.error?.message ?? `code ${compiled.status}`;
  throw new Error(`forge build ended with ${outcome}: correct what it says\n${compiled.stdout}${compiled.stderr}`);
}

// Keys first where they are timed; proofs before gas, which leaves the machine busy for a while.
const keys = wanted("keys") ? await benchKeys() : undefined;
if (keys !== undefined) show(keyTable(keys));

if (wanted("proofs")) progress(`proving, ${runs} warm runs of each circuit`);
const proofs = wanted("proofs") ? benchProofs(runs, seed) : undefined;
if (proofs !== undefined) show(proofTable(proofs));

const gas = wanted("gas") ? await benchGas(seed, progress) : undefined;
const comparison = gas === undefined ? undefined : compare(gas);
if (gas !== undefined) show(gasTable(gas));
if (comparison !== undefined) show(comparisonTable(comparison));

if (wanted("margin")) progress("margins of accounts, proven and in Solidity");
const margin = wanted("margin") ? benchMargin() : undefined;
if (margin !== undefined) show(marginTable(margin));

if (wanted("relayer")) progress("allocations by prover workers, and an epoch of many mandates on many chains");
const relayer = wanted("relayer") ? await benchRelayer(seed) : undefined;
if (relayer !== undefined) show(relayerTable(relayer));

const limits = [
  ...(keys === undefined ? [] : keyLimits(keys)),
  ...(proofs === undefined ? [] : proofLimits(proofs)),
  ...(gas === undefined ? [] : gasLimits(gas)),
  ...(margin === undefined ? [] : marginLimits(margin)),
];
show(limitTable(limits));
const loadAfter = load();
show(`load ${loadAfter} at the end, this benchmark included`);
if (options.json) {
  const { cores } = machine;
  const measured = { machine, load: { before: loadBefore, after: loadAfter, cores }, seed };
  process.stdout.write(`${JSON.stringify({ ...measured, limits, keys, proofs, gas, comparison, margin, relayer })}\n`);
}
if (options.strict && limits.some(({ met }) => !met)) process.exitCode = 1;
