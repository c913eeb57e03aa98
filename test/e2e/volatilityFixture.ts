import { LANE_COUNT } from "@equipoise/sdk";
import {
  contractCall,
  localPricePublisherAbi,
  observe,
  sendCall,
  signVolatilityReport,
  type VolatilityReportParameters,
  type VolatilitySignature,
  volatilityTypedData,
} from "@equipoise/sdk/actions";
import { type Address, zeroAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { readContract } from "viem/actions";
import type { SigningClient } from "../../relayer/src/chains/chain.ts";
import { type Chain, localAccounts, startLocalChains } from "../../relayer/src/chains/index.ts";
import { deployContract, forgeArtifact } from "../../relayer/src/deploy/index.ts";

const HUB = { chainId: 31_361, eid: 40_361, role: "hub" } as const;
/** {s} */
const HOUR = 3_600n;
/** {ppt of a dollar per unit of a feed} */
const FEED_UNIT = 10n ** 4n;

/** A local chain with an observation log of one asset, and any number of volatility logs over it. */
export type VolatilityFixture = {
  readonly chain: Chain;
  readonly client: SigningClient;
  /** a log without a report, of four signers, three of whom are enough */
  readonly deployLog: () => Promise<Address>;
  /** the first so many signers' words for a report, made for this chain or for another */
  readonly sign: (
    parameters: VolatilityReportParameters & { readonly signers?: number; readonly chainId?: number },
  ) => Promise<VolatilitySignature[]>;
  readonly stop: () => Promise<void>;
};

/**
 * @param time {s} of the first blocks
 * @param spot {ppt of a dollar} what the observation log observes
 */
export async function startVolatility(time: bigint, spot: bigint): Promise<VolatilityFixture> {
  const { chains, stop } = await startLocalChains({ names: [HUB], genesisTime: time });
  const [chain] = chains as [Chain];
  const client = chain.signer(localAccounts().deployer);
  const observationLog = await deployObservationLog(client, spot / FEED_UNIT);
  const riskState = await deployContract(client, forgeArtifact("RiskStateFixture"));
  const keys = Array.from({ length: 4 }, () => privateKeyToAccount(generatePrivateKey()));
  const signers = keys.map(({ address }) => address).toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  const config = {
    observationLog,
    riskState,
    signers,
    quorum: 3n,
    maxAge: 6n * HOUR,
    minInterval: 600n,
    maxSpotDeviation: 50_000n,
    volatilityMove: 250_000n,
    basisMove: 20_000n,
    maxBasis: 200_000n,
    floorShare: 400_000n,
  };
  return {
    chain,
    client,
    stop,
    deployLog: () => deployContract(client, forgeArtifact("VolatilityLog"), [config]),
    sign: ({ volatilityLog, report, signers = 3, chainId }) =>
      Promise.all(
        keys.slice(0, signers).map(async (key) => {
          if (chainId === undefined) return signVolatilityReport(chain.signer(key), { volatilityLog, report });
          const data = volatilityTypedData(chainId, { volatilityLog, report });
          return { signer: key.address, signature: await key.signTypedData(data) };
        }),
      ),
  };
}

async function deployObservationLog(client: SigningClient, answer: bigint): Promise<Address> {
  const { address: owner } = client.account;
  const publisher = await deployContract(client, forgeArtifact("LocalPricePublisher"), [owner, ["BTC / USD"]]);
  const abi = localPricePublisherAbi;
  const feeds = await readContract(client, { address: publisher, abi, functionName: "feeds" });
  const config = { feed: feeds[0], maxAge: HOUR, minAnswer: 0n, maxAnswer: 10n ** 15n };
  const sequencer = { sequencerFeed: zeroAddress, sequencerGrace: 0n };
  const source = await deployContract(client, forgeArtifact("ChainlinkPriceSource"), [{ ...config, ...sequencer }]);
  const sources = Array.from({ length: LANE_COUNT }, (_, lane) => (lane === 0 ? source : zeroAddress));
  const observationLog = await deployContract(client, forgeArtifact("ObservationLog"), [sources, HOUR, 12n * HOUR]);
  await sendCall(client, contractCall({ address: publisher, abi, functionName: "publish", args: [[answer]] }));
  await observe(client, { observationLog });
  return observationLog;
}
