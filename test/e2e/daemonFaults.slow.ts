/** Slow: `npm run test:faults`. Whole relayers whose transactions are not mined and whose messages do not arrive as they should. */
import { findSentPackets, type SentPacket, sendCall } from "@equipoise/sdk/actions";
import { concat, type Hex, parseGwei, size, toFunctionSelector, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { mineBlocks } from "../../relayer/src/chains/clock.ts";
import { openDatabase } from "../../relayer/src/database/database.ts";
import { endOf } from "../../relayer/src/layerzero/route.ts";
import { routeEnd } from "../../relayer/src/pipeline/deliverPackets.ts";
import { allocatedAt, type Epoch, SPOKE_TRANSACTIONS, sentOf } from "./daemonEpoch.ts";
import {
  ALL_ROLES,
  type Daemon,
  type DaemonFixture,
  type FaultySite,
  RELAYER_KEY,
  startDaemonFixture,
} from "./daemonFixture.ts";
import { retry, said, statusOf, transactionAt } from "./daemonProcess.ts";
import { deliverUntil, executionOf } from "./deliverySteps.ts";
import { askNode } from "./localFeeds.ts";
import { TWO_MANDATES } from "./pipelineFixture.ts";

let fixture: DaemonFixture;
let hub: FaultySite;
let spoke: FaultySite;
let daemon: Daemon | undefined;

beforeAll(async () => {
  fixture = await startDaemonFixture([31_391, 31_392]);
  [hub, spoke] = fixture.sites as [FaultySite, FaultySite];
}, 600_000);
afterAll(async () => {
  await fixture?.stop();
}, 60_000);
afterEach(() => daemon?.stop(), 60_000);

const becomes = (value: () => Promise<unknown>, expected: unknown, timeout = 400_000) =>
  expect.poll(value, { timeout, interval: 300 }).toEqual(expected);

describe("equipoise relay with transactions that are not mined", () => {
  it("behavior: fees rise twentyfold: more is offered, step by step, and each nonce is used once", async () => {
    const epoch = await fixture.fresh();
    daemon = await fixture.start({ chains: fixture.chainConfigs({ escalateAfterSeconds: 3 }) });
    await becomes(() => sentOf(fixture.context, epoch.index), 1);
    const { lines } = daemon;
    await fixture.withoutBlocks(spoke, async () => {
      await said(lines, transactionAt(spoke, "broadcast"));
      const { baseFeePerGas } = await spoke.chain.reader.getBlock();
      const dear = 20n * (baseFeePerGas ?? 0n) + parseGwei("10");
      await askNode(spoke, "anvil_setNextBlockBaseFeePerGas", [toHex(dear)]);
      await mineBlocks(spoke.chain, 1);
      await said(lines, transactionAt(spoke, "escalated"));
    });
    await epoch.done();
    await daemon.stop();
    expect(await epoch.wrong()).toEqual([]);
  }, 900_000);

  it("behavior: a nonce is used by something signed elsewhere: the step is decided anew", async () => {
    const epoch = await fixture.fresh();
    daemon = await fixture.start();
    await becomes(() => sentOf(fixture.context, epoch.index), 1);
    const { lines } = daemon;
    await fixture.withoutBlocks(spoke, async () => {
      await said(lines, transactionAt(spoke, "broadcast"));
      await askNode(spoke, "anvil_dropAllTransactions", []);
      const account = privateKeyToAccount(RELAYER_KEY);
      const nonce = await spoke.chain.reader.getTransactionCount({ address: account.address });
      const fees = { maxFeePerGas: parseGwei("50"), maxPriorityFeePerGas: parseGwei("9") };
      const content = { chainId: spoke.chain.chainId, nonce, gas: 21_000n, to: account.address, ...fees };
      await askNode(spoke, "eth_sendRawTransaction", [await account.signTransaction(content)]);
      await mineBlocks(spoke.chain, 4);
      await said(lines, transactionAt(spoke, "displaced"));
    });
    await epoch.done();
    await daemon.stop();
    expect(await epoch.wrong({ [spoke.chain.chainId]: [SPOKE_TRANSACTIONS + 1] })).toEqual([]);
  }, 900_000);
});

/** Code that reverts where one function is called, and is the code at an address for everything else. */
function refusing(selector: Hex, rest: Hex): Hex {
  const head = (refuse: number): Hex =>
    concat(["0x60003560e01c63", selector, "0x1460", toHex(refuse, { size: 1 }), "0x57"]);
  const pass = concat(["0x3660006000376000600036600073", rest, "0x5af43d6000803e60"]);
  const fail: Hex = "0x573d6000fd";
  const ok: Hex = "0x5b3d6000f3";
  const okAt = size(head(0)) + size(pass) + 1 + size(fail);
  return concat([head(okAt + size(ok)), pass, toHex(okAt, { size: 1 }), fail, ok, "0x5b60006000fd"]);
}

describe("equipoise relay with messages that do not arrive as they should", () => {
  it("behavior: a spoke whose receiver reverts: tried again, given up as a dead letter, and delivered after retry", async () => {
    const epoch = await fixture.fresh();
    const receiver = spoke.deployment.riskState;
    const code = (await spoke.chain.reader.getCode({ address: receiver })) as Hex;
    const elsewhere: Hex = "0x00000000000000000000000000000000000c0de5";
    await askNode(spoke, "anvil_setCode", [elsewhere, code]);
    const selector = toFunctionSelector("lzReceive((uint32,bytes32,uint64),bytes32,bytes,address,bytes)");
    await askNode(spoke, "anvil_setCode", [receiver, refusing(selector, elsewhere)]);
    daemon = await fixture.start();
    const failures = (): number =>
      daemon!.lines.filter(({ msg, packet }) => msg === "failed" && packet !== undefined).length;
    await expect.poll(failures, { timeout: 400_000 }).toBeGreaterThanOrEqual(2);
    if (fixture.server !== undefined) {
      // the last of the eight tries would come after four minutes
      const database = await openDatabase({ url: fixture.server.url });
      await database.query(
        "UPDATE pgboss.job SET retry_limit = retry_count + 1 WHERE name = 'packet' AND state < 'completed'",
      );
      await database.close();
    }
    await becomes(async () => (await statusOf(daemon!)).deadLetters.map(({ queue }) => queue), ["packet"], 400_000);
    expect(await allocatedAt(hub, epoch.index)).toBe(TWO_MANDATES.length); // the hub goes on
    expect(await allocatedAt(spoke, epoch.index)).toBe(0);
    await askNode(spoke, "anvil_setCode", [receiver, code]);
    expect(await retry(daemon)).toBe(200);
    await epoch.done();
    expect((await statusOf(daemon!)).deadLetters).toEqual([]);
    await daemon.stop();
    expect(await epoch.wrong()).toEqual([]);
  }, 900_000);

  it("behavior: two messages, the second executed first, by a stranger, and again: the newest state stays, nothing is refused", async () => {
    const roles = ALL_ROLES.filter((role) => role !== "deliverer");
    const sendNext = async (next: () => Promise<Epoch>) => {
      const epoch = await next();
      daemon = await fixture.start({ roles });
      await becomes(() => sentOf(fixture.context, epoch.index), 1);
      await becomes(() => allocatedAt(hub, epoch.index), TWO_MANDATES.length);
      await daemon.stop();
      return epoch;
    };
    await sendNext(fixture.fresh);
    const epoch = await sendNext(fixture.nextEpoch);
    await mineBlocks(hub.chain, 3);
    const route = { source: routeEnd(fixture.context, hub), destination: routeEnd(fixture.context, spoke) };
    const path = { route, accounts: fixture.context.accounts };
    const toBlock = await hub.chain.reader.getBlockNumber();
    const packets = await findSentPackets(endOf(route.source), { fromBlock: 0n, toBlock });
    const [first, second] = packets as [SentPacket, SentPacket];
    for (const packet of [first, second]) expect(await deliverUntil(path, packet, "executing")).toBe("executing");
    const stranger = spoke.chain.signer(fixture.context.accounts.investor);
    await sendCall(stranger, executionOf(path, second));
    daemon = await fixture.start();
    await epoch.done();
    await becomes(async () => (await statusOf(daemon!)).packets, { delivered: 2 });
    await expect(sendCall(stranger, executionOf(path, second))).rejects.toMatchObject({
      reason: "LZ_PayloadHashNotFound",
    });
    expect(daemon.lines.filter(({ msg }) => msg === "failed")).toEqual([]);
    await daemon.stop();
    // two signatures and a commit of the first packet more
    expect(await epoch.wrong({ [spoke.chain.chainId]: [SPOKE_TRANSACTIONS + 3] })).toEqual([]);
  }, 900_000);
});
