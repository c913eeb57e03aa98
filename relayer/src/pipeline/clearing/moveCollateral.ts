import { LANE_COUNT, PPM } from "@equipoise/sdk";
import { approve, depositCollateral, withdrawCollateral } from "@equipoise/sdk/actions";
import type { Account, Hex } from "viem";
import { runStep, StepFailed } from "../../stepFailed.ts";
import { type Context, type Site, sitesOf } from "../context.ts";
import type { AccountChange } from "./accountStatement.ts";
import { clearingSite } from "./clearingSite.ts";
import { type ProvenAccount, proveAccountAfter } from "./proveAccount.ts";

/** Lane of the dollar token, after those of collateral. */
export const CASH_LANE = LANE_COUNT;

export type MoveCollateral = {
  readonly owner: Account;
  readonly account: Hex;
  /** chain of the tokens */
  readonly eid: number;
  /** 0 to 11, or CASH_LANE */
  readonly lane: number;
  /** {ppm of a token} */
  readonly amount: bigint;
};

function siteAt(context: Context, eid: number): Site & { readonly collateralGate: Hex } {
  const site = sitesOf(context).find(({ chain }) => chain.eid === eid);
  const gate = context.deployment.clearing?.gates.find((candidate) => candidate.eid === eid);
  if (site === undefined || gate === undefined) {
    throw new StepFailed(`there is no gate on eid ${eid}; use a chain of the deployment`, { retry: false });
  }
  return { ...site, collateralGate: gate.collateralGate };
}

/** Brings tokens of an account's owner to the gate of a chain. The message is for `deliverPackets`. @returns {gas} */
export function depositAt(context: Context, { owner, account, eid, lane, amount }: MoveCollateral): Promise<bigint> {
  return runStep(`deposit on eid ${eid}`, async () => {
    const { chain, deployment, collateralGate } = siteAt(context, eid);
    const token = lane === CASH_LANE ? deployment.cash : deployment.tokens[lane];
    if (token === undefined) throw new StepFailed(`lane ${lane} has no token on eid ${eid}`, { retry: false });
    // {token units} = {ppm of a token} · {token units/token} / {ppm}, exact: a gate's tokens have at least 6 decimals
    const units = (amount * 10n ** BigInt(token.decimals)) / PPM;
    const client = chain.signer(owner);
    await approve(client, { token: token.address, spender: collateralGate, amount: units });
    return (await depositCollateral(client, { collateralGate, account, lane, amount: units })).gasUsed;
  });
}

/** What a withdrawal took of the house. */
export type WithdrawnCollateral = { readonly proven: ProvenAccount; readonly gasUsed: bigint };

/**
 * Takes tokens from an account on the hub, with a proof of what is left, to be paid to its owner by the gate of a chain. The
 * message is for `deliverPackets`.
 */
export function withdrawAt(
  context: Context,
  { owner, account, eid, lane, amount }: MoveCollateral,
): Promise<WithdrawnCollateral> {
  return runStep(`withdraw to eid ${eid}`, async () => {
    const { chain, clearing } = clearingSite(context);
    const change: AccountChange = lane === CASH_LANE ? { cash: -amount } : { balance: { lane, amount: -amount } };
    const proven = await proveAccountAfter(context, account, change);
    const { clearingHouse, collateralHub } = clearing;
    const { gasUsed } = await withdrawCollateral(chain.signer(owner), {
      clearingHouse,
      collateralHub,
      account,
      lane,
      amount,
      eid,
      receiver: owner.address,
      proof: proven.proof,
    });
    return { proven, gasUsed };
  });
}
