import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseGwei, recoverTransactionAddress, type TransactionSerializableEIP1559 } from "viem";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importAccount, SigningFailed } from "./keyModule.ts";
import { KeyUnavailable, openKey } from "./keys.ts";

const key = generatePrivateKey();
const address = privateKeyToAddress(key);
const { resolve } = createRequire(import.meta.url);
/** A service that signs digests, and the account over it, as the manual has it. */
const SERVICE = `
import { keccak256, serializeTransaction } from ${JSON.stringify(resolve("viem"))};
import { sign, toAccount } from ${JSON.stringify(resolve("viem/accounts"))};
const address = "${address}";
const signDigest = async (hash: string, privateKey = "${key}") => sign({ hash, privateKey } as never);
const exact = async (transaction, { serializer = serializeTransaction } = {}) =>
  serializer(transaction, await signDigest(keccak256(await serializer(transaction))));
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
`;
const transaction: TransactionSerializableEIP1559 = {
  ...{ type: "eip1559", chainId: 1, nonce: 7, gas: 21_000n, to: address, value: 3n },
  ...{ maxFeePerGas: parseGwei("9"), maxPriorityFeePerGas: 1n },
};

let folder: string;
let written = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-module-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A module of an operator's. */
function moduleOf(text: string): string {
  const path = join(folder, `kms-${++written}.mts`);
  writeFileSync(path, SERVICE + text);
  return path;
}

describe("importAccount", () => {
  it.each([
    ["toAccount({ address, signTransaction: exact, signMessage: exact, signTypedData: exact } as never)"],
    ["Promise.resolve({ address, signTransaction: exact })"],
    ["new (class { address = address; key = exact; signTransaction(...given) { return this.key(...given); } })()"],
  ])("default: signs by the service: export default %s", async (account) => {
    const signer = await openKey({ module: moduleOf(`export default ${account};`) });
    expect(signer).toMatchObject({ address, type: "local" });
    const serializedTransaction = await signer.signTransaction(transaction);
    expect(await recoverTransactionAddress({ serializedTransaction: serializedTransaction as never })).toBe(address);
  });

  it.each([
    ["no account", "export default 5;", "must be a viem account"],
    ["nothing", "export const account = exact;", "must be a viem account"],
    ["an account that only has an address", "export default toAccount(address as never);", "must be a viem account"],
    [
      "an address that is none",
      'export default { address: "0x12", signTransaction: exact };',
      "must be a viem account",
    ],
    ["an account that does not come", 'export default Promise.reject(new Error("no service"));', "no service"],
    ["what is no module", "export default (", "kms-"],
  ])("error: KeyUnavailable for %s", async (_, text, message) => {
    const opened = openKey({ module: moduleOf(text) });
    await expect(opened).rejects.toThrow(KeyUnavailable);
    await expect(opened).rejects.toThrow(message);
  });

  it("error: KeyUnavailable where there is no file", async () => {
    await expect(openKey({ module: join(folder, "none.ts") })).rejects.toThrow(KeyUnavailable);
  });

  it.each([
    ["another transaction", "(transaction) => exact({ ...transaction, value: 4n })", "signed another transaction"],
    [
      "as somebody else",
      `async (transaction) =>
        serializeTransaction(transaction, await signDigest(keccak256(serializeTransaction(transaction)), "0x${"11".repeat(32)}"))`,
      "it signed as 0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A, and its account is",
    ],
    [
      "with an s that no node takes",
      `async (transaction) => {
        const { r, s, yParity } = await signDigest(keccak256(serializeTransaction(transaction)));
        const other = "0x" + (ORDER - BigInt(s)).toString(16).padStart(64, "0");
        return serializeTransaction(transaction, { r, s: other, yParity: 1 - yParity } as never);
      }`,
      "its s is in the upper half",
    ],
    ["nothing", "async (transaction) => serializeTransaction(transaction)", "no signed transaction"],
    ["with something else", 'async () => "0x12"', "no signed transaction"],
  ])("error: SigningFailed for good where it signs %s", async (_, signTransaction, message) => {
    const path = moduleOf(`export default { address, signTransaction: ${signTransaction} };`);
    const signing = (await importAccount(path)).signTransaction(transaction);
    await expect(signing).rejects.toThrow(message);
    await expect(signing).rejects.toMatchObject({ name: "SigningFailed", retry: false });
  });

  it.each([
    ["refuses", '() => Promise.reject(new Error("quota"))', "quota"],
    ["throws at once", '() => { throw new Error("closed"); }', "closed"],
    ["does not answer", "() => new Promise(() => {})", "no answer for 50 ms"],
  ])("error: SigningFailed, to be tried again, where the service %s", async (_, signTransaction, message) => {
    const path = moduleOf(`export default { address, signTransaction: ${signTransaction} };`);
    const signing = (await importAccount(path, 50)).signTransaction(transaction);
    await expect(signing).rejects.toThrow(SigningFailed);
    await expect(signing).rejects.toMatchObject({ retry: true, message: expect.stringContaining(message) });
  });

  it("error: SigningFailed for messages: a relayer signs transactions only", async () => {
    const account = await importAccount(moduleOf("export default { address, signTransaction: exact };"));
    await expect(account.signMessage({ message: "hello" })).rejects.toThrow(SigningFailed);
  });
});
