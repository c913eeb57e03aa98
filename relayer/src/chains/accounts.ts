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
  const [deployer, relayer, bidder, investor, guardian] = [0, 1, 2, 3, 4].map((addressIndex) =>
    mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex }),
  ) as [Account, Account, Account, Account, Account];
  return { deployer, relayer, bidder, investor, guardian };
}
