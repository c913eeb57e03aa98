import {
  bytes32ToAddress,
  contractCall,
  type LayerZeroAddresses,
  originOf,
  packetProof,
  type SentPacket,
  sendCall,
} from "@equipoise/sdk/actions";
import {
  type Address,
  concat,
  encodeFunctionData,
  encodePacked,
  type Hex,
  keccak256,
  parseAbi,
  zeroAddress,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Chain, LocalAccounts } from "../../relayer/src/chains/index.ts";
import { type Artifact, applyPlan, callStep, fact, packageArtifact } from "../../relayer/src/deploy/index.ts";
import { contractsFrom, defaultsSteps, layerZeroCore } from "../../relayer/src/deploy/layerZeroPlan.ts";
import { receiveLibraryAbi } from "../../relayer/src/layerzero/abi.ts";
import { decodeReceiveOptions } from "../../relayer/src/layerzero/index.ts";

// LayerZero's own workers and fee contracts, as they run on public networks, from their npm artifacts.
const MESSAGELIB = "@layerzerolabs/lz-evm-messagelib-v2/artifacts/contracts";
const artifact = (path: string): Artifact => packageArtifact(`${MESSAGELIB}/${path}`);

/** Two who sign for each verifier; both must. Keys of nobody. */
const SIGNERS = [1, 2]
  .map((seed) => privateKeyToAccount(`0x${String(seed).repeat(64)}`))
  .toSorted((one, other) => (BigInt(one.address) < BigInt(other.address) ? -1 : 1));
const NAMES = ["LayerZero Labs", "Nethermind"] as const;
export const TREASURY_BASIS_POINTS = 500n;

const treasuryAbi = parseAbi(["function setNativeFeeBP(uint256 bp)", "function nativeBP() view returns (uint256)"]);
const sendLibraryAbi = parseAbi([
  "function setTreasury(address treasury)",
  "function treasury() view returns (address)",
]);
const priceFeedAbi = parseAbi([
  "struct Price { uint128 priceRatio; uint64 gasPriceInUnit; uint32 gasPerByte; }",
  "struct UpdatePrice { uint32 eid; Price price; }",
  "function initialize(address priceUpdater)",
  "function owner() view returns (address)",
  "function setPrice(UpdatePrice[] prices)",
  "function getPrice(uint32 dstEid) view returns (Price price)",
  "function setNativeTokenPriceUSD(uint128 price)",
  "function nativeTokenPriceUSD() view returns (uint128)",
]);
const workerAbi = parseAbi([
  "function setWorkerFeeLib(address feeLib)",
  "function workerFeeLib() view returns (address)",
]);
export const verifierAbi = parseAbi([
  "struct DstConfigParam { uint32 dstEid; uint64 gas; uint16 multiplierBps; uint128 floorMarginUSD; }",
  "struct ExecuteParam { uint32 vid; address target; bytes callData; uint256 expiration; bytes signatures; }",
  "event VerifySignaturesFailed(uint256 index)",
  "event ExecuteFailed(uint256 index, bytes data)",
  "function setDstConfig(DstConfigParam[] params)",
  "function dstConfig(uint32 eid) view returns (uint64 gas, uint16 multiplierBps, uint128 floorMarginUSD)",
  "function vid() view returns (uint32)",
  "function execute(ExecuteParam[] params)",
]);
export const executorAbi = parseAbi([
  "struct DstConfigParam { uint32 dstEid; uint64 lzReceiveBaseGas; uint64 lzComposeBaseGas; uint16 multiplierBps; uint128 floorMarginUSD; uint128 nativeCap; }",
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "struct ExecutionParams { address receiver; Origin origin; bytes32 guid; bytes message; bytes extraData; uint256 gasLimit; }",
  "function initialize(address endpoint, address receiveUln301, address[] libraries, address priceFeed, address roleAdmin, address[] admins)",
  "function endpoint() view returns (address)",
  "function setDstConfig(DstConfigParam[] params)",
  "function dstConfig(uint32 eid) view returns (uint64 lzReceiveBaseGas, uint16 multiplierBps, uint128 floorMarginUSD, uint128 nativeCap, uint64 lzComposeBaseGas)",
  "function execute302(ExecutionParams params) payable",
]);
const verifyAbi = parseAbi(["function verify(bytes packetHeader, bytes32 payloadHash, uint64 confirmations)"]);

