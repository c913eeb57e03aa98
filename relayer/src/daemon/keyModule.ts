import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import {
  type Hex,
  hexToBigInt,
  isAddress,
  isAddressEqual,
  keccak256,
  parseTransaction,
  recoverAddress,
  serializeTransaction,
} from "viem";
import { type LocalAccount, toAccount } from "viem/accounts";

/** {ms} a database transaction waits for a signature, and nobody else signs for the account meanwhile */
const SIGNING_LIMIT = 20_000;
/** half of the order of secp256k1's group: nodes take no greater s (EIP-2) */
const GREATEST_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** A module gave no signature, or not the one it was asked for. */
export class SigningFailed extends Error {
  override name = "SigningFailed";
  /** a service may be there again later; one that signs something else is to be looked at */
  readonly retry: boolean;
  constructor(path: string, reason: string, options: { readonly retry: boolean; readonly cause?: unknown }) {
    super(`${path} does not sign: ${reason}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.retry = options.retry;
  }
}

/**
 * The account that a module of the operator's exports as its default, or a promise of it: for a key that only a service holds.
 * It has an `address` and signs transactions, as viem's `toAccount` makes it. What it signs is looked at before anybody sees it:
 * that transaction and no other, by that account.
 * @param limit {ms} for a signature
 */
export async function importAccount(path: string, limit = SIGNING_LIMIT): Promise<LocalAccount> {
  const { default: given } = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  const account = ((await given) ?? {}) as LocalAccount;
  const { address } = account;
  if (typeof address !== "string" || !isAddress(address) || typeof account.signTransaction !== "function")
    throw new Error("its default export must be a viem account: toAccount({ address, signTransaction, … })");
  const none = async (): Promise<never> => {
    throw new SigningFailed(path, "a relayer signs transactions only", { retry: false });
  };
  const sign: LocalAccount["signTransaction"] = async (transaction, options) => {
    const serialize = options?.serializer ?? serializeTransaction;
    const refuse = (reason: string, cause?: unknown): never => {
      throw new SigningFailed(path, reason, { retry: false, cause });
    };
    const signed = await Promise.race([
      // of its object, which may need it; and it may throw before there is a promise
      Promise.resolve().then(() => account.signTransaction(transaction, options)),
      pause(limit, undefined, { ref: false }).then(() => Promise.reject(new Error(`no answer for ${limit} ms`))),
    ]).catch((cause: unknown) => {
      throw new SigningFailed(path, cause instanceof Error ? cause.message : String(cause), { retry: true, cause });
    });
    const { r, s, yParity } = signatureIn(signed) ?? refuse("what came is no signed transaction");
    if ((await serialize(transaction, { r, s, yParity })) !== signed) refuse("it signed another transaction");
    if (hexToBigInt(s) > GREATEST_S) refuse("its s is in the upper half: give the order less it, and the other parity");
    const signer = await recoverAddress({
      hash: keccak256(await serialize(transaction)),
      signature: { r, s, yParity },
    });
    if (!isAddressEqual(signer, address)) refuse(`it signed as ${signer}, and its account is ${address}`);
    return signed;
  };
  return toAccount({ address, signTransaction: sign, signMessage: none, signTypedData: none }) as LocalAccount;
}

function signatureIn(signed: Hex): { readonly r: Hex; readonly s: Hex; readonly yParity: number } | undefined {
  try {
    const { r, s, yParity } = parseTransaction(signed);
    return r === undefined || s === undefined || yParity === undefined ? undefined : { r, s, yParity };
  } catch {
    return undefined; // not even a transaction
  }
}
