import { BaseError } from "viem";

/** What the innermost failure says, in one line: those around it only say that there was one. */
export function firstCause(error: unknown): string {
  let cause = error;
  for (;;) {
    // of several addresses of one host each was tried
    const inner = cause instanceof AggregateError ? cause.errors[0] : cause instanceof Error ? cause.cause : undefined;
    if (!(inner instanceof Error)) break;
    cause = inner;
  }
  // viem's whole messages have URLs and calldata in them
  const text = cause instanceof BaseError ? cause.shortMessage : cause instanceof Error ? cause.message : String(cause);
  return text.split("\n")[0] ?? "";
}
