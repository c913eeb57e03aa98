import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  type Hex,
} from "viem";

/** A transaction to a contract, encoded, with the name of what it calls. */
export type ContractCall = {
  readonly address: Address;
  readonly functionName: string;
  readonly data: Hex;
  /** {wei} */
  readonly value: bigint;
  /** {gas} given above the estimate, for a callee that would do something else with less; none when absent */
  readonly moreGas?: bigint;
};

type Writing = "nonpayable" | "payable";

/** What to call. Arguments are checked against the interface by the compiler. */
export type ContractCallParameters<abi extends Abi, name extends ContractFunctionName<abi, Writing>> = {
  readonly address: Address;
  readonly abi: abi;
  readonly functionName: name | ContractFunctionName<abi, Writing>;
  readonly args: ContractFunctionArgs<abi, Writing, name>;
  /** {wei} 0 when absent */
  readonly value?: bigint | undefined;
};

/** Encodes a call to a contract. */
export function contractCall<const abi extends Abi, name extends ContractFunctionName<abi, Writing>>(
  parameters: ContractCallParameters<abi, name>,
): ContractCall {
  const { address, abi, functionName, args, value } = parameters;
  const data = encodeFunctionData({ abi, functionName, args } as unknown as EncodeFunctionDataParameters);
  return { address, functionName, data, value: value ?? 0n };
}
