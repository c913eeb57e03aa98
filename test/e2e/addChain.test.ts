import { existsSync, readFileSync, writeFileSync } from "node:fs";
import {
  advanceTime,
  broadcastNewestRisk,
  type Chain,
  type Context,
  chainTime,
  deliverPackets,
  observePrices,
  openStore,
  proveAndAcceptRisk,
  simulatePrices,
  ticksOf,
} from "@equipoise/relayer";
import { collateralHubAbi, hubOf, readLatestRiskIndex, receiptOf } from "@equipoise/sdk/actions";
import { releaseProver } from "@equipoise/sdk/prover";
import {
  type Abi,
  type Account,
  type Address,
  decodeFunctionData,
  type Hex,
  keccak256,
  parseAbi,
  toHex,
  zeroAddress,
  zeroHash,
} from "viem";
import { sendTransaction } from "viem/actions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  batchesPath,
  parseDeployConfig,
  planNetworks,
  readDeployment,
  readRecord,
} from "../../relayer/src/deploy/index.ts";
import { examine } from "../../relayer/src/doctor/index.ts";
import { oappAbi } from "../../relayer/src/layerzero/abi.ts";
import { covarianceProver } from "./clearingFixture.ts";
import { ask, govern } from "./doctorFixture.ts";
import { type Ended, type NetworksFixture, startNetworks } from "./networksFixture.ts";

const BEFORE = ["sepolia", "base-sepolia"];
const ADDED_EID = 40_231;
const timelockAbi = parseAbi([
  "function hashOperationBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) view returns (bytes32)",
  "function isOperationPending(bytes32 id) view returns (bool)",
  "function revokeRole(bytes32 role, address account)",
]);
/** What the hub's governor has to do for a chain more, in its order. */
const WIRING = [
  ...["RiskBeacon peer on", "RiskBeacon gas to", "RiskBeacon send library to", "RiskBeacon workers to"],
  ...["CollateralHub path to", "CollateralHub gas to", "CollateralHub send library to", "CollateralHub workers to"],
  ...["CollateralHub receive library from", "CollateralHub verifiers from"],
].map((what) => `${what} ${ADDED_EID}`);

type Transaction = { readonly to: Address; readonly value: string; readonly data: Hex };
type Batch = {
  readonly chainId: number;
  readonly timelock: Address;
  readonly operation: Hex;
  readonly stage: string;
  readonly delay: number;
  readonly salt: Hex;
  readonly calls: readonly (Transaction & { readonly step: string; readonly adds: boolean })[];
  readonly schedule: Transaction;
  readonly execute: Transaction;
};

let fixture: NetworksFixture;
const hub = () => fixture.chains[0] as Chain;
const deployer = () => fixture.accounts.deployer.address;
const planned = () => planNetworks(parseDeployConfig(fixture.config), fixture.networks, deployer());
const recorded = () => readRecord(fixture.record).deployment?.chains.map(({ chainId }) => chainId);
const counts = () =>
  Promise.all(fixture.chains.map(({ reader }) => reader.getTransactionCount({ address: deployer() })));
const deploy = (...more: string[]): Promise<Ended> =>
  fixture.equipoise([
    ...fixture.deployArguments(),
    ...(more.length > 0 ? more : ["--private-key-env", "DEPLOYER_KEY"]),
  ]);
const compare = (): Promise<Ended> => deploy("--diff", "--deployer", deployer());
const file = () => batchesPath(fixture.record);
const batches = (): readonly Batch[] => JSON.parse(readFileSync(file(), "utf8")).batches;
const batch = (): Batch => {
  const [first, another] = batches();
  if (first === undefined || another !== undefined) throw new Error("there is not one batch");
  return first;
};
const asGovernor = (abi: Abi, address: Address, functionName: string, args: unknown[]) =>
  govern(hub(), { address, abi, functionName, args }, hubOf(planned().deployment).governor);

async function send(account: Account, { to, data }: Transaction): Promise<void> {
  const client = hub().signer(account);
  const hash = await sendTransaction(client, { account, chain: client.chain, to, data, gas: 3_000_000n });
  expect((await receiptOf(hub().reader, hash)).status).toBe("success");
}
/** As a multisig among the proposers would, from the file. */
const schedule = (): Promise<void> => send(fixture.accounts.investor, batch().schedule);
const passDelay = async (): Promise<void> => {
  await advanceTime(hub(), (await chainTime(hub())) + BigInt(batch().delay));
};

beforeAll(async () => {
  fixture = await startNetworks();
  const first = fixture.deployArguments(undefined, undefined, BEFORE);
  const { code, errors } = await fixture.equipoise([...first, "--private-key-env", "DEPLOYER_KEY"]);
  if (code !== 0) throw new Error(errors);
}, 300_000);
afterAll(async () => {
  await releaseProver();
  await fixture?.stop();
});

