import { type MessageProgress, type SentPacket, sentPacketsIn, trackMessage } from "@equipoise/sdk/actions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mineBlocks, reorganise } from "../../relayer/src/chains/index.ts";
import { deliver, pathOf } from "../../relayer/src/layerzero/index.ts";
import { deliverUntil } from "./deliverySteps.ts";
import { CONFIRMATIONS, type Path, sendState, startPath } from "./pathFixture.ts";

let path: Path;

beforeAll(async () => {
  path = await startPath();
}, 120_000);
afterAll(async () => {
  await path?.local.stop();
});

const confirm = (): Promise<void> => mineBlocks(path.route.source.chain, CONFIRMATIONS);
const track = (message: SentPacket | `0x${string}`, more: { signal?: AbortSignal; pollingInterval?: number } = {}) =>
  trackMessage({ path: pathOf(path.route), message, pollingInterval: 5, ...more });
const stageOf = (step: IteratorResult<MessageProgress, void>): string => (step.done ? "ended" : step.value.stage);

describe("trackMessage", () => {
  it("default: every stage once, from the receipt of the sending to the end", async () => {
    const { receipt } = await sendState(path, 240n);
    const [sent] = sentPacketsIn([...receipt.logs]) as [SentPacket];
    const progress = track(sent);
    const first = await progress.next();
    expect(first.value).toMatchObject({ stage: "sent", detail: { name: "confirming" } });
    await confirm();
    const seen: string[] = [];
    for (const upTo of ["committing", "executing", "delivered"]) {
      const next = progress.next();
      expect(await deliverUntil(path, sent, upTo)).toBe(upTo);
      seen.push(stageOf(await next));
    }
    expect(seen).toEqual(["verified", "committed", "delivered"]);
    expect(stageOf(await progress.next())).toBe("ended");
  });

  it("behavior: a guid is enough, also before its packet is in a block", async () => {
    const { sent } = await sendState(path, 264n);
    await reorganise(path.route.source.chain, 2); // as a node that has not seen them yet
    const progress = track(sent.packet.guid);
    const first = progress.next();
    const early = await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 100, "still waiting"))]);
    expect(early).toBe("still waiting");
    const { sent: again } = await sendState(path, 264n);
    expect(again.packet.guid).toBe(sent.packet.guid);
    expect(await first).toMatchObject({ value: { stage: "sent", sent: { blockHash: again.blockHash } } });
    await confirm();
    await deliver(path.route, again);
    const rest: string[] = [];
    for await (const { stage } of progress) rest.push(stage);
    expect(rest).toEqual(["delivered"]); // the stages in between passed unseen
  });

  it("behavior: a reorg is told, and the message that takes the guid is followed on", async () => {
    const first = await sendState(path, 288n, 1n);
    const progress = track(first.sent);
    expect(stageOf(await progress.next())).toBe("sent");
    await reorganise(path.route.source.chain, 2);
    expect(stageOf(await progress.next())).toBe("orphaned");
    const second = await sendState(path, 288n, 2n);
    expect(second.sent.packet.guid).toBe(first.sent.packet.guid);
    const back = await progress.next();
    expect(back.value).toMatchObject({ stage: "sent", sent: { proof: second.sent.proof } });
    await confirm();
    await deliver(path.route, second.sent);
    expect(stageOf(await progress.next())).toBe("delivered");
  });

  it("behavior: an aborted signal ends a pending step at once with its reason, and leaves nothing running", async () => {
    const { sent } = await sendState(path, 312n);
    const ending = new AbortController();
    const progress = track(sent, { signal: ending.signal, pollingInterval: 3_600_000 });
    expect(stageOf(await progress.next())).toBe("sent");
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const pending = progress.next();
    ending.abort(new Error("enough"));
    await expect(pending).rejects.toThrow("enough");
    expect(timers()).toBeLessThanOrEqual(before);
    expect(stageOf(await progress.next())).toBe("ended");
    await expect(track(sent, { signal: AbortSignal.abort() }).next()).rejects.toMatchObject({ name: "AbortError" });
  });

  it("behavior: leaving the loop ends it", async () => {
    const { sent } = await sendState(path, 336n);
    const progress = track(sent, { pollingInterval: 3_600_000 });
    for await (const { stage } of progress) {
      expect(stage).toBe("sent");
      break;
    }
    expect(stageOf(await progress.next())).toBe("ended");
  });
});
