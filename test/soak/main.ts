/**
 * `npm run soak`: a relayer on a hub and three spokes with two vaults each, for 500 observations and 20 epochs of allocations, while endpoints fail and
 * lie, chains go back, gas gets dear, blocks stay away, the database ends and the relayer is killed. After each epoch every chain must have the same
 * allocations, each made once. Real proofs: half a minute an epoch and more.
 *   --seed N           of the faults; printed (default: by the clock)
 *   --epochs N         default 20
 *   --observations N   in all, 240 of them before the first epoch (default 500)
 */
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { vaultSitesOf } from "@equipoise/relayer";
import { parityVaultAbi } from "@equipoise/sdk/actions";
import { parseEventLogs } from "viem";
import { formatTable } from "../../relayer/src/cli/table.ts";
import { seededDraws } from "../../sdk/src/model/seededDraws.ts";
import { type Allowed, beginEpoch, HUB_TRANSACTIONS, SPOKE_TRANSACTIONS } from "../e2e/daemonEpoch.ts";
import { ALL_ROLES, startDaemonFixture } from "../e2e/daemonFixture.ts";
import { type DaemonProcess, type Line, note, said } from "../e2e/daemonProcess.ts";
import { FAULT_KINDS, injectFault, type Killable } from "./faults.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    epochs: { type: "string", default: "20" },
    observations: { type: "string", default: "500" },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const epochs = Number(values.epochs);
const observations = Number(values.observations);
const FIRST = 240;
if (!(epochs >= 1) || !(observations >= FIRST + epochs - 1))
  throw new RangeError(`${epochs} epochs need ${FIRST + epochs - 1} observations or more, not ${observations}`);
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const CHAIN_IDS = [31_386, 31_387, 31_388, 31_389];
/** Of an epoch: a transaction that went with its block is broadcast again as it was, so a few more are rebuilt after a refusal. */
const ALLOWED: Allowed = Object.fromEntries(
  CHAIN_IDS.map((chainId, place) => {
    const least = place === 0 ? HUB_TRANSACTIONS : SPOKE_TRANSACTIONS;
    return [chainId, [0, 1, 2, 3].map((more) => least + more)];
  }),
);
/** {ms} an epoch may take once its faults have ended */
const EPOCH_LIMIT = 600_000;

say(`seed ${seed}: ${epochs} epochs, ${observations} observations, ${CHAIN_IDS.length} chains`);
const draws = seededDraws(seed);
const started = performance.now();
const fixture = await startDaemonFixture(CHAIN_IDS, { moreTicks: observations - FIRST + 1 });
const roles = [...ALL_ROLES, "observer"];
const chains = fixture.chainConfigs({ escalateAfterSeconds: 5 });
/** what relayers have said since the epoch began */
const lines: Line[] = [];
function start(): DaemonProcess {
  const started = fixture.spawn({ roles, chains });
  started.output.on("line", (text) => note(lines, text));
  return started;
}
/** Nothing that passes may end in a dead letter, or stop a chain. */
const gaveUp = ({ msg, passes }: Line): boolean => msg === "chain stopped" || (msg === "failed" && passes === false);
const relayer: Killable = {
  current: start(),
  restart: async () => {
    await relayer.current.kill();
    relayer.current = start();
  },
  another: start,
};
const counts = new Map<string, number>();
const rows: string[][] = [];
const wrong: string[] = [];
let observed = FIRST;
try {
  for (let number = 1; number <= epochs; number++) {
    // the same number of observations before each epoch, the rest before the last ones
    const until = FIRST + Math.floor(((observations - FIRST) * (number - 1)) / Math.max(1, epochs - 1));
    while (observed < until - 1) observed = Number(await fixture.observeNext());
    const epoch = number === 1 ? await beginEpoch(fixture.context, BigInt(FIRST)) : await fixture.nextEpoch();
    observed = Number(epoch.index);
    const begun = performance.now();
    const faults: string[] = [];
    let lied = false; // by two of three alike: what is done about that is the operator's
    for (let left = draws.integer(1, 3); left > 0; left--) {
      await pause(draws.integer(0, 15_000));
      const [kind, detail] = await injectFault(fixture, relayer, draws);
      lied ||= kind === "majority";
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      faults.push(detail);
    }
    await said(relayer.current.lines, ({ msg }) => msg === "started");
    await epoch.done(EPOCH_LIMIT);
    const found = [
      ...(await epoch.wrong(ALLOWED)),
      ...(lied ? [] : lines.filter(gaveUp).map((line) => JSON.stringify(line))),
    ];
    lines.length = 0;
    wrong.push(...found.map((what) => `epoch ${number}: ${what}`));
    const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
    rows.push([`${number}`, `${epoch.index}`, seconds, `${found.length}`, faults.join("; ")]);
    say(`epoch ${number} at ${epoch.index}: ${seconds} s, ${found.length} wrong; ${faults.join("; ")}`);
  }
  const address = fixture.context.accounts.relayer.address;
  const byChain = await Promise.all(
    vaultSitesOf(fixture.context).map(async ({ chain: { chainId, reader }, mandate, vault }) => {
      const logs = await reader.getLogs({ address: vault, fromBlock: 0n });
      const allocated = parseEventLogs({ abi: parityVaultAbi, eventName: "Allocated", logs }).length;
      const indices = new Set(
        parseEventLogs({ abi: parityVaultAbi, eventName: "Allocated", logs }).map(({ args }) => args.index),
      );
      return [
        `${chainId}`,
        mandate,
        `${allocated}`,
        `${indices.size}`,
        `${await reader.getTransactionCount({ address })}`,
      ];
    }),
  );
  say(`\n${formatTable(["epoch", "index", "s", "wrong", "faults"], rows)}`);
  say(
    `\n${formatTable(
      ["faults", "times"],
      FAULT_KINDS.map((kind) => [kind, `${counts.get(kind) ?? 0}`]),
    )}`,
  );
  say(
    `\n${formatTable(["chain", "mandate", "allocations", "of so many states", "transactions of the relayer"], byChain)}`,
  );
  const allocations = byChain.reduce((sum, [, , count]) => sum + Number(count), 0);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  say(
    `\nseed ${seed}: ${observed} observations, ${epochs} epochs, ${allocations} allocations on ${CHAIN_IDS.length} chains in ${minutes} minutes, ${wrong.length} wrong`,
  );
} finally {
  await relayer.current.kill();
  await fixture.stop();
}
for (const what of wrong) say(what);
if (wrong.length > 0) process.exitCode = 1;
