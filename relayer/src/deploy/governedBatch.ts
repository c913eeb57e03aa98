import type { ContractCall } from "@equipoise/sdk/actions";
import { type Account, type Address, type Hex, keccak256, toHex, zeroHash } from "viem";
import type { Chain } from "../chains/chain.ts";
import { chainTime } from "../chains/clock.ts";
import { writeWhole } from "../store/writeWhole.ts";
import type { GovernedStep, StepReceipt } from "./applyPlan.ts";
import { holds, refusalOf } from "./diffPlan.ts";
import { type Finding, findingLine } from "./finding.ts";
import type { CallStep } from "./plan.ts";
import type { ProtocolPlan } from "./protocolPlan.ts";
import {
  execute,
  executeCall,
  mayExecute,
  type Operation,
  readOperation,
  readTimelockDelay,
  scheduleCall,
} from "./timelock.ts";

/** What a chain's governor has to do at once, and how far it has come. */
export type GovernedBatch = {
  readonly chainId: number;
  readonly operation: Operation;
  /** the timelock's name of the operation */
  readonly id: Hex;
  readonly stage: "unknown" | "waiting" | "ready";
  /** {s} from when on it can be executed; 0 when unknown */
  readonly readyAt: bigint;
  /** {s} the timelock's */
  readonly delay: bigint;
  /** what the calls are for, in their order; some change what stands already */
  readonly steps: readonly { readonly step: CallStep; readonly adds: boolean }[];
};

/** A call that its governor's timelock could not make either: with it, nothing of its batch would be done. */
export class GovernorRefused extends Error {
  override name = "GovernorRefused";
  constructor({ chainId, step: { name, call } }: GovernedStep, governor: Address, reason: string) {
    super(
      `${name} on chain ${chainId} is refused to the timelock ${governor} as well as to the deployer (${call.functionName} of ${call.address}: ${reason}): ` +
        "correct the configuration to what stands there, or have whoever owns it make the call, and run this again",
    );
  }
}

/** The deployer has done its part, and the governors have not. */
export class GovernorsAwaited extends Error {
  override name = "GovernorsAwaited";
  constructor(batches: readonly GovernedBatch[], path: string) {
    super(["the rest is the governors'", ...batches.map((batch) => findingLine(batchFinding(batch, path)))].join("\n"));
  }
}

/** Where a record's batches are written. */
export const batchesPath = (record: string): string => record.replace(/(\.json)?$/, ".governed.json");

/**
 * Calls that are the governors' as one batch per chain, with what the timelocks know of them. Made of the plan and the chains
 * alone, so that it is the same batch in every run until it is done.
 *
 * Errors: {@link GovernorRefused}.
 */
export async function readBatches(
  { deployment: { name, chains: sites } }: ProtocolPlan,
  governed: readonly GovernedStep[],
  chains: readonly Chain[],
): Promise<GovernedBatch[]> {
  const batches: GovernedBatch[] = [];
  for (const { chainId, governor } of sites) {
    const chain = chains.find((candidate) => candidate.chainId === chainId);
    const own = governed.filter((one) => one.chainId === chainId);
    if (chain === undefined || own.length === 0) continue;
    const { reader } = chain;
    for (const one of own) {
      const reason = await refusalOf(reader, one.step.call, governor);
      if (reason !== undefined) throw new GovernorRefused(one, governor, reason);
    }
    const steps: GovernedBatch["steps"][number][] = [];
    for (const { step } of own) steps.push({ step, adds: step.adds !== undefined && (await holds(reader, step.adds)) });
    const calls = own.map(({ step }) => step.call);
    const known = await nextOperation(chain, name, governor, calls);
    batches.push({ chainId, ...known, delay: await readTimelockDelay(reader, { governor }), steps });
  }
  return batches;
}

