import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hash, type Hex, parseEther, parseGwei, toHex } from "viem";
import { type LocalAccount, mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AnvilNode, LOCAL_MNEMONIC, startAnvil } from "../chains/anvil.ts";
import { type Chain, connectChain } from "../chains/chain.ts";
import { mineBlocks, newestBlock, reorganise } from "../chains/clock.ts";
import { type Database, openDatabase } from "../database/database.ts";
import { takeLease } from "./lease.ts";
import { submitterNode } from "./node.ts";
import type { SubmitterEvent } from "./openTransactions.ts";
import { signingClient } from "./signingClient.ts";
import { type Submitter, type SubmitterParameters, startSubmitter } from "./submitter.ts";

const CHAIN_ID = 31_371;
let node: AnvilNode;
let chain: Chain;
let folder: string;
let database: Database;
let prepared: string;
/** Making a new embedded database takes seconds, copying one does not. */
function copyOfPrepared(): string {
  const copy = join(folder, randomUUID());
  cpSync(prepared, copy, { recursive: true });
  return copy;
}
let place = 20;
let account: LocalAccount = mnemonicToAccount(LOCAL_MNEMONIC);
let target = account.address;
const events: SubmitterEvent[] = [];
const started: Submitter[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-submitter-"));
  node = await startAnvil({ chainId: CHAIN_ID });
  chain = connectChain({ ...node, eid: 1, role: "hub", pollingInterval: 20 });
  prepared = join(folder, "prepared");
  await (await openDatabase({ directory: prepared })).close();
  database = await openDatabase({ directory: copyOfPrepared() });
}, 180_000);
afterAll(async () => {
  await database?.close();
  await node?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (method: string, params: unknown[]): Promise<unknown> =>
  chain.reader.request({ method, params } as unknown as Parameters<typeof chain.reader.request>[0]);
const mining = (on: boolean) => ask("evm_setAutomine", [on]);

// Each test has an account and a receiver of its own.
beforeEach(async () => {
  place += 1;
  account = mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex: place });
  target = mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex: place, accountIndex: 1 }).address;
  await ask("anvil_setBalance", [account.address, toHex(parseEther("100"))]);
  events.length = 0;
});
afterEach(async () => {
  await mining(true);
  await Promise.all(started.splice(0).map((submitter) => submitter.close()));
});

function start(overrides: Partial<SubmitterParameters> = {}): Submitter {
  const submitter = startSubmitter({
    database,
    chainId: CHAIN_ID,
    account,
    node: submitterNode(chain.reader, 1),
    lookEveryMs: 50,
    leaseMs: 1_500,
    onEvent: (event) => void events.push(event),
    ...overrides,
  });
  started.push(submitter);
  return submitter;
}

const pay = (value: bigint) => ({ to: target, data: "0x" as const, value, gas: 21_000n });
const balance = (): Promise<bigint> => chain.reader.getBalance({ address: target });
const nonceOf = (): Promise<number> => chain.reader.getTransactionCount({ address: account.address });
const named = (event: SubmitterEvent["event"]): number => events.filter((one) => one.event === event).length;
const ended = (submitter: Submitter, hash: Hash) =>
  expect.poll(async () => (await submitter.outcome(hash)) !== undefined, { timeout: 20_000 }).toBe(true);

