import { join } from "node:path";
import { type Deployment, parseDeployment } from "@equipoise/sdk/actions";
import { type Address, getAddress, isAddress } from "viem";
import { governedOf } from "../deploy/applyPlan.ts";
import { parseDeployConfig } from "../deploy/deployConfig.ts";
import {
  type DeployNetworksParameters,
  deployNetworks,
  planNetworks,
  sitesOfNetworks,
} from "../deploy/deployNetworks.ts";
import { diffPlan, type StepState } from "../deploy/diffPlan.ts";
import { type Finding, findingLine } from "../deploy/finding.ts";
import { batchesPath, batchFinding, readBatches } from "../deploy/governedBatch.ts";
import type { Step } from "../deploy/plan.ts";
import { balanceFindings, preflight } from "../deploy/preflight.ts";
import type { PlannedSite, ProtocolPlan } from "../deploy/protocolPlan.ts";
import { readRecord } from "../deploy/record.ts";
import { networkNamed, parseNetworks } from "../networks/parseNetworks.ts";
import { type Command, type CommandOutcome, type OptionValues, textOption, UsageWrong } from "./command.ts";
import { deployerFrom, KEY_OPTIONS } from "./deployerKey.ts";
import { reachChain, readJsonFile } from "./networkOptions.ts";

function required(values: OptionValues, name: string, what: string): string {
  const text = textOption(values, name);
  if (text === undefined) throw new UsageWrong(`--${name} is missing: give ${what}`);
  return text;
}

/** The deployer's address, which a plan needs and a key is not needed for. */
async function deployerAddress(values: OptionValues): Promise<Address> {
  const given = textOption(values, "deployer");
  if (given === undefined) return (await deployerFrom(values)).address;
  if (!isAddress(given, { strict: false })) throw new UsageWrong(`--deployer is "${given}": give an address`);
  return getAddress(given);
}

/** `equipoise deploy`: a deployment to public networks, planned, compared or done. */
export const deploy: Command = {
  name: "deploy",
  summary: "plan a deployment, compare it with the chains, or do what is missing of it",
  usage: [
    "deploy --networks NAME,NAME --config FILE --plan --deployer ADDRESS",
    "deploy --networks NAME,NAME --config FILE --diff --deployer ADDRESS",
    "deploy --networks NAME,NAME --config FILE (--keystore FILE | --private-key-env NAME | --key-module FILE)",
  ],
  options: {
    networks: {
      value: "NAMES",
      summary: "by name, with commas: sepolia, base-sepolia, arbitrum-sepolia, optimism-sepolia",
    },
    config: { value: "FILE", summary: "what is deployed (docs/deploying.md)" },
    "network-file": { value: "FILE", summary: "a JSON list of networks of one's own, before those known by name" },
    deployment: { value: "FILE", summary: "the record (default deployments/NAME.json)" },
    plan: { summary: "print every step and address; asks no chain" },
    diff: { summary: "print the steps that are missing or differ, as the chains are now; sends nothing" },
    deployer: { value: "ADDRESS", summary: "with --plan or --diff, instead of a key" },
    ...KEY_OPTIONS,
  },
  run: async ({ values, progress }) => {
    const config = parseDeployConfig(readJsonFile(required(values, "config", "the deployment's JSON file")));
    const ownFile = textOption(values, "network-file");
    const own = ownFile === undefined ? [] : parseNetworks(readJsonFile(ownFile));
    const names = required(values, "networks", "names of networks").split(",");
    const networks = names.map((name) => networkNamed(name.trim(), own));
    const path = textOption(values, "deployment") ?? join("deployments", `${config.name}.json`);
    const only = values.plan === true || values.diff === true;
    const account = only ? undefined : await deployerFrom(values);
    const deployer = account?.address ?? (await deployerAddress(values));
    const plan = planNetworks(config, networks, deployer);
    const { deployment: recorded } = readRecord(path);
    const known = networks.filter(({ chainId }) => recorded?.chains.some((site) => site.chainId === chainId));
    const hasHub = known.some(({ name }) => name === config.hub);
    const done: Done | undefined = recorded && {
      recorded,
      plan: hasHub ? planNetworks(config, known, deployer) : plan,
    };
    if (values.plan === true) return planned(plan, done);

    const sites = sitesOfNetworks(config, networks);
    const chains = sites.map((site, place) =>
      reachChain({ ...site, rpcUrl: config.networks[networks[place]?.name ?? ""]?.rpcUrl }),
    );
    const findings = (
      await Promise.all(chains.map((chain, place) => preflight(chain, sites[place] as PlannedSite)))
    ).flat();
    if (findings.length > 0) return refused(findings);
    const balances = (await Promise.all(chains.map((chain) => balanceFindings(chain, deployer)))).flat();
    // who does it all asks the chains again, step by step
    if (account !== undefined && balances.length === 0)
      return applied(config.hub, { plan, chains, account, path, progress });
    const states = await Promise.all(
      chains.map(({ reader }, place) => diffPlan(reader, plan.plans[place] ?? empty, deployer)),
    );
    const unfinished = plan.plans.filter((_, place) => states[place]?.some(({ state }) => state === "missing"));
    const poor = balances.filter(({ chainId }) => unfinished.some((one) => one.chainId === chainId));
    if (account === undefined) {
      const governed = states.flatMap((ofChain, place) => governedOf(chains[place]?.chainId ?? 0, ofChain));
      const batches = await readBatches(plan, governed, chains);
      return compared(
        plan,
        states,
        done,
        batches.map((batch) => batchFinding(batch, batchesPath(path))),
        poor,
      );
    }
    return poor.length > 0 ? refused(poor) : applied(config.hub, { plan, chains, account, path, progress });
  },
};

