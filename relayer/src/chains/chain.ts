import {
  type Account,
  type Client,
  createClient,
  createPublicClient,
  defineChain,
  type Hash,
  http,
  type PublicClient,
  type Transport,
  type Chain as ViemChain,
} from "viem";

/** The hub keeps the facts and accepts risk states; a spoke mirrors them. */
export type ChainRole = "hub" | "spoke";

/** A client that can also sign. */
export type SigningClient = Client<Transport, ViemChain, Account>;

/** The block whose state, or a later one, a step has decided on. */
export type DecidedAt = { readonly number: bigint; readonly hash: Hash };

/** One chain the relayer works on: how it is named, and how it is reached. */
export type Chain = {
  readonly chainId: number;
  /** LayerZero's name of the chain */
  readonly eid: number;
  readonly role: ChainRole;
  readonly rpcUrl: string;
  readonly reader: PublicClient<Transport, ViemChain>;
  /**
   * The client that signs with an account: what it sends is done once it counts. With the block of its decision a step is content
   * with less: what it sends is done once it is mined, and the same words again are another transaction where that block's state has
   * the first already. For calls only that a contract refuses where they are done.
   */
  readonly signer: (account: Account, decidedAt?: DecidedAt) => SigningClient;
};

export type ChainParameters = {
  readonly chainId: number;
  readonly eid: number;
  readonly role: ChainRole;
  readonly rpcUrl: string;
  /** {ms} how often to ask for a receipt: short on local chains */
  readonly pollingInterval: number;
};

/** Clients of a chain. Nothing is sent yet. */
export function connectChain(parameters: ChainParameters): Chain {
  const { chainId, rpcUrl, pollingInterval } = parameters;
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: "ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  const transport = http(rpcUrl, { retryCount: 2, timeout: 60_000 });
  const signers = new Map<string, SigningClient>();
  return {
    chainId,
    eid: parameters.eid,
    role: parameters.role,
    rpcUrl,
    reader: createPublicClient({ chain, transport, pollingInterval, cacheTime: 0 }),
    signer: (account) => {
      const known = signers.get(account.address);
      if (known !== undefined) return known;
      const signer = createClient({ account, chain, transport, pollingInterval, cacheTime: 0 });
      signers.set(account.address, signer);
      return signer;
    },
  };
}