describe("startSubmitter", () => {
  it("default: nonces in order, receipts of what counts; the SDK's client does not know it", async () => {
    const submitter = start({ node: submitterNode(chain.reader, 2) });
    const client = signingClient(chain.reader, submitter);
    const hashes = await Promise.all([1n, 2n, 3n].map((value) => submitter.submit(pay(value))));
    expect(new Set(hashes).size).toBe(3);
    await expect.poll(balance).toBe(6n);
    expect(await client.request({ method: "eth_getTransactionReceipt", params: [hashes[2]!] })).toBeNull();
    await mineBlocks(chain, 2); // the second confirmation
    await submitter.settled();
    await ended(submitter, hashes[0]!);
    const receipt = await client.request({ method: "eth_getTransactionReceipt", params: [hashes[2]!] });
    expect(receipt).toMatchObject({ transactionHash: hashes[2], status: "0x1" });
    expect(await nonceOf()).toBe(3);
  });

  it("behavior: the same again while it is open is the same transaction", async () => {
    await mining(false);
    const submitter = start();
    const [first, second] = await Promise.all([submitter.submit(pay(5n)), submitter.submit(pay(5n))]);
    expect(second).toBe(first);
    await mining(true);
    await mineBlocks(chain, 1);
    await ended(submitter, first);
    expect(await submitter.submit(pay(5n))).not.toBe(first);
    await expect.poll(balance).toBe(10n);
  });

  /** What a step that paces itself waits for, and the block on which another one decides after it. */
  const minedEnough = async (submitter: Submitter, hash: Hash) => {
    const seen = async (): Promise<boolean> => (await submitter.outcome(hash, "mined")) !== undefined;
    await expect.poll(seen, { timeout: 20_000 }).toBe(true);
    return newestBlock(chain);
  };
  const deep = (): Partial<SubmitterParameters> => ({ node: submitterNode(chain.reader, 50) });

  it("behavior: who is content with a mined receipt has it long before it counts, and it is followed until it does", async () => {
    const submitter = start(deep());
    const client = signingClient(chain.reader, submitter, await newestBlock(chain));
    const hash = await submitter.submit(pay(31n));
    await minedEnough(submitter, hash);
    const receiptFor = (one: typeof client) => one.request({ method: "eth_getTransactionReceipt", params: [hash] });
    expect(await receiptFor(client)).toMatchObject({ transactionHash: hash, status: "0x1" });
    expect(await receiptFor(signingClient(chain.reader, submitter))).toBeNull();
    await reorganise(chain, 1);
    await expect.poll(() => named("reorganised"), { timeout: 20_000 }).toBe(1);
    await minedEnough(submitter, hash); // sent again
    await mineBlocks(chain, 49);
    await submitter.settled();
    expect([await balance(), await nonceOf(), named("final")]).toEqual([31n, 1, 1]);
  });

  it("behavior: the same words again, decided on a state that has them, are another transaction, once", async () => {
    const submitter = start(deep());
    const before = await newestBlock(chain);
    const first = await submitter.submit(pay(37n), before);
    const after = await minedEnough(submitter, first);
    expect(await submitter.submit(pay(37n))).toBe(first); // nothing is said of where it was decided
    expect(await submitter.submit(pay(37n), before)).toBe(first); // on a state without it: tried again
    await mining(false);
    const [second, same] = await Promise.all([submitter.submit(pay(37n), after), submitter.submit(pay(37n), after)]);
    expect(second).not.toBe(first);
    expect(same).toBe(second); // two that decided alike
    expect(await submitter.submit(pay(37n), after)).toBe(second);
    await mining(true);
    await mineBlocks(chain, 1);
    await minedEnough(submitter, second);
    expect([await balance(), await nonceOf()]).toEqual([74n, 2]);
  });

  it("behavior: on a state that is gone, or where the first is in no block any more, they are the first one", async () => {
    const submitter = start({ ...deep(), lookEveryMs: 3_600_000 }); // the ledger does not know of the reorg
    const hash = await submitter.submit(pay(41n));
    await minedEnough(submitter, hash);
    await mineBlocks(chain, 2);
    const gone = await newestBlock(chain);
    const [row] = await database.query<{ raw: Hex }>(
      "SELECT raw FROM equipoise.attempts ORDER BY written_at DESC LIMIT 1",
    );
    await ask("anvil_reorg", [2, []]); // the first is below it
    await mineBlocks(chain, 2);
    expect(await submitter.submit(pay(41n), gone)).toBe(hash);
    await ask("anvil_reorg", [5, [[row?.raw, 0]]]); // and here in another block
    expect(await submitter.submit(pay(41n), gone)).toBe(hash);
    await mining(false);
    await reorganise(chain, 5);
    expect(await submitter.submit(pay(41n), await newestBlock(chain))).toBe(hash);
    await mining(true);
    await mineBlocks(chain, 1);
    await minedEnough(submitter, hash);
    expect([await balance(), await nonceOf()]).toEqual([41n, 1]);
  });

  it("behavior: a transfer that only uses up a nonce is nobody's receipt, mined or not", async () => {
    const submitter = start(deep());
    const hopeless = await submitter.submit({ ...pay(43n), gas: 20_000n });
    await expect.poll(nonceOf, { timeout: 20_000 }).toBe(1);
    expect(await submitter.outcome(hopeless, "mined")).toBeUndefined();
    await mineBlocks(chain, 49);
    await submitter.settled();
    await expect(submitter.outcome(hopeless, "mined")).rejects.toMatchObject({ name: "TransactionGivenUp" });
  });

  it("behavior: stuck, its replacement offers an eighth more up to the cap, and one of them is mined", async () => {
    await mining(false);
    const fees = { escalateAfterMs: 300, maxFeePerGas: parseGwei("5") };
    const submitter = start({ fees });
    const hash = await submitter.submit(pay(7n));
    await expect.poll(() => named("escalated"), { timeout: 20_000 }).toBeGreaterThan(1);
    await expect.poll(() => named("atCap"), { timeout: 20_000 }).toBeGreaterThan(0);
    const attempts = await database.query<{ max_fee: bigint }>(
      "SELECT max_fee FROM equipoise.attempts WHERE raw IS NOT NULL ORDER BY written_at DESC LIMIT 1",
    );
    expect(attempts[0]?.max_fee).toBeLessThanOrEqual(fees.maxFeePerGas);
    await mining(true);
    await mineBlocks(chain, 1);
    await ended(submitter, hash);
    const { receipt } = (await submitter.outcome(hash)) as { receipt: { transactionHash: Hash } };
    expect(receipt.transactionHash).not.toBe(hash);
    expect([await balance(), await nonceOf()]).toEqual([7n, 1]);
  });

  it.each([1, 3])("behavior: a reorg %i blocks deep: what was mined is broadcast again, once", async (depth) => {
    const submitter = start();
    const hash = await submitter.submit(pay(11n));
    await ended(submitter, hash); // with one confirmation: the reorg is deeper than what counted as final
    await mineBlocks(chain, depth - 1);
    await reorganise(chain, depth);
    await expect.poll(() => named("reorganised"), { timeout: 20_000 }).toBe(1);
    await expect.poll(balance, { timeout: 30_000 }).toBe(11n);
    await submitter.settled();
    expect(await nonceOf()).toBe(1);
  });

  it("behavior: what no node takes is given up, its nonce used up, and the next goes through", async () => {
    const submitter = start();
    const hopeless = await submitter.submit({ ...pay(13n), gas: 20_000n }); // below what any transaction costs
    const next = await submitter.submit(pay(17n));
    await ended(submitter, next);
    await expect(submitter.outcome(hopeless)).rejects.toMatchObject({ name: "TransactionGivenUp", retry: true });
    expect([await balance(), await nonceOf()]).toEqual([17n, 2]);
  });

  it("behavior: what a quorum says cannot be paid for is given up after a time, and the next goes through", async () => {
    await ask("anvil_setBalance", [account.address, toHex(parseEther("0.005"))]);
    const submitter = start({ unpayableAfterMs: 400, fees: { escalateAfterMs: 150, maxFeePerGas: parseGwei("500") } });
    const dear = await submitter.submit({ ...pay(13n), gas: 25_000_000n }); // what one endpoint's estimate may be
    const next = await submitter.submit(pay(17n));
    await ended(submitter, next);
    await expect(submitter.outcome(dear)).rejects.toMatchObject({ name: "TransactionGivenUp", retry: true });
    expect([await balance(), await nonceOf()]).toEqual([17n, 2]);
  });

  it("behavior: it is not given up where a node has what was signed before, nor once it can be paid for", async () => {
    await mining(false);
    const submitter = start({ unpayableAfterMs: 300, fees: { escalateAfterMs: 100, maxFeePerGas: parseGwei("500") } });
    const gas = 1_000_000n;
    const held = await submitter.submit({ ...pay(13n), gas });
    await expect.poll(() => named("broadcast")).toBe(1);
    const { gasPrice } = (await chain.reader.getTransaction({ hash: held })) as { gasPrice?: bigint };
    await ask("anvil_setBalance", [account.address, toHex(gas * parseGwei("3") + (gasPrice ?? 0n))]);
    await expect.poll(() => named("refused"), { timeout: 20_000 }).toBeGreaterThan(2);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(named("filled")).toBe(0);
    await ask("anvil_setBalance", [account.address, toHex(parseEther("100"))]);
    await mining(true);
    await mineBlocks(chain, 1);
    await submitter.settled();
    expect([await balance(), await nonceOf(), named("filled")]).toEqual([13n, 1, 0]);
  });

  it("behavior: a nonce that something else used is noticed", async () => {
    await mining(false);
    const submitter = start({ displacedAfterMs: 300 });
    const hash = await submitter.submit(pay(19n));
    await ask("anvil_dropAllTransactions", []);
    const elsewhere = { chainId: CHAIN_ID, nonce: 0, gas: 21_000n, maxFeePerGas: parseGwei("50") };
    await ask("eth_sendRawTransaction", [
      await account.signTransaction({ ...elsewhere, to: account.address, maxPriorityFeePerGas: parseGwei("9") }),
    ]);
    await mineBlocks(chain, 1);
    const seen = async () =>
      submitter.outcome(hash).then(
        () => "open",
        (error: Error) => error.name,
      );
    await expect.poll(seen, { timeout: 10_000 }).toBe("TransactionDisplaced");
    expect(await balance()).toBe(0n);
  });

  it("behavior: a node that has a block's state and not yet its receipts displaces nothing", async () => {
    const node = submitterNode(chain.reader, 1);
    let behind = true;
    let looks = 0;
    const findMined: typeof node.findMined = (hashes) => {
      looks += 1;
      return behind ? Promise.resolve(undefined) : node.findMined(hashes);
    };
    const submitter = start({ node: { ...node, findMined } });
    const hash = await submitter.submit(pay(37n));
    await expect.poll(balance).toBe(37n);
    const before = looks;
    await expect.poll(() => looks).toBeGreaterThan(before + 3);
    behind = false;
    await ended(submitter, hash);
    expect([named("displaced"), await nonceOf()]).toEqual([0, 1]);
  });

  it("behavior: two at once: the second waits for the lease and takes over when the first is gone", async () => {
    await mining(false);
    const first = start();
    const hash = await first.submit(pay(23n));
    const second = start();
    await expect(second.submit(pay(23n))).rejects.toMatchObject({ name: "SignerHeld" });
    await first.close();
    expect(await second.submit(pay(23n))).toBe(hash); // the same intent, still open
    await mining(true);
    await mineBlocks(chain, 1);
    await ended(second, hash);
    expect([await balance(), await nonceOf()]).toEqual([23n, 1]);
    await second.close();
    const key = { chainId: CHAIN_ID, address: account.address };
    expect(await takeLease(database, key, randomUUID(), 60_000)).toEqual({ nextNonce: 1n });
    expect(await takeLease(database, key, randomUUID(), 60_000)).toBeUndefined();
  });
});

