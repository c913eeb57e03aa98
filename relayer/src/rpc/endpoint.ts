import { setTimeout as pause } from "node:timers/promises";
import { chainRefusal, isRangeRefused, isUnsupported, type NodeError } from "./refusal.ts";

/** How long and how often one endpoint is asked. */
export type EndpointPolicy = {
  /** {ms} without an answer */
  readonly timeoutMs: number;
  /** times the same question is put after no answer, a limit, or an error of the node's own */
  readonly retries: number;
  /** {ms} before the first retry; it doubles each time, and half of it is drawn by lot */
  readonly backoffMs: number;
};

export const DEFAULT_ENDPOINT_POLICY: EndpointPolicy = { timeoutMs: 10_000, retries: 3, backoffMs: 250 };

/** {ms} no wait is longer, whatever a server asks for */
const BACKOFF_LIMIT_MS = 30_000;

/** What a node answered: a result, or what the chain refuses. Both are answers; what a node says of itself is none. */
export type Answer = { readonly result: unknown } | { readonly error: NodeError };

/** An endpoint gave no answer. */
export class EndpointSilent extends Error {
  override name = "EndpointSilent";
  constructor(label: string, method: string, reason: string) {
    super(`${label} gave no answer to ${method}: ${reason}; the others are asked`);
  }
}

/** An endpoint answers for fewer blocks only. */
export class LogRangeRefused extends EndpointSilent {
  override name = "LogRangeRefused";
}

/** One place where a chain is asked. */
export type Endpoint = {
  /** its host, without what may be a key in path or query */
  readonly label: string;
  readonly ask: (method: string, params: readonly unknown[]) => Promise<Answer>;
};

/** An endpoint by its URL. */
export function httpEndpoint(url: string, policy: EndpointPolicy = DEFAULT_ENDPOINT_POLICY): Endpoint {
  const label = new URL(url).host;
  let question = 0;
  const once = async (method: string, params: readonly unknown[]): Promise<Answer | NoAnswer> => {
    question += 1;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: question, method, params }),
        signal: AbortSignal.timeout(policy.timeoutMs),
      });
      if (response.status === 429 || response.status >= 500) {
        const after = Number(response.headers.get("retry-after") ?? 0) * 1000;
        return { again: `status ${response.status}`, after: Number.isFinite(after) ? after : 0 };
      }
      return answerIn(method, await response.json());
    } catch (error) {
      const { name, message } = error as Error;
      if (!["TimeoutError", "TypeError", "SyntaxError"].includes(name)) throw error;
      return { again: name === "TimeoutError" ? `${policy.timeoutMs} ms passed` : message };
    }
  };
  return {
    label,
    ask: async (method, params) => {
      for (let attempt = 0; ; attempt++) {
        const answer = await once(method, params);
        if (!("again" in answer)) return answer;
        if (answer.rangeRefused === true) throw new LogRangeRefused(label, method, answer.again);
        if (answer.vain === true || attempt >= policy.retries) throw new EndpointSilent(label, method, answer.again);
        await pause(waitOf(policy.backoffMs * 2 ** attempt, answer.after ?? 0));
      }
    },
  };
}

/** Why there is no answer yet. */
type NoAnswer = {
  readonly again: string;
  /** {ms} the server asks to be left alone for */
  readonly after?: number;
  /** the same question would get the same */
  readonly vain?: boolean;
  readonly rangeRefused?: boolean;
};

/** A body of JSON-RPC: some servers write `"error": null` beside a result, or `"result": null` beside an error. */
function answerIn(method: string, body: unknown): Answer | NoAnswer {
  const { result, error } = (typeof body === "object" && body !== null ? body : {}) as {
    result?: unknown;
    error?: Partial<NodeError> | null;
  };
  if (error === undefined || error === null)
    return result === undefined ? { again: "neither result nor error" } : { result };
  const said: NodeError = { code: Number(error.code), message: String(error.message ?? error), data: error.data };
  const refused = chainRefusal(method, said);
  if (refused !== undefined) return { error: refused };
  const again = `${said.code} ${said.message.slice(0, 200)}`;
  return { again, vain: isUnsupported(said), rangeRefused: isRangeRefused(method, said) };
}

/** {ms} half of a delay and a part of the other half by lot, and no less than the server asks for. */
const waitOf = (delay: number, asked: number): number =>
  Math.min(BACKOFF_LIMIT_MS, Math.max(asked, delay / 2 + (Math.random() * delay) / 2));
