import { accountEquity, type MarginAccount, type MarginMarket, PPM } from "@equipoise/sdk";
import {
  type Desk,
  type DeskDeployment,
  fundDesk,
  giveBackDesk,
  liquidationAbi,
  type MarginProof,
  marginProofOf,
  NO_MARGIN_PROOF,
  readDesk,
  readHoldings,
  readVaultValue,
} from "@equipoise/sdk/actions";
import { runStep, unlessRefused } from "../../stepFailed.ts";
import { type Context, hubSite } from "../context.ts";
import { useProof } from "../useProof.ts";
import { accountStatement, changedAccount, isFree, readEpochAccount } from "./accountStatement.ts";
import { clearingSite } from "./clearingSite.ts";
import { showOptionMarks } from "./keepDesk.ts";
import { CASH_LANE } from "./moveCollateral.ts";

/** {D18 / ppm of a dollar} */
const D18_PER_PPM = 10n ** 12n;
/** {ppm} of what a desk lacks or has too much, as prices move between reading and sending: the rest is well within the band (D-3) */
const ASKED = 990_000n;
/** {ppm} above its share what a desk has too much begins to come back (D-3) */
const BAND = 100_000n;
/** {ppm} of what `health` asks for that stays above it: the next small move calls nothing for it again */
const SPARE = 100_000n;
/** {1} parts at most of what is too much: the desk refuses smaller ones */
const PARTS = 20n;
/** {bits} of a part that are not 0 */
const PART_BITS = 4;

/** What a desk's margin is measured by, of its vault. */
export type DeskVault = {
  /** {unit units} */
  readonly held: bigint;
  /** {ppm of a dollar} */
  readonly value: bigint;
  /** {ppm of a dollar} in the basket: no more can be given */
  readonly cash: bigint;
};

/** {ppm of a dollar} the share of its value that a vault's desk is due, and what the vault has there. */
function shareOf(
  { share, supply, equity }: Pick<Desk, "share" | "supply" | "equity">,
  { held, value }: Pick<DeskVault, "held" | "value">,
): { readonly due: bigint; readonly has: bigint } {
  return { due: (value * share) / PPM, has: supply === 0n || equity <= 0n ? 0n : (equity * held) / supply };
}

/**
 * {ppm of a dollar} of cash to bring to a desk: for its share of the vault's value, and all of a called debt; 0 where it has enough, or
 * the basket has none.
 */
export function partToFund(
  desk: Pick<Desk, "share" | "supply" | "equity" | "owned"> & { readonly called: boolean },
  vault: DeskVault,
): bigint {
  const { due, has } = shareOf(desk, vault);
  const missing = has < due ? ((due - has) * ASKED) / PPM : 0n;
  const debt = desk.called && desk.owned < 0n ? -desk.owned : 0n;
  const asked = debt > missing ? debt : missing;
  return asked < vault.cash ? asked : vault.cash;
}

/** What a desk's account could do without by its epoch. Money {ppm of a dollar}. */
export type DeskAccount = {
  readonly equity: bigint;
  readonly initialMargin: bigint;
  /** without what its tokens are worth: nobody is paid dollars for tokens of the same account (H-2.2) */
  readonly owned: bigint;
  readonly cash: bigint;
  /** needs neither a requirement nor a proof */
  readonly isFree: boolean;
};

/**
 * {ppm of a dollar} of cash to bring back from a desk; 0 where it is within its band, or needs what it has. Of few different sizes: it is
 * proven first, and while prices move a little meanwhile it is to stay what was proven.
 */
export function partToReturn(
  desk: Pick<Desk, "share" | "supply" | "equity" | "owned" | "health">,
  vault: Pick<DeskVault, "held" | "value">,
  account: DeskAccount,
): bigint {
  const { due, has } = shareOf(desk, vault);
  if (has <= due + (due * BAND) / PPM) return 0n;
  const excess = has - due;
  // {ppm of a dollar}, rounded up
  const needed = (account.initialMargin * desk.health * (PPM + SPARE)) / (PPM * PPM) + 1n;
  // by its epoch, as the proof says, and at present prices
  const spare = [account.equity - needed, desk.equity - needed, account.owned, desk.owned];
  const limits = [(excess * ASKED) / PPM, account.cash, ...(account.isFree ? [] : spare)];
  const part = coarse(limits.reduce((least, limit) => (limit < least ? limit : least)));
  return part < excess / PARTS ? 0n : part;
}

