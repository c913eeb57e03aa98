import { hubSite, mineBlocks, observePrices, ticksOf } from "@equipoise/relayer";
import { observedReturns, packObservations } from "@equipoise/sdk";
import { readWindow, WindowNotShown, WindowTooShort } from "@equipoise/sdk/actions";
import type { Hex, RpcLog } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PipelineFixture, startPipeline, WINDOW_TICKS } from "./pipelineFixture.ts";
import { publicNode } from "./publicNode.ts";

let fixture: PipelineFixture;
const TICKS = WINDOW_TICKS + 1;
/** {blocks} before, in and after the observations: more than a question may cover */
const QUIET = 2_500;

beforeAll(async () => {
  fixture = await startPipeline({ prove: () => Promise.reject(new Error("nothing is proven here")) }, { ticks: TICKS });
  const { chain } = hubSite(fixture.restarted());
  for (const [from, to] of [
    [0, 0],
    [0, 100],
    [100, TICKS],
  ] as const) {
    await observePrices(fixture.restarted(), ticksOf(fixture.series, from, to));
    await mineBlocks(chain, QUIET);
  }
});
afterAll(() => fixture?.stop());

describe("readWindow", () => {
  const node = (change?: (logs: RpcLog[]) => RpcLog[]) => publicNode(hubSite(fixture.restarted()).chain, change);
  const window = (index = 240n) => {
    const { deployment } = hubSite(fixture.restarted());
    return { observationLog: deployment.observationLog, index, fromBlock: BigInt(deployment.block) };
  };
  const words = () => packObservations(observedReturns(fixture.series.prices));

  it("default: the words of the log, oldest first, from a node that answers for 2,000 blocks at once", async () => {
    const { reader, asked } = node();
    const { observations } = await readWindow(reader, window());
    expect(observations).toEqual(words().slice(0, 240));
    expect(asked).toEqual([2_000n, 2_000n, 2_000n]); // of over 8,000
  });

  it("behavior: of a window that is known only what is new is asked for, from a block that is named, at most so many at once", async () => {
    const { reader, asked } = node();
    const known = await readWindow(reader, window());
    const toBlock = (await reader.getBlockNumber()) - BigInt(QUIET);
    asked.length = 0;
    const later = await readWindow(reader, { ...window(241n), known, toBlock, logRange: 10n });
    expect(later.observations).toEqual(words().slice(1));
    expect(asked).toEqual([10n]);
  });

  it("behavior: what is known of blocks that are gone is read anew", async () => {
    const { reader } = node();
    const known = await readWindow(reader, window());
    const gone = {
      ...known,
      observations: known.observations.map((word, place) => (place === 100 ? word + 1n : word)),
    };
    expect(await readWindow(reader, { ...window(), known: gone })).toEqual(known);
  });

  it("error: WindowNotShown when the node changes or hides a word", async () => {
    const word = (data: Hex): Hex =>
      `${data.slice(0, 66 + 63)}${data[66 + 63] === "0" ? "1" : "0"}${data.slice(66 + 64)}` as Hex;
    const tampered = node((logs) => logs.map((log, place) => (place === 50 ? { ...log, data: word(log.data) } : log)));
    await expect(readWindow(tampered.reader, window())).rejects.toThrow(WindowNotShown);
    const hidden = node((logs) => logs.slice(0, -1));
    await expect(readWindow(hidden.reader, window(241n))).rejects.toThrow("is missing");
  });

  it("error: WindowTooShort", async () => {
    await expect(readWindow(node().reader, window(239n))).rejects.toThrow(WindowTooShort);
  });
});
