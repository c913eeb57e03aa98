import { join } from "node:path";
import { type AnvilNode, startAnvil } from "./anvil.ts";
import { type Chain, type ChainRole, connectChain } from "./chain.ts";
import { advanceTime, chainTime } from "./clock.ts";

/** What a local chain is called. */
export type LocalChainName = { readonly chainId: number; readonly eid: number; readonly role: ChainRole };

/** A hub and two spokes; eids as unlike the chain ids as they are in the world. */
export const LOCAL_CHAINS = [
  { chainId: 31337, eid: 40_337, role: "hub" },
  { chainId: 31338, eid: 40_338, role: "spoke" },
  { chainId: 31339, eid: 40_339, role: "spoke" },
] as const satisfies readonly LocalChainName[];

/** Chains that run in processes of this one. */
export type LocalChains = {
  readonly chains: readonly Chain[];
  readonly nodes: readonly AnvilNode[];
  readonly stop: () => Promise<void>;
};

export type StartLocalChainsParameters = {
  readonly names?: readonly LocalChainName[];
  /** {s} time of every block 0; must not be later than the first price */
  readonly genesisTime?: bigint | undefined;
  /** keeps the chains between runs, one file each; in memory when absent */
  readonly stateFolder?: string | undefined;
};

/** Starts the local chains side by side. When one fails, those that did start are ended. */
export async function startLocalChains(parameters: StartLocalChainsParameters = {}): Promise<LocalChains> {
  const names = parameters.names ?? LOCAL_CHAINS;
  const started = await Promise.allSettled(
    names.map(({ chainId }) =>
      startAnvil({
        chainId,
        genesisTime: parameters.genesisTime,
        stateFile: parameters.stateFolder === undefined ? undefined : join(parameters.stateFolder, `${chainId}.json`),
      }),
    ),
  );
  const nodes = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  const failure = started.find((result) => result.status === "rejected");
  if (failure !== undefined) {
    await stop();
    throw failure.reason;
  }
  const chains = names.map((name, place) => {
    const node = nodes[place] as AnvilNode;
    return connectChain({ ...name, rpcUrl: node.rpcUrl, pollingInterval: 2 });
  });
  // A chain that goes on where it ended would otherwise go on in its genesis' time.
  await Promise.all(chains.map(async (chain) => advanceTime(chain, await chainTime(chain))));
  return { chains, nodes, stop };
}