/** The first bits of an amount, the others 0. */
function coarse(amount: bigint): bigint {
  if (amount <= 0n) return 0n;
  const rest = BigInt(Math.max(0, amount.toString(2).length - PART_BITS));
  return (amount >> rest) << rest;
}

/** Moves what a desk lacks of its share, or owes and is called for, from its vault, in cash. @returns {ppm of a dollar} 0 where it lacks nothing */
export function fundDeskShare(context: Context, { vaultDesk, ...desk }: DeskDeployment): Promise<bigint> {
  return runStep("fund desk", async () => {
    const { chain, clearing } = clearingSite(context);
    await showOptionMarks(context, { vaultDesk, ...desk });
    const { found, vault } = await readMargins(context, vaultDesk);
    const called = await chain.reader.readContract({
      address: clearing.liquidation,
      abi: liquidationAbi,
      functionName: "isCalled",
      args: [found.account],
    });
    const part = partToFund({ ...found, called }, vault);
    if (part === 0n) return 0n;
    const funded = await unlessRefused(["ShareWithinBand"], () =>
      fundDesk(chain.signer(context.accounts.relayer), { vaultDesk, asset: CASH_LANE, part }),
    );
    return funded === undefined ? 0n : part;
  });
}

/** Moves what a desk does not need from its account back to its vault, in cash, with a proof of what stays. @returns {ppm of a dollar} */
export function returnDeskExcess(context: Context, { vaultDesk, ...desk }: DeskDeployment): Promise<bigint> {
  return runStep("give back from desk", async () => {
    const { chain } = hubSite(context);
    await showOptionMarks(context, { vaultDesk, ...desk });
    const { found, vault } = await readMargins(context, vaultDesk);
    const read = await readEpochAccount(context, found.account);
    const { margin } = accountStatement(read, {}, "initial");
    const part = partToReturn(found, vault, { ...margin, ...ownedBy(read.account, read.market) });
    if (part === 0n) return 0n;
    const after = { cash: -part };
    const client = chain.signer(context.accounts.relayer);
    const give = (proof: MarginProof) => giveBackDesk(client, { vaultDesk, asset: CASH_LANE, part, proof });
    if (isFree(changedAccount(read.account, after))) {
      await give(NO_MARGIN_PROOF);
      return part;
    }
    const { statement, input } = accountStatement(read, after, "initial");
    const isStill = async (): Promise<boolean> =>
      accountStatement(await readEpochAccount(context, found.account), after, "initial").statement.commitment ===
      statement.commitment;
    // of an account that trades, what was ordered before is of another state
    await context.prover.keepOnly?.("margin", [statement.commitment]);
    await useProof(context, statement, input, (made) => give(marginProofOf(statement, made)), isStill);
    return part;
  });
}

const ownedBy = (account: MarginAccount, market: MarginMarket): Pick<DeskAccount, "owned" | "cash" | "isFree"> => ({
  owned: accountEquity({ ...account, collateral: [] }, market),
  cash: account.cash,
  isFree: isFree(account),
});

/** A desk at present prices, and its vault. */
async function readMargins(context: Context, vaultDesk: Desk["vault"]) {
  const { chain, deployment: hub } = hubSite(context);
  const found = await readDesk(chain.reader, { vaultDesk });
  const [value, { balances }] = await Promise.all([
    readVaultValue(chain.reader, found),
    readHoldings(chain.reader, found),
  ]);
  // {ppm of a dollar} = {cash units} * {ppm} / {cash units/dollar}
  const cash = ((balances[CASH_LANE] ?? 0n) * PPM) / 10n ** BigInt(hub.cash.decimals);
  const vault: DeskVault = { held: balances[CASH_LANE + 1] ?? 0n, value: value / D18_PER_PPM, cash };
  return { found, vault };
}
