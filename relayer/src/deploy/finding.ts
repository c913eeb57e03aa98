/** Something that is not as it should be, as a fact and what to do about it. */
export type Finding = {
  readonly chainId: number;
  /** the kind of check, in few words */
  readonly check: string;
  readonly fact: string;
  readonly fix: string;
};

/** One line of text. */
export const findingLine = ({ chainId, check, fact, fix }: Finding): string =>
  `chain ${chainId}: ${check}: ${fact}; ${fix}`;
