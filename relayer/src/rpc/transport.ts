import { custom, RpcRequestError, type Transport } from "viem";
import type { Answer } from "./endpoint.ts";
import { EndpointsDisagree, type QuorumRequest } from "./quorum.ts";

/** viem's way to a chain, through a quorum. Retries are the endpoints' own. */
export const quorumTransport = (request: QuorumRequest): Transport =>
  custom(
    {
      request: async ({ method, params }: { method: string; params?: readonly unknown[] }) =>
        resultOf(await request({ method, params: params ?? [] }), method),
    },
    { retryCount: 0 },
  );

function resultOf(answer: Answer, method: string): unknown {
  if ("result" in answer) return answer.result;
  throw new RpcRequestError({ body: { method }, error: answer.error, url: "several endpoints" });
}

/** The disagreement behind a failure, however deep. */
export function disagreementIn(error: unknown): EndpointsDisagree | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof EndpointsDisagree) return cause;
  return undefined;
}
