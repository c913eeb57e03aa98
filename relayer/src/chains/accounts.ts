import { type Account, mnemonicToAccount } from "viem/accounts";
import { LOCAL_MNEMONIC } from "./anvil.ts";

/** Who signs what on the local chains. Each is funded there, and only there. */
export type LocalAccounts = {
  /** deploys, proposes to and executes the timelock */
  readonly deployer: Account;
  /** publishes prices, observes, submits proofs, runs the verifier and executor seats */
  readonly relayer: Account;
  /** fills auctions from its own funds */
  readonly bidder: Account;
  /** mints and redeems shares */
  readonly investor: Account;
  /** may only stop auctions */
  readonly guardian: Account;
};

/** Development accounts of the local mnemonic, in a fixed order. */
export function localAccounts(): LocalAccounts {
  const account = (addressIndex: number): Account => mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex });
  return {
    deployer: account(0),
    relayer: account(1),
    bidder: account(2),
    investor: account(3),
    guardian: account(4),
  };
}
