import { encodeErrorResult, type Hex } from "viem";
import { CallReverted } from "../actions/callReverted.ts";
import { type RevertArgs, type RevertReason, revertAbi } from "../actions/revert.ts";

/** Reasons that have an encoding of their own. */
type EncodedReason = Exclude<RevertReason, "NoReason" | "UnknownError">;

/** Revert data as a contract sends it, for transports and nodes that are made up. */
export const revertDataFor = <reason extends EncodedReason>(reason: reason, args: RevertArgs<reason>): Hex =>
  encodeErrorResult({ abi: revertAbi, errorName: reason, args } as never);

/**
 * The error that an action throws when its contract refuses with this reason, made the way actions make it: to try how an
 * interface tells its user, or whether a program tries again.
 */
export const simulatedRevert = <reason extends EncodedReason>(
  reason: reason,
  args: RevertArgs<reason>,
): Extract<CallReverted, { readonly reason: reason }> =>
  new CallReverted(
    { functionName: "simulated", address: "0x0000000000000000000000000000000000000000" },
    revertDataFor(reason, args),
  ) as Extract<CallReverted, { readonly reason: reason }>;
