import type { Client } from "viem";

/** How an iterator that polls a chain is slowed and ended. */
export type PollingParameters = {
  /** {ms} between two looks; the client's own when left out */
  readonly pollingInterval?: number | undefined;
  /**
   * Ends the iterator at once, also in the middle of a request: the pending step rejects with the signal's reason. To stop
   * between two steps, leave the loop.
   */
  readonly signal?: AbortSignal | undefined;
};

/** The looks an iterator takes: at once, then one after each interval. Leaves no timer and no listener behind. */
export async function* looks(client: Client, parameters: PollingParameters): AsyncGenerator<void, never, undefined> {
  const { signal, pollingInterval = client.pollingInterval } = parameters;
  for (;;) {
    signal?.throwIfAborted();
    yield;
    await pause(pollingInterval, signal);
  }
}

/** What a request answers, or the signal's reason where that comes first. */
export function unlessAborted<answer>(asked: Promise<answer>, signal: AbortSignal | undefined): Promise<answer> {
  if (signal === undefined) return asked;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    // a request that fails after the abort has nobody left to tell
    asked.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return unlessAborted(waited, signal).finally(() => clearTimeout(timer));
}
