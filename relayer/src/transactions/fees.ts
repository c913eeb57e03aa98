/** {wei/gas} what a transaction offers, EIP-1559. */
export type Fees = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

/** When and how much more is offered for a transaction that is not mined. */
export type FeePolicy = {
  /** {ms} a transaction stays with its fees for so long */
  readonly escalateAfterMs: number;
  /** {wei/gas} never offered more */
  readonly maxFeePerGas: bigint;
};

export const DEFAULT_FEE_POLICY: FeePolicy = { escalateAfterMs: 60_000, maxFeePerGas: 500n * 10n ** 9n };

/** An eighth more per step: nodes ask for at least a tenth. */
const STEP = { numerator: 9n, denominator: 8n } as const;
const LEAST_STEP = { numerator: 11n, denominator: 10n } as const;

type Ratio = { readonly numerator: bigint; readonly denominator: bigint };
const timesUp = (fee: bigint, { numerator, denominator }: Ratio): bigint =>
  (fee * numerator + denominator - 1n) / denominator;
const greater = (one: bigint, other: bigint): bigint => (one > other ? one : other);
const lesser = (one: bigint, other: bigint): bigint => (one < other ? one : other);

/** What the market asks {wei/gas}: twice the base fee leaves room for six full blocks. */
export const marketFees = (baseFee: bigint, priorityFee: bigint): Fees => ({
  maxFeePerGas: 2n * baseFee + priorityFee,
  maxPriorityFeePerGas: priorityFee,
});

/** What a new transaction offers: the market's fees, never above the cap. */
export const firstFees = (market: Fees, { maxFeePerGas: cap }: FeePolicy): Fees => ({
  maxFeePerGas: lesser(market.maxFeePerGas, cap),
  maxPriorityFeePerGas: lesser(market.maxPriorityFeePerGas, cap),
});

/**
 * What the replacement of a transaction offers: an eighth more of both fees, rounded up, or the market's fees where those
 * are higher, never above the cap. Nothing where the cap leaves no room for the tenth that nodes ask for.
 */
export function escalatedFees(before: Fees, market: Fees, { maxFeePerGas: cap }: FeePolicy): Fees | undefined {
  const next = {
    maxFeePerGas: lesser(greater(timesUp(before.maxFeePerGas, STEP), market.maxFeePerGas), cap),
    maxPriorityFeePerGas: lesser(greater(timesUp(before.maxPriorityFeePerGas, STEP), market.maxPriorityFeePerGas), cap),
  };
  const enough =
    next.maxFeePerGas >= timesUp(before.maxFeePerGas, LEAST_STEP) &&
    next.maxPriorityFeePerGas >= timesUp(before.maxPriorityFeePerGas, LEAST_STEP);
  return enough ? next : undefined;
}
