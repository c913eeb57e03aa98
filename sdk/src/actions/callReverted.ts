import { type Abi, BaseError, decodeErrorResult, type Hex, isHex } from "viem";
import { everyErrorAbi } from "./abi/errors.ts";
import type { ContractCall } from "./contractCall.ts";
import { layerZeroErrorAbi } from "./layerZeroErrors.ts";

/** A revert, by the name its contract gave it. */
export type DecodedRevert = { readonly reason: string; readonly args: readonly unknown[] };

/** A contract refused a call. `reason` is the name of its error, for example `WindowNotNewer`. */
export class CallReverted extends Error {
  override name = "CallReverted";
  readonly reason: string;
  readonly args: readonly unknown[];
  readonly data: Hex | undefined;
  constructor(call: ContractCall, data: Hex | undefined, options?: ErrorOptions) {
    const revert = decodeRevert(data, call.abi);
    const values = revert.args.map(String).join(", ");
    super(
      `${call.functionName} at ${call.address} reverts with ${revert.reason}(${values}); nothing was changed: read the state again before another try`,
      options,
    );
    this.reason = revert.reason;
    this.args = revert.args;
    this.data = data;
  }
}

/** Names the error in revert data, from the called contract's interface, ours, or LayerZero's. */
export function decodeRevert(data: Hex | undefined, abi: Abi = []): DecodedRevert {
  if (data === undefined || data === "0x") return { reason: "NoReason", args: [] };
  const errors = [...abi.filter((item) => item.type === "error"), ...everyErrorAbi, ...layerZeroErrorAbi];
  const selector = data.slice(0, 10);
  try {
    const decoded = decodeErrorResult({ abi: errors as Abi, data });
    return { reason: decoded.errorName, args: (decoded.args ?? []) as readonly unknown[] };
  } catch (error) {
    if (error instanceof BaseError) return { reason: `unknown error ${selector}`, args: [data] };
    throw error;
  }
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
