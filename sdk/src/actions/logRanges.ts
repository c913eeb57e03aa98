/** {blocks} one question for logs covers: what public endpoints allow */
export const LOG_RANGE = 2_000n;

/** How many blocks an action asks for logs of at once. */
export type LogRangeParameters = {
  /** {blocks} one question for logs covers; 2,000 when left out, which public endpoints allow */
  readonly logRange?: bigint | undefined;
};

/** Blocks that one question for logs covers, both ends included. */
export type LogRange = { readonly fromBlock: bigint; readonly toBlock: bigint };

/** One question for logs was to cover no block. */
export class LogRangeEmpty extends Error {
  override name = "LogRangeEmpty";
  constructor(logRange: bigint) {
    super(`logRange ${logRange} is not at least 1 block: leave it out, or say how many blocks your endpoint allows`);
  }
}

/** All blocks from one to another, in ranges from the first on. */
export function* logRanges(first: bigint, last: bigint, logRange = LOG_RANGE): Generator<LogRange> {
  if (logRange < 1n) throw new LogRangeEmpty(logRange);
  for (let fromBlock = first; fromBlock <= last; fromBlock += logRange) {
    const end = fromBlock + logRange - 1n;
    yield { fromBlock, toBlock: end < last ? end : last };
  }
}

/** The same from the last on: for what is likely to be near the end. */
export function* logRangesBack(first: bigint, last: bigint, logRange = LOG_RANGE): Generator<LogRange> {
  if (logRange < 1n) throw new LogRangeEmpty(logRange);
  for (let toBlock = last; toBlock >= first; toBlock -= logRange) {
    const start = toBlock - logRange + 1n;
    yield { fromBlock: start > first ? start : first, toBlock };
  }
}
