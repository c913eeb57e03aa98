import {
  type ContractCall,
  contractCall,
  packetKey,
  readLatestRiskIndex,
  readRiskState,
  readStage,
  riskMirrorAbi,
  type SentPacket,
  sendCall,
} from "@equipoise/sdk/actions";
import { type Account, parseEventLogs } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mineBlocks, reorganise, type SigningClient } from "../../relayer/src/chains/index.ts";
import { receiveLibraryAbi } from "../../relayer/src/layerzero/abi.ts";
import { deliver, pathOf } from "../../relayer/src/layerzero/index.ts";
import { deliverUntil, executionOf } from "./deliverySteps.ts";
import { CONFIRMATIONS, type Path, riskStateOf, sendState, startPath } from "./pathFixture.ts";

let path: Path;

beforeAll(async () => {
  path = await startPath();
}, 60_000);
afterAll(async () => {
  await path?.local.stop();
});

type Asked = { readonly method: string };
const confirm = (): Promise<void> => mineBlocks(path.route.source.chain, CONFIRMATIONS);
const mirrorIndex = (): Promise<bigint> =>
  readLatestRiskIndex(path.route.destination.chain.reader, { riskState: path.mirror });
const stageOf = async (sent: SentPacket): Promise<string> => (await readStage(pathOf(path.route), sent)).name;

const atSpoke = () => path.route.destination.chain.signer(path.accounts.relayer);

