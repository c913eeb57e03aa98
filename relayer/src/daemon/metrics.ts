import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RelayerStatus } from "./readStatus.ts";

/** What a relayer counts, for Prometheus. */
export function relayerMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name: `equipoise_${name}`, help, labelNames, registers });
  const heads = gauge("head", "newest agreed block", ["chain"]);
  const allocations = gauge("allocation_index", "risk state a vault follows", ["chain", "mandate"]);
  const epochs = gauge("epoch", "of clearing: the newest, and the one that accounts are measured by", ["state"]);
  const openAccounts = gauge("open_accounts", "accounts of clearing that are not free", []);
  const balances = gauge("balance_ether", "of the relayer's account, and of the bidder's", ["chain", "account"]);
  const answers = gauge("chain_answers", "0 while a chain does not answer: what else is said of it is old", ["chain"]);
  const jobs = gauge("jobs", "whose time has come and that nobody does yet, and that are being done", [
    "queue",
    "state",
  ]);
  const stopped = gauge("chain_stopped", "1 while endpoints disagree", ["chain"]);
  const open = gauge("transactions_open", "written and not final", ["chain"]);
  const packets = gauge("packets", "by the stage last read", ["stage"]);
  const deadLetters = gauge("dead_letters", "jobs that failed for good", ["queue"]);
  return {
    transactions: new Counter({
      name: "equipoise_transactions_total",
      help: "what happened to transactions",
      labelNames: ["chain", "event"],
      registers,
    }),
    endpoints: new Counter({
      name: "equipoise_endpoint_faults_total",
      help: "endpoints that were silent, lagged or differed",
      labelNames: ["chain", "event"],
      registers,
    }),
    proofs: new Histogram({
      name: "equipoise_proof_seconds",
      help: "witness and proof together",
      buckets: [1, 2, 5, 10, 20, 60, 180],
      registers,
    }),
    show: (status: RelayerStatus): void => {
      for (const chain of status.chains) {
        const label = { chain: chain.chainId };
        stopped.set(label, chain.stopped === undefined ? 0 : 1);
        open.set(label, chain.openTransactions);
        answers.set(label, chain.head === undefined ? 0 : 1);
        if (chain.head === undefined) continue;
        heads.set(label, Number(chain.head));
        for (const [mandate, index] of Object.entries(chain.allocations ?? {})) {
          allocations.set({ ...label, mandate }, Number(index));
        }
        if (chain.epoch !== undefined) {
          epochs.set({ state: "newest" }, Number(chain.epoch));
          epochs.set({ state: "current" }, Number(chain.currentEpoch ?? 0n));
          openAccounts.set(Number(chain.openAccounts ?? 0n));
        }
        balances.set({ ...label, account: "relayer" }, Number(chain.balance ?? 0n) / 1e18);
        if (chain.bidderBalance !== undefined)
          balances.set({ ...label, account: "bidder" }, Number(chain.bidderBalance) / 1e18);
      }
      packets.reset();
      for (const [stage, count] of Object.entries(status.packets)) packets.set({ stage }, count);
      for (const { queue, waiting, active } of status.queues) {
        jobs.set({ queue, state: "waiting" }, waiting);
        jobs.set({ queue, state: "active" }, active);
      }
      deadLetters.reset();
      for (const { queue } of status.deadLetters) deadLetters.inc({ queue });
    },
    text: () => registry.metrics(),
  };
}
