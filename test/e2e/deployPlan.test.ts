import { DEFAULT_PARAMETERS, localAccounts, startLocalChains } from "@equipoise/relayer";
import { defaultMandate, packMandate } from "@equipoise/sdk";
import { CallReverted, collateralHubAbi, type LayerZeroAddresses } from "@equipoise/sdk/actions";
import { decodeFunctionData, parseAbi } from "viem";
import { getCode, sendTransaction } from "viem/actions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Chain, LocalChains } from "../../relayer/src/chains/index.ts";
import { DEFAULT_CLEARING } from "../../relayer/src/deploy/clearingParameters.ts";
import { planClearing } from "../../relayer/src/deploy/clearingPlan.ts";
import {
  applyPlan,
  CREATE2_DEPLOYER,
  Create2DeployerMissing,
  DeployerBusy,
  deployLayerZero,
  diffPlan,
  localSites,
  type ProtocolPlan,
  type ProtocolPlanParameters,
  planProtocol,
  StepDiffers,
  type StepReceipt,
  StepsGoverned,
} from "../../relayer/src/deploy/index.ts";

const accounts = localAccounts();
const account = accounts.deployer;
const parameters = {
  ...DEFAULT_PARAMETERS,
  assets: ["BTC", "ETH"],
  mandates: [{ name: "parity", words: packMandate(defaultMandate(2)) }],
};
let local: LocalChains;
let layerZero: LayerZeroAddresses[];
const hub = (): Chain => local.chains[0] as Chain;

function planOf(changes: Partial<ProtocolPlanParameters> = {}): ProtocolPlan {
  const deployer = account.address;
  return planProtocol({
    name: "first",
    deployer,
    governance: { proposers: [deployer], executors: [deployer], guardian: accounts.guardian.address },
    parameters,
    sites: localSites(local.chains, layerZero, accounts.relayer.address),
    ...changes,
  });
}

const apply = ({ plans }: ProtocolPlan, keep?: (receipt: StepReceipt) => void): Promise<void> =>
  applyPlan({ chains: local.chains, plans, account, ...(keep === undefined ? {} : { keep }) });

const askNode = (method: string, params: readonly unknown[]): Promise<unknown> =>
  hub().reader.request({ method, params } as unknown as Parameters<Chain["reader"]["request"]>[0]);

/** Steps of a plan that are not done, over all chains. */
async function missing({ plans }: ProtocolPlan): Promise<string[]> {
  const states = await Promise.all(
    plans.map((plan, place) => diffPlan((local.chains[place] as Chain).reader, plan, account.address)),
  );
  return states.flat().flatMap(({ step, state }) => (state === "done" ? [] : [step.name]));
}

beforeAll(async () => {
  local = await startLocalChains({
    names: [
      { chainId: 31_381, eid: 40_381, role: "hub" },
      { chainId: 31_382, eid: 40_382, role: "spoke" },
    ],
  });
  layerZero = await deployLayerZero({ chains: local.chains, accounts });
}, 120_000);

afterAll(() => local?.stop());

describe("planProtocol", () => {
  it("default: a contract has the same address on every chain, before anything is there", () => {
    const { deployment, plans } = planOf();
    const [first, second] = deployment.chains;
    expect([first?.vaults, first?.governor, first?.cash.address]).toEqual([
      second?.vaults,
      second?.governor,
      second?.cash.address,
    ]);
    const places = plans.map(({ steps }) =>
      steps.flatMap((step) => (step.kind === "contract" ? [step.address.toLowerCase()] : [])),
    );
    for (const own of places) expect(new Set(own).size).toBe(own.length);
  });

  it("behavior: another deployer and another name have other addresses", () => {
    const placeOf = (changes: Partial<ProtocolPlanParameters>) =>
      planOf(changes).deployment.chains[0]?.vaults[0]?.vault;
    const vaults = [placeOf({}), placeOf({ name: "second" }), placeOf({ deployer: accounts.bidder.address })];
    expect(new Set(vaults).size).toBe(3);
  });

  it("behavior: nothing is handed over before everything is wired", () => {
    for (const { steps } of planOf().plans) {
      const phases = steps.map(({ phase }) => ["make", "wire", "handOver"].indexOf(phase));
      expect(phases).toEqual(phases.toSorted());
      expect(phases.at(-1)).toBe(2);
    }
  });
});

