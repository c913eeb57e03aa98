import type { MandateWords } from "@equipoise/sdk";

/** A mandate that vaults begin with, by a name that their addresses depend on. */
export type NamedMandate = { readonly name: string; readonly words: MandateWords };

/** What a local deployment is made of. Times in {s}. */
export type ProtocolParameters = {
  /** one per lane, at most twelve */
  readonly assets: readonly string[];
  /** between observations */
  readonly interval: number;
  /** a longer gap between observations re-bases the log */
  readonly maxGap: number;
  /** an older price is refused */
  readonly maxPriceAge: number;
  /** an older risk state neither allocates nor rebalances */
  readonly maxRiskAge: number;
  /** from the opening of a rebalance to its first bid */
  readonly warmUp: number;
  readonly auctionLength: number;
  /** of the vaults' mandates */
  readonly mandateDelay: number;
  /** of the governor's timelock: passes once, before the vaults are seeded */
  readonly governorDelay: number;
  /** each gets a vault on every chain, which begins with these words */
  readonly mandates: readonly NamedMandate[];
  /** {whole cash} each vault begins with */
  readonly seedCash: bigint;
  /** {gas} that a risk state's message always carries for its mirror */
  readonly receiveGas: bigint;
};

export const HOUR = 3_600;
export const DAY = 24 * HOUR;

/** Times and amounts that suit hourly observations. */
export const DEFAULT_PARAMETERS = {
  interval: HOUR,
  maxGap: 3 * HOUR,
  maxPriceAge: 2 * HOUR,
  maxRiskAge: 2 * DAY,
  warmUp: 60,
  auctionLength: 1_200 /* a few rounds fit between two observations */,
  mandateDelay: 2 * DAY,
  governorDelay: DAY,
  seedCash: 1_000_000n,
  receiveGas: 250_000n,
} as const satisfies Partial<ProtocolParameters>;

/** {s} how much earlier than the first price the local chains must begin, so that the timelock's delay can pass. */
export const setupTime = ({ governorDelay }: Pick<ProtocolParameters, "governorDelay">): bigint =>
  BigInt(governorDelay + HOUR);