/** A process that submits one payment and is killed at a point: after writing, before or after the broadcast. */
const SENDER = `
  const [directory, rpcUrl, key, target, point] = process.argv.slice(2);
  const source = (path) => import(${JSON.stringify(join(import.meta.dirname, ".."))} + path);
  const { openDatabase } = await source("/database/database.ts");
  const { connectChain } = await source("/chains/chain.ts");
  const { submitterNode } = await source("/transactions/node.ts");
  const { startSubmitter } = await source("/transactions/submitter.ts");
  const { privateKeyToAccount } = await import("viem/accounts");
  const database = await openDatabase({ directory });
  const chain = connectChain({ chainId: ${CHAIN_ID}, rpcUrl, eid: 1, role: "hub", pollingInterval: 20 });
  const node = submitterNode(chain.reader, 1);
  const die = () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => undefined); };
  const broadcast = async (raw) => {
    if (point === "before the broadcast") await die();
    const refusal = await node.broadcast(raw);
    if (point === "after the broadcast") await die();
    return refusal;
  };
  const parameters = { database, chainId: ${CHAIN_ID}, account: privateKeyToAccount(key), leaseMs: 500 };
  const submitter = startSubmitter({ ...parameters, node: { ...node, broadcast } });
  await submitter.submit({ to: target, data: "0x", value: 29n, gas: 21000n });
  if (point === "after submitting") await die();`;

