import { FEED_DECIMALS } from "@equipoise/sdk";
import { contractCall, localPricePublisherAbi, type Sent, sendCall } from "@equipoise/sdk/actions";
import type { Context, Site } from "./context.ts";

/** {D18} per feed unit */
const FEED_SCALE = 10n ** BigInt(18 - FEED_DECIMALS);

/**
 * Local chains only: writes one price per asset to the feeds, as of the next block. The same prices again change nothing
 * but their time.
 * @param prices {D18} in the order of the lanes; rounded half up to what the feeds hold
 */
export function publishPrices({ accounts }: Context, site: Site, prices: readonly bigint[]): Promise<Sent> {
  const answers = prices.map((price) => (price + FEED_SCALE / 2n) / FEED_SCALE);
  const call = contractCall({
    address: site.deployment.pricePublisher,
    abi: localPricePublisherAbi,
    functionName: "publish",
    args: [answers],
  });
  return sendCall(site.chain.signer(accounts.relayer), call);
}
