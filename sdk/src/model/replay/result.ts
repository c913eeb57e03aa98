/** What happened in one hour. {ppm of a dollar} */
export type ReplayHour = {
  /** {s} */
  readonly time: number;
  readonly liquidations: number;
  readonly liquidatedExposure: bigint;
  readonly badDebt: bigint;
  readonly maintenanceMargin: bigint;
};

/** {ppm of a dollar} what one kind of book brought and left. */
export type KindResult = {
  readonly kind: string;
  readonly accounts: number;
  readonly capital: bigint;
  readonly badDebt: bigint;
};

/** What a replay came to. {ppm of a dollar} unless said otherwise. */
export type ReplayResult = {
  readonly accounts: number;
  /** equity of all accounts at the start: what they deposited, and brought */
  readonly capital: bigint;
  /** exposure of all accounts at the start */
  readonly exposure: bigint;
  /** maintenance requirement of all accounts: in the first hour, and at its greatest */
  readonly startRequirement: bigint;
  readonly peakRequirement: bigint;
  /** {1} slices taken */
  readonly liquidations: number;
  /** {1} accounts that a slice was taken of */
  readonly accountsLiquidated: number;
  /** {1} accounts that would have ended below 0 at some hour had nobody touched them */
  readonly accountsDoomed: number;
  /** {1} accounts liquidated that would not */
  readonly accountsNeedless: number;
  readonly liquidatedExposure: bigint;
  /** what liquidators asked below the mark, and what accounts paid the backstop for it */
  readonly fees: bigint;
  readonly penalties: bigint;
  /** what accounts owed when they were closed, those still below 0 after the last hour included */
  readonly badDebt: bigint;
  readonly badDebtAfterEnd: bigint;
  readonly accountsInsolvent: number;
  /** what the backstop began with, and what of the bad debt it could not pay and the other accounts did */
  readonly backstop: bigint;
  readonly socialisedLoss: bigint;
  /** {1} greatest relative move of a price by the liquidators' own trades, and of which asset */
  readonly largestImpact: { readonly asset: string; readonly move: number };
  /** that with the most bad debt, or without any the most liquidated exposure */
  readonly worstHour: ReplayHour | undefined;
  /** the same accounts by the kind of their book */
  readonly kinds: readonly KindResult[];
  /** {1} by scenario named, the most frequent first; empty for methods without scenarios */
  readonly scenarios: readonly { readonly scenario: number; readonly count: number }[];
};

/** The hour with the most bad debt, or without any the most liquidated exposure; undefined where nothing happened. */
export function worstOf(hours: readonly ReplayHour[]): ReplayHour | undefined {
  return hours.reduce<ReplayHour | undefined>((worst, hour) => {
    if (worst === undefined) return hour.badDebt > 0n || hour.liquidatedExposure > 0n ? hour : undefined;
    if (hour.badDebt !== worst.badDebt) return hour.badDebt > worst.badDebt ? hour : worst;
    return hour.liquidatedExposure > worst.liquidatedExposure ? hour : worst;
  }, undefined);
}

/** Sums by kind, the kinds in the order they first appear. */
export function kindsOf(accounts: readonly Omit<KindResult, "accounts">[]): KindResult[] {
  const sums = new Map<string, KindResult>();
  for (const { kind, capital, badDebt } of accounts) {
    const before = sums.get(kind) ?? { kind, accounts: 0, capital: 0n, badDebt: 0n };
    sums.set(kind, {
      kind,
      accounts: before.accounts + 1,
      capital: before.capital + capital,
      badDebt: before.badDebt + badDebt,
    });
  }
  return [...sums.values()];
}
