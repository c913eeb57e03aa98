import { hexToBigInt, isHex, numberToHex } from "viem";
import { type Answer, type Endpoint, LogRangeRefused } from "./endpoint.ts";

/** {blocks} who refuses so few gives no answer: one question would become hundreds */
const LEAST_RANGE = 10n;

type Filter = { readonly fromBlock?: string; readonly toBlock?: string };

/**
 * An endpoint that is asked for logs of no more blocks at once than it answers for: where it refuses a range, it is asked for half of it,
 * and what it answers for after a refusal is the most it is asked for from then on.
 * @param logRange {blocks} the most it is asked for in the beginning
 */
export function logsInRanges({ label, ask }: Endpoint, logRange: bigint): Endpoint {
  let most = logRange;
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
        from = to + 1n;
        if (blocks < most) most = blocks;
      } catch (error) {
        const refused = to - from + 1n;
        if (!(error instanceof LogRangeRefused) || refused <= LEAST_RANGE) throw error;
        blocks = refused / 2n;
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
