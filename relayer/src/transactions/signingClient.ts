import {
  type Account,
  type Address,
  createClient,
  custom,
  type Hash,
  type PublicClient,
  type Chain as ViemChain,
} from "viem";
import { toAccount } from "viem/accounts";
import type { DecidedAt, SigningClient } from "../chains/chain.ts";
import { contentOf, type Submitter } from "./submitter.ts";

type Request = { readonly method: string; readonly params?: readonly unknown[] };

/**
 * A client whose account is a submitter's. To whoever uses it, it is a node that keeps the account: `eth_sendTransaction` writes,
 * signs and broadcasts, and the receipt of a hash is that of whatever was mined in its place, once it counts, or for a step that says
 * where it has decided once it is mined. So the SDK's actions are durable without knowing it.
 */
export function signingClient(
  reader: PublicClient & { readonly chain: ViemChain },
  submitter: Submitter,
  decidedAt?: DecidedAt,
): SigningClient {
  const enough = decidedAt === undefined ? "final" : "mined";
  const request = async ({ method, params = [] }: Request): Promise<unknown> => {
    if (method === "eth_sendTransaction")
      return submitter.submit(contentOf(params[0] as Parameters<typeof contentOf>[0]), decidedAt);
    if (method === "eth_getTransactionReceipt")
      return (await submitter.outcome(params[0] as Hash, enough))?.receipt ?? null;
    return reader.request({ method, params } as Parameters<typeof reader.request>[0]);
  };
  const account: Account = toAccount(submitter.address as Address);
  return createClient({
    account,
    chain: reader.chain,
    transport: custom({ request }, { retryCount: 0 }),
    pollingInterval: reader.pollingInterval,
    cacheTime: 0,
  }) as unknown as SigningClient;
}