const PRICE = { priceRatio: 10n ** 20n, gasPriceInUnit: 10n ** 9n, gasPerByte: 16 } as const;
/** {10⁻²⁰ dollars} */
const NATIVE_PRICE = 2_000n * 10n ** 20n;

/** LayerZero with its full workers on local chains of one hub and one spoke; the owner administers the workers. */
export async function deployFullLayerZero(
  chains: readonly Chain[],
  accounts: LocalAccounts,
): Promise<LayerZeroAddresses[]> {
  const planned = chains.map(({ eid, chainId, role }) => {
    const remoteEids = chains.filter((other) => other.role !== role).map((other) => other.eid);
    return { chainId, ...plan(eid, remoteEids, accounts.layerZero.address) };
  });
  await applyPlan({ chains, plans: planned, account: accounts.layerZero });
  return planned.map(({ layerZero }) => layerZero);
}

function plan(eid: number, remoteEids: readonly number[], owner: Address) {
  const { steps, put } = contractsFrom(owner);
  const core = layerZeroCore(eid, owner, put);
  const libraries = [core.sendLibrary, core.receiveLibrary];
  const treasury = put("treasury", artifact("Treasury.sol/Treasury.json"));
  const priceFeed = put("priceFeed", artifact("PriceFeed.sol/PriceFeed.json"));
  const verifierFees = put("verifierFees", artifact("uln/dvn/DVNFeeLib.sol/DVNFeeLib.json"), [eid, 10n ** 18n]);
  const executorFees = put("executorFees", artifact("ExecutorFeeLib.sol/ExecutorFeeLib.json"), [eid, 10n ** 18n]);
  const signers = SIGNERS.map(({ address }) => address);
  const verifiers = NAMES.map((name, place) => ({
    name,
    address: put(`verifier ${name}`, artifact("uln/dvn/DVN.sol/DVN.json"), [
      ...[eid, vidOf(eid, place), libraries, priceFeed],
      ...[signers, BigInt(signers.length), [owner]],
    ]),
  })).toSorted((one, other) => (BigInt(one.address) < BigInt(other.address) ? -1 : 1));
  const executor = put("executor", artifact("Executor.sol/Executor.json"));
  const layerZero: LayerZeroAddresses = {
    ...core,
    executor,
    verifiers: verifiers.map(({ address }) => address),
    verifierNames: verifiers.map(({ name }) => name),
    confirmations: 2,
  };
  const onTreasury = { address: treasury, abi: treasuryAbi } as const;
  const onSend = { address: core.sendLibrary, abi: sendLibraryAbi } as const;
  const onFeed = { address: priceFeed, abi: priceFeedAbi } as const;
  const onExecutor = { address: executor, abi: executorAbi } as const;
  const calls = [
    callStep(
      "make",
      "treasury's share",
      contractCall({ ...onTreasury, functionName: "setNativeFeeBP", args: [TREASURY_BASIS_POINTS] }),
      [fact({ ...onTreasury, functionName: "nativeBP", args: [], result: TREASURY_BASIS_POINTS })],
    ),
    callStep("make", "treasury", contractCall({ ...onSend, functionName: "setTreasury", args: [treasury] }), [
      fact({ ...onSend, functionName: "treasury", args: [], result: treasury }),
    ]),
    callStep("make", "price feed", contractCall({ ...onFeed, functionName: "initialize", args: [owner] }), [
      fact({ ...onFeed, functionName: "owner", args: [], result: owner }),
    ]),
    callStep(
      "make",
      "native price",
      contractCall({ ...onFeed, functionName: "setNativeTokenPriceUSD", args: [NATIVE_PRICE] }),
      [fact({ ...onFeed, functionName: "nativeTokenPriceUSD", args: [], result: NATIVE_PRICE })],
    ),
    // the feed's own numbers of chains are LayerZero V1's
    callStep(
      "make",
      "prices",
      contractCall({
        ...onFeed,
        functionName: "setPrice",
        args: [remoteEids.map((to) => ({ eid: to % 30_000, price: PRICE }))],
      }),
      remoteEids.map((to) => fact({ ...onFeed, functionName: "getPrice", args: [to % 30_000], result: PRICE })),
    ),
    callStep(
      "make",
      "executor",
      contractCall({
        ...onExecutor,
        functionName: "initialize",
        args: [core.endpoint, zeroAddress, [core.sendLibrary], priceFeed, owner, [owner]],
      }),
      [fact({ ...onExecutor, functionName: "endpoint", args: [], result: core.endpoint })],
    ),
    callStep(
      "make",
      "executor's chains",
      contractCall({
        ...onExecutor,
        functionName: "setDstConfig",
        args: [
          remoteEids.map((dstEid) => ({
            ...{ dstEid, lzReceiveBaseGas: 60_000n, lzComposeBaseGas: 0n },
            ...{ multiplierBps: 12_000, floorMarginUSD: 0n, nativeCap: 10n ** 18n },
          })),
        ],
      }),
      remoteEids.map((to) =>
        fact({ ...onExecutor, functionName: "dstConfig", args: [to], result: [60_000n, 12_000, 0n, 10n ** 18n, 0n] }),
      ),
    ),
    ...[...verifiers, { name: "executor", address: executor }].map(({ name, address }) => {
      const on = { address, abi: workerAbi } as const;
      const library = address === executor ? executorFees : verifierFees;
      return callStep(
        "make",
        `fees of ${name}`,
        contractCall({ ...on, functionName: "setWorkerFeeLib", args: [library] }),
        [fact({ ...on, functionName: "workerFeeLib", args: [], result: library })],
      );
    }),
    ...verifiers.map(({ name, address }) => {
      const on = { address, abi: verifierAbi } as const;
      const chains = remoteEids.map((dstEid) => ({ dstEid, gas: 100_000n, multiplierBps: 12_000, floorMarginUSD: 0n }));
      return callStep(
        "make",
        `chains of ${name}`,
        contractCall({ ...on, functionName: "setDstConfig", args: [chains] }),
        [
          ...remoteEids.map((to) =>
            fact({ ...on, functionName: "dstConfig", args: [to], result: [100_000n, 12_000, 0n] }),
          ),
        ],
      );
    }),
  ];
  return { layerZero, steps: [...steps, ...calls, ...defaultsSteps(layerZero, remoteEids)] };
}

