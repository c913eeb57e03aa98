import { type AbiParameter, type AbiParameterToPrimitiveType, type Hex, parseAbi } from "viem";
import { everyErrorAbi } from "./abi/errors.ts";
import { layerZeroErrorAbi } from "./layerzero/errors.ts";

const solidityErrorAbi = parseAbi(["error Error(string message)", "error Panic(uint256 code)"]);

/** Every error that has a name here: of our contracts and what they inherit, of LayerZero V2, of Solidity. */
export const revertAbi = [...everyErrorAbi, ...layerZeroErrorAbi, ...solidityErrorAbi] as const;

type Named<item> = item extends { readonly name: infer name; readonly inputs: infer inputs }
  ? { readonly reason: name; readonly args: { readonly [place in keyof inputs]: ValueOf<inputs[place]> } }
  : never;
type ValueOf<parameter> = parameter extends AbiParameter ? AbiParameterToPrimitiveType<parameter> : never;

/** A revert by the name its contract gave it, and the arguments of that name. */
export type Revert =
  | Named<(typeof revertAbi)[number]>
  /** it said nothing: out of gas, an old `require`, or no contract at that address */
  | { readonly reason: "NoReason"; readonly args: readonly [] }
  /** an error of a contract that is not ours; the argument is what it sent */
  | { readonly reason: "UnknownError"; readonly args: readonly [data: Hex] };

/** Names of reverts, for example `AllocationNotNewer`. */
export type RevertReason = Revert["reason"];

/** Arguments of a revert of a certain name. */
export type RevertArgs<reason extends RevertReason> = Extract<Revert, { readonly reason: reason }>["args"];
