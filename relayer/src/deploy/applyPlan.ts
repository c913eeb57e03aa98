import { CallReverted, contractCall, gasOf, receiptOf, sendCall } from "@equipoise/sdk/actions";
import { type Account, type Address, getContractAddress, type Hex, isAddressEqual } from "viem";
import { getTransactionCount, sendTransaction } from "viem/actions";
import type { Chain, SigningClient } from "../chains/chain.ts";
import { StepFailed } from "../stepFailed.ts";
import { factoryAbi, factoryStep } from "./create3.ts";
import { estimateDeployment } from "./deployContract.ts";
import { diffPlan, hasCode, readStep, type SteppedState } from "./diffPlan.ts";
import {
  type CallStep,
  type ChainPlan,
  type ContractStep,
  CREATE2_DEPLOYER,
  create2Data,
  PHASES,
  type Phase,
  type Step,
} from "./plan.ts";

/** A step that was done, by the transaction that did it. */
export type StepReceipt = {
  readonly chainId: number;
  readonly step: string;
  readonly hash: Hex;
  readonly block: number;
  readonly gasUsed: bigint;
};

export type ApplyPlanParameters = {
  readonly chains: readonly Chain[];
  readonly plans: readonly ChainPlan[];
  /** signs everything; its address is part of the plan */
  readonly account: Account;
  /** told of each receipt before the next step begins */
  readonly keep?: (receipt: StepReceipt) => void;
};

/** Something else is where a contract, an owner or a delegate of the plan belongs. */
export class StepDiffers extends Error {
  override name = "StepDiffers";
  constructor(chainId: number, step: Step) {
    super(
      step.kind === "contract"
        ? `${step.name} at ${step.address} on chain ${chainId} was made from other code or arguments than this plan's: ` +
            "correct the configuration to what was deployed, or deploy under another name"
        : `${step.name} of ${step.call.address} on chain ${chainId} is neither the deployer's nor what the plan says: ` +
            `the governors have handed it on; have whoever owns it undo that (${step.call.data}), or wire by hand`,
    );
  }
}

/** A call of the plan that is its governor's by now. */
export type GovernedStep = { readonly chainId: number; readonly step: CallStep };

/** All is done but for calls that are the governors' by now. */
export class StepsGoverned extends Error {
  override name = "StepsGoverned";
  /** chain by chain, in the plan's order */
  readonly steps: readonly GovernedStep[];
  constructor(steps: readonly GovernedStep[]) {
    const listed = steps.map(({ chainId, step: { name } }) => `${name} on chain ${chainId}`).join(", ");
    super(
      `${steps.length} calls are no longer the deployer's to do (${listed}): have the governors' timelocks make them, and apply again`,
    );
    this.steps = steps;
  }
}

/** Transactions of the deployer wait outside of blocks. */
export class DeployerBusy extends Error {
  override name = "DeployerBusy";
  constructor(chainId: number, address: string, pending: number) {
    super(
      `${pending} transactions of ${address} wait on chain ${chainId} and may be steps of this plan: wait until they are mined, or replace them, then apply again`,
    );
  }
}

/**
 * Does what is missing of a plan and the account may do, chains side by side, phase after phase. The chains are asked before
 * each step and after the last, so that it may be cut off anywhere and run again.
 *
 * Errors: {@link StepDiffers}, {@link DeployerBusy}, those of a transaction; {@link StepsGoverned} once all else is done.
 */
export async function applyPlan(parameters: ApplyPlanParameters): Promise<void> {
  const sites = parameters.plans.map((plan) => ({ plan, chain: chainOf(parameters.chains, plan.chainId) }));
  await settled(sites.map(({ chain }) => requireReady(chain, parameters.account)));
  for (const phase of PHASES) {
    await settled(sites.map(({ chain, plan }) => applyPhase(chain, plan, phase, parameters)));
  }
  const governed = sites.map((): GovernedStep[] => []);
  await settled(
    sites.map(async ({ chain, plan }, place) => {
      governed[place] = await requireDone(chain, plan, parameters.account);
    }),
  );
  if (governed.some(({ length }) => length > 0)) throw new StepsGoverned(governed.flat());
}

function chainOf(chains: readonly Chain[], chainId: number): Chain {
  const chain = chains.find((candidate) => candidate.chainId === chainId);
  if (chain !== undefined) return chain;
  throw new StepFailed(`chain ${chainId} of the plan is not connected; connect it`, { retry: false });
}