const vidOf = (eid: number, place: number): number => (eid % 30_000) * 10 + place;

/** Carries a packet as LayerZero's operators do: signatures of each verifier's quorum, commit, then the executor. */
export async function deliverByWorkers(
  destination: Chain,
  layerZero: LayerZeroAddresses,
  accounts: LocalAccounts,
  { packet, options }: SentPacket,
): Promise<void> {
  const client = destination.signer(accounts.layerZero);
  const { header, payloadHash } = packetProof(packet);
  const { receiveLibrary: target, executor } = layerZero;
  for (const address of layerZero.verifiers) {
    const on = { address, abi: verifierAbi } as const;
    const vid = await destination.reader.readContract({ ...on, functionName: "vid" });
    const callData = encodeFunctionData({ abi: verifyAbi, functionName: "verify", args: [header, payloadHash, 2n] });
    const { timestamp } = await destination.reader.getBlock();
    const expiration = timestamp + 3_600n;
    const signatures = await sign(vid, target, expiration, callData);
    const args = [[{ vid, target, callData, expiration, signatures }]] as const;
    await sendCall(client, contractCall({ ...on, functionName: "execute", args }));
  }
  const commit = { address: target, abi: receiveLibraryAbi, functionName: "commitVerification" } as const;
  await sendCall(client, contractCall({ ...commit, args: [header, payloadHash] }));
  const { gas: gasLimit, value } = decodeReceiveOptions(options);
  const { guid, message } = packet;
  const execution = { receiver: bytes32ToAddress(packet.receiver), origin: originOf(packet), guid, message };
  await sendCall(
    client,
    contractCall({
      address: executor,
      abi: executorAbi,
      functionName: "execute302",
      args: [{ ...execution, extraData: "0x", gasLimit }],
      value,
    }),
  );
}

/** Signatures of a verifier's quorum, ascending by signer. */
async function sign(vid: number, target: Address, expiration: bigint, callData: Hex): Promise<Hex> {
  const hash = keccak256(encodePacked(["uint32", "address", "uint256", "bytes"], [vid, target, expiration, callData]));
  return concat(await Promise.all(SIGNERS.map((signer) => signer.signMessage({ message: { raw: hash } }))));
}
