import { PPM } from "@equipoise/sdk";
import { accountOf, contractCall, localTokenAbi, sendCall } from "@equipoise/sdk/actions";
import { type Account, type Hex, isAddressEqual, slice } from "viem";
import { CASH_LANE, type LocalContext, type MoveCollateral, sitesOf } from "../../pipeline/index.ts";
import { StepFailed } from "../../stepFailed.ts";

/** Who has an account in the demo: one who holds the asset and hedges it, one who bets on it with borrowed money, a keeper. */
export const ROLES = ["hedger", "gambler", "keeper"] as const;
export type Role = (typeof ROLES)[number];
export type Cast = Readonly<Record<Role, { readonly owner: Account; readonly account: Hex; readonly eid: number }>>;

/** The local accounts in their roles: the traders on the first and the last spoke, the keeper on the hub. */
export function castOf({ accounts, deployment }: LocalContext): Cast {
  const spokes = deployment.chains.filter(({ role }) => role === "spoke").map(({ eid }) => eid);
  const hub = deployment.chains.find(({ role }) => role === "hub")?.eid;
  const [first, last] = [spokes[0], spokes.at(-1)];
  if (hub === undefined || first === undefined || last === undefined) {
    throw new StepFailed("the demo of clearing needs a hub and a spoke; deploy both", { retry: false });
  }
  const [hedger, gambler] = accounts.traders;
  const at = (owner: Account, eid: number) => ({ owner, account: accountOf(owner.address), eid });
  return { hedger: at(hedger, first), gambler: at(gambler, last), keeper: at(accounts.keeper, hub) };
}

/** Local chains only: gives an owner the tokens of a deposit. */
export async function mintTokens(context: LocalContext, { owner, eid, lane, amount }: Omit<MoveCollateral, "account">) {
  const site = sitesOf(context).find(({ chain }) => chain.eid === eid);
  const token = lane === CASH_LANE ? site?.deployment.cash : site?.deployment.tokens[lane];
  if (site === undefined || token === undefined) {
    throw new StepFailed(`lane ${lane} has no token on eid ${eid}; deploy it there`, { retry: false });
  }
  const args = [owner.address, (amount * 10n ** BigInt(token.decimals)) / PPM] as const;
  const call = contractCall({ address: token.address, abi: localTokenAbi, functionName: "mint", args });
  await sendCall(site.chain.signer(owner), call);
}

/** Who owns an account of the cast. */
export const roleOf = (cast: Cast, account: Hex): Role =>
  ROLES.find((role) => isAddressEqual(cast[role].owner.address, slice(account, 0, 20))) ?? "keeper";
