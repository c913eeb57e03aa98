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
  /** watches accounts of the clearing house and liquidates, with an account of its own */
  readonly keeper: Account;
  /** two who trade with each other */
  readonly traders: readonly [Account, Account];
  /** owns LayerZero there, as its company does elsewhere; it sends nothing else, since addresses come from its nonces */
  readonly layerZero: Account;
  /** whose signatures make a report of volatilities; they send nothing, and are not funded */
  readonly volatilitySigners: readonly [Account, Account, Account];
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
    keeper: account(5),
    traders: [account(6), account(7)],
    layerZero: account(8),
    volatilitySigners: [account(10), account(11), account(12)],
  };
}
