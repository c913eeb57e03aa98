import type { ContractCall } from "@equipoise/sdk/actions";
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  concat,
  type EncodeFunctionDataParameters,
  type EncodeFunctionResultParameters,
  encodeDeployData,
  encodeFunctionData,
  encodeFunctionResult,
  getContractAddress,
  type Hex,
  zeroHash,
} from "viem";
import type { Artifact } from "./artifact.ts";

/** What a call to a chain must answer, byte for byte. */
export type Fact = {
  readonly address: Address;
  readonly functionName: string;
  readonly data: Hex;
  readonly expected: Hex;
};

type Reading = "view" | "pure";

/** What a reading function of a contract must return. Arguments and result are checked against the interface by the compiler. */
export function fact<const abi extends Abi, name extends ContractFunctionName<abi, Reading>>(parameters: {
  readonly address: Address;
  readonly abi: abi;
  readonly functionName: name | ContractFunctionName<abi, Reading>;
  readonly args: ContractFunctionArgs<abi, Reading, name>;
  readonly result: ContractFunctionReturnType<abi, Reading, name>;
}): Fact {
  const { address, abi, functionName, args, result } = parameters;
  const expected = encodeFunctionResult({ abi, functionName, result } as unknown as EncodeFunctionResultParameters);
  return {
    address,
    functionName,
    data: encodeFunctionData({ abi, functionName, args } as unknown as EncodeFunctionDataParameters),
    expected: expected.toLowerCase() as Hex, // addresses in bytes32 keep the case of their checksum
  };
}

/** Contracts, then calls between them, then owners: nothing is handed over before every chain is wired. */
export const PHASES = ["make", "wire", "handOver"] as const;
export type Phase = (typeof PHASES)[number];

/**
 * How a contract comes to its address: by the deployer's factory and a salt; by the public CREATE2 deployer; or by its
 * sender's nonce, for contracts that are owned by whoever makes them.
 */
export type Means =
  | { readonly by: "create3"; readonly salt: Hex }
  | { readonly by: "create2" }
  | { readonly by: "nonce" };

export type ContractStep = {
  readonly kind: "contract";
  readonly phase: "make";
  readonly name: string;
  readonly address: Address;
  readonly artifact: Artifact;
  /** code, then encoded constructor arguments */
  readonly initCode: Hex;
  readonly means: Means;
};

export type CallStep = {
  readonly kind: "call";
  readonly phase: Phase;
  readonly name: string;
  readonly call: ContractCall;
  /** all hold once the call has been made */
  readonly facts: readonly Fact[];
  /** holds as long as the call only adds, and changes nothing that stands; absent where nobody looks */
  readonly adds?: Fact;
};

export type Step = ContractStep | CallStep;

/** What is done on one chain, in order. */
export type ChainPlan = { readonly chainId: number; readonly steps: readonly Step[] };

/** A public contract at the same address nearly everywhere; anvil has it too. Its input is a salt, then code. */
export const CREATE2_DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C";

const initCodeOf = ({ abi, bytecode }: Artifact, args: readonly unknown[]): Hex =>
  encodeDeployData({ abi, bytecode, args });

/** A contract by its sender's nonce. */
export function nonceStep(name: string, artifact: Artifact, args: readonly unknown[], from: Address, nonce: number) {
  const address = getContractAddress({ from, nonce: BigInt(nonce) });
  const initCode = initCodeOf(artifact, args);
  return { kind: "contract", phase: "make", name, address, artifact, initCode, means: { by: "nonce" } } as const;
}

/** A contract by the public CREATE2 deployer: its address is its code's. */
export function create2Step(name: string, artifact: Artifact, args: readonly unknown[] = []) {
  const initCode = initCodeOf(artifact, args);
  const address = getContractAddress({ opcode: "CREATE2", from: CREATE2_DEPLOYER, salt: zeroHash, bytecode: initCode });
  return { kind: "contract", phase: "make", name, address, artifact, initCode, means: { by: "create2" } } as const;
}

/** What {@link create2Step} is sent as. */
export const create2Data = ({ initCode }: Pick<ContractStep, "initCode">): Hex => concat([zeroHash, initCode]);

/** A contract by the deployer's factory. */
export function create3Step(
  name: string,
  artifact: Artifact,
  args: readonly unknown[],
  { address, salt }: { readonly address: Address; readonly salt: Hex },
): ContractStep {
  const initCode = initCodeOf(artifact, args);
  return { kind: "contract", phase: "make", name, address, artifact, initCode, means: { by: "create3", salt } };
}

/** A call, and what holds once it is made. */
export const callStep = (phase: Phase, name: string, call: ContractCall, facts: readonly Fact[]): CallStep => ({
  kind: "call",
  phase,
  name,
  call,
  facts,
});