describe("deliver", () => {
  it("default: PacketSent, verify, commit and lzReceive change the mirror", async () => {
    const { sent } = await sendState(path, 240n);
    expect(await stageOf(sent)).toBe("confirming");
    await confirm();
    expect(await stageOf(sent)).toBe("verifying");
    const delivery = await deliver(path.route, sent);
    expect(delivery.stage.name).toBe("delivered");
    expect(delivery.gas.verify).toHaveLength(2);
    const state = await readRiskState(path.route.destination.chain.reader, { riskState: path.mirror, index: 240n });
    expect(state).toEqual(riskStateOf(240n));
    // Half of what the enforced options promise, so that a dearer network still delivers.
    expect(delivery.gas.execute).toBeLessThan(250_000n);
  });

  it("behavior: nothing is verified before the confirmations are there", async () => {
    const { sent } = await sendState(path, 264n);
    const delivery = await deliver(path.route, sent);
    expect(delivery.stage).toEqual({ name: "confirming", missing: CONFIRMATIONS - 1 });
    expect(delivery.gas.verify).toHaveLength(0);
    await confirm();
    expect((await deliver(path.route, sent)).stage.name).toBe("delivered");
  });

  it("behavior: a second delivery does nothing", async () => {
    const { sent } = await sendState(path, 288n);
    await confirm();
    await deliver(path.route, sent);
    const block = await path.route.destination.chain.reader.getBlockNumber();
    const again = await deliver(path.route, sent);
    expect(again.stage.name).toBe("delivered");
    expect(await path.route.destination.chain.reader.getBlockNumber()).toBe(block);
  });

  it("behavior: two relayers at once deliver once", async () => {
    const { sent } = await sendState(path, 300n);
    await confirm();
    const outcomes = await Promise.allSettled([deliver(path.route, sent), deliver(path.route, sent)]);
    expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
    expect((await deliver(path.route, sent)).stage.name).toBe("delivered");
    expect(await mirrorIndex()).toBe(300n);
  });

  it("behavior: steps that others take first are recognised, not failed on", async () => {
    const { sent } = await sendState(path, 306n);
    await confirm();
    const { destination } = path.route;
    const stranger = path.accounts.investor;
    const { header, payloadHash } = sent.proof;
    const address = destination.layerZero.receiveLibrary;
    const commit = { address, abi: receiveLibraryAbi, functionName: "commitVerification" } as const;
    // Just before the relayer commits or executes, somebody else does.
    const rivals = new Map<string, ContractCall>([
      ["commitVerification", contractCall({ ...commit, args: [header, payloadHash] })],
      ["execute", executionOf(path, sent)],
    ]);
    const signer = (account: Account): SigningClient => {
      const own = destination.chain.signer(account);
      const honest = own.request as (asked: Asked) => Promise<unknown>;
      const request = async (asked: Asked): Promise<unknown> => {
        for (const [step, call] of rivals) {
          if (asked.method !== "eth_estimateGas" || !JSON.stringify(asked).includes(call.data)) continue;
          rivals.delete(step);
          await sendCall(destination.chain.signer(stranger), call);
        }
        return honest(asked);
      };
      return { ...own, request } as SigningClient;
    };
    const route = { ...path.route, destination: { ...destination, chain: { ...destination.chain, signer } } };
    const delivery = await deliver(route, sent);
    expect(delivery).toMatchObject({ stage: { name: "delivered" }, lostRaces: 2 });
    expect(delivery.gas.commit).toBeUndefined();
    expect(delivery.gas.execute).toBeUndefined();
    expect(await mirrorIndex()).toBe(306n);
  });

  it("behavior: a replay and another message under the guid are refused by the endpoint", async () => {
    const { sent } = await sendState(path, 312n);
    await confirm();
    await deliver(path.route, sent);
    await expect(sendCall(atSpoke(), executionOf(path, sent))).rejects.toMatchObject({
      reason: "LZ_PayloadHashNotFound",
    });
    await expect(sendCall(atSpoke(), executionOf(path, sent, "0x1234"))).rejects.toMatchObject({
      reason: "LZ_PayloadHashNotFound",
    });
    const { header, payloadHash } = sent.proof;
    const address = path.route.destination.layerZero.receiveLibrary;
    const commit = { address, abi: receiveLibraryAbi, functionName: "commitVerification" } as const;
    await expect(sendCall(atSpoke(), contractCall({ ...commit, args: [header, payloadHash] }))).rejects.toMatchObject({
      reason: "LZ_ULN_Verifying",
    });
  });

  it("behavior: out of order, the older state arrives second and is ignored", async () => {
    const older = await sendState(path, 336n);
    const newer = await sendState(path, 360n);
    await confirm();
    const early = await deliver(path.route, newer.sent);
    expect(early.stage.name).toBe("waiting"); // committed; the endpoint wants the lower nonce committed first
    expect(await mirrorIndex()).toBe(312n);

    // Verify and commit the lower nonce without executing it: then the newer one may go first.
    const stopped = await deliverUntil(path, older.sent, "executing");
    expect(stopped).toBe("executing");
    expect((await deliver(path.route, newer.sent)).stage.name).toBe("delivered");
    expect(await mirrorIndex()).toBe(360n);

    const late = await sendCall(atSpoke(), executionOf(path, older.sent));
    const [ignored] = parseEventLogs({ abi: riskMirrorAbi, eventName: "StaleRiskStateIgnored", logs: [...late.logs] });
    expect(ignored?.args).toMatchObject({ index: 336n, latestIndex: 360n });
    expect(await mirrorIndex()).toBe(360n);
    expect(await stageOf(older.sent)).toBe("delivered");
  });

  it("behavior: a restart between any two steps loses and repeats nothing", async () => {
    const { sent } = await sendState(path, 384n);
    await confirm();
    const { chain, layerZero } = path.route.destination;
    const stages: string[] = [];
    for (const upTo of ["verifying", "committing", "executing", "delivered"]) {
      expect(await deliverUntil(path, sent, upTo)).toBe(upTo);
      stages.push(await stageOf(sent));
    }
    expect(stages).toEqual(["verifying", "committing", "executing", "delivered"]);
    const signed = await chain.reader.getLogs({ address: layerZero.receiveLibrary, fromBlock: 0n, toBlock: "latest" });
    const verified = parseEventLogs({ abi: receiveLibraryAbi, eventName: "PayloadVerified", logs: signed });
    expect(verified.filter(({ args }) => args.proofHash === sent.proof.payloadHash)).toHaveLength(2);
    expect(await mirrorIndex()).toBe(384n);
  });

  it("behavior: after a reorg, another payload under the same guid is delivered and the first is dropped", async () => {
    const first = await sendState(path, 408n, 1n);
    await reorganise(path.route.source.chain, 2); // forgets the state and its broadcast
    expect(await stageOf(first.sent)).toBe("orphaned");

    const second = await sendState(path, 408n, 2n);
    expect(second.sent.packet.guid).toBe(first.sent.packet.guid);
    expect(second.sent.proof.payloadHash).not.toBe(first.sent.proof.payloadHash);
    expect(packetKey(second.sent)).not.toBe(packetKey(first.sent));
    await confirm();
    expect((await deliver(path.route, first.sent)).stage.name).toBe("orphaned");
    expect(await mirrorIndex()).toBe(384n);
    expect((await deliver(path.route, second.sent)).stage.name).toBe("delivered");
    const state = await readRiskState(path.route.destination.chain.reader, { riskState: path.mirror, index: 408n });
    expect(state.windowCommitment).toBe(riskStateOf(408n, 2n).windowCommitment);
  });

  it("behavior: a reorg that moves the packet to another block changes its key, not its payload", async () => {
    const { sent } = await sendState(path, 432n);
    const moved = { ...sent, blockHash: `0x${"11".repeat(32)}` as const };
    expect(await stageOf(moved)).toBe("orphaned");
    await confirm();
    expect((await deliver(path.route, sent)).stage.name).toBe("delivered");
  });
});
