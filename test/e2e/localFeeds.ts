import type { Site } from "@equipoise/relayer";
import { contractCall } from "@equipoise/sdk/actions";
import { type Address, parseAbi, parseEther, toHex } from "viem";

/** Feeds of a local chain, written to without the relayer's account. */
export type LocalFeeds = {
  /** @param prices {D18} one per lane */
  readonly publish: (prices: readonly bigint[]) => Promise<void>;
};

const feedsAbi = parseAbi(["function feeds() view returns (address[])", "function publish(int120 answer)"]);
/** {D18} per feed unit */
const FEED_SCALE = 10n ** 10n;

/** Local chains only: a chain's own methods. */
export const askNode = ({ chain }: Pick<Site, "chain">, method: string, params: unknown[]): Promise<unknown> =>
  chain.reader.request({ method, params } as unknown as Parameters<typeof chain.reader.request>[0]);

/** Speaks to the feeds as their publisher, which a local chain lets anybody be. */
export async function openFeeds(site: Site): Promise<LocalFeeds> {
  const publisher = site.deployment.pricePublisher as Address;
  const { reader } = site.chain;
  const feeds = await reader.readContract({ address: publisher, abi: feedsAbi, functionName: "feeds" });
  await askNode(site, "anvil_setBalance", [publisher, toHex(parseEther("1000"))]);
  await askNode(site, "anvil_impersonateAccount", [publisher]);
  return {
    publish: async (prices) => {
      for (const [lane, feed] of feeds.entries()) {
        const args = [(prices[lane] as bigint) / FEED_SCALE] as const;
        const { data } = contractCall({ address: feed, abi: feedsAbi, functionName: "publish", args });
        await askNode(site, "eth_sendTransaction", [{ from: publisher, to: feed, data }]);
      }
    },
  };
}
