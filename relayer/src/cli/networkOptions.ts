import { readFileSync } from "node:fs";
import { BaseError } from "viem";
import { type Chain, type ChainRole, connectChain } from "../chains/chain.ts";
import { firstCause } from "../firstCause.ts";
import { UsageWrong } from "./command.ts";

/** A file named on the command line cannot be read. */
export class FileUnreadable extends Error {
  override name = "FileUnreadable";
  constructor(path: string, reason: string) {
    super(`${path} cannot be read (${reason}): give the path of a JSON file`);
  }
}

/** What a JSON file holds. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new FileUnreadable(path, (error as Error).message);
  }
}

/** {ms} between two looks for a receipt on public chains */
const POLLING = 1_000;
/** {ms} the same where blocks come when they are needed */
const LOCAL_POLLING = 20;

/** A chain's endpoint does not answer. Its URL is not said but for the host: keys live in paths. */
export class ChainUnreachable extends Error {
  override name = "ChainUnreachable";
  constructor(chainId: number, url: string, cause: unknown) {
    super(
      `chain ${chainId} cannot be read at ${new URL(url).host} (${firstCause(cause)}): correct EQUIPOISE_RPC_${chainId} or ` +
        "what else gave its URL, or try again",
      { cause },
    );
  }
}

/** Chain by URL, of those reached in this process: an endpoint's failure knows its URL only. */
const reached = new Map<string, number>();

/** A failure as it may be said: what an endpoint did not answer by its chain, and no URL of an endpoint in any other. */
export function sayable(error: unknown): { readonly name: string; readonly message: string } {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { name, url } = cause as Error & { url?: string };
    const chainId = url === undefined ? undefined : reached.get(url);
    if (url === undefined || chainId === undefined) continue;
    if (/^(HttpRequest|Timeout)Error$/.test(name)) return new ChainUnreachable(chainId, url, cause);
    // viem's whole messages have the question in them, and the URL
    if (error instanceof BaseError)
      return { name: error.name, message: `chain ${chainId} at ${new URL(url).host}: ${error.shortMessage}` };
  }
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const said = [...reached.keys()].reduce((text, url) => text.replaceAll(url, new URL(url).host), message);
  return { name, message: said };
}

export type Reached = {
  readonly chainId: number;
  readonly eid: number;
  readonly role: ChainRole;
  readonly rpcUrl?: string | undefined;
};

/** A chain by the URL that was given, or by the environment's. */
export function reachChain({ chainId, eid, role, rpcUrl }: Reached, environment = process.env): Chain {
  const variable = `EQUIPOISE_RPC_${chainId}`;
  const url = rpcUrl ?? environment[variable];
  if (url === undefined || !URL.canParse(url)) {
    throw new UsageWrong(
      `chain ${chainId} has ${url === undefined ? "no RPC URL" : "something as RPC URL that is none"}: set ${variable}`,
    );
  }
  reached.set(url, chainId);
  const pollingInterval = new URL(url).hostname === "127.0.0.1" ? LOCAL_POLLING : POLLING;
  return connectChain({ chainId, eid, role, rpcUrl: url, pollingInterval });
}
