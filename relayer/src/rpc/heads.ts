import { setTimeout as pause } from "node:timers/promises";
import { hexToBigInt } from "viem";
import { type Endpoint, EndpointSilent } from "./endpoint.ts";
import { gather } from "./gather.ts";
import type { EndpointEvent, QuorumPolicy } from "./quorum.ts";

/** times that endpoints are asked until they agree */
export const TRIES = 3;

/** Too few endpoints answer, or keep up with the chain. */
export class QuorumMissing extends Error {
  override name = "QuorumMissing";
  readonly retry = true;
  constructor(chainId: number, quorum: number, reasons: readonly string[]) {
    super(`chain ${chainId} needs ${quorum} endpoints that answer and keep up: ${reasons.join("; ")}; waiting`);
  }
}

export type Head = { readonly endpoint: Endpoint; readonly height: bigint };

/** The newest block, and who keeps up with it: some may not have come to it yet. */
export type Heads = { readonly latest: bigint; readonly healthy: readonly Head[] };

/** What endpoints of a chain say of their newest blocks. */
export type HeadWatch = {
  readonly read: () => Promise<Heads>;
  /** asks anew the next time */
  readonly forget: () => void;
  /** whether a head was asked for and is not told yet: who owes one is slow, and is not asked twice at once */
  readonly owes: (endpoint: Endpoint) => boolean;
};

/**
 * The highest block that a quorum has reached whose heads lie no more than `maxLag` apart. Fewer move it nowhere, be they ahead or behind.
 */
export function agreedHead(heights: readonly bigint[], quorum: number, maxLag: number): bigint | undefined {
  const ordered = heights.toSorted(higherFirst);
  return ordered.slice(quorum - 1).find((height, place) => (ordered[place] ?? height) - height <= BigInt(maxLag));
}

/** Asks for heads of all endpoints together, at most every `headMs`. */
export function watchHeads(
  chainId: number,
  endpoints: readonly Endpoint[],
  policy: QuorumPolicy,
  onEvent: (event: EndpointEvent) => void,
): HeadWatch {
  const { quorum, maxLag } = policy;
  let known: { at: number; heads: Promise<Heads> } | undefined;
  let told = { latest: 0n, at: 0 };
  const owed = new Map<Endpoint, Promise<bigint>>();

  const askHead = (endpoint: Endpoint): Promise<bigint> => {
    const asked = endpoint.ask("eth_blockNumber", []).then((answer) => {
      if ("error" in answer) throw new EndpointSilent(endpoint.label, "eth_blockNumber", answer.error.message);
      return hexToBigInt(answer.result as `0x${string}`);
    });
    owed.set(endpoint, asked);
    const settled = (): boolean => owed.delete(endpoint);
    asked.then(settled, (error: Error) => {
      settled();
      onEvent({ label: endpoint.label, event: "silent", detail: error.message });
    });
    return asked;
  };

  const askAll = async (): Promise<Heads> => {
    const reasons: string[] = [];
    const found: Head[] = [];
    const questions = endpoints.map((endpoint) => {
      const slow = owed.has(endpoint);
      const answered = (owed.get(endpoint) ?? askHead(endpoint)).then(
        (height) => found.push({ endpoint, height }),
        (error: Error) => reasons.push(error.message),
      );
      return { answered, slow };
    });
    const heights = (): bigint[] => found.map(({ height }) => height);
    await gather(questions, () => agreedHead(heights(), quorum, maxLag) !== undefined, policy.patienceMs);
    for (const [place, endpoint] of endpoints.entries()) {
      const late = owed.has(endpoint) && questions[place]?.slow === false;
      if (late) onEvent({ label: endpoint.label, event: "silent", detail: "is not waited for until it answers" });
    }
    const agreed = agreedHead(heights(), quorum, maxLag);
    // where none is agreed upon nobody knows who is wrong: who is behind the highest is said to be
    const compared = agreed ?? heights().sort(higherFirst)[0] ?? 0n;
    const healthy = found.filter(({ endpoint: { label }, height }) => {
      const behind = compared - height;
      if (behind > maxLag) {
        reasons.push(`${label} is ${behind} blocks behind`);
        onEvent({ label, event: "lagging", detail: `${behind} blocks behind ${compared}` });
      }
      if (-behind > maxLag)
        onEvent({ label, event: "differs", detail: `eth_blockNumber: ${height}, ${-behind} blocks ahead of a quorum` });
      return behind <= maxLag && -behind <= maxLag;
    });
    if (agreed === undefined) throw new QuorumMissing(chainId, quorum, reasons);
    return { latest: agreed, healthy };
  };

  const newest = (): Promise<Heads> => {
    if (known === undefined || performance.now() - known.at > policy.headMs) {
      const heads = askAll();
      known = { at: performance.now(), heads };
      heads.catch(() => {
        known = undefined;
      });
    }
    return known.heads;
  };
  const forget = (): void => {
    known = undefined;
  };

  /** Never less than before within `backMs`: who has decided on a block is not shown a state without it. */
  const read = async (): Promise<Heads> => {
    for (let attempt = 1; ; attempt++) {
      const asked = newest();
      const heads = await asked;
      const now = performance.now();
      if (heads.latest >= told.latest || now - told.at > policy.backMs) {
        told = { latest: heads.latest, at: now };
        return heads;
      }
      if (attempt === TRIES) {
        const gone = `too few have block ${told.latest}, which a quorum had a moment ago`;
        throw new QuorumMissing(chainId, quorum, [gone]);
      }
      if (known?.heads !== asked) continue; // asked before what was told: the newer answer is there, or on its way
      forget();
      await pause(policy.againMs);
    }
  };

  return { read, forget, owes: (endpoint) => owed.has(endpoint) };
}

const higherFirst = (one: bigint, other: bigint): number => (one > other ? -1 : 1);
