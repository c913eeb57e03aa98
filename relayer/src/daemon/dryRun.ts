import { createClient, custom } from "viem";
import { toAccount } from "viem/accounts";
import type { Chain, SigningClient } from "../chains/chain.ts";
import type { Context, Site } from "../pipeline/context.ts";
import { openStore } from "../store/store.ts";
import type { DaemonConfig } from "./configFile.ts";
import { chainOf, quorumReader } from "./connect.ts";
import { openKey } from "./keys.ts";
import { sentFrom } from "./packetJobs.ts";
import { dutiesOf } from "./roles.ts";

/** What a duty would do next. */
export type DryDuty = { readonly duty: string; readonly outcome: string };

/** Where a dry run ends: at the first thing it would have made or sent. */
class NotDone extends Error {
  override name = "NotDone";
}

/** Every duty once, up to the first transaction or proof it would need. Nothing is signed, sent or kept. */
export async function dryRun(config: DaemonConfig): Promise<DryDuty[]> {
  const relayer = await openKey(config.keys.relayer);
  const bidder = config.keys.bidder === undefined ? relayer : await openKey(config.keys.bidder);
  const chains = config.deployment.chains.map((deployment) => {
    const own = config.chains.find(({ eid }) => eid === deployment.eid);
    if (own === undefined) throw new TypeError(`eid ${deployment.eid} is not configured`);
    const parameters = { deployment, config: own, onEndpoint: () => undefined };
    const reader = quorumReader(parameters);
    return chainOf(parameters, reader, ({ address }) => refusingClient(reader, address));
  });
  const prover = {
    prove: ({ circuit }: { circuit: string }) => Promise.reject(new NotDone(`would make a ${circuit} proof`)),
  };
  const { deployment } = config;
  const context: Context = { chains, deployment, accounts: { relayer, bidder }, prover, store: openStore() };
  const sentBy = async (site: Site): Promise<number> => {
    let sent = 0;
    for await (const { packets } of sentFrom(context, site, BigInt(site.deployment.block))) sent += packets.length;
    return sent;
  };
  const outcomes: DryDuty[] = [];
  for (const { name, run } of dutiesOf(context, config.roles, config.keeper, sentBy, async () => undefined)) {
    const outcome = await run(() => true).then(
      (done) => done ?? "nothing to do",
      (error: unknown) => notDoneIn(error) ?? `fails: ${(error as Error).message.split("\n")[0]}`,
    );
    outcomes.push({ duty: name, outcome });
  }
  return outcomes;
}

function refusingClient(reader: Chain["reader"], address: `0x${string}`): SigningClient {
  const request = async ({ method, params }: { method: string; params?: readonly unknown[] }): Promise<unknown> => {
    if (method !== "eth_sendTransaction")
      return reader.request({ method, params } as Parameters<typeof reader.request>[0]);
    const { to, data, gas } = (params?.[0] ?? {}) as { to?: string; data?: string; gas?: string };
    throw new NotDone(`would send ${data?.slice(0, 10)} to ${to} with ${Number(gas)} gas`);
  };
  const transport = custom({ request }, { retryCount: 0 });
  return createClient({ account: toAccount(address), chain: reader.chain, transport, cacheTime: 0 }) as SigningClient;
}

function notDoneIn(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof NotDone) return cause.message;
  return undefined;
}
