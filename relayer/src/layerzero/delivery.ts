import {
  bytes32ToAddress,
  CallReverted,
  type ContractCall,
  contractCall,
  type DeliveryStage,
  localDvnAbi,
  localExecutorAbi,
  originOf,
  packetKey,
  readStage,
  type SentPacket,
  sendCall,
} from "@equipoise/sdk/actions";
import { StepFailed } from "../stepFailed.ts";
import { endpointAbi, receiveLibraryAbi } from "./abi.ts";
import { decodeReceiveOptions } from "./options.ts";
import { pathOf, type Route } from "./route.ts";
import { ownVerifiers } from "./seats.ts";

/** {gas} each step of a delivery used, those of this process only. */
export type DeliveryGas = { readonly verify: readonly bigint[]; readonly commit?: bigint; readonly execute?: bigint };

/** How a delivery ended, or where it stands. */
export type Delivery = {
  readonly key: string;
  readonly sent: SentPacket;
  readonly stage: DeliveryStage;
  readonly gas: DeliveryGas;
  /** steps another party did first */
  readonly lostRaces: number;
};

/** Reverts that say: somebody else has done this step. */
const LOST_RACE: Readonly<Record<string, readonly string[]>> = {
  verify: [],
  commitVerification: ["LZ_ULN_Verifying", "LZ_PathNotVerifiable"],
  execute: ["LZ_PayloadHashNotFound", "LZ_InvalidNonce"],
  lzReceive: ["LZ_PayloadHashNotFound", "LZ_InvalidNonce"],
};
const RACE_LIMIT = 3;

/**
 * Carries one packet as far as it goes now: verify, commit, execute, each read from the chains before it is done. Safe
 * to end after any step and to run twice at once. Stops at `delivered`, and at the stages only others can end:
 * `orphaned`, `confirming`, `waiting`, `unreceivable`. Where the verifiers are others', also at `verifying`, and unless it
 * `takesOver` at `committing` and `executing`: these are the executor's that the sender has paid, though anybody may do them.
 */
export async function deliver(route: Route, sent: SentPacket, takesOver = false): Promise<Delivery> {
  const gas: { verify: bigint[]; commit?: bigint; execute?: bigint } = { verify: [] };
  const key = packetKey(sent);
  let lostRaces = 0;
  let ended: DeliveryStage["name"] | undefined;
  for (;;) {
    const stage = await readStage(pathOf(route), sent);
    const calls = await callsOf(route, sent, stage, takesOver);
    if (calls.length === 0) return { key, sent, stage, gas, lostRaces };
    if (stage.name === ended)
      throw new StepFailed(`packet ${key} is still ${ended} after its transactions`, { retry: true });
    ended = stage.name;
    for (const call of calls) {
      try {
        const { gasUsed } = await sendCall(route.destination.chain.signer(route.destination.operator), call);
        if (stage.name === "verifying") gas.verify.push(gasUsed);
        if (stage.name === "committing") gas.commit = gasUsed;
        if (stage.name === "executing") gas.execute = gasUsed;
      } catch (error) {
        if (!(error instanceof CallReverted)) throw error;
        const lost = LOST_RACE[call.functionName]?.includes(error.reason) === true;
        if (lost) lostRaces += 1;
        if (lost && lostRaces <= RACE_LIMIT) {
          ended = undefined;
          break; // the chains say what is left to do
        }
        throw new StepFailed(`packet ${key} stops while ${stage.name}: ${error.message}`, {
          retry: lost,
          cause: error,
        });
      }
    }
  }
}

/** The transactions that end a stage; none where this relayer cannot, or leaves it to others. */
async function callsOf(
  { destination }: Route,
  { packet, proof, options }: SentPacket,
  stage: DeliveryStage,
  takesOver: boolean,
): Promise<ContractCall[]> {
  const { receiveLibrary, endpoint, executor } = destination.layerZero;
  const { header, payloadHash } = proof;
  if (!["verifying", "committing", "executing"].includes(stage.name)) return [];
  const own = await ownVerifiers(destination);
  if (stage.name === "verifying") {
    return stage.verifiers
      .filter((verifier) => own.has(verifier))
      .map((address) =>
        contractCall({
          address,
          abi: localDvnAbi,
          functionName: "verify",
          args: [receiveLibrary, header, payloadHash, stage.confirmations],
        }),
      );
  }
  if (own.size === 0 && !takesOver) return [];
  if (stage.name === "committing") {
    const call = { address: receiveLibrary, abi: receiveLibraryAbi, functionName: "commitVerification" } as const;
    return [contractCall({ ...call, args: [header, payloadHash] })];
  }
  const { gas, value } = decodeReceiveOptions(options);
  const receiver = bytes32ToAddress(packet.receiver);
  const origin = originOf(packet);
  if (own.size === 0) {
    const call = { address: endpoint, abi: endpointAbi, functionName: "lzReceive", value } as const;
    const execution = contractCall({ ...call, args: [origin, receiver, packet.guid, packet.message, "0x"] });
    // {gas} the receiver gets no less than was paid for: with less, one that catches failures would catch one. A 64th is kept back.
    return [{ ...execution, moreGas: (gas * 64n + 62n) / 63n }];
  }
  const call = { address: executor, abi: localExecutorAbi, functionName: "execute" } as const;
  return [contractCall({ ...call, value, args: [endpoint, origin, receiver, packet.guid, packet.message, gas] })];
}
