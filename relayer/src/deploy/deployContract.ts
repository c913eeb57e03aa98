import { CallReverted, gasOf, receiptOf, revertDataOf } from "@equipoise/sdk/actions";
import { type Address, encodeDeployData, type Hex, zeroAddress } from "viem";
import { sendTransaction } from "viem/actions";
import type { SigningClient } from "../chains/chain.ts";
import { StepFailed } from "../stepFailed.ts";
import type { Artifact } from "./artifact.ts";

/** Puts a contract on a chain and waits until it is there. */
export async function deployContract(
  client: SigningClient,
  artifact: Artifact,
  args: readonly unknown[] = [],
): Promise<Address> {
  const { abi, bytecode, name } = artifact;
  const data = encodeDeployData({ abi, bytecode, args });
  const gas = await estimateDeployment(client, artifact, data);
  const hash = await sendTransaction(client, { account: client.account, chain: client.chain, data, gas, to: null });
  const { contractAddress, status } = await receiptOf(client, hash);
  if (status === "reverted" || contractAddress === null || contractAddress === undefined) {
    throw new StepFailed(`${name} was not deployed by ${hash}: its constructor refused the block's state`, {
      retry: false,
    });
  }
  return contractAddress;
}

/** {gas} for a contract. Throws its constructor's error where that refuses. */
export async function estimateDeployment(client: SigningClient, { abi, name }: Artifact, data: Hex): Promise<bigint> {
  try {
    return await gasOf(client, { data, value: 0n });
  } catch (error) {
    const reason = revertDataOf(error);
    if (reason === undefined) throw error;
    const call = { address: zeroAddress, functionName: `constructor of ${name}`, data, value: 0n, abi };
    throw new CallReverted(call, reason === "none" ? undefined : reason, { cause: error });
  }
}