/** Waits for all: no chain is still being written to when the first failure is thrown. */
async function settled(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** What a run that was cut off has sent must be in blocks before anything is decided. */
async function requireReady({ reader, chainId }: Chain, { address }: Account): Promise<void> {
  const [mined, sent] = await Promise.all([
    getTransactionCount(reader, { address, blockTag: "latest" }),
    getTransactionCount(reader, { address, blockTag: "pending" }),
  ]);
  if (sent > mined) throw new DeployerBusy(chainId, address, sent - mined);
}

/** Nothing is open but what is governed, which is returned. */
async function requireDone({ reader, chainId }: Chain, plan: ChainPlan, { address }: Account): Promise<GovernedStep[]> {
  const states = await diffPlan(reader, plan, address);
  const open = states.find(({ state }) => state !== "done" && state !== "governed");
  if (open === undefined) return governedOf(chainId, states);
  throw new StepFailed(
    `${open.step.name} on chain ${chainId} was done and is not any more: its block may have been replaced, apply again`,
    { retry: true },
  );
}

/** The calls of one chain that are its governor's by now. */
export const governedOf = (chainId: number, states: readonly SteppedState[]): GovernedStep[] =>
  states.flatMap(({ step, state }) => (state === "governed" && step.kind === "call" ? [{ chainId, step }] : []));

async function applyPhase(chain: Chain, plan: ChainPlan, phase: Phase, parameters: ApplyPlanParameters): Promise<void> {
  const { account } = parameters;
  const client = chain.signer(account);
  for (const step of plan.steps) {
    if (step.phase !== phase) continue;
    const state = await readStep(client, step, account.address);
    if (state === "done" || state === "governed") continue;
    if (state === "differs") throw new StepDiffers(chain.chainId, step);
    const { hash, blockNumber, gasUsed } = await (step.kind === "contract"
      ? make(client, step)
      : sendCall(client, step.call));
    parameters.keep?.({ chainId: chain.chainId, step: step.name, hash, block: Number(blockNumber), gasUsed });
    if ((await readStep(client, step, account.address)) !== "done") {
      throw new StepFailed(`${step.name} on chain ${chain.chainId} changed nothing by ${hash}: see what it did`, {
        retry: false,
      });
    }
  }
}

type Mined = { readonly hash: Hex; readonly blockNumber: bigint; readonly gasUsed: bigint };

/** A chain without the public CREATE2 deployer. */
export class Create2DeployerMissing extends Error {
  override name = "Create2DeployerMissing";
  constructor(chainId: number) {
    super(
      `chain ${chainId} lacks the public CREATE2 deployer at ${CREATE2_DEPLOYER}, which addresses rest on: ` +
        "have its presigned transaction sent there (github.com/Arachnid/deterministic-deployment-proxy), or leave the chain out",
    );
  }
}

async function make(client: SigningClient, step: ContractStep): Promise<Mined> {
  const { means, initCode, artifact } = step;
  if (means.by === "create2") {
    if (!(await hasCode(client, CREATE2_DEPLOYER))) throw new Create2DeployerMissing(client.chain.id);
    return transact(client, CREATE2_DEPLOYER, create2Data(step));
  }
  if (means.by === "nonce") {
    await requireNext(client, step);
    await estimateDeployment(client, artifact, initCode);
    return transact(client, null, initCode);
  }
  const { address } = factoryStep();
  const call = contractCall({ address, abi: factoryAbi, functionName: "deploy", args: [means.salt, initCode] });
  try {
    return await sendCall(client, call);
  } catch (error) {
    // The factory cannot say why a constructor refused: the bare constructor can.
    if (error instanceof CallReverted) await estimateDeployment(client, artifact, initCode);
    throw error;
  }
}

async function requireNext(client: SigningClient, { name, address }: ContractStep): Promise<void> {
  const nonce = await getTransactionCount(client, client.account);
  if (isAddressEqual(getContractAddress({ from: client.account.address, nonce: BigInt(nonce) }), address)) return;
  throw new StepFailed(
    `${name} belongs at ${address}, and ${client.account.address} has sent ${nonce} transactions: let it send nothing else`,
    { retry: false },
  );
}

async function transact(client: SigningClient, to: Address | null, data: Hex): Promise<Mined> {
  const gas = await gasOf(client, { data, value: 0n, ...(to === null ? {} : { to }) });
  const hash = await sendTransaction(client, { account: client.account, chain: client.chain, to, data, gas });
  const { status, blockNumber, gasUsed } = await receiptOf(client, hash);
  if (status === "reverted") {
    throw new StepFailed(`${hash} on chain ${client.chain.id} was mined and reverted: its block's state refused it`, {
      retry: true,
    });
  }
  return { hash, blockNumber, gasUsed };
}
