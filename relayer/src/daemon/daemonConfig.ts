import type { Deployment } from "@equipoise/sdk/actions";
import type { DatabasePlace } from "../database/database.ts";
import type { Finality } from "../transactions/node.ts";

/** What a relayer can be told to do. */
export const ROLES = [
  "observer",
  "prover",
  "allocator",
  "broadcaster",
  "deliverer",
  "rebalancer",
  "filler",
  "clearer",
  "keeper",
  "reporter",
] as const;
export type Role = (typeof ROLES)[number];

/** What a keeper asks for before it trades with its own money. */
export type KeeperTerms = {
  /** {ppm of a slice's maintenance requirement} that the slice must be worth more than is paid for it */
  readonly minimumProfit: bigint;
  /** {ppm of the epoch's price} below it, at which it buys collateral of who owes dollars */
  readonly discount: bigint;
};

/**
 * Where a key comes from: a variable of the environment, an encrypted file whose password is in one, or a module that signs
 * with a key it may not even have.
 */
export type KeySource =
  | { readonly variable: string }
  | { readonly module: string }
  | { readonly keystore: string; readonly passwordVariable: string };

/** How one chain of the deployment is reached. */
export type ChainConfig = {
  readonly eid: number;
  readonly rpcUrls: readonly string[];
  /** endpoints whose equal answers make a fact */
  readonly quorum: number;
  /** {blocks} an endpoint further behind is left out */
  readonly maxLag: number;
  /** {blocks} an endpoint is asked for logs of at once; fewer where it refuses so many */
  readonly logRange: bigint;
  readonly finality: Finality;
  /** {wei/gas} */
  readonly maxFeePerGas: bigint;
  /** {ms} a transaction keeps its fees before more is offered */
  readonly escalateAfterMs: number;
};

/** What every process of a database is told. Paths are absolute. */
type ProcessConfig = {
  readonly database: DatabasePlace;
  readonly roles: readonly Role[];
  /** address and port for metrics and health */
  readonly host: string;
  readonly port: number;
};

/** Who only proves: orders say all that their proofs need, so it is told of no chain and holds no key. */
export type WorkerConfig = ProcessConfig & { readonly deployment?: undefined };

/** All a relayer is told. */
export type RelayerConfig = ProcessConfig & {
  readonly deployment: Deployment;
  readonly chains: readonly ChainConfig[];
  readonly keys: { readonly relayer: KeySource; readonly bidder?: KeySource | undefined };
  readonly keeper: KeeperTerms;
  /** {s} between two looks at what a role may do */
  readonly lookEvery: number;
  /** {s} a packet that others have verified is left to its executor */
  readonly takeOverAfter: number;
};

export type DaemonConfig = RelayerConfig | WorkerConfig;
