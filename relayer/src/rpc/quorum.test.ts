import { revertDataOf } from "@equipoise/sdk/actions";
import { createPublicClient, type Hash, parseEther, toHex } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AnvilNode, startAnvil } from "../chains/anvil.ts";
import { connectChain } from "../chains/chain.ts";
import { mineBlocks } from "../chains/clock.ts";
import { runStep } from "../stepFailed.ts";
import { submitterNode } from "../transactions/node.ts";
import { httpEndpoint } from "./endpoint.ts";
import { type FaultyProxy, startFaultyProxy } from "./faultyProxy.ts";
import { QuorumMissing } from "./heads.ts";
import { logsInRanges } from "./logsInRanges.ts";
import { DEFAULT_QUORUM_POLICY, type EndpointEvent, EndpointsDisagree, quorumRequest } from "./quorum.ts";
import { disagreementIn, quorumTransport } from "./transport.ts";

const CHAIN_ID = 31_372;
let node: AnvilNode;
let proxies: FaultyProxy[];
const events: EndpointEvent[] = [];
/** emits a log with every call: LOG0 of nothing */
const EMITTER = "0x00000000000000000000000000000000000000e1";
/** reverts with the word 170 */
const REVERTER = "0x00000000000000000000000000000000000000e2";
let emitted: Hash;

beforeAll(async () => {
  node = await startAnvil({ chainId: CHAIN_ID });
  proxies = await Promise.all([1, 2, 3].map(() => startFaultyProxy(node.rpcUrl)));
  const chain = connectChain({ ...node, eid: 1, role: "hub", pollingInterval: 20 });
  const ask = (method: string, params: unknown[]) =>
    chain.reader.request({ method, params } as unknown as Parameters<typeof chain.reader.request>[0]);
  await ask("anvil_setCode", [EMITTER, "0x60006000a0"]);
  await ask("anvil_setBalance", [EMITTER, toHex(parseEther("1"))]);
  await ask("anvil_impersonateAccount", [EMITTER]);
  await ask("anvil_setCode", [REVERTER, "0x60aa60005260206000fd"]);
  emitted = (await ask("eth_sendTransaction", [{ from: EMITTER, to: EMITTER }])) as Hash;
  await mineBlocks(chain, 20);
}, 60_000);
afterAll(async () => {
  await Promise.all((proxies ?? []).map((proxy) => proxy.stop()));
  await node?.stop();
});
beforeEach(() => {
  events.length = 0;
  for (const proxy of proxies) {
    proxy.fault = "none";
    proxy.once = false;
    proxy.asked.clear();
  }
});

const endpointAt = (place: number) =>
  logsInRanges(httpEndpoint(proxies[place]!.url, { timeoutMs: 300, retries: 2, backoffMs: 20 }), 2_000n);
