import type { ChainDeployment } from "@equipoise/sdk/actions";
import { type Account, createPublicClient, defineChain } from "viem";
import type { LocalAccount } from "viem/accounts";
import type { Chain, DecidedAt, SigningClient } from "../chains/chain.ts";
import type { Database } from "../database/database.ts";
import { httpEndpoint } from "../rpc/endpoint.ts";
import { logsInRanges } from "../rpc/logsInRanges.ts";
import { DEFAULT_QUORUM_POLICY, type EndpointEvent, quorumRequest } from "../rpc/quorum.ts";
import { quorumTransport } from "../rpc/transport.ts";
import { StepFailed } from "../stepFailed.ts";
import { submitterNode } from "../transactions/node.ts";
import type { SubmitterEvent } from "../transactions/openTransactions.ts";
import { signingClient } from "../transactions/signingClient.ts";
import { type Submitter, startSubmitter } from "../transactions/submitter.ts";
import type { ChainConfig } from "./daemonConfig.ts";

/** A chain through several endpoints, with a submitter for each account. */
export type ConnectedChain = { readonly chain: Chain; readonly submitters: readonly Submitter[] };

export type ConnectParameters = {
  readonly deployment: ChainDeployment;
  readonly config: ChainConfig;
  readonly accounts: readonly LocalAccount[];
  readonly database: Database;
  readonly onEndpoint: (event: EndpointEvent) => void;
  readonly onTransaction: (signer: string, event: SubmitterEvent) => void;
};

/** {ms} */
const POLL_MS = 500;

/** Connects a chain. The submitters begin at once to finish what an earlier process left open. */
export function connectDaemonChain(parameters: ConnectParameters): ConnectedChain {
  const { deployment, config, accounts, database, onTransaction } = parameters;
  const { chainId } = deployment;
  const reader = quorumReader(parameters);
  const submitters = accounts.map((account) =>
    startSubmitter({
      database,
      chainId,
      account,
      node: submitterNode(reader, config.finality),
      fees: { escalateAfterMs: config.escalateAfterMs, maxFeePerGas: config.maxFeePerGas },
      onEvent: (event) => onTransaction(account.address, event),
    }),
  );
  const signers = new Map(
    submitters.map((submitter) => [submitter.address, { submitter, client: signingClient(reader, submitter) }]),
  );
  const chain = chainOf(parameters, reader, ({ address }, decidedAt) => {
    const signer = signers.get(address);
    if (signer === undefined || decidedAt === undefined) return signer?.client;
    return signingClient(reader, signer.submitter, decidedAt);
  });
  return { chain, submitters };
}

type ReaderParameters = Pick<ConnectParameters, "deployment" | "config" | "onEndpoint">;
type Reader = Chain["reader"];

/** A client that asks a chain through its endpoints. */
export function quorumReader({ deployment: { chainId }, config, onEndpoint }: ReaderParameters): Reader {
  const { quorum, maxLag, logRange, rpcUrls } = config;
  const policy = { ...DEFAULT_QUORUM_POLICY, quorum, maxLag };
  const endpoints = rpcUrls.map((url) => logsInRanges(httpEndpoint(url), logRange));
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: "ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [...rpcUrls] } },
  });
  const transport = quorumTransport(quorumRequest(chainId, endpoints, policy, onEndpoint));
  return createPublicClient({ chain, transport, pollingInterval: POLL_MS, cacheTime: 0 });
}

/** A chain of the deployment with what signs on it. */
export function chainOf(
  { deployment: { chainId, eid, role }, config }: ReaderParameters,
  reader: Reader,
  signerOf: (account: Account, decidedAt?: DecidedAt) => SigningClient | undefined,
): Chain {
  return {
    chainId,
    eid,
    role,
    rpcUrl: config.rpcUrls[0] as string,
    reader,
    signer: (account, decidedAt) => {
      const signer = signerOf(account, decidedAt);
      if (signer !== undefined) return signer;
      throw new StepFailed(`no key of ${account.address} is configured for chain ${chainId}: add it under keys`, {
        retry: false,
      });
    },
  };
}
