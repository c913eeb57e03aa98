import { type Address, type Hex, keccak256 } from "viem";
import { getBlockNumber, readContract } from "viem/actions";
import { endpointViewAbi, receiveViewAbi, verificationAbi } from "./abi.ts";
import { bytes32ToAddress, type Packet } from "./packet.ts";
import type { MessagePath } from "./path.ts";
import { findSentPacketsInBlock, packetKey, type SentPacket } from "./sentPacket.ts";

/**
 * How far a packet has come, read from both chains alone:
 * `orphaned` its block is gone from the source; `confirming` too few blocks on it; `verifying` verifiers have not all
 * signed; `committing` they have; `waiting` a lower nonce of the path is missing; `executing` ready for the receiver;
 * `delivered`; `unreceivable` the receiver has no such peer.
 */
export type DeliveryStage =
  | { readonly name: "orphaned" }
  | { readonly name: "confirming"; readonly missing: number }
  | { readonly name: "verifying"; readonly verifiers: readonly Address[]; readonly confirmations: bigint }
  | { readonly name: "committing" }
  | { readonly name: "waiting" }
  | { readonly name: "executing" }
  | { readonly name: "delivered" }
  | { readonly name: "unreceivable" };

// ReceiveUln302View.verifiable
const VERIFYING = 0;
const VERIFIABLE = 1;
const NOT_INITIALIZABLE = 3;
// EndpointV2View.executable
const VERIFIED_BUT_NOT_EXECUTABLE = 1;
const EXECUTABLE = 2;
const EXECUTED = 3;

/** What the endpoint calls the origin of a packet. */
export const originOf = ({ srcEid, sender, nonce }: Packet) => ({ srcEid, sender, nonce });

/** Reads the stage of a packet. Nothing is remembered between calls. */
export async function readStage(path: MessagePath, sent: SentPacket): Promise<DeliveryStage> {
  const { source, destination } = path;
  const kept = await findSentPacketsInBlock(source, sent.blockHash);
  if (!kept.some((other) => packetKey(other) === packetKey(sent))) return { name: "orphaned" };

  const { client } = destination;
  const { receiveView, endpointView } = destination.layerZero;
  const receiver = bytes32ToAddress(sent.packet.receiver);
  const { header, payloadHash } = sent.proof;
  const [verifiable, executable] = await Promise.all([
    readContract(client, {
      address: receiveView,
      abi: receiveViewAbi,
      functionName: "verifiable",
      args: [header, payloadHash],
    }),
    readContract(client, {
      address: endpointView,
      abi: endpointViewAbi,
      functionName: "executable",
      args: [originOf(sent.packet), receiver],
    }),
  ]);
  if (executable === EXECUTED) return { name: "delivered" };

  const head = await getBlockNumber(source.client, { cacheTime: 0 });
  const confirmations = head - sent.blockNumber + 1n;
  const missing = BigInt(source.layerZero.confirmations) - confirmations;
  if (missing > 0n) return { name: "confirming", missing: Number(missing) };

  if (verifiable === NOT_INITIALIZABLE) return { name: "unreceivable" };
  if (verifiable === VERIFIABLE) return { name: "committing" };
  if (verifiable === VERIFYING) {
    const verifiers = await silentVerifiers(path, header, payloadHash);
    return { name: "verifying", verifiers, confirmations };
  }
  if (executable === EXECUTABLE) return { name: "executing" };
  if (executable === VERIFIED_BUT_NOT_EXECUTABLE) return { name: "waiting" };
  // Verified for the library yet unknown to the endpoint: the receiver withdrew it, so it has to be verified again.
  return { name: "verifying", verifiers: destination.layerZero.verifiers, confirmations };
}

/** Verifiers that have not yet signed this payload with enough confirmations. */
async function silentVerifiers(
  { source, destination }: MessagePath,
  header: Hex,
  payloadHash: Hex,
): Promise<Address[]> {
  const { receiveLibrary: address, verifiers } = destination.layerZero;
  const signed = await Promise.all(
    verifiers.map((verifier) =>
      readContract(destination.client, {
        address,
        abi: verificationAbi,
        functionName: "hashLookup",
        args: [keccak256(header), payloadHash, verifier],
      }),
    ),
  );
  return verifiers.filter((_, place) => {
    const [submitted, seen] = signed[place] ?? [false, 0n];
    return !submitted || seen < BigInt(source.layerZero.confirmations);
  });
}
