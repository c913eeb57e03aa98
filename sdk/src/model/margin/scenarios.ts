import {
  ARRAY_COUNT,
  SCENARIO_COUNT,
  SCENARIOS,
  SKEWS,
  SPOT_STEPS,
  STATE_COUNT,
  TAIL_MOVES,
  VOLATILITY_SHOCKS,
} from "../../protocol.ts";
import { magnitude } from "../integers.ts";

const LEVELS = 2 * SPOT_STEPS + 1;
const SHOCKS = VOLATILITY_SHOCKS.length;
/** States of one spot level each, before the tails and the skews. */
const REGULAR_STATES = LEVELS * SHOCKS;

/** Which way the underlying that leads a joint scenario moves; the order of the words `jointStates`. */
export const SIGNS = ["down", "up"] as const;

/** A vector of states over the arrays: docs/clearing.md, G-4. */
export type Scenario =
  | { readonly kind: "alone"; readonly array: number; readonly state: number }
  | { readonly kind: "together"; readonly state: number }
  | { readonly kind: "joint"; readonly sign: number; readonly array: number; readonly volatility: number }
  | { readonly kind: "jointOne"; readonly sign: number; readonly volatility: number };

/** A scenario outside the set. */
export class ScenarioUnknown extends Error {
  override name = "ScenarioUnknown";
  constructor(index: number) {
    super(`scenario ${index}; there are 0 to ${SCENARIO_COUNT - 1}: take it from the list of scenarios`);
  }
}

/** The scenario of a number. */
export function scenarioAt(index: number): Scenario {
  if (!Number.isInteger(index) || index < 0 || index >= SCENARIO_COUNT) throw new ScenarioUnknown(index);
  if (index < SCENARIOS.together) {
    return { kind: "alone", array: Math.floor(index / STATE_COUNT), state: index % STATE_COUNT };
  }
  if (index < SCENARIOS.joint) return { kind: "together", state: index - SCENARIOS.together };
  if (index < SCENARIOS.jointOne) {
    const place = index - SCENARIOS.joint;
    const row = Math.floor(place / SHOCKS);
    return { kind: "joint", sign: Math.floor(row / ARRAY_COUNT), array: row % ARRAY_COUNT, volatility: place % SHOCKS };
  }
  const place = index - SCENARIOS.jointOne;
  return { kind: "jointOne", sign: Math.floor(place / SHOCKS), volatility: place % SHOCKS };
}

/** What a state does to one underlying, in words. */
export function stateName(state: number): string {
  if (state < REGULAR_STATES) {
    const level = Math.floor(state / SHOCKS) - SPOT_STEPS;
    const spot = level === 0 ? "spot unchanged" : `spot ${level > 0 ? "+" : "−"}${Math.abs(level)}/${SPOT_STEPS} range`;
    return `${spot}, volatility ${VOLATILITY_SHOCKS[state % SHOCKS]}`;
  }
  const move = TAIL_MOVES[state - REGULAR_STATES];
  if (move === undefined) return `${SKEWS[state - REGULAR_STATES - TAIL_MOVES.length]} skew`;
  return `tail ${move > 0n ? "+" : "−"}${Number(magnitude(move)) / 10_000} %`;
}

/** What a scenario does, in words. */
export function scenarioName(index: number): string {
  const scenario = scenarioAt(index);
  if (scenario.kind === "alone") return `array ${scenario.array} alone: ${stateName(scenario.state)}`;
  if (scenario.kind === "together") return `all together: ${stateName(scenario.state)}`;
  const shock = `${SIGNS[scenario.sign]}, volatility ${VOLATILITY_SHOCKS[scenario.volatility]}`;
  return scenario.kind === "joint"
    ? `array ${scenario.array} leads the others ${shock}`
    : `all by their own volatility ${shock}`;
}

/**
 * The state of each array in a scenario; undefined where it is unchanged.
 * @param kin whether two arrays have the same underlying
 * @param jointLevels spot levels of J-2 [2 · 4 · 4]
 */
export function scenarioStates(
  index: number,
  kin: (a: number, b: number) => boolean,
  jointLevels: readonly number[],
): (number | undefined)[] {
  const scenario = scenarioAt(index);
  const level = (sign: number, leader: number, array: number): number =>
    jointLevels[(sign * ARRAY_COUNT + leader) * ARRAY_COUNT + array] as number;
  const stateOf = (array: number): number | undefined => {
    if (scenario.kind === "alone") {
      return array === scenario.array || kin(scenario.array, array) ? scenario.state : undefined;
    }
    if (scenario.kind === "together") return scenario.state;
    const leader = scenario.kind === "joint" ? scenario.array : array;
    return SHOCKS * level(scenario.sign, leader, array) + scenario.volatility;
  };
  return Array.from({ length: ARRAY_COUNT }, (_, array) => stateOf(array));
}

/** {ppt} shift_a[s] of G-3: the dampened spot move of a state. */
export function spotShift(state: number, step: bigint): bigint {
  if (state < REGULAR_STATES) return BigInt(Math.floor(state / SHOCKS) - SPOT_STEPS) * 1_000_000n * step;
  const move = TAIL_MOVES[state - REGULAR_STATES];
  if (move === undefined) return 0n;
  return (move > 0n ? 600_000n : -600_000n) * step;
}