describe("a chain added after the handing over", () => {
  it("default: --plan says which steps are the governor's, by the record", async () => {
    const { code, out } = await deploy("--plan", "--deployer", deployer());
    const lines = out.split("\n").filter((line) => line.endsWith(", by the governor"));
    expect(code).toBe(0);
    expect(lines.map((line) => line.trim().split(/: |\s{2,}/)[1])).toEqual(WIRING);
  });

  it("behavior: killed and run again, the added chain is done and handed over, and the hub is left to its governor", async () => {
    const before = await counts();
    const block = await hub().reader.getBlockNumber();
    const args = [...fixture.deployArguments(), "--private-key-env", "DEPLOYER_KEY"];
    for (const lines of [2, 12]) expect((await fixture.equipoise(args, lines)).code).toBe(null);
    expect(recorded()).toHaveLength(2);

    const { code, errors } = await deploy();
    expect([code, errors]).toEqual([1, expect.stringContaining("GovernorsAwaited")]);
    expect(errors).toMatch(
      /10 calls of the timelock 0x\w+, operation 0x\w+ .* are not scheduled; have a proposer send/,
    );
    const added = planned().plans[2]?.steps.length ?? 0;
    expect(await counts()).toEqual([before[0], before[1], added]);
    expect(await hub().reader.getBlockNumber()).toBe(block);
    expect(recorded()).toHaveLength(2);
  }, 300_000);

  it("behavior: the batch is what the plan lacks, and has the name that the timelock gives it", async () => {
    const { calls, timelock, operation, salt, stage, delay, chainId } = batch();
    expect([chainId, stage, delay]).toEqual([hub().chainId, "unknown", 172_800]);
    expect(timelock).toBe(hubOf(planned().deployment).governor);
    expect(calls.map(({ step, adds }) => [step, adds])).toEqual(WIRING.map((step) => [step, true]));
    const named = await hub().reader.readContract({
      address: timelock,
      abi: timelockAbi,
      functionName: "hashOperationBatch",
      args: [
        calls.map(({ to }) => to),
        calls.map(({ value }) => BigInt(value)),
        calls.map(({ data }) => data),
        zeroHash,
        salt,
      ],
    });
    expect(operation).toBe(named);
  });

  it("behavior: until then what is recorded is well, and what is planned lacks its wiring", async () => {
    const { code, out } = await fixture.equipoise(["doctor", "--deployment", fixture.record]);
    expect([code, out]).toEqual([0, expect.stringContaining("2 chains, nothing found")]);
    const facts = (await examine(fixture.chains, planned().deployment)).map(({ check, fact }) => `${check}: ${fact}`);
    expect(facts).toContainEqual(expect.stringMatching(/^peer: the peer of RiskBeacon on 40231 is 0x0+,/));
    expect(facts).toContainEqual(expect.stringMatching(/^peer: the peer of CollateralHub on 40231 is 0x0+,/));
    expect(facts.every((fact) => /RiskBeacon|CollateralHub/.test(fact))).toBe(true);
    const compared = await compare();
    expect(compared.code).toBe(0);
    expect(compared.out.match(/: governed: /g)).toHaveLength(WIRING.length);
    expect(compared.out).toContain(`operation ${batch().operation}`);
  });

  it("behavior: a batch's file is written and never believed", async () => {
    const written = readFileSync(file(), "utf8");
    const { timelock, schedule: announced } = batch();
    const stolen = {
      to: timelock,
      value: "0",
      data: announced.data.replaceAll(timelock.slice(2).toLowerCase(), "11".repeat(20)),
    };
    const tampered = { ...batch(), operation: `0x${"11".repeat(32)}`, stage: "ready", calls: [], schedule: stolen };
    writeFileSync(file(), JSON.stringify({ version: 1, deployment: "preview", batches: [tampered] }));
    const before = await counts();
    expect((await deploy()).code).toBe(1);
    expect(readFileSync(file(), "utf8")).toBe(written);
    expect(await counts()).toEqual(before);
  });

  it("error: GovernorRefused at a path that the governor opened to another", async () => {
    const snapshot = await ask(hub(), "evm_snapshot", []);
    const opening = batch().calls.find(({ step }) => step === `CollateralHub path to ${ADDED_EID}`);
    if (opening === undefined) throw new Error("the batch opens a path");
    const { functionName, args } = decodeFunctionData({ abi: collateralHubAbi, data: opening.data });
    if (functionName !== "openPath") throw new Error(`${functionName} opens a path`);
    await asGovernor(collateralHubAbi, opening.to, functionName, [ADDED_EID, `0x${"11".repeat(32)}`, args[2]]);
    const { code, errors } = await deploy();
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(/GovernorRefused: CollateralHub path .*PathOpenedBefore/),
    ]);
    await ask(hub(), "evm_revert", [snapshot]);
  });

  it("behavior: announced it waits, and nobody does it before its time", async () => {
    await schedule();
    const { timelock: address, operation } = batch();
    const timelock = { address, abi: timelockAbi } as const;
    expect(
      await hub().reader.readContract({ ...timelock, functionName: "isOperationPending", args: [operation] }),
    ).toBe(true);
    const before = await counts();
    const { code, errors } = await deploy();
    const until = new Date(Number((await chainTime(hub())) + 172_800n) * 1_000).toISOString();
    expect([code, errors]).toEqual([1, expect.stringContaining(`wait until ${until}; run this again then`)]);
    expect([batch().operation, batch().stage]).toEqual([operation, "waiting"]);
    expect(await counts()).toEqual(before);
  });

  it("behavior: where the deployer is no executor, an executor does what was announced", async () => {
    await passDelay();
    const snapshot = await ask(hub(), "evm_snapshot", []);
    const role = keccak256(toHex("EXECUTOR_ROLE"));
    await asGovernor(timelockAbi, batch().timelock, "revokeRole", [role, zeroAddress]);
    const before = await counts();
    const { code, errors } = await deploy();
    expect([code, errors]).toEqual([1, expect.stringContaining("can be executed; ")]);
    expect([batch().stage, await counts()]).toEqual(["ready", before]);
    await ask(hub(), "evm_revert", [snapshot]);
  });

  it("behavior: where everyone may, a run does what was announced, and one that is not killed then records the chain", async () => {
    const [before] = await counts();
    const args = [...fixture.deployArguments(), "--private-key-env", "DEPLOYER_KEY"];
    const killed = await fixture.equipoise(args, 1);
    expect([killed.code, killed.errors]).toEqual([null, expect.stringContaining("governor's 0x")]);
    expect(recorded()).toHaveLength(2);
    const { code, errors } = await deploy();
    expect([code, code === 0 ? "" : errors]).toEqual([0, ""]);
    expect((await counts())[0]).toBe((before ?? 0) + 1);
    expect(recorded()).toEqual(fixture.chains.map(({ chainId }) => chainId));
    expect(readDeployment(fixture.record).chains.every(({ block }) => block > 0)).toBe(true);
    expect(existsSync(file())).toBe(false);
    expect((await compare()).out.trim()).toBe("nothing to do");
    const doctor = await fixture.equipoise(["doctor", "--deployment", fixture.record]);
    expect([doctor.code, doctor.out]).toEqual([0, expect.stringContaining("3 chains, nothing found")]);
  }, 300_000);

  it("behavior: a risk state reaches the added chain", async () => {
    const simulated = simulatePrices({ ticks: 241, seed: 5, crashAt: 10_000 });
    const shift = Number(await chainTime(hub())) + 3_600 - (simulated.times[0] ?? 0);
    const times = simulated.times.map((time) => time + shift);
    const series = { times, prices: simulated.prices.map((row) => row.slice(0, 2)) };
    const context: Context = {
      chains: fixture.chains,
      deployment: readDeployment(fixture.record),
      accounts: fixture.accounts,
      prover: await covarianceProver(),
      store: openStore(),
    };
    await observePrices(context, ticksOf(series));
    await proveAndAcceptRisk(context);
    expect((await broadcastNewestRisk(context)).dstEids).toContain(ADDED_EID);
    await deliverPackets(context);
    const [, , added] = context.deployment.chains;
    if (added === undefined) throw new Error("there are three chains");
    expect(await readLatestRiskIndex((fixture.chains[2] as Chain).reader, added)).toBe(240n);
  }, 300_000);

  it("behavior: what the governor undid is announced anew, under another name each time", async () => {
    const { riskBeacon } = hubOf(planned().deployment);
    const operations: Hex[] = [];
    for (const round of [0, 1]) {
      await asGovernor(oappAbi, riskBeacon, "setPeer", [ADDED_EID, zeroHash]);
      expect((await deploy()).code).toBe(1);
      expect([round, batch().calls.map(({ step }) => step), batch().stage]).toEqual([round, [WIRING[0]], "unknown"]);
      operations.push(batch().operation);
      await schedule();
      await passDelay();
      expect((await deploy()).code).toBe(0);
    }
    expect(new Set(operations).size).toBe(2);
  }, 300_000);

  it("behavior: a call that changes what stands is named as one", async () => {
    const config = { ...fixture.config, parameters: { governorDelay: 172_800, receiveGas: 300_000 } };
    const arguments_ = [...fixture.deployArguments(config), "--diff", "--deployer", deployer()];
    const { out } = await fixture.equipoise(arguments_);
    expect(out).toContain(
      `(RiskBeacon gas to 40245 (changes what stands), RiskBeacon gas to ${ADDED_EID} (changes what`,
    );
  });

  it("error: StepDiffers where the governor has handed an application on, and hands nothing back", async () => {
    const { riskBeacon } = hubOf(planned().deployment);
    await asGovernor(oappAbi, riskBeacon, "transferOwnership", [fixture.accounts.bidder.address]);
    const before = await counts();
    const { code, errors } = await deploy();
    expect([code, errors]).toEqual([1, expect.stringContaining("StepDiffers: RiskBeacon owner")]);
    expect(await counts()).toEqual(before);
  });
});
