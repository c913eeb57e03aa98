import { hubSite, observePrices, ticksOf } from "@equipoise/relayer";
import { observedReturns, packObservations } from "@equipoise/sdk";
import { readWindow, WindowNotShown, WindowTooShort } from "@equipoise/sdk/actions";
import { createPublicClient, custom, type Hex, type RpcLog } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PipelineFixture, startPipeline } from "./pipelineFixture.ts";

let fixture: PipelineFixture;

beforeAll(async () => {
  fixture = await startPipeline({ prove: () => Promise.reject(new Error("nothing is proven here")) });
  await observePrices(fixture.restarted(), ticksOf(fixture.series));
});
afterAll(() => fixture?.stop());

describe("readWindow", () => {
  /** A node that passes everything on, and changes the logs on their way. */
  const lyingReader = (change: (logs: RpcLog[]) => RpcLog[]) => {
    const { chain } = hubSite(fixture.restarted());
    const honest = chain.reader.request as (asked: { method: string }) => Promise<unknown>;
    const request = async (asked: { method: string }): Promise<unknown> => {
      const answer = await honest(asked);
      return asked.method === "eth_getLogs" ? change(answer as RpcLog[]) : answer;
    };
    return createPublicClient({ chain: chain.reader.chain, transport: custom({ request }) });
  };
  const window = () => {
    const { deployment } = hubSite(fixture.restarted());
    return { observationLog: deployment.observationLog, index: 240n, fromBlock: BigInt(deployment.block) };
  };

  it("default: the words of the log, oldest first", async () => {
    const { observations } = await readWindow(
      lyingReader((logs) => logs),
      window(),
    );
    expect(observations).toEqual(packObservations(observedReturns(fixture.series.prices)));
  });

  it("error: WindowNotShown when the node changes or hides a word", async () => {
    const word = (data: Hex): Hex =>
      `${data.slice(0, 66 + 63)}${data[66 + 63] === "0" ? "1" : "0"}${data.slice(66 + 64)}` as Hex;
    const tampered = lyingReader((logs) =>
      logs.map((log, place) => (place === 100 ? { ...log, data: word(log.data) } : log)),
    );
    await expect(readWindow(tampered, window())).rejects.toThrow(WindowNotShown);
    await expect(
      readWindow(
        lyingReader((logs) => logs.slice(0, -1)),
        window(),
      ),
    ).rejects.toThrow("observation 240 is missing");
  });

  it("error: WindowTooShort", async () => {
    await expect(
      readWindow(
        lyingReader((logs) => logs),
        { ...window(), index: 239n },
      ),
    ).rejects.toThrow(WindowTooShort);
  });
});
