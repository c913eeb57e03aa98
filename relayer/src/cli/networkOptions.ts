import { readFileSync } from "node:fs";
import { type Chain, type ChainRole, connectChain } from "../chains/chain.ts";
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
      `chain ${chainId} has ${url === undefined ? "no RPC URL" : `"${url}" as RPC URL`}: set ${variable}`,
    );
  }
  const pollingInterval = new URL(url).hostname === "127.0.0.1" ? LOCAL_POLLING : POLLING;
  return connectChain({ chainId, eid, role, rpcUrl: url, pollingInterval });
}
