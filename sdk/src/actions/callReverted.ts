import { BaseError, decodeErrorResult, type Hex, isHex } from "viem";
import type { ContractCall } from "./contractCall.ts";
import { type Revert, revertAbi } from "./revert.ts";

/** What is behind {@link CallReverted}, for all reasons at once. */
class RevertedCall extends Error {
  override name = "CallReverted";
  readonly reason: Revert["reason"];
  readonly args: readonly unknown[];
  readonly data: Hex | undefined;
  constructor(call: Pick<ContractCall, "address" | "functionName">, data: Hex | undefined, options?: ErrorOptions) {
    const { reason, args } = decodeRevert(data);
    super(
      `${call.functionName} at ${call.address} reverts with ${reason}(${args.map(String).join(", ")}); nothing was changed: read the state again before another try`,
      options,
    );
    this.reason = reason;
    this.args = args;
    this.data = data;
  }
}

/**
 * A contract refused a call. `reason` is the name of its error, for example `WindowNotNewer`, and tells the types of `args`
 * apart: after `error.reason === "AllocationNotNewer"` they are `[index: bigint, latest: bigint]`.
 */
export type CallReverted = RevertedCall & Revert;
export const CallReverted = RevertedCall as unknown as new (
  ...parameters: ConstructorParameters<typeof RevertedCall>
) => CallReverted;

/** Names the error in revert data: ours, LayerZero's, or what Solidity itself says. */
export function decodeRevert(data: Hex | undefined): Revert {
  if (data === undefined || data === "0x") return { reason: "NoReason", args: [] };
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: revertAbi, data });
    return { reason: errorName, args } as Revert;
  } catch (error) {
    if (error instanceof BaseError) return { reason: "UnknownError", args: [data] };
    throw error;
  }
}

/**
 * Why a contract refused, whatever threw it: an action of the SDK, or a read, simulation or write of viem.
 * @returns nothing when the failure was not a revert: the node was not reached, the wallet declined
 */
export function revertOf(error: unknown): Revert | undefined {
  if (error instanceof CallReverted) return { reason: error.reason, args: error.args } as Revert;
  const data = revertDataOf(error);
  return data === undefined ? undefined : decodeRevert(data === "none" ? undefined : data);
}

/** The data a node sent with a refusal; nothing when the failure was not a revert. */
export function revertDataOf(error: unknown): Hex | "none" | undefined {
  if (!(error instanceof BaseError)) return undefined;
  let data: Hex | undefined;
  let reverted = false;
  error.walk((cause) => {
    const held = (cause as { data?: unknown }).data;
    const inner = typeof held === "object" && held !== null ? (held as { data?: unknown }).data : held;
    if (isHex(inner)) data = inner;
    const { code, name } = cause as { code?: unknown; name?: string };
    if (code === 3 || name === "ExecutionRevertedError") reverted = true;
    return false;
  });
  return data ?? (reverted ? "none" : undefined);
}
