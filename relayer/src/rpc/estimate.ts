import { isHex } from "viem";
import { heldBy, type Said } from "./agreement.ts";
import type { Answer } from "./endpoint.ts";

/**
 * Which of an even number of answers is the middle: the lower price, since a price that is too low only makes a transaction late and is
 * offered more for; the higher gas, since gas that is too little is paid for nothing.
 */
const MIDDLE: Readonly<Record<string, "lower" | "higher">> = {
  eth_estimateGas: "higher",
  eth_gasPrice: "lower",
  eth_maxPriorityFeePerGas: "lower",
};

/** honest nodes' gas for the same transaction is not so many times apart, and what one makes up is not paid for */
const APART = 2n;

/**
 * Of what endpoints estimate: the refusal that a quorum says alike; otherwise of amounts the middle one, which fewer than half cannot move
 * beyond what the others say; of anything else what most say alike, or the first. A refusal of fewer counts where nobody gives a result.
 * Nothing where the two in the middle make gas too differently: neither is known to be right.
 */
export function chooseEstimate(method: string, said: readonly Said[], quorum: number): Answer | undefined {
  const refusals = said.filter(({ answer }) => "error" in answer);
  const middle = MIDDLE[method];
  const results = said.filter(({ answer }) => "result" in answer && (middle === undefined || isHex(answer.result)));
  const refused = heldBy(refusals, quorum) ?? (results.length === 0 ? refusals[0] : undefined);
  if (refused !== undefined || results.length === 0) return refused?.answer;
  if (middle === undefined) return (heldBy(results, quorum) ?? results[0])?.answer;
  const ordered = results.toSorted((one, other) => (amountOf(one) < amountOf(other) ? -1 : 1));
  const [lower, higher] = [ordered[(ordered.length - 1) >> 1] as Said, ordered[ordered.length >> 1] as Said];
  if (middle === "lower") return lower.answer;
  return amountOf(higher) <= APART * amountOf(lower) ? higher.answer : undefined;
}

const amountOf = ({ answer }: Said): bigint => BigInt("result" in answer ? (answer.result as string) : 0);
