import {
  bytes32ToAddress,
  type ContractCall,
  contractCall,
  localDvnAbi,
  localExecutorAbi,
  originOf,
  readStage,
  type SentPacket,
  sendCall,
} from "@equipoise/sdk/actions";
import { receiveLibraryAbi } from "../../relayer/src/layerzero/abi.ts";
import { decodeReceiveOptions, pathOf } from "../../relayer/src/layerzero/index.ts";
import type { Path as WholePath } from "./pathFixture.ts";

type Path = Pick<WholePath, "route" | "accounts">;

/** The execution of a packet by hand, for what `deliver` would refuse to try. */
export function executionOf(path: Path, { packet, options }: SentPacket, message = packet.message): ContractCall {
  const { endpoint, executor } = path.route.destination.layerZero;
  return contractCall({
    address: executor,
    abi: localExecutorAbi,
    functionName: "execute",
    args: [
      endpoint,
      originOf(packet),
      bytes32ToAddress(packet.receiver),
      packet.guid,
      message,
      decodeReceiveOptions(options).gas,
    ],
  });
}

/** Takes the steps of a delivery by hand until a stage, as if the relayer ended there. */
export async function deliverUntil(path: Path, sent: SentPacket, upTo: string): Promise<string> {
  const { destination } = path.route;
  const client = destination.chain.signer(path.accounts.relayer);
  const { header, payloadHash } = sent.proof;
  for (;;) {
    const stage = await readStage(pathOf(path.route), sent);
    if (stage.name === upTo) return stage.name;
    if (stage.name === "verifying") {
      for (const address of stage.verifiers) {
        await sendCall(
          client,
          contractCall({
            address,
            abi: localDvnAbi,
            functionName: "verify",
            args: [destination.layerZero.receiveLibrary, header, payloadHash, stage.confirmations],
          }),
        );
      }
    } else if (stage.name === "committing") {
      const address = destination.layerZero.receiveLibrary;
      const commit = { address, abi: receiveLibraryAbi, functionName: "commitVerification" } as const;
      await sendCall(client, contractCall({ ...commit, args: [header, payloadHash] }));
    } else if (stage.name === "executing") {
      await sendCall(client, executionOf(path, sent));
    } else {
      return stage.name;
    }
  }
}
