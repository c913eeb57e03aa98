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
import type { Hex } from "viem";
import { StepFailed } from "../stepFailed.ts";
import { endpointAbi, receiveLibraryAbi } from "./abi.ts";
import { decodeReceiveOptions, OptionsMalformed } from "./options.ts";
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
  /** why nothing but its executor will end the stage */
  readonly leftToExecutor?: string;
};

/** Reverts that say: somebody else has done this step. */
const LOST_RACE: Readonly<Record<string, readonly string[]>> = {
  verify: [],
  commitVerification: ["LZ_ULN_Verifying", "LZ_PathNotVerifiable"],
  execute: ["LZ_PayloadHashNotFound", "LZ_InvalidNonce"],
  lzReceive: ["LZ_PayloadHashNotFound", "LZ_InvalidNonce"],
};
const RACE_LIMIT = 3;

/** {gas} a packet may have bought for its receiver where this relayer executes it in place of the executor that was paid */
const TAKE_OVER_GAS_LIMIT = 5_000_000n;

/**
 * Carries one packet as far as it goes now: verify, commit, execute, each read from the chains before it is done. Safe
 * to end after any step and to run twice at once. Stops at `delivered`, and at the stages only others can end:
 * `orphaned`, `confirming`, `waiting`, `unreceivable`. Where the verifiers are others', also at `verifying`, and unless it
 * `takesOver` at `committing` and `executing`: these are the executor's that the sender has paid, though anybody may do them. It executes
 * nothing in an executor's place that costs more than a limit: whoever sends a packet says what is bought with it.
 */
export async function deliver(route: Route, sent: SentPacket, takesOver = false): Promise<Delivery> {
  const gas: { verify: bigint[]; commit?: bigint; execute?: bigint } = { verify: [] };
  const key = packetKey(sent);
  let lostRaces = 0;
  let ended: DeliveryStage["name"] | undefined;
  for (;;) {
    const stage = await readStage(pathOf(route), sent);
    const { calls, leftToExecutor } = await nextOf(route, sent, stage, takesOver);
    if (calls.length === 0)
      return { key, sent, stage, gas, lostRaces, ...(leftToExecutor === undefined ? {} : { leftToExecutor }) };
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

type Next = { readonly calls: readonly ContractCall[]; readonly leftToExecutor?: string };
const NOTHING: Next = { calls: [] };

/** The transactions that end a stage; none where this relayer cannot, or leaves it to others. */
async function nextOf(
  { destination }: Route,
  { packet, proof, options }: SentPacket,
  stage: DeliveryStage,
  takesOver: boolean,
): Promise<Next> {
  const { receiveLibrary, endpoint, executor } = destination.layerZero;
  const { header, payloadHash } = proof;
  if (!["verifying", "committing", "executing"].includes(stage.name)) return NOTHING;
  const own = await ownVerifiers(destination);
  if (stage.name === "verifying") {
    const address = stage.verifiers.filter((verifier) => own.has(verifier));
    const call = { abi: localDvnAbi, functionName: "verify" } as const;
    const args = [receiveLibrary, header, payloadHash, stage.confirmations] as const;
    return { calls: address.map((verifier) => contractCall({ ...call, address: verifier, args })) };
  }
  if (own.size === 0 && !takesOver) return NOTHING;
  if (stage.name === "committing") {
    // also what is left to its executor then: a packet that is not committed holds up those after it
    const call = { address: receiveLibrary, abi: receiveLibraryAbi, functionName: "commitVerification" } as const;
    return { calls: [contractCall({ ...call, args: [header, payloadHash] })] };
  }
  const leftToExecutor = own.size === 0 ? whyLeft(options) : undefined;
  if (leftToExecutor !== undefined) return { calls: [], leftToExecutor };
  const { gas, value } = decodeReceiveOptions(options);
  const receiver = bytes32ToAddress(packet.receiver);
  const origin = originOf(packet);
  if (own.size === 0) {
    const call = { address: endpoint, abi: endpointAbi, functionName: "lzReceive" } as const;
    const execution = contractCall({ ...call, args: [origin, receiver, packet.guid, packet.message, "0x"] });
    // {gas} the receiver gets no less than was paid for: with less, one that catches failures would catch one. A 64th is kept back.
    return { calls: [{ ...execution, moreGas: (gas * 64n + 62n) / 63n }] };
  }
  const call = { address: executor, abi: localExecutorAbi, functionName: "execute" } as const;
  return {
    calls: [contractCall({ ...call, value, args: [endpoint, origin, receiver, packet.guid, packet.message, gas] })],
  };
}

/** Why what a packet has bought is not given to it by anybody but the executor that was paid for it; nothing where it may be. */
function whyLeft(options: Hex): string | undefined {
  try {
    const { gas, value } = decodeReceiveOptions(options);
    if (value > 0n) return `its receiver is to be paid ${value} wei`;
    return gas > TAKE_OVER_GAS_LIMIT
      ? `its receiver is to have ${gas} gas, more than ${TAKE_OVER_GAS_LIMIT}`
      : undefined;
  } catch (error) {
    if (error instanceof OptionsMalformed) return error.message;
    throw error;
  }
}
