import { type ContractCall, sendCall } from "@equipoise/sdk/actions";
import { stringToHex } from "viem";
import { chainTime } from "../../chains/clock.ts";
import { execute, type OperationStage, readOperation, readTimelockDelay, scheduleCall } from "../../deploy/timelock.ts";
import { StepFailed } from "../../stepFailed.ts";
import type { LocalContext } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";

/** How far the governor has come: announced, waiting for its delay, or done. */
export type GovernedStage = {
  readonly stage: OperationStage["name"];
  /** {s} from when on it can be done */
  readonly readyAt: bigint;
  readonly gasUsed?: bigint;
};

/**
 * Has the governor's timelock make calls that the chain does not show yet: announces them, and makes them once the delay is over.
 * @param name of what they are, at most 32 bytes; the timelock makes the same calls under one name once
 */
export async function govern(
  context: LocalContext,
  name: string,
  calls: readonly ContractCall[],
): Promise<GovernedStage> {
  const { chain, hub } = clearingSite(context);
  if (calls.length === 0) return { stage: "done", readyAt: 0n };
  const operation = { governor: hub.governor, calls, salt: stringToHex(name, { size: 32 }) };
  const client = chain.signer(context.accounts.deployer);
  const { name: stage, readyAt } = await readOperation(chain.reader, operation);
  if (stage === "unknown") {
    const delay = await readTimelockDelay(chain.reader, operation);
    const { gasUsed } = await sendCall(client, scheduleCall(operation, delay));
    return { stage: "scheduled", readyAt: (await readOperation(chain.reader, operation)).readyAt, gasUsed };
  }
  if (stage === "done") {
    throw new StepFailed(`the governor has done this (${name}) and the chain does not show it`, { retry: false });
  }
  if ((await chainTime(chain)) < readyAt) return { stage: "scheduled", readyAt };
  const sent = await execute(client, operation);
  return { stage: "done", readyAt, ...(sent === undefined ? {} : { gasUsed: sent.gasUsed }) };
}
