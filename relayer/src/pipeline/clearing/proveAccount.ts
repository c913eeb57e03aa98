import type { AccountMargin, MarginLevel } from "@equipoise/sdk";
import {
  type MarginProof,
  marginProofOf,
  NO_MARGIN_PROOF,
  proveHealth,
  readAccountVersion,
  readEpochNumbers,
  readHealth,
  type Sent,
} from "@equipoise/sdk/actions";
import type { Hex } from "viem";
import { runStep, StepFailed } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { type ObtainedProof, obtainProof, useProof } from "../useProof.ts";
import { type AccountChange, accountStatement, changedAccount, isFree, readEpochAccount } from "./accountStatement.ts";
import { clearingSite } from "./clearingSite.ts";

/** What the house takes for an account after a change, and what the model says of it. */
export type ProvenAccount = {
  readonly proof: MarginProof;
  readonly margin: AccountMargin;
  /** nothing where the account is free and needs none */
  readonly obtained?: ObtainedProof;
};

/** Proves the margin of an account after a change, which must leave it healthy at the initial level or free. */
export function proveAccountAfter(context: Context, account: Hex, change: AccountChange): Promise<ProvenAccount> {
  return runStep("prove margin", async () => {
    const read = await readEpochAccount(context, account);
    const { margin, statement, input } = accountStatement(read, change, "initial");
    if (isFree(changedAccount(read.account, change))) return { proof: NO_MARGIN_PROOF, margin };
    if (margin.excess.initial < 0n) throw new AccountTooWeak(account, margin);
    const obtained = await obtainProof(context, statement, input);
    return { proof: marginProofOf(statement, obtained.proof), margin, obtained };
  });
}

/** An account would not reach its requirement: the house would refuse what is asked for, and nothing is proven. */
export class AccountTooWeak extends StepFailed {
  override name = "AccountTooWeak";
  constructor(account: Hex, { equity, initialMargin }: AccountMargin) {
    super(
      `account ${account} would have equity of ${equity} ppm of a dollar and need ${initialMargin}: deposit more, or ask for less`,
      { retry: false },
    );
  }
}

/** An account's health as it is on chain after the step. */
export type ProvenHealth = {
  readonly margin: AccountMargin;
  /** nothing where it had been proven, or needs no proof */
  readonly proof?: ObtainedProof;
  readonly gasUsed?: bigint;
};

/** Proves an account as it is over the current epoch and has the house keep the figures, for others to read. */
export function proveAccountHealth(
  context: Context,
  account: Hex,
  level: MarginLevel = "maintenance",
): Promise<ProvenHealth> {
  return runStep("prove health", async () => {
    const { chain, clearing } = clearingSite(context);
    const { clearingHouse } = clearing;
    const read = await readEpochAccount(context, account);
    const { margin, statement, input } = accountStatement(read, {}, level);
    if (isFree(read.account)) return { margin };
    const [health, version, { current }] = await Promise.all([
      readHealth(chain.reader, { clearingHouse, account }),
      readAccountVersion(chain.reader, { clearingHouse, account }),
      readEpochNumbers(chain.reader, clearing),
    ]);
    if (health.version === version && BigInt(health.epoch) === current) return { margin };
    const client = chain.signer(context.accounts.relayer);
    const { proof, sent } = await useProof(
      context,
      statement,
      input,
      (made): Promise<Sent> => proveHealth(client, { clearingHouse, account, proof: marginProofOf(statement, made) }),
    );
    return { margin, proof, gasUsed: sent.gasUsed };
  });
}
