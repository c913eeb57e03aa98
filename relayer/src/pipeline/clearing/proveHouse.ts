import {
  type AccountHoldings,
  collateralTermsOf,
  marginMarketOf,
  type SolvencyTotals,
  solvencyBatches,
  solvencyFacts,
  solvencyInput,
  solvencyStatement,
} from "@equipoise/sdk";
import {
  type HouseSolvency,
  proveSolvency,
  readAccountVersion,
  readEpochNumbers,
  readHealth,
  readSolvency,
  solvencyProofOf,
} from "@equipoise/sdk/actions";
import type { Proof } from "@equipoise/sdk/prover";
import type { Hex } from "viem";
import { eachInTurn } from "../../attempts.ts";
import { fewAtOnce } from "../../fewAtOnce.ts";
import { runStep } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { type ObtainedProof, useProof } from "../useProof.ts";
import { isFree, readEpochAccount } from "./accountStatement.ts";
import { clearingSite } from "./clearingSite.ts";
import { type HouseAccount, isSettled, readHouseAccounts } from "./houseAccounts.ts";

/** Accounts that one proof was of. */
export type ProvenBatch = {
  readonly accounts: readonly Hex[];
  readonly totals: SolvencyTotals;
  readonly proof: ObtainedProof;
  readonly gasUsed: bigint;
};

/** What all open accounts come to over the current epoch. */
export type HouseTotals = {
  readonly accounts: readonly Hex[];
  /** as the house says it of them */
  readonly solvency: HouseSolvency;
};

/** The same, and what was proven for it: nothing where all had been. */
export type ProvenHouse = HouseTotals & { readonly batches: readonly ProvenBatch[] };

/**
 * Proves every open account over the current epoch that has not been proven as it is, several with each proof, and reads what
 * all come to. Once done, doing it again proves nothing.
 */
export async function proveHouse(context: Context): Promise<ProvenHouse> {
  const batches = await proveOpenAccounts(context);
  return { batches, ...(await readHouseTotals(context)) };
}

/** The same, without a word on the whole: while one is proven another may have changed. */
export function proveOpenAccounts(context: Context): Promise<ProvenBatch[]> {
  return runStep("prove house", async () =>
    proveBatches(context, await unproven(context, await openAccounts(context))),
  );
}

/** Proves all open accounts together, whether or not they have been proven one by one. */
export function proveTogether(context: Context): Promise<ProvenHouse> {
  return runStep("prove together", async () => {
    const batches = await proveBatches(context, await openAccounts(context));
    return { batches, ...(await readHouseTotals(context)) };
  });
}

/** Reads what all open accounts come to. Refused with `HealthNotProven` where one has not been proven as it is. */
export async function readHouseTotals(context: Context): Promise<HouseTotals> {
  const { chain, clearing } = clearingSite(context);
  const accounts = (await openAccounts(context)).map(({ account }) => account);
  const { clearingHouse } = clearing;
  return { accounts, solvency: await readSolvency(chain.reader, { clearingHouse, accounts }) };
}

type OpenAccount = HouseAccount & Pick<AccountHoldings, "positions">;

/** Accounts that are not free by what is stored (H-2.7), in the order that the house asks for. */
async function openAccounts(context: Context): Promise<OpenAccount[]> {
  const accounts = await readHouseAccounts(context);
  return openOf(accounts.filter(({ written }) => !isFree(written))).toSorted((one, other) =>
    BigInt(one.account) < BigInt(other.account) ? -1 : 1,
  );
}

const openOf = (accounts: readonly HouseAccount[]): OpenAccount[] =>
  accounts.map((account) => ({ ...account, positions: account.due.positions }));

/** Those of which the house has no figures as they are, over the current epoch. */
async function unproven(context: Context, accounts: readonly OpenAccount[]): Promise<OpenAccount[]> {
  const { chain, clearing } = clearingSite(context);
  const { clearingHouse } = clearing;
  const { current } = await readEpochNumbers(chain.reader, clearing);
  const proven = await fewAtOnce(accounts, async (held) => {
    const { account } = held;
    const [health, version] = await Promise.all([
      readHealth(chain.reader, { clearingHouse, account }),
      readAccountVersion(chain.reader, { clearingHouse, account }),
    ]);
    // what is due, a share of a loss too, makes it another account
    return health.version === version && BigInt(health.epoch) === current && isSettled(held);
  });
  return accounts.filter((_, place) => proven[place] === false);
}

/** Of several proofs each is ordered, and what was ordered of before is taken back: nobody is to prove what has changed. */
async function proveBatches(context: Context, accounts: readonly OpenAccount[]): Promise<ProvenBatch[]> {
  const drafts = [];
  for (const batch of solvencyBatches(accounts)) drafts.push(await draft(context, batch));
  await context.prover.keepOnly?.(
    "solvency",
    drafts.map(({ statement }) => statement.commitment),
  );
  return eachInTurn(
    drafts,
    (drafted) => drafted.accounts.join(", "),
    (drafted) => proveBatch(context, drafted),
  );
}

/** What is to be proven of a batch. */
async function draft(context: Context, batch: readonly OpenAccount[]) {
  const accounts = batch.map(({ account }) => account);
  const { facts: known, arrays } = await readEpochAccount(context, accounts[0] as Hex);
  const { terms, jointLevels } = marginMarketOf({ ...known, arrays });
  const { facts, totals } = solvencyFacts({
    accounts: batch.map(({ due }) => due),
    collateral: collateralTermsOf(known),
    terms,
    jointLevels,
    arrays,
    level: "maintenance",
  });
  const statement = solvencyStatement(facts);
  return { batch, accounts, totals, statement, input: solvencyInput(facts, statement) };
}

async function proveBatch(context: Context, drafted: Awaited<ReturnType<typeof draft>>): Promise<ProvenBatch> {
  const { chain, clearing } = clearingSite(context);
  const { accounts, totals, statement } = drafted;
  const client = chain.signer(context.accounts.relayer);
  const { clearingHouse } = clearing;
  const send = (made: Proof) =>
    proveSolvency(client, { clearingHouse, accounts, proof: solvencyProofOf(statement, made) });
  const isStill = async (): Promise<boolean> => {
    const present = await readHouseAccounts(context);
    const batch = drafted.batch.map(({ account }) => present.find((held) => held.account === account));
    if (batch.some((held) => held === undefined)) return false;
    const now = await draft(context, openOf(batch as HouseAccount[]));
    return now.statement.commitment === statement.commitment;
  };
  const { proof, sent } = await useProof(context, statement, drafted.input, send, isStill);
  return { accounts, totals, proof, gasUsed: sent.gasUsed };
}