/** The first operation of these calls that has not been done: what was undone since is done again under another salt. */
async function nextOperation(chain: Chain, name: string, governor: Address, calls: readonly ContractCall[]) {
  for (let round = 0; ; round++) {
    const operation = { governor, calls, salt: keccak256(toHex(`equipoise deploy ${name} ${round}`)) };
    const { id, name: stage, readyAt } = await readOperation(chain.reader, operation);
    if (stage === "done") continue;
    if (stage === "unknown") return { operation, id, readyAt, stage } as const;
    const isReady = (await chainTime(chain)) >= readyAt;
    return { operation, id, readyAt, stage: isReady ? "ready" : "waiting" } as const;
  }
}

/** What a batch waits for, and who has to do what about it. */
export function batchFinding(
  { chainId, operation, id, stage, readyAt, delay, steps }: GovernedBatch,
  path: string,
): Finding {
  const { governor } = operation;
  const names = steps.map(({ step, adds }) => (adds ? step.name : `${step.name} (changes what stands)`)).join(", ");
  const of = `${steps.length} calls of the timelock ${governor}, operation ${id} (${names}),`;
  const found = (fact: string, fix: string): Finding => ({ chainId, check: "governor", fact: `${of} ${fact}`, fix });
  if (stage === "unknown") {
    return found(
      "are not scheduled",
      `have a proposer send the timelock the data under "schedule" in ${path}, and run this again ${delay} s later`,
    );
  }
  if (stage === "waiting") {
    return found(`wait until ${new Date(Number(readyAt) * 1_000).toISOString()}`, "run this again then");
  }
  return found(
    "can be executed",
    `run deploy where the deployer is an executor, or have one send the timelock the data under "execute" in ${path}, and run it again`,
  );
}

/** For whoever signs for the governors. Written for them, and never read: each run makes it anew. */
function batchesText(name: string, batches: readonly GovernedBatch[]): string {
  const sent = ({ address: to, value, data }: ContractCall) => ({ to, value: String(value), data });
  const listed = batches.map(({ chainId, operation, id, stage, readyAt, delay, steps }) => ({
    chainId,
    timelock: operation.governor,
    operation: id,
    stage,
    ...(stage === "unknown" ? {} : { readyAt: Number(readyAt) }),
    delay: Number(delay),
    predecessor: zeroHash,
    salt: operation.salt,
    calls: steps.map(({ step: { name: step, call }, adds }) => ({
      step,
      adds,
      functionName: call.functionName,
      ...sent(call),
    })),
    schedule: sent(scheduleCall(operation, delay)),
    execute: sent(executeCall(operation)),
  }));
  return `${JSON.stringify({ version: 1, deployment: name, batches: listed }, null, 2)}\n`;
}

export type ApplyBatchesParameters = {
  readonly plan: ProtocolPlan;
  readonly chains: readonly Chain[];
  readonly account: Account;
  /** the batches' file, there as long as one is awaited */
  readonly path: string;
  readonly keep: (receipt: StepReceipt) => void;
};

/**
 * Does what of the governors' calls was announced, waited its delay and may be done by the account; writes down the rest.
 *
 * Errors: {@link GovernorsAwaited} when there is a rest, {@link GovernorRefused}, those of a transaction.
 */
export async function applyBatches(
  governed: readonly GovernedStep[],
  parameters: ApplyBatchesParameters,
): Promise<void> {
  const { plan, chains, account, path, keep } = parameters;
  const awaited: GovernedBatch[] = [];
  for (const batch of await readBatches(plan, governed, chains)) {
    const chain = chains.find(({ chainId }) => chainId === batch.chainId) as Chain;
    const { governor } = batch.operation;
    if (batch.stage !== "ready" || !(await mayExecute(chain.reader, governor, account.address))) {
      awaited.push(batch);
      continue;
    }
    const sent = await execute(chain.signer(account), batch.operation);
    if (sent === undefined) continue;
    const { hash, blockNumber, gasUsed } = sent;
    keep({ chainId: batch.chainId, step: `governor's ${batch.id}`, hash, block: Number(blockNumber), gasUsed });
  }
  if (awaited.length === 0) return;
  writeWhole(path, batchesText(plan.deployment.name, awaited));
  throw new GovernorsAwaited(awaited, path);
}
