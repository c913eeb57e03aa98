import { readFileSync } from "node:fs";
import {
  DECAYS,
  type MandateWords,
  packAllocation,
  riskFigures,
  unpackObservations,
  WINDOW_LENGTH,
} from "@equipoise/sdk";
import { contractCall, parityVaultAbi, readWindow, sendCall } from "@equipoise/sdk/actions";
import { type Abi, type Address, type Hex, parseAbi, parseEventLogs } from "viem";
import { deployContract } from "../../relayer/src/deploy/deployContract.ts";
import { hubSite, type LocalContext } from "../../relayer/src/pipeline/context.ts";
import type { EpochReport } from "../../relayer/src/pipeline/runEpoch.ts";

// test/contracts/OnChainRisk.sol
const oracleAbi = parseAbi(["function accept(uint64 index, uint256[] words)"]);
const parityAbi = parseAbi([
  "function keep(uint64 index, uint256[20] triangle)",
  "function solve() returns (uint256 weights, uint256 sweeps)",
  "function check(uint64 index, uint256 weights, uint256 portfolio, uint256 kappa, uint256[20] triangle)",
]);

/** The same job without proofs, on the hub. */
export type References = {
  readonly oracle: Address;
  /** one instance solves, the other checks: each keeps its own allocation */
  readonly solver: Address;
  readonly checker: Address;
};

/** {gas} whole transactions of one epoch. */
export type ReferenceGas = {
  /** all triangles, volatilities and correlations from the window's words */
  readonly compute: number;
  /** a triangle taken into storage */
  readonly keep: number;
  readonly solve: number;
  /** rules P-2 to P-6 on given weights, with the triangle in calldata */
  readonly check: number;
};

function artifact(name: string) {
  const path = `build/contracts/OnChainRisk.sol/${name}.json`;
  const { abi, bytecode } = JSON.parse(readFileSync(path, "utf8")) as { abi: Abi; bytecode: { object: Hex } };
  return { name, abi, bytecode: bytecode.object };
}

/** Deploys them beside the log whose words they take. */
export async function deployReferences(
  context: LocalContext,
  mandate: MandateWords,
  maxRiskAge: number,
): Promise<References> {
  const { chain, deployment } = hubSite(context);
  const client = chain.signer(context.accounts.deployer);
  const length = BigInt(WINDOW_LENGTH);
  const oracle = await deployContract(client, artifact("OnChainRiskOracle"), [deployment.observationLog, length]);
  const parity = (): Promise<Address> =>
    deployContract(client, artifact("OnChainParity"), [oracle, length, BigInt(maxRiskAge), mandate]);
  return { oracle, solver: await parity(), checker: await parity() };
}

const ENTRY_OFFSET = 1n << 63n;
const ENTRIES_PER_WORD = 4;

/** The 20 words of a triangle, as OnChainRisk.sol lays them out. */
function triangleWords(triangle: readonly bigint[]) {
  const words = new Array<bigint>(Math.ceil(triangle.length / ENTRIES_PER_WORD)).fill(0n);
  for (const [place, entry] of triangle.entries()) {
    const shift = BigInt(64 * (place % ENTRIES_PER_WORD));
    words[Math.floor(place / ENTRIES_PER_WORD)]! |= (entry + ENTRY_OFFSET) << shift;
  }
  return words as unknown as Parameters<typeof contractCall<typeof parityAbi, "keep">>[0]["args"][1];
}

/** Does an epoch that was proven once more without proofs, and measures it. */
export async function runReferences(
  context: LocalContext,
  references: References,
  decayIndex: number,
  report: EpochReport,
): Promise<ReferenceGas> {
  const { chain, deployment } = hubSite(context);
  const client = chain.signer(context.accounts.relayer);
  const { index } = report.risk;
  const { observationLog } = deployment;
  const fromBlock = BigInt(deployment.block);
  const { observations } = await readWindow(chain.reader, { observationLog, index, fromBlock });
  const triangle = riskFigures(unpackObservations(observations)).triangles[decayIndex];
  const vault = report.allocations.find(({ eid }) => eid === deployment.eid);
  if (triangle === undefined || vault?.allocation === undefined) {
    throw new TypeError(`epoch ${index} has no allocation with decay ${DECAYS[decayIndex]?.name}: nothing to compare`);
  }
  const words = triangleWords(triangle);
  const { weights, portfolio } = packAllocation(vault.allocation);
  const { kappa } = vault.allocation;
  const { oracle, solver, checker } = references;
  const parity = { abi: parityAbi } as const;
  const window = [index, [...observations]] as const;
  const compute = contractCall({ address: oracle, abi: oracleAbi, functionName: "accept", args: window });
  const keep = contractCall({ ...parity, address: solver, functionName: "keep", args: [index, words] });
  const solve = contractCall({ ...parity, address: solver, functionName: "solve", args: [] });
  const given = [index, weights, portfolio, kappa, words] as const;
  const check = contractCall({ ...parity, address: checker, functionName: "check", args: given });
  // In this order: the triangle kept and the one checked must be the one computed.
  const computed = await sendCall(client, compute);
  const kept = await sendCall(client, keep);
  const solved = await sendCall(client, solve);
  const checked = await sendCall(client, check);
  checkSameWeights(solved.logs, vault.allocation.weights);
  return {
    compute: Number(computed.gasUsed),
    keep: Number(kept.gasUsed),
    solve: Number(solved.gasUsed),
    check: Number(checked.gasUsed),
  };
}

/** {ppm} rounding may differ, the solution may not */
const CLOSE = 12n;

/** Throws unless what was solved on chain is what was proven: the cost of a wrong answer is no reference. */
function checkSameWeights(logs: Awaited<ReturnType<typeof sendCall>>["logs"], proven: readonly bigint[]): void {
  const [allocated] = parseEventLogs({ abi: parityVaultAbi, eventName: "Allocated", logs: [...logs] });
  const word = allocated?.args.weights ?? 0n;
  for (const [lane, expected] of proven.entries()) {
    const found = (word >> BigInt(21 * lane)) & 0x1fffffn;
    const apart = found > expected ? found - expected : expected - found;
    if (apart > CLOSE)
      throw new RangeError(`lane ${lane} was solved to ${found} ppm on chain and proven as ${expected} ppm`);
  }
}