const policyOf = (quorum: number) => ({
  ...DEFAULT_QUORUM_POLICY,
  quorum,
  headMs: 10,
  againMs: 20,
  patienceMs: 100,
});
const clientOf = (count: number, quorum: number, headMs = 10, againMs = 20) => {
  const endpoints = [0, 1, 2].slice(0, count).map(endpointAt);
  const policy = { ...policyOf(quorum), headMs, againMs };
  const request = quorumRequest(CHAIN_ID, endpoints, policy, (event) => void events.push(event));
  return createPublicClient({ transport: quorumTransport(request), cacheTime: 0 });
};
const logsOf = (client: ReturnType<typeof clientOf>) => client.getLogs({ address: EMITTER, fromBlock: 0n });
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("quorumRequest", () => {
  it("default: one answer where all agree", async () => {
    const client = clientOf(3, 2);
    expect(await logsOf(client)).toHaveLength(1);
    expect(await client.getBlockNumber()).toBe(21n);
    expect((await client.getBlock({ blockTag: "finalized" })).number).toBeLessThan(21n);
    expect(await client.getBalance({ address: EMITTER })).toBeGreaterThan(0n);
    expect(events).toEqual([]);
  });

  it("behavior: one of three that lies about logs is outvoted and named", async () => {
    proxies[1]!.fault = "liesAboutLogs";
    expect(await logsOf(clientOf(3, 2))).toHaveLength(1);
    await expect
      .poll(() => events, { timeout: 2_000 })
      .toEqual([
        { event: "differs", label: new URL(proxies[1]!.url).host, detail: expect.stringContaining("eth_getLogs") },
      ]);
  });

  it("error: EndpointsDisagree where no quorum agrees, with who said what", async () => {
    proxies[1]!.fault = "liesAboutLogs";
    const failure = await failureOf(logsOf(clientOf(2, 2)));
    const disagreement = disagreementIn(failure);
    expect(disagreement).toBeInstanceOf(EndpointsDisagree);
    expect(disagreement).toMatchObject({ retry: false, chainId: CHAIN_ID });
    for (const { url } of proxies.slice(0, 2)) expect(disagreement?.message).toContain(new URL(url).host);
    expect(proxies[0]!.asked.get("eth_getLogs")).toBe(3); // they were given time to agree
  });

  it("behavior: of two that contradict each other neither is believed while a third is a block behind; that one is waited for", async () => {
    [proxies[0]!.fault, proxies[2]!.fault] = ["liesAboutCalls", "trails"];
    const failure = await failureOf(runStep("look", () => clientOf(3, 2).call({ to: EMITTER })));
    expect(disagreementIn(failure)).toBeUndefined();
    expect(failure).toMatchObject({ retry: true });
    for (const { url } of proxies.slice(0, 2)) expect(String(failure)).toContain(new URL(url).host);
    expect(proxies[2]!.asked.get("eth_call")).toBeUndefined();
    const honest = clientOf(3, 2, 10, 300).call({ to: EMITTER });
    await expect.poll(() => proxies[0]!.asked.get("eth_call"), { interval: 5 }).toBe(3 + 1);
    proxies[2]!.fault = "none"; // it has come to the block in question
    expect(await honest).toEqual({ data: undefined });
    const liar = {
      event: "differs",
      label: new URL(proxies[0]!.url).host,
      detail: expect.stringContaining("eth_call"),
    };
    expect(events).toContainEqual(liar);
  });

  it.each(["timesOut", "lags"] as const)(
    "error: EndpointsDisagree where two contradict each other and a third has been away for long: it %s",
    async (fault) => {
      const goneAfterMs = 1_500;
      const request = quorumRequest(CHAIN_ID, [0, 1, 2].map(endpointAt), { ...policyOf(2), goneAfterMs });
      const ask = () => failureOf(request({ method: "eth_call", params: [{ to: EMITTER }] }));
      const wait = () => new Promise((resolve) => setTimeout(resolve, goneAfterMs));
      await wait(); // of the time before anything was asked nobody is away
      [proxies[0]!.fault, proxies[2]!.fault] = ["liesAboutCalls", fault];
      expect(await ask()).toBeInstanceOf(QuorumMissing);
      proxies[2]!.fault = "none";
      await expect.poll(ask, { timeout: 5_000 }).toBeUndefined(); // back again
      await wait();
      proxies[2]!.fault = fault;
      expect(await ask()).toBeInstanceOf(QuorumMissing);
      await wait();
      expect(await ask()).toBeInstanceOf(EndpointsDisagree);
    },
  );

  it("behavior: a time in which none of them answers makes none of them one that is away", async () => {
    const goneAfterMs = 1_000;
    const request = quorumRequest(CHAIN_ID, [0, 1, 2].map(endpointAt), { ...policyOf(2), goneAfterMs });
    const ask = () => failureOf(request({ method: "eth_call", params: [{ to: EMITTER }] }));
    proxies[2]!.fault = "timesOut";
    expect(await ask()).toBeUndefined();
    for (const proxy of proxies) proxy.fault = "timesOut";
    expect(await ask()).toBeInstanceOf(QuorumMissing);
    await new Promise((resolve) => setTimeout(resolve, goneAfterMs));
    [proxies[0]!.fault, proxies[1]!.fault] = ["liesAboutCalls", "none"];
    expect(await ask()).toBeInstanceOf(QuorumMissing);
  });

  it("error: EndpointsDisagree where all three say something else, and where three are needed and one contradicts", async () => {
    proxies[0]!.fault = "liesAboutCalls";
    expect(disagreementIn(await failureOf(clientOf(3, 3).call({ to: EMITTER })))?.message).toContain("eth_call");
    proxies[1]!.fault = "liesAboutCalls";
    expect(disagreementIn(await failureOf(clientOf(3, 2).call({ to: EMITTER })))?.message).toContain("eth_call");
  });

  it("behavior: one that times out is done without; two of three that do are too many", async () => {
    proxies[2]!.fault = "timesOut";
    expect(await logsOf(clientOf(3, 2))).toHaveLength(1);
    expect(events).toEqual([
      expect.objectContaining({ event: "silent", detail: expect.stringContaining("not waited") }),
    ]);
    const given = expect.objectContaining({ event: "silent", detail: expect.stringContaining("300 ms") });
    await expect.poll(() => events, { timeout: 5_000 }).toContainEqual(given);
    proxies[1]!.fault = "timesOut";
    const failure = await failureOf(logsOf(clientOf(3, 2)));
    expect(String((failure as Error).cause ?? failure)).toContain(QuorumMissing.name);
  });

  it("behavior: nobody waits for one that is known to be slow, nor for it to take a transaction", async () => {
    proxies[2]!.fault = "timesOut";
    const client = clientOf(3, 2);
    await client.getBlockNumber(); // patience once
    const started = performance.now();
    for (let question = 0; question < 5; question++) {
      await new Promise((resolve) => setTimeout(resolve, 12)); // a new head each
      expect(await logsOf(client)).toHaveLength(1);
    }
    expect(performance.now() - started).toBeLessThan(800); // with 1,000 ms and more that it would take to say nothing
    await failureOf(client.sendRawTransaction({ serializedTransaction: "0x02" }));
    expect(proxies[2]!.asked.get("eth_blockNumber")).toBeLessThanOrEqual(3);
  });

  it("behavior: where one lags, a slow one is waited for", async () => {
    proxies[0]!.fault = "lags";
    proxies[2]!.fault = "slow";
    expect(await clientOf(3, 2).getBlockNumber()).toBe(21n);
  });

  it("behavior: an estimate that one endpoint refuses is the others'; what a quorum refuses is refused", async () => {
    const client = clientOf(3, 2);
    proxies[0]!.fault = "refusesEstimates";
    expect(await client.request({ method: "eth_estimateGas", params: [{ to: EMITTER }] })).toMatch(/^0x/);
    proxies[2]!.fault = "refusesEstimates";
    await expect(client.request({ method: "eth_estimateGas", params: [{ to: EMITTER }] })).rejects.toThrow("refused");
  });

  it.each([0, 1, 2])("behavior: one of three sets no gas, be it the %i.", async (place) => {
    const client = clientOf(3, 2);
    const gas = async () => BigInt(await client.request({ method: "eth_estimateGas", params: [{ to: EMITTER }] }));
    const honest = await gas();
    for (const fault of ["liesAboutGas", "exaggeratesGas"] as const) {
      proxies[place]!.fault = fault;
      expect(await gas()).toBe(honest);
    }
  });

  it.each(["trails", "slow"] as const)("behavior: one of three sets no gas while another one %s", async (fault) => {
    const client = clientOf(3, 2, fault === "slow" ? 60_000 : 10); // slow to make an estimate: its head is known
    const gas = async () => BigInt(await client.request({ method: "eth_estimateGas", params: [{ to: EMITTER }] }));
    const honest = await gas();
    proxies[1]!.fault = fault;
    for (const lie of ["liesAboutGas", "exaggeratesGas"] as const) {
      proxies[0]!.fault = lie;
      expect(await gas()).toBe(honest);
    }
    const failure = await failureOf(runStep("look", () => clientOf(2, 2).estimateGas({ to: EMITTER })));
    expect(String(failure)).toContain("eth_estimateGas");
    expect(failure).toMatchObject({ retry: true });
  });

  it("behavior: one of three sets no fees; of two that contradict each other about the base fee neither is believed", async () => {
    const fees = (count: number) => submitterNode(clientOf(count, 2), 1).marketFees();
    const honest = await fees(3);
    for (const proxy of proxies) {
      proxy.fault = "liesAboutFees";
      expect(await fees(3)).toEqual(honest);
      proxy.fault = "none";
    }
    proxies[0]!.fault = "liesAboutFees";
    expect(disagreementIn(await failureOf(fees(2)))?.message).toContain("eth_getBlockByNumber");
  });

  it("behavior: what a node says of itself is no answer, and is asked again", async () => {
    const client = clientOf(1, 1, 60_000);
    for (const fault of ["limitsInBody", "headerNotFound"] as const) {
      await client.getBlockNumber();
      proxies[0]!.asked.clear();
      [proxies[0]!.fault, proxies[0]!.once] = [fault, true];
      expect(await client.getBalance({ address: EMITTER })).toBeGreaterThan(0n);
      expect(proxies[0]!.asked.get("eth_getBalance")).toBe(2);
    }
  });

  it.each(["limitsInBody", "headerNotFound"] as const)(
    "error: QuorumMissing, which may pass, where one of two %s",
    async (fault) => {
      const client = clientOf(2, 2);
      await client.getBlockNumber();
      proxies[1]!.fault = fault;
      for (const question of [() => logsOf(client), () => client.call({ to: EMITTER })] as (() => Promise<unknown>)[]) {
        const failure = await failureOf(runStep("look", question));
        expect(String(failure)).toContain("needs 2 endpoints that answer");
        expect(disagreementIn(failure)).toBeUndefined();
        expect(failure).toMatchObject({ retry: true });
      }
    },
  );

  it("behavior: what one of two does not know yet is neither known nor unknown: asked again, then QuorumMissing", async () => {
    const client = clientOf(2, 2);
    const { hash } = await client.getBlock();
    const receipt = await client.getTransactionReceipt({ hash: emitted });
    proxies[1]!.fault = "knowsNoHash";
    const questions = [
      () => client.getBlock({ blockHash: hash }),
      () => client.getTransactionReceipt({ hash: emitted }),
    ] as (() => Promise<unknown>)[];
    for (const question of questions) {
      const failure = await failureOf(runStep("look", question));
      expect(String(failure)).toContain("does not know it");
      expect(failure).toMatchObject({ retry: true });
    }
    const patient = clientOf(2, 2, 60_000);
    await patient.getBlockNumber();
    proxies[1]!.once = true;
    proxies[1]!.asked.clear();
    expect(await patient.getTransactionReceipt({ hash: emitted })).toEqual(receipt);
    expect(proxies[1]!.asked.get("eth_getTransactionReceipt")).toBe(2);
    proxies[1]!.fault = "knowsNoHash";
    expect(await clientOf(3, 2).getTransactionReceipt({ hash: emitted })).toEqual(receipt);
    const unknown = clientOf(2, 2).getBlock({ blockHash: toHex(1, { size: 32 }) });
    expect(await failureOf(unknown)).toMatchObject({ name: "BlockNotFoundError" });
  });

  it("behavior: one of two answers for fewer blocks of logs at once", async () => {
    proxies[1]!.fault = "limitsLogRanges";
    expect(await logsOf(clientOf(2, 2))).toHaveLength(1);
    expect(proxies[1]!.asked.get("eth_getLogs")).toBe(1 + 1 + 5); // 22 blocks, half of them, and a quarter until there are none
    expect(events).toEqual([]);
  });

  it("behavior: nodes of another make say the same in other words", async () => {
    const client = clientOf(2, 2);
    const asked = async () => ({
      logs: await logsOf(client),
      receipt: await client.getTransactionReceipt({ hash: emitted }),
      block: await client.getBlock(),
      revert: revertDataOf(await failureOf(client.call({ to: REVERTER }))),
    });
    const honest = await asked();
    expect(honest.revert).toBe(toHex(0xaa, { size: 32 }));
    expect(honest.receipt).toMatchObject({ status: "success", gasUsed: expect.any(BigInt), logs: [expect.anything()] });
    proxies[1]!.fault = "otherFields";
    expect(await asked()).toEqual(honest);
    proxies[0]!.fault = "otherFields";
    expect(await asked()).toEqual(honest); // nothing that was not compared is handed on
    expect(events).toEqual([]);
  });

  it("behavior: no node ever takes it: believed of a quorum only", async () => {
    const raw = "0x02";
    for (const place of [0, 1, 2]) {
      proxies[place]!.fault = "refusesTransactions";
      expect((await submitterNode(clientOf(3, 2), 1).broadcast(raw))?.hopeless).toBe(place > 0);
    }
  });

  it("behavior: that the sender cannot pay: believed of a quorum only, of which one may say that no node ever takes it", async () => {
    const broadcast = () => submitterNode(clientOf(3, 2), 1).broadcast("0x02");
    proxies[0]!.fault = "refusesPayment";
    expect(await broadcast()).toMatchObject({ hopeless: false, unpayable: false });
    for (const fault of ["refusesPayment", "refusesTransactions"] as const) {
      proxies[1]!.fault = fault;
      expect(await broadcast()).toMatchObject({ hopeless: false, unpayable: true });
    }
    [proxies[1]!.fault, proxies[2]!.fault] = ["timesOut", "timesOut"];
    expect(String(await failureOf(runStep("send", broadcast)))).toContain("insufficient funds");
  });

  it("behavior: 429 is asked again with growing pauses, and given up after so many", async () => {
    [proxies[0]!.fault, proxies[0]!.once] = ["tooManyRequests", true];
    expect(await clientOf(1, 1).getBlockNumber()).toBe(21n);
    expect(proxies[0]!.asked.get("eth_blockNumber")).toBe(2);
    proxies[0]!.fault = "tooManyRequests";
    const started = performance.now();
    const failure = await failureOf(clientOf(1, 1).getBlockNumber());
    expect(String((failure as Error).cause ?? failure)).toContain("429");
    expect(proxies[0]!.asked.get("eth_blockNumber")).toBe(2 + 3);
    expect(performance.now() - started).toBeGreaterThan(10 + 20); // at least half of each delay
  });

  it("behavior: ten blocks behind is left out, also when it is the majority's business", async () => {
    proxies[0]!.fault = "lags";
    const client = clientOf(3, 2);
    expect(await client.getBlockNumber()).toBe(21n);
    await logsOf(client);
    expect(proxies[0]!.asked.get("eth_getLogs")).toBeUndefined();
    expect(events).toContainEqual(expect.objectContaining({ event: "lagging", detail: "10 blocks behind 21" }));
    const failure = await failureOf(clientOf(2, 2).getBlockNumber());
    expect(String((failure as Error).cause ?? failure)).toContain("10 blocks behind");
  });

  it.each([0, 1, 2])(
    "behavior: one of three that claims a head far ahead is named and left out, be it the %i.",
    async (place) => {
      proxies[place]!.fault = "claimsAhead";
      const client = clientOf(3, 2);
      expect(await client.getBlockNumber()).toBe(21n);
      expect(await logsOf(client)).toHaveLength(1);
      expect(proxies[place]!.asked.get("eth_getLogs")).toBeUndefined();
      const { host } = new URL(proxies[place]!.url);
      expect(new Set(events.map(({ label, event }) => `${label} ${event}`))).toEqual(new Set([`${host} differs`]));
      // of two nobody knows which one
      const two = quorumRequest(CHAIN_ID, [place, (place + 1) % 3].map(endpointAt), policyOf(2));
      const failure = await failureOf(runStep("look", () => two({ method: "eth_blockNumber" })));
      expect(failure).toMatchObject({ retry: true });
      expect(String(failure)).toContain("10000000 blocks behind");
    },
  );

  it("behavior: a newest block that a quorum had does not go back at once: who decided on it finds it again", async () => {
    const client = createPublicClient({
      transport: quorumTransport(
        quorumRequest(CHAIN_ID, [0, 1].map(endpointAt), { ...policyOf(2), headMs: 0, backMs: 400 }),
      ),
      cacheTime: 0,
    });
    expect(await client.getBlockNumber()).toBe(21n);
    [proxies[1]!.fault, proxies[1]!.once] = ["trails", true];
    expect(await client.getBlockNumber()).toBe(21n); // asked again
    [proxies[1]!.fault, proxies[1]!.once] = ["trails", false];
    const failure = await failureOf(runStep("look", () => client.getBlockNumber()));
    expect(String(failure)).toContain("block 21");
    expect(failure).toMatchObject({ retry: true });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await client.getBlockNumber()).toBe(20n); // a chain may be shorter than it was
  });
});
