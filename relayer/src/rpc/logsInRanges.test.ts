import { hexToNumber, numberToHex } from "viem";
import { describe, expect, it } from "vitest";
import { type Endpoint, EndpointSilent, LogRangeRefused } from "./endpoint.ts";
import { logsInRanges } from "./logsInRanges.ts";

type Range = { fromBlock: `0x${string}`; toBlock: `0x${string}` };

/** A node with a log in each block that answers for so many at once, and what it was asked for. */
function nodeOf(allowed: number, failure = LogRangeRefused) {
  const asked: [number, number][] = [];
  const endpoint: Endpoint = {
    label: "a node",
    ask: async (method, [filter]) => {
      if (method !== "eth_getLogs") return { result: method };
      const { fromBlock, toBlock } = filter as Range;
      const [first, last] = [hexToNumber(fromBlock), hexToNumber(toBlock)];
      asked.push([first, last]);
      if (last - first >= allowed) throw new failure("a node", method, "too many");
      return { result: Array.from({ length: last - first + 1 }, (_, place) => first + place) };
    },
  };
  return { endpoint, asked };
}
const ask = ({ ask }: Endpoint, first: number, last: number) =>
  ask("eth_getLogs", [{ address: "0x", fromBlock: numberToHex(first), toBlock: numberToHex(last) }]);
const blocks = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, place) => first + place);

describe("logsInRanges", () => {
  it("default: one question where the node answers for so many; else in order, at most so many at once", async () => {
    const { endpoint, asked } = nodeOf(100);
    expect(await ask(logsInRanges(endpoint, 100n), 1, 100)).toEqual({ result: blocks(1, 100) });
    expect(asked).toEqual([[1, 100]]);
    expect(await ask(logsInRanges(endpoint, 40n), 1, 100)).toEqual({ result: blocks(1, 100) });
    expect(asked.slice(1)).toEqual([
      [1, 40],
      [41, 80],
      [81, 100],
    ]);
  });

  it("behavior: half where it is refused, and no more from then on", async () => {
    const { endpoint, asked } = nodeOf(30);
    const halving = logsInRanges(endpoint, 100n);
    expect(await ask(halving, 0, 99)).toEqual({ result: blocks(0, 99) });
    expect(asked).toEqual([
      [0, 99],
      [0, 49],
      [0, 24],
      [25, 49],
      [50, 74],
      [75, 99],
    ]);
    asked.length = 0;
    expect(await ask(halving, 0, 26)).toEqual({ result: blocks(0, 26) });
    expect(asked).toEqual([
      [0, 24],
      [25, 26],
    ]);
  });

  it("behavior: after so many answers of full ranges it is asked for twice as many, at most as in the beginning", async () => {
    const { endpoint, asked } = nodeOf(1_000);
    let busy = true;
    const moody: Endpoint = {
      ...endpoint,
      ask: (method, params) => {
        if (!busy) return endpoint.ask(method, params);
        busy = false;
        throw new LogRangeRefused("a node", method, "range too large");
      },
    };
    const halving = logsInRanges(moody, 90n);
    expect(await ask(halving, 0, 19)).toEqual({ result: blocks(0, 19) }); // two of ten blocks
    asked.length = 0;
    const last = 2_080 - 1;
    expect(await ask(halving, 0, last)).toEqual({ result: blocks(0, last) });
    const sizes = asked.map(([first, end]) => end - first + 1);
    const count = (size: number) => sizes.filter((one) => one === size).length;
    expect([count(10), count(20), count(40), count(80)]).toEqual([6, 8, 8, 8]);
    expect(Math.max(...sizes)).toBe(90);
    asked.length = 0;
    await ask(halving, 0, 89);
    expect(asked).toEqual([[0, 89]]);
  });

  it("behavior: whoever refuses the double is asked for what it answers for again", async () => {
    const { endpoint, asked } = nodeOf(30);
    const halving = logsInRanges(endpoint, 100n);
    const last = 25 * 18 - 1;
    expect(await ask(halving, 0, last)).toEqual({ result: blocks(0, last) });
    expect(asked.map(([first, end]) => end - first + 1)).toEqual([
      100,
      50,
      ...Array(8).fill(25),
      50,
      ...Array(8).fill(25),
      50,
      25,
      25,
    ]);
  });

  it("error: whoever refuses ten blocks gives no answer, and is asked for as many as before the next time", async () => {
    const { endpoint, asked } = nodeOf(0);
    const halving = logsInRanges(endpoint, 80n);
    for (const _ of [1, 2]) await expect(ask(halving, 0, 79)).rejects.toBeInstanceOf(EndpointSilent);
    expect(asked.map(([first, last]) => last - first + 1)).toEqual([80, 40, 20, 10, 80, 40, 20, 10]);
  });

  it("behavior: any other failure, and any other question, goes through", async () => {
    const { endpoint, asked } = nodeOf(0, EndpointSilent as typeof LogRangeRefused);
    await expect(ask(logsInRanges(endpoint, 80n), 0, 79)).rejects.toBeInstanceOf(EndpointSilent);
    expect(asked).toHaveLength(1);
    expect(await logsInRanges(endpoint, 80n).ask("eth_call", [])).toEqual({ result: "eth_call" });
  });
});
