import { FEED_DECIMALS } from "@equipoise/sdk";
import { contractCall, localPricePublisherAbi, type Sent, sendCall } from "@equipoise/sdk/actions";
import { StepFailed } from "../stepFailed.ts";
import type { Context, Site } from "./context.ts";

/** {D18} per feed unit */
const FEED_SCALE = 10n ** BigInt(18 - FEED_DECIMALS);

/**
 * Local chains only: writes one price per asset to the feeds, as of the next block. The same prices again change nothing
 * but their time.
 * @param prices {D18} in the order of the lanes; rounded half up to what the feeds hold
 */
export async function publishPrices({ accounts }: Context, site: Site, prices: readonly bigint[]): Promise<Sent> {
  const { pricePublisher: address, chainId } = site.deployment;
  if (address === undefined) {
    throw new StepFailed(`the feeds of chain ${chainId} are others': nobody publishes prices to them`, {
      retry: false,
    });
  }
  const answers = prices.map((price) => (price + FEED_SCALE / 2n) / FEED_SCALE);
  const call = contractCall({
    address,
    abi: localPricePublisherAbi,
    functionName: "publish",
    args: [answers],
  });
  return sendCall(site.chain.signer(accounts.relayer), call);
}
