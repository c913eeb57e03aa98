import { CallReverted, type ContractCall, contractCall, type Sent, sendCall } from "@equipoise/sdk/actions";
import { type Address, type Client, type Hex, keccak256, parseAbi, toHex, zeroAddress, zeroHash } from "viem";
import { readContract } from "viem/actions";
import type { SigningClient } from "../chains/chain.ts";

const timelockAbi = parseAbi([
  "function getMinDelay() view returns (uint256)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
  "function getTimestamp(bytes32 id) view returns (uint256)",
  "function isOperationDone(bytes32 id) view returns (bool)",
  "function hashOperationBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) pure returns (bytes32)",
  "function scheduleBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function executeBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) payable",
]);

/** What a governor's timelock does at once. */
export type Operation = {
  /** the timelock */
  readonly governor: Address;
  readonly calls: readonly ContractCall[];
  /** tells operations apart that are otherwise the same */
  readonly salt: Hex;
};

const batchOf = ({ calls, salt }: Operation): readonly [Address[], bigint[], Hex[], Hex, Hex] => [
  calls.map(({ address }) => address),
  calls.map(({ value }) => value),
  calls.map(({ data }) => data),
  zeroHash,
  salt,
];

/** Announces an operation. @param delay {s} at least the timelock's */
export const scheduleCall = (operation: Operation, delay: bigint): ContractCall =>
  contractCall({
    address: operation.governor,
    abi: timelockAbi,
    functionName: "scheduleBatch",
    args: [...batchOf(operation), delay],
  });

/** Does an operation whose delay is over. */
export const executeCall = (operation: Operation): ContractCall =>
  contractCall({
    address: operation.governor,
    abi: timelockAbi,
    functionName: "executeBatch",
    args: batchOf(operation),
  });

/** How far an operation has come. */
export type OperationStage = {
  readonly id: Hex;
  readonly name: "unknown" | "scheduled" | "done";
  /** {s} from when on it can be executed */
  readonly readyAt: bigint;
};

/** Reads how far an operation has come. */
export async function readOperation(client: Client, operation: Operation): Promise<OperationStage> {
  const timelock = { address: operation.governor, abi: timelockAbi } as const;
  const id = await readContract(client, {
    ...timelock,
    functionName: "hashOperationBatch",
    args: batchOf(operation),
  });
  const [readyAt, done] = await Promise.all([
    readContract(client, { ...timelock, functionName: "getTimestamp", args: [id] }),
    readContract(client, { ...timelock, functionName: "isOperationDone", args: [id] }),
  ]);
  if (done) return { id, name: "done", readyAt };
  return { id, name: readyAt === 0n ? "unknown" : "scheduled", readyAt };
}

const EXECUTOR_ROLE = keccak256(toHex("EXECUTOR_ROLE"));

/** Whether an account may do what was announced: as everyone where the zero address is an executor. */
export async function mayExecute(client: Client, governor: Address, account: Address): Promise<boolean> {
  const isExecutor = (executor: Address): Promise<boolean> =>
    readContract(client, {
      address: governor,
      abi: timelockAbi,
      functionName: "hasRole",
      args: [EXECUTOR_ROLE, executor],
    });
  return (await isExecutor(zeroAddress)) || (await isExecutor(account));
}

/** Does an operation whose delay is over. @returns nothing where somebody else has done it meanwhile */
export async function execute(client: SigningClient, operation: Operation): Promise<Sent | undefined> {
  try {
    return await sendCall(client, executeCall(operation));
  } catch (error) {
    const lost = error instanceof CallReverted && error.reason === "TimelockUnexpectedOperationState";
    if (lost && (await readOperation(client, operation)).name === "done") return undefined;
    throw error;
  }
}

/** {s} least time between scheduling and doing */
export const readTimelockDelay = (client: Client, { governor }: Pick<Operation, "governor">): Promise<bigint> =>
  readContract(client, { address: governor, abi: timelockAbi, functionName: "getMinDelay" });
