import { PPM, TAIL_MOVES } from "../../protocol.ts";
import type { StressParameters, StressScenario } from "./layout.ts";

/** Steps of the forward shocks to either side; at the last one volatility is only moved up. */
const STEPS = 4;
/** Tails of this model: those of the protocol up to three times the spot on top of it. */
const TAILS = TAIL_MOVES.filter((move) => move <= 3n * PPM).map((move) => Number(move) / 1e6);
/** {1} a tail's loss counts as one of this share of the range would, were values straight lines */
const TAIL_SHARE = 1 / 5;

/** {1} to the ppt, so that a level is the number it is meant to be */
const toPpt = (value: number): number => Math.round(value * 1e12) / 1e12;

/**
 * The scenarios of a book that brings none: spot levels at multiples of the forward contingency's shocks with volatility
 * down, unchanged and up, highest first; tails with volatility up; both skews.
 */
export function standardScenarios({
  forwardContingency,
}: Pick<StressParameters, "forwardContingency">): StressScenario[] {
  const rise = forwardContingency.up - 1;
  const fall = 1 - forwardContingency.down;
  const levels = Array.from({ length: 2 * STEPS + 1 }, (_, i) => STEPS - i);
  const regular = levels.flatMap((steps) => {
    const spot = toPpt(1 + steps * (steps > 0 ? rise : fall));
    const volatilities = Math.abs(steps) === STEPS ? (["up"] as const) : (["down", "none", "up"] as const);
    return volatilities.map((vol) => ({ spot, vol, dampening: 1 }));
  });
  const tails = TAILS.map((move) => ({
    spot: toPpt(1 + move),
    vol: "up" as const,
    dampening: toPpt((TAIL_SHARE * STEPS * (move > 0 ? rise : fall)) / Math.abs(move)),
  }));
  const skews = (["skew-linear", "skew-abs"] as const).map((vol) => ({ spot: 1, vol, dampening: 1 }));
  // a fall of a quarter or more leaves no spot to multiply by
  return [...regular, ...tails, ...skews].filter(({ spot }) => spot > 0);
}

/** Which of the three groups a scenario belongs to: what is dampened is a tail. */
export function scenarioGroup({ vol, dampening }: StressScenario): "regular" | "tail" | "skew" {
  if (vol === "skew-linear" || vol === "skew-abs") return "skew";
  return dampening < 1 ? "tail" : "regular";
}
