import { PPM, type SKEWS, SPOT_STEPS, STATE_COUNT, TAIL_MOVES, VOLATILITY_SHOCKS } from "../protocol.ts";
import { magnitude } from "./integers.ts";

/** The states of an array: docs/clearing.md, A-2 and A-3. */

const SHOCKS = VOLATILITY_SHOCKS.length;
/** Spot levels by volatility shocks, before the tails and the skews. */
const REGULAR_STATES = (2 * SPOT_STEPS + 1) * SHOCKS;
/** The state in which nothing changes. */
export const UNSHOCKED_STATE = SPOT_STEPS * SHOCKS + VOLATILITY_SHOCKS.indexOf("static");

/** Counts changes of the set of states; its hash says which one a statement means. */
export const STATE_SET_VERSION = 1n;

/** Which of a series' five volatilities a state prices with. */
export type StateVolatility = (typeof VOLATILITY_SHOCKS)[number] | (typeof SKEWS)[number];

/** One state of an array: what happens to the spot and to volatility at once (docs/clearing.md, A-2). */
export type RiskState = {
  /** spot level less one: steps, or {ppm} in a tail */
  readonly steps: bigint;
  readonly tailMove: bigint;
  readonly volatility: StateVolatility;
};

function stateAt(state: number): RiskState {
  if (state < REGULAR_STATES) {
    const volatility = VOLATILITY_SHOCKS[state % SHOCKS] as StateVolatility;
    return { steps: BigInt(Math.floor(state / SHOCKS) - SPOT_STEPS), tailMove: 0n, volatility };
  }
  const tailMove = TAIL_MOVES[state - REGULAR_STATES];
  if (tailMove !== undefined) return { steps: 0n, tailMove, volatility: "up" };
  return {
    steps: 0n,
    tailMove: 0n,
    volatility: state === REGULAR_STATES + TAIL_MOVES.length ? "linear" : "absolute",
  };
}

/** All of them, in the order of `riskArray`. */
export const STATES: readonly RiskState[] = Array.from({ length: STATE_COUNT }, (_, state) => stateAt(state));

/** {ppm} x, what the spot is multiplied by in a state. */
export const spotLevel = ({ steps, tailMove }: RiskState, step: bigint): bigint => PPM + steps * step + tailMove;

/** profits of a state count for this fraction. */
export function damping({ tailMove }: RiskState, step: bigint): { numerator: bigint; denominator: bigint } {
  if (tailMove === 0n) return { numerator: 1n, denominator: 1n };
  return { numerator: 3n * step, denominator: 5n * magnitude(tailMove) };
}
