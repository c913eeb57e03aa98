import { hexToBigInt, isHex, numberToHex } from "viem";
import { type Answer, type Endpoint, LogRangeRefused } from "./endpoint.ts";

/** {blocks} who refuses so few gives no answer: one question would become hundreds */
const LEAST_RANGE = 10n;

/** full ranges that are answered before twice as many blocks are asked for: what was refused may have been a mood */
const ANSWERED_BEFORE_MORE = 8;

type Filter = { readonly fromBlock?: string; readonly toBlock?: string };

/**
 * An endpoint that is asked for logs of no more blocks at once than it answers for: where it refuses a range, it is asked for half of it,
 * and what it answers for after a refusal is the most it is asked for from then on, until it has answered so often that the double is tried.
 * @param logRange {blocks} the most it is asked for in the beginning
 */
export function logsInRanges({ label, ask }: Endpoint, logRange: bigint): Endpoint {
  let most = logRange;
  let answered = 0;
  const logsOf = async (filter: Filter, first: bigint, last: bigint): Promise<Answer> => {
    let logs: unknown[] = [];
    let blocks = most;
    for (let from = first; from <= last; ) {
      const to = from + blocks - 1n < last ? from + blocks - 1n : last;
      try {
        const range = { ...filter, fromBlock: numberToHex(from), toBlock: numberToHex(to) };
        const answer = await ask("eth_getLogs", [range]);
        if ("error" in answer || !Array.isArray(answer.result)) return answer;
        logs = logs.concat(answer.result);
        if (blocks < most) most = blocks;
        if (to - from + 1n === blocks) answered += 1;
        from = to + 1n;
        if (answered < ANSWERED_BEFORE_MORE) continue;
        answered = 0;
        most = 2n * most < logRange ? 2n * most : logRange;
        blocks = most;
      } catch (error) {
        const refused = to - from + 1n;
        if (!(error instanceof LogRangeRefused) || refused <= LEAST_RANGE) throw error;
        blocks = refused / 2n;
        answered = 0;
      }
    }
    return { result: logs };
  };
  return {
    label,
    ask: (method, params) => {
      const filter = (params[0] ?? {}) as Filter;
      if (method !== "eth_getLogs" || !isHex(filter.fromBlock) || !isHex(filter.toBlock)) return ask(method, params);
      return logsOf(filter, hexToBigInt(filter.fromBlock), hexToBigInt(filter.toBlock));
    },
  };
}
