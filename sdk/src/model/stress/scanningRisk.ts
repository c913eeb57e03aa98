/** One instrument of a SPAN book. */
export type ScanLeg = {
  /** {contracts} signed */
  readonly quantity: number;
  /** {money} profit of one long contract in each scenario */
  readonly riskArray: readonly number[];
};

/** What a book makes in each scenario of a risk array, and the worst of it. */
export type ScanningRisk = {
  /** {money} of the whole book in each scenario */
  readonly pnl: readonly number[];
  /** {money} the worst loss, at least 0 */
  readonly scanningRisk: number;
  /** the scenario of it, the first of equals */
  readonly worst: number;
};

/** Risk arrays that do not speak of the same scenarios. */
export class ScanLengthMismatch extends Error {
  override name = "ScanLengthMismatch";
  constructor(leg: number, length: number, expected: number) {
    super(
      `risk array ${leg} has ${length} scenarios and ${expected === 0 ? "there must be at least 1" : `the first has ${expected}`}: give every instrument one profit per scenario`,
    );
  }
}

/** A quantity or a profit that is not a number. */
export class ScanFigureInvalid extends Error {
  override name = "ScanFigureInvalid";
  constructor(what: string, value: unknown) {
    super(`${what} is ${JSON.stringify(value) ?? "missing"} and must be a finite number: correct it`);
  }
}

/**
 * SPAN's scanning risk: the arrays of the legs added scenario by scenario, and the worst loss of the sum.
 * @throws ScanLengthMismatch, ScanFigureInvalid
 */
export function scanningRisk(legs: readonly ScanLeg[]): ScanningRisk {
  const count = legs[0]?.riskArray.length ?? 0;
  if (count === 0) throw new ScanLengthMismatch(0, 0, 0);
  legs.forEach(({ quantity, riskArray }, leg) => {
    if (riskArray.length !== count) throw new ScanLengthMismatch(leg, riskArray.length, count);
    if (!Number.isFinite(quantity)) throw new ScanFigureInvalid(`the quantity of leg ${leg}`, quantity);
    riskArray.forEach((profit, s) => {
      if (!Number.isFinite(profit)) throw new ScanFigureInvalid(`scenario ${s} of risk array ${leg}`, profit);
    });
  });
  const pnl = Array.from({ length: count }, (_, s) =>
    legs.reduce((sum, { quantity, riskArray }) => sum + quantity * (riskArray[s] as number), 0),
  );
  const least = Math.min(...pnl);
  return { pnl, scanningRisk: Math.max(0, -least), worst: pnl.indexOf(least) };
}
