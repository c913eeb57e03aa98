import { BaseError } from "viem";
import { ProofAwaited } from "./pipeline/proverPort.ts";
import { disagreementIn } from "./rpc/transport.ts";
import { StepFailed } from "./stepFailed.ts";

/** Something could not be done for some of several: each is named with its reason. What was done for the others stands. */
export class NotForAll extends StepFailed {
  override name = "NotForAll";
  constructor(failures: readonly { readonly name: string; readonly reason: unknown }[]) {
    const said = failures.map(({ name, reason }) => `${name}: ${messageOf(reason)}`);
    const reasons = failures.map(({ reason }) => reason);
    // endpoints that contradict each other stop their chain, whichever account it was about
    const cause = reasons.find((reason) => disagreementIn(reason) !== undefined) ?? reasons[0];
    super(said.join("; "), { retry: true, cause });
  }
}

/** viem's whole messages have the calldata in them. */
const messageOf = (reason: unknown): string =>
  reason instanceof BaseError ? reason.shortMessage : reason instanceof Error ? reason.message : String(reason);

/** Things that are tried apart: what cannot be done for one holds up no other. So several proofs are ordered at once. */
export type Attempts = {
  /** what came of it; nothing where it failed, or waits for a proof */
  readonly attempt: <result>(name: string, work: () => Promise<result>) => Promise<result | undefined>;
  /** throws {@link NotForAll} where anything has failed, and {@link ProofAwaited} where nothing has and something waits */
  readonly end: () => void;
};

export function openAttempts(): Attempts {
  const failures: { readonly name: string; readonly reason: unknown }[] = [];
  let awaited: ProofAwaited | undefined;
  return {
    attempt: async (name, work) => {
      try {
        return await work();
      } catch (reason) {
        if (reason instanceof ProofAwaited) awaited ??= reason;
        else failures.push({ name, reason });
        return undefined;
      }
    },
    end: () => {
      if (failures.length > 0) throw new NotForAll(failures);
      if (awaited !== undefined) throw awaited;
    },
  };
}

/** Tries each apart, one after the other. */
export async function eachInTurn<item, result>(
  items: readonly item[],
  nameOf: (one: item) => string,
  work: (one: item) => Promise<result>,
): Promise<result[]> {
  const { attempt, end } = openAttempts();
  const results: result[] = [];
  for (const one of items) await attempt(nameOf(one), async () => void results.push(await work(one)));
  end();
  return results;
}