async function applied(hub: string, all: DeployNetworksParameters): Promise<CommandOutcome> {
  const { path } = all;
  const deployment = await deployNetworks(all);
  const text = `${path}: ${deployment.chains.length} chains, hub ${hub}; see equipoise doctor --deployment ${path}`;
  return { ok: true, result: deployment, text };
}

/** A record's deployment, and the plan as far as the chains in it go. */
type Done = { readonly recorded: Deployment; readonly plan: ProtocolPlan };

const empty = { chainId: 0, steps: [] };

const refused = (findings: readonly Finding[]): CommandOutcome => ({
  ok: false,
  result: { findings },
  text: findings.map(findingLine).join("\n"),
});

const stepText = (step: Step): string =>
  step.kind === "contract"
    ? `${step.name} at ${step.address}`
    : `${step.name}: ${step.call.functionName} of ${step.call.address}`;

/** What is done by the record has been handed over: further calls there are the governors'. */
function planned({ plans, deployment }: ProtocolPlan, done: Done | undefined): CommandOutcome {
  const isGoverned = (chainId: number, { kind, name }: Step): boolean => {
    const owned = done?.plan.plans.find((plan) => plan.chainId === chainId)?.steps;
    return kind === "call" && owned !== undefined && !owned.some((step) => step.name === name);
  };
  const result = plans.map(({ chainId, steps }) => ({
    chainId,
    steps: steps.map((step) => ({
      phase: step.phase,
      governed: isGoverned(chainId, step),
      name: step.name,
      ...(step.kind === "contract"
        ? { address: step.address }
        : { to: step.call.address, functionName: step.call.functionName, data: step.call.data }),
    })),
  }));
  const text = plans.flatMap(({ chainId, steps }) => [
    `chain ${chainId}`,
    ...steps.map((step) => {
      const governed = isGoverned(chainId, step) ? ", by the governor" : "";
      return `  ${step.phase.padEnd(8)}  ${stepText(step)}${governed}`;
    }),
  ]);
  return { ok: true, result: { plans: result, deployment }, text: text.join("\n") };
}

/** Steps that are not done. The chains say so; the record is only compared with the plan. */
function compared(
  { plans }: ProtocolPlan,
  states: readonly (readonly { step: Step; state: StepState }[])[],
  done: Done | undefined,
  awaited: readonly Finding[],
  poor: readonly Finding[],
): CommandOutcome {
  const open = states.flatMap((ofChain, place) =>
    ofChain.flatMap(({ step, state }) =>
      state === "done" ? [] : [{ chainId: plans[place]?.chainId ?? 0, step: step.name, state, text: stepText(step) }],
    ),
  );
  const lines = open.map(({ chainId, state, text }) => `chain ${chainId}: ${state}: ${text}`);
  lines.push(...[...awaited, ...poor].map(findingLine));
  const same = done === undefined || places(done.recorded) === places(done.plan.deployment);
  if (!same) lines.push("the record names other addresses than this plan: it is of another configuration or deployer");
  const nothing =
    done === undefined ? "everything is done, and nothing is recorded: deploy to record it" : "nothing to do";
  return {
    ok: same && open.every(({ state }) => state !== "differs"),
    result: {
      open: open.map(({ text: _, ...rest }) => rest),
      governors: awaited,
      balances: poor,
      recorded: done !== undefined,
      recordAgrees: same,
    },
    text: lines.length === 0 ? nothing : lines.join("\n"),
  };
}

/** Every address of a deployment, in the order of a record. */
const places = (deployment: Deployment): string =>
  (JSON.stringify(parseDeployment(deployment)).match(/0x[0-9a-fA-F]{40}/g) ?? []).join().toLowerCase();
