import { vaultDeskAbi } from "./abi/vaultDesk.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { MarginProof } from "./marginProof.ts";
import type { DeskParameters } from "./readDesk.ts";
import type { LiquidationWords } from "./readMargin.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

/** One scenario in which a desk's account has too little margin. */
export type ShownRequirement = {
  readonly scenario: number;
  /** the newest epoch, proven or not */
  readonly epoch: bigint;
  readonly arrayWords: LiquidationWords;
};

/** Part of an asset that moves between a vault and its desk. */
export type DeskPartParameters = DeskParameters & {
  /** lane of the vault, or 12 for cash */
  readonly asset: number;
  /** {ppm of a token} */
  readonly part: bigint;
};

/** Margin for a desk. */
export type FundDeskParameters = DeskPartParameters & {
  /** absent where the desk's share of the value is what is missing */
  readonly shown?: ShownRequirement | undefined;
};

const NOTHING_SHOWN: ShownRequirement = { scenario: 0, epoch: 0n, arrayWords: [[], [], [], []] };

/**
 * Moves margin from a vault to its desk's account. Refused with `ShareWithinBand`, `PartTooLarge`, `PartTooSmall`,
 * `DayLimitReached`, `EquityMissing`, `TransferWaits`.
 */
export const fundDesk = (client: WritingClient, parameters: FundDeskParameters): Promise<Sent> =>
  sendCall(client, fundDeskCall(parameters));

/** The call of {@link fundDesk}. */
export const fundDeskCall = ({ vaultDesk, asset, part, shown }: FundDeskParameters): ContractCall => {
  const { scenario, epoch, arrayWords } = shown ?? NOTHING_SHOWN;
  return contractCall({
    address: vaultDesk,
    abi: vaultDeskAbi,
    functionName: "fund",
    args: [BigInt(asset), part, { scenario: BigInt(scenario), epoch, arrayWords }],
  });
};

/** Margin back to the vault. */
export type GiveBackDeskParameters = DeskPartParameters & {
  /** of the desk's account after it */
  readonly proof: MarginProof;
};

/** Moves margin back from a desk's account to its vault. Refused with `ShareWithinBand`, `HealthTooLow`, or for the proof. */
export const giveBackDesk = (client: WritingClient, parameters: GiveBackDeskParameters): Promise<Sent> =>
  sendCall(client, giveBackDeskCall(parameters));

/** The call of {@link giveBackDesk}. */
export const giveBackDeskCall = ({ vaultDesk, asset, part, proof }: GiveBackDeskParameters): ContractCall =>
  contractCall({
    address: vaultDesk,
    abi: vaultDeskAbi,
    functionName: "giveBack",
    args: [BigInt(asset), part, proof],
  });

/** Begins anew where a desk's account has been sold off whole: its units of before are worth nothing. */
export const renewDesk = (client: WritingClient, parameters: DeskParameters): Promise<Sent> =>
  sendCall(client, renewDeskCall(parameters));

/** The call of {@link renewDesk}. */
export const renewDeskCall = ({ vaultDesk }: DeskParameters): ContractCall =>
  contractCall({ address: vaultDesk, abi: vaultDeskAbi, functionName: "renew", args: [] });