describe("planClearing", () => {
  it("behavior: the hub takes the largest deposits from its own chain, and every other end opens at the daily limit", () => {
    const { deployment } = planOf();
    const volatilitySigners = [accounts.deployer.address, accounts.relayer.address];
    const { plans } = planClearing({ deployment, parameters: DEFAULT_CLEARING, volatilitySigners });
    const opened = plans.flatMap(({ steps }) =>
      steps.flatMap((step) => {
        if (step.kind !== "call" || !/path to \d+$/.test(step.name)) return [];
        const { functionName, args } = decodeFunctionData({ abi: collateralHubAbi, data: step.call.data });
        return functionName === "openPath" ? [[step.name, args[2].map(String)] as const] : [];
      }),
    );
    const lanes = (limit: bigint) => Array.from({ length: 13 }, () => String(limit));
    const limit = DEFAULT_CLEARING.dailyLimit;
    expect(opened).toEqual([
      ["CollateralHub path to 40381", lanes(2n ** 62n - 1n)],
      ["CollateralHub path to 40382", lanes(limit)],
      ["CollateralGate path to 40381", lanes(limit)],
      ["CollateralGate path to 40381", lanes(limit)],
    ]);
  });
});

describe("applyPlan", () => {
  it("error: Create2DeployerMissing", async () => {
    const code = await getCode(hub().reader, { address: CREATE2_DEPLOYER });
    await askNode("anvil_setCode", [CREATE2_DEPLOYER, "0x"]);
    await expect(apply({ ...planOf(), plans: planOf().plans.slice(0, 1) })).rejects.toThrow(Create2DeployerMissing);
    await askNode("anvil_setCode", [CREATE2_DEPLOYER, code]);
  });

  it("error: DeployerBusy while a transaction of an earlier run waits", async () => {
    await askNode("evm_setAutomine", [false]);
    const client = hub().signer(account);
    await sendTransaction(client, { account, chain: client.chain, to: account.address, gas: 21_000n });
    await expect(apply(planOf())).rejects.toThrow(DeployerBusy);
    await askNode("evm_mine", []);
    await askNode("evm_setAutomine", [true]);
  });

  it("behavior: cut off at every step, with every receipt lost, it ends where it should and sends nothing twice", async () => {
    const plan = planOf();
    const counts = () => Promise.all(local.chains.map(({ reader }) => reader.getTransactionCount(account)));
    const before = await counts();
    const done: string[] = [];
    for (let run = 0; run < 100; run++) {
      try {
        await apply(plan, ({ chainId, step }) => {
          done.push(`${chainId} ${step}`);
          throw new Error("cut off");
        });
        break;
      } catch (error) {
        expect((error as Error).message).toBe("cut off");
      }
    }
    const expected = plan.plans.flatMap(({ chainId, steps }) => steps.map(({ name }) => `${chainId} ${name}`));
    expect(done.toSorted()).toEqual(expected.toSorted());
    const isLast = (step: string): boolean => / (delegate|owner)$/.test(step);
    expect(done.map(isLast)).toEqual(done.map(isLast).toSorted()); // over all chains
    expect(await counts()).toEqual(plan.plans.map(({ steps }, place) => steps.length + (before[place] ?? 0)));
    expect(await missing(plan)).toEqual([]);
  });

  it("behavior: a second run sends nothing", async () => {
    const sent: string[] = [];
    await apply(planOf(), ({ step }) => sent.push(step));
    expect(sent).toEqual([]);
  });

  it("behavior: owners and delegates are the timelocks in the end", async () => {
    const { deployment } = planOf();
    const abi = parseAbi(["function owner() view returns (address)"]);
    const [own] = deployment.chains;
    if (own?.role !== "hub") throw new Error("the first chain is the hub");
    expect(await hub().reader.readContract({ address: own.riskBeacon, abi, functionName: "owner" })).toBe(own.governor);
  });

  it("error: StepDiffers where a contract was made from other arguments", async () => {
    const other = planOf({ parameters: { ...parameters, maxGap: 4 * 3_600 } });
    expect(await missing(other)).toEqual(["ObservationLog"]);
    await expect(apply(other)).rejects.toThrow(StepDiffers);
    await expect(apply(other)).rejects.toThrow("ObservationLog");
  });

  it("error: StepsGoverned once the governor owns what has to change", async () => {
    const other = planOf({ parameters: { ...parameters, receiveGas: 300_000n } });
    expect(await missing(other)).toEqual(["RiskBeacon gas to 40382"]);
    await expect(apply(other)).rejects.toThrow(StepsGoverned);
  });

  it("error: CallReverted names why a constructor refuses", async () => {
    const refusal = apply(planOf({ name: "second", parameters: { ...parameters, warmUp: 1 } }));
    await expect(refusal).rejects.toThrow(CallReverted);
    await expect(refusal).rejects.toThrow("constructor of ParityVault");
  });
});
