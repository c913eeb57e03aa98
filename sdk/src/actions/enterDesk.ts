import type { Address, Hex } from "viem";
import { exchangeAbi } from "./abi/exchange.ts";
import { vaultDeskAbi } from "./abi/vaultDesk.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { MarginProof } from "./marginProof.ts";
import type { DeskParameters } from "./readDesk.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

/** Dollars for units of a desk. */
export type EnterDeskParameters = DeskParameters & {
  /** {ppm of a dollar} at least 100 dollars, which the sender has approved */
  readonly cash: bigint;
  /** {unit units} the least that the sender accepts */
  readonly minimum: bigint;
  readonly receiver: Address;
};

/** Buys units of a desk, which minting shares of its vault takes. Refused with `AuctionRuns`, `EquityMissing`, `PartTooSmall`. */
export const enterDesk = (client: WritingClient, parameters: EnterDeskParameters): Promise<Sent> =>
  sendCall(client, enterDeskCall(parameters));

/** The call of {@link enterDesk}. */
export const enterDeskCall = ({ vaultDesk, cash, minimum, receiver }: EnterDeskParameters): ContractCall =>
  contractCall({ address: vaultDesk, abi: vaultDeskAbi, functionName: "enter", args: [cash, minimum, receiver] });

/** Which account may give one of the sender's a slice. */
export type ExpectSliceParameters = {
  readonly exchange: Address;
  /** of the sender */
  readonly account: Hex;
  /** account that may give it */
  readonly giver: Hex;
};

/** Names the account that may give one of the sender's accounts a slice of itself, once. */
export const expectSlice = (client: WritingClient, parameters: ExpectSliceParameters): Promise<Sent> =>
  sendCall(client, expectSliceCall(parameters));

/** The call of {@link expectSlice}. */
export const expectSliceCall = ({ exchange, account, giver }: ExpectSliceParameters): ContractCall =>
  contractCall({
    address: exchange,
    abi: exchangeAbi,
    functionName: "expectSlice",
    args: [account, giver],
  });

/** Units for a part of everything in a desk's account. */
export type LeaveDeskParameters = DeskParameters & {
  /** {unit units} of the sender */
  readonly units: bigint;
  /** of the sender; holds nothing and expects the desk's account ({@link expectSlice}) */
  readonly account: Hex;
  /** of the desk's account after it; `NO_MARGIN_PROOF` where it then is free */
  readonly proof: MarginProof;
  /** of the other */
  readonly receiverProof: MarginProof;
};

/**
 * Burns units for their part of everything in a desk's account. Refused with `SliceNotExpected`, `AccountUsed`,
 * `AccountUnhealthy`, `AccountLiquidated`, or for a proof.
 */
export const leaveDesk = (client: WritingClient, parameters: LeaveDeskParameters): Promise<Sent> =>
  sendCall(client, leaveDeskCall(parameters));

/** The call of {@link leaveDesk}. */
export const leaveDeskCall = (parameters: LeaveDeskParameters): ContractCall => {
  const { vaultDesk, units, account, proof, receiverProof } = parameters;
  return contractCall({
    address: vaultDesk,
    abi: vaultDeskAbi,
    functionName: "leave",
    args: [units, account, proof, receiverProof],
  });
};