describe("startSubmitter, killed (−9)", () => {
  it.each(["before the broadcast", "after the broadcast", "after submitting"])(
    "behavior: %s: the next process finishes it, and nothing is sent twice",
    async (point) => {
      await mining(point === "after submitting");
      const key = toHex(BigInt(place) + 2n ** 200n, { size: 32 });
      account = privateKeyToAccount(key);
      await ask("anvil_setBalance", [account.address, toHex(parseEther("1"))]);
      const program = join(folder, "sender.mjs");
      writeFileSync(program, SENDER.replace('"viem/accounts"', JSON.stringify(import.meta.resolve("viem/accounts"))));
      const directory = copyOfPrepared();
      const child = spawn(process.execPath, [program, directory, node.rpcUrl, key, target, point]);
      let complaint = "";
      child.stderr.on("data", (chunk: Buffer) => {
        complaint += chunk;
      });
      const signal = await new Promise((resolve) => void child.once("exit", (_, by) => resolve(by)));
      expect(signal, complaint).toBe("SIGKILL");
      await mining(true);

      const own = await openDatabase({ directory });
      try {
        const submitter = startSubmitter({
          database: own,
          chainId: CHAIN_ID,
          account,
          node: submitterNode(chain.reader, 1),
          lookEveryMs: 50,
          leaseMs: 500,
        });
        const mine = setInterval(() => void mineBlocks(chain, 1), 200);
        await submitter.settled();
        clearInterval(mine);
        expect([await balance(), await nonceOf()]).toEqual([29n, 1]);
        await submitter.close();
      } finally {
        await own.close();
      }
    },
    180_000,
  );
});
