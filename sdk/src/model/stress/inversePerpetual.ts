/** A price shock that leaves no price, or is no number. */
export class ShockNotAbovePrice extends Error {
  override name = "ShockNotAbovePrice";
  constructor(value: unknown) {
    super(
      `the price shock is ${typeof value === "number" ? value : (JSON.stringify(value) ?? "missing")} and must be a finite number above -1: give it as a fraction, such as -0.16`,
    );
  }
}

/** A position that is not a number. */
export class PositionNotFinite extends Error {
  override name = "PositionNotFinite";
  constructor(value: unknown) {
    super(
      `the position is ${typeof value === "number" ? value : (JSON.stringify(value) ?? "missing")} and must be a finite number: give it in coins, short ones below 0`,
    );
  }
}

/**
 * Profit {coins} of an inverse perpetual: it is worth a fixed number of dollars and pays coins, so a fall costs more of them
 * than a rise of the same size brings.
 * @param position {coins} at the present price
 * @param shocks {1} price moves
 * @throws ShockNotAbovePrice, PositionNotFinite
 */
export function inversePerpetualPnl(position: number, shocks: readonly number[]): number[] {
  if (typeof position !== "number" || !Number.isFinite(position)) throw new PositionNotFinite(position);
  return shocks.map((shock) => {
    if (typeof shock !== "number" || !(shock > -1 && shock < Infinity)) throw new ShockNotAbovePrice(shock);
    // 1 − 1 / (1 + shock) without its cancellation; no −0
    return (position * shock) / (1 + shock) + 0;
  });
}
