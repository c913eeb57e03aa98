import { type ContractCall, type RevertReason, revertDataOf, revertOf } from "@equipoise/sdk/actions";
import { type Address, type Client, type Hex, isAddressEqual, keccak256 } from "viem";
import { call, getCode, readContract } from "viem/actions";
import { factoryAbi, factoryStep } from "./create3.ts";
import type { ChainPlan, ContractStep, Fact, Step } from "./plan.ts";

/**
 * What a chain says of a step: it is done, it is missing, it is missing and no longer its sender's to do, or something else
 * is where it belongs. `differs` cannot be cured by doing the step.
 */
export type StepState = "done" | "missing" | "governed" | "differs";

/** A step with its state. */
export type SteppedState = { readonly step: Step; readonly state: StepState };

/** Asks the chain how far a step of a sender's has come. Nothing else is believed. */
export async function readStep(client: Client, step: Step, sender: Address): Promise<StepState> {
  if (step.kind === "contract") return readContractStep(client, step);
  if (await allHold(client, step.facts)) return "done";
  const refusal = await refusalOf(client, step.call, sender);
  if (refusal === undefined || !GOVERNED_REASONS.has(refusal)) return "missing";
  // what has been handed over and is another's now has been handed on
  return step.phase === "handOver" ? "differs" : "governed";
}

/** How an application and its endpoint refuse who is neither owner nor delegate. */
const GOVERNED_REASONS: ReadonlySet<RevertReason> = new Set(["OwnableUnauthorizedAccount", "LZ_Unauthorized"]);

/** Why a chain would refuse a call of a sender's, or nothing. */
export async function refusalOf(
  client: Client,
  { address: to, data, value }: ContractCall,
  sender: Address,
): Promise<RevertReason | undefined> {
  try {
    await call(client, { account: sender, to, data, value });
    return undefined;
  } catch (error) {
    const revert = revertOf(error);
    if (revert === undefined) throw error;
    return revert.reason;
  }
}

async function allHold(client: Client, facts: readonly Fact[]): Promise<boolean> {
  for (const fact of facts) if (!(await holds(client, fact))) return false;
  return true;
}

async function readContractStep(client: Client, { address, initCode, means }: ContractStep): Promise<StepState> {
  const there = await hasCode(client, address);
  if (!there) return "missing";
  if (means.by !== "create3") return "done";
  const madeFrom = await readContract(client, {
    address: factoryStep().address,
    abi: factoryAbi,
    functionName: "initCodeHash",
    args: [address],
  });
  return madeFrom === keccak256(initCode) ? "done" : "differs";
}

export async function hasCode(client: Client, address: Address): Promise<boolean> {
  const code = await getCode(client, { address });
  return code !== undefined && code !== "0x";
}

/** Whether a chain answers what it must. A contract that is not there, or refuses, answers something else. */
export async function holds(client: Client, { address, data, expected }: Fact): Promise<boolean> {
  return (await answerOf(client, address, data)) === expected;
}

/** The bytes a contract answers, or nothing where it reverts. Trouble with the connection is thrown. */
export async function answerOf(client: Client, address: Address, data: Hex): Promise<Hex | undefined> {
  try {
    return (await call(client, { to: address, data })).data;
  } catch (error) {
    if (revertDataOf(error) === undefined) throw error;
    return undefined;
  }
}

/** Every step of a chain's plan with its state, read one after the other: public nodes count requests. */
export async function diffPlan(client: Client, plan: ChainPlan, sender: Address): Promise<SteppedState[]> {
  const states: SteppedState[] = [];
  const absent: Address[] = [];
  for (const step of plan.steps) {
    // before its contract is there nobody may make a call of it, whoever may afterwards
    const early = step.kind === "call" && absent.some((address) => names(step.call, address));
    const state = early ? "missing" : await readStep(client, step, sender);
    if (step.kind === "contract" && state === "missing") absent.push(step.address);
    states.push({ step, state });
  }
  return states;
}

/** Whether a call is to an address or has it among its arguments. */
const names = ({ address, data }: ContractCall, sought: Address): boolean =>
  isAddressEqual(address, sought) || data.toLowerCase().includes(sought.slice(2).toLowerCase());
