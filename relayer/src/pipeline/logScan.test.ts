import {
  createPublicClient,
  custom,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
  hexToBigInt,
  keccak256,
  numberToHex,
  parseAbi,
} from "viem";
import { beforeEach, describe, expect, it } from "vitest";
import type { Chain } from "../chains/chain.ts";
import { fewAtOnce } from "../fewAtOnce.ts";
import { lastLogs, REORG_MARGIN } from "./logScan.ts";

const abi = parseAbi(["event Written(uint256 indexed key, uint256 value)"]);
const source = { address: "0x00000000000000000000000000000000000000aa", abi, eventName: "Written", block: 10 } as const;

/** A node that answers for no more than 2,000 blocks, and for none of some. */
type Node = {
  head: bigint;
  logs: { readonly block: bigint; readonly key: bigint; readonly value: bigint }[];
  refused?: bigint;
  /** ranges that were asked for */
  asked: [bigint, bigint][];
};
let node: Node;
let chain: Pick<Chain, "reader">;
beforeEach(() => {
  node = { head: 5_000n, logs: [], asked: [] };
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    if (method === "eth_blockNumber") return numberToHex(node.head);
    const [{ fromBlock, toBlock }] = params as [{ fromBlock: Hex; toBlock: Hex }];
    const [from, to] = [hexToBigInt(fromBlock), hexToBigInt(toBlock)];
    node.asked.push([from, to]);
    if (to - from >= 2_000n) throw new Error("more than 2,000 blocks");
    if (node.refused !== undefined && from <= node.refused && node.refused <= to) throw new Error("not now");
    return node.logs.filter(({ block }) => block >= from && block <= to && block <= node.head).map(logOf);
  };
  const transport = custom({ request }, { retryCount: 0 });
  chain = { reader: createPublicClient({ transport, cacheTime: 0 }) as unknown as Chain["reader"] };
});
const logOf = ({ block, key, value }: Node["logs"][number], place: number) => ({
  address: source.address,
  topics: encodeEventTopics({ abi, eventName: "Written", args: { key } }),
  data: encodeAbiParameters([{ type: "uint256" }], [value]),
  blockNumber: numberToHex(block),
  blockHash: keccak256(numberToHex(block)),
  transactionHash: keccak256(numberToHex(block + 1n)),
  ...{ logIndex: numberToHex(place), transactionIndex: "0x0", removed: false },
});
const look = async (): Promise<[bigint, bigint][]> => {
  node.asked = [];
  const logs = await lastLogs(chain, source, ({ args }) => String(args.key));
  return logs.map(({ args }) => [args.key, args.value]);
};

describe("lastLogs", () => {
  it("default: the last of each key in the order of their first, in ranges; later only what is new, and a margin", async () => {
    node.logs.push({ block: 20n, key: 2n, value: 1n }, { block: 3_000n, key: 1n, value: 2n });
    node.logs.push({ block: 4_990n, key: 2n, value: 3n });
    const expected = [
      [2n, 3n],
      [1n, 2n],
    ];
    expect(await look()).toEqual(expected);
    expect(node.asked.length).toBe(3);
    node.head = 5_010n;
    expect(await look()).toEqual(expected);
    expect(node.asked).toEqual([[5_000n - REORG_MARGIN + 1n, 5_010n]]);
    node.logs.push({ block: 5_020n, key: 7n, value: 4n });
    node.head = 5_020n;
    expect(await look()).toEqual([...expected, [7n, 4n]]);
  });

  it("behavior: what a reorg within the margin takes away is gone; after a deeper one all is read anew", async () => {
    node.logs.push({ block: 20n, key: 1n, value: 1n }, { block: 4_990n, key: 1n, value: 2n });
    expect(await look()).toEqual([[1n, 2n]]);
    node.logs.pop();
    expect(await look()).toEqual([[1n, 1n]]);
    node.logs = [{ block: 30n, key: 5n, value: 1n }];
    node.head = 4_000n;
    expect(await look()).toEqual([[5n, 1n]]);
  });

  it("behavior: where a question is refused, the next look goes on there", async () => {
    node.logs.push({ block: 20n, key: 1n, value: 1n }, { block: 4_500n, key: 2n, value: 2n });
    node.refused = 4_500n;
    await expect(look()).rejects.toThrow("not now");
    delete node.refused;
    expect(await look()).toEqual([
      [1n, 1n],
      [2n, 2n],
    ]);
    expect(node.asked[0]?.[0]).toBe(4_010n);
  });

  it("behavior: two who look at once read all once", async () => {
    node.logs.push({ block: 20n, key: 1n, value: 1n });
    node.asked = [];
    const both = await Promise.all([1, 2].map(() => lastLogs(chain, source, ({ args }) => String(args.key))));
    expect(both.map((logs) => logs.length)).toEqual([1, 1]);
    expect(node.asked.length).toBe(4);
  });
});

describe("fewAtOnce", () => {
  it("default: what comes of each, in order, sixteen at once at most", async () => {
    let [running, most] = [0, 0];
    const items = Array.from({ length: 50 }, (_, place) => place);
    const results = await fewAtOnce(items, async (item) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, item % 3));
      running -= 1;
      return item * 2;
    });
    expect(results).toEqual(items.map((item) => item * 2));
    expect(most).toBe(16);
  });

  it("error: the first failure", async () => {
    await expect(fewAtOnce([1, 2], (item) => Promise.reject(new Error(`not ${item}`)))).rejects.toThrow("not 1");
  });
});
