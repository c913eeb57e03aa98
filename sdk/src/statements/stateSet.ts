import { keccak_256 } from "@noble/hashes/sha3";
import { damping, STATE_SET_VERSION, STATES, spotLevel } from "../model/states.ts";
import { LANE_BITS, LANE_COUNT, SKEWS, VOLATILITY_SHOCKS } from "../protocol.ts";

const VOLATILITIES: readonly string[] = [...VOLATILITY_SHOCKS, ...SKEWS];

/**
 * What the word `stateSet` is hashed from, one line for each state: its spot level at a step of 1 ppm and of 2 ppm, its
 * volatility and what its profits are divided by at a step of 1 ppm.
 */
export const stateSetText = (): string =>
  [
    `equipoise states ${STATE_SET_VERSION}`,
    ...STATES.map((state) => {
      const { numerator, denominator } = damping(state, 1n);
      const volatility = VOLATILITIES.indexOf(state.volatility);
      return `${spotLevel(state, 1n)} ${spotLevel(state, 2n)} ${volatility} ${numerator}/${denominator}`;
    }),
  ].join("\n");

/** The word `stateSet`: the lower 252 bits of keccak256 of {@link stateSetText}. */
export const STATE_SET: bigint = keccak_256(new TextEncoder().encode(stateSetText())).reduce(
  (word, byte) => ((word << 8n) | BigInt(byte)) & ((1n << BigInt(LANE_BITS * LANE_COUNT)) - 1n),
  0n,
);
