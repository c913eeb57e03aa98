import { revertDataOf } from "@equipoise/sdk/actions";
import { type Client, encodeDeployData } from "viem";
import { call } from "viem/actions";
import { forgeArtifact } from "./artifact.ts";

/**
 * Whether development keys, local tokens and local feeds are welcome on a chain: asked of the contracts' own rule
 * (`DevelopmentChains`), by a constructor that refuses every other chain and is not sent.
 */
export async function isDevelopmentChain(client: Client): Promise<boolean> {
  const { abi, bytecode } = forgeArtifact("LocalToken");
  try {
    await call(client, { data: encodeDeployData({ abi, bytecode, args: ["", "", 18] }) });
    return true;
  } catch (error) {
    if (revertDataOf(error) === undefined) throw error;
    return false;
  }
}
