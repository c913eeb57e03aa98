import { setTimeout as pause } from "node:timers/promises";
import { hexToBigInt, numberToHex } from "viem";
import type { Answer, Endpoint } from "./endpoint.ts";

/** How many endpoints make a fact. */
export type QuorumPolicy = {
  /** equal answers that make a fact */
  readonly quorum: number;
  /** {blocks} an endpoint further behind the highest head is left out until it has caught up */
  readonly maxLag: number;
  /** {ms} a head is trusted for so long before it is asked again */
  readonly headMs: number;
  /** {ms} between two tries to agree: heads of one height may differ for a moment */
  readonly againMs: number;
};

export const DEFAULT_QUORUM_POLICY = { maxLag: 3, headMs: 250, againMs: 1_000 } as const;
const TRIES = 3;

/** Endpoints contradict each other about a fact: the chain is not worked on until somebody has looked. */
export class EndpointsDisagree extends Error {
  override name = "EndpointsDisagree";
  readonly retry = false;
  readonly chainId: number;
  constructor(chainId: number, method: string, answers: readonly { label: string; text: string }[]) {
    const said = answers.map(({ label, text }) => `${label} ${text.slice(0, 90)}`).join("; ");
    super(
      `endpoints of chain ${chainId} disagree about ${method}: ${said}. Work on that chain stops: find out which one is wrong, take it out of the configuration, then run equipoise retry`,
    );
    this.chainId = chainId;
  }
}

/** Too few endpoints answer, or keep up with the chain. */
export class QuorumMissing extends Error {
  override name = "QuorumMissing";
  readonly retry = true;
  constructor(chainId: number, quorum: number, reasons: readonly string[]) {
    super(`chain ${chainId} needs ${quorum} endpoints that answer and keep up: ${reasons.join("; ")}; waiting`);
  }
}

/** What endpoints of a chain were found to be. */
export type EndpointEvent = {
  readonly label: string;
  readonly event: "silent" | "lagging" | "differs";
  readonly detail: string;
};

/** Asks a chain through several endpoints. */
export type QuorumRequest = (request: { method: string; params?: readonly unknown[] }) => Promise<Answer>;

/** Answers that say only that a node has not seen something yet. */
const MAY_BE_UNKNOWN = new Set([
  "eth_getTransactionReceipt",
  "eth_getTransactionByHash",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
]);
/** Where the parameters name a block, by place: with it pinned, honest nodes answer the same. */
const BLOCK_PLACE: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
  eth_getBlockByNumber: 0,
};
/** Facts the relayer acts on. Everything else (fees, gas, pending state) is an estimate: the first healthy endpoint's will do. */
const FACTS = new Set([...Object.keys(BLOCK_PLACE), ...MAY_BE_UNKNOWN, "eth_getLogs", "eth_chainId"]);

/**
 * A question that several endpoints answer. A fact needs `quorum` equal answers; `latest` is the highest block that so many
 * have reached. A minority that differs is reported; where no quorum agrees, and waiting does not help, {@link EndpointsDisagree}.
 */
export function quorumRequest(
  chainId: number,
  endpoints: readonly Endpoint[],
  policy: QuorumPolicy,
  onEvent: (event: EndpointEvent) => void = () => undefined,
): QuorumRequest {
  const { quorum } = policy;
  let known: { at: number; heads: Promise<Heads> } | undefined;

  /** Heads of all endpoints, asked together, at most every `headMs`. */
  const heads = (): Promise<Heads> => {
    if (known === undefined || performance.now() - known.at > policy.headMs) {
      const asked = readHeads();
      known = { at: performance.now(), heads: asked };
      asked.catch(() => {
        known = undefined;
      });
    }
    return known.heads;
  };
  const readHeads = async (): Promise<Heads> => {
    const reasons: string[] = [];
    const answers = await Promise.all(
      endpoints.map(async (endpoint) => {
        try {
          const answer = await endpoint.ask("eth_blockNumber", []);
          if ("result" in answer) return [{ endpoint, height: hexToBigInt(answer.result as `0x${string}`) }];
          reasons.push(`${endpoint.label}: ${answer.error.message}`);
        } catch (error) {
          reasons.push((error as Error).message);
          onEvent({ label: endpoint.label, event: "silent", detail: (error as Error).message });
        }
        return [];
      }),
    );
    const found = answers.flat().sort((one, other) => (one.height > other.height ? -1 : 1));
    const highest = found[0]?.height ?? 0n;
    const healthy = found.filter(({ endpoint, height }) => {
      const behind = highest - height;
      if (behind <= BigInt(policy.maxLag)) return true;
      reasons.push(`${endpoint.label} is ${behind} blocks behind`);
      onEvent({ label: endpoint.label, event: "lagging", detail: `${behind} blocks behind ${highest}` });
      return false;
    });
    const agreed = healthy[quorum - 1];
    if (agreed === undefined) throw new QuorumMissing(chainId, quorum, reasons);
    // one that has not reached the agreed block yet could only say that it does not know it
    const there = healthy.filter(({ height }) => height >= agreed.height);
    return { latest: agreed.height, endpoints: there.map(({ endpoint }) => endpoint) };
  };

  const askFact = async (method: string, params: readonly unknown[]): Promise<Answer> => {
    for (let attempt = 1; ; attempt++) {
      const { latest, endpoints: healthy } = await heads();
      const pinned = pin(method, params, latest);
      const reasons: string[] = [];
      const answers = await Promise.all(
        healthy.map(async (endpoint) => {
          try {
            return [{ label: endpoint.label, answer: await endpoint.ask(method, pinned) }];
          } catch (error) {
            reasons.push((error as Error).message);
            onEvent({ label: endpoint.label, event: "silent", detail: (error as Error).message });
            return [];
          }
        }),
      );
      const verdict = agree(method, answers.flat(), quorum);
      if (verdict.agreed !== undefined) {
        for (const { label, text } of verdict.others)
          onEvent({ label, event: "differs", detail: `${method}: ${text.slice(0, 200)}` });
        return verdict.agreed;
      }
      if (answers.flat().length < quorum) throw new QuorumMissing(chainId, quorum, reasons);
      if (attempt === TRIES) throw new EndpointsDisagree(chainId, method, verdict.others);
      known = undefined;
      await pause(policy.againMs);
    }
  };

  /** The block that so many endpoints call safe or finalized: they may be a little apart. */
  const taggedBlock = async (tag: string, whole: unknown): Promise<Answer> => {
    const { endpoints: healthy } = await heads();
    const answers = await Promise.allSettled(healthy.map((one) => one.ask("eth_getBlockByNumber", [tag, false])));
    const numbers = answers.flatMap((answer) => {
      const block = answer.status === "fulfilled" && "result" in answer.value ? answer.value.result : null;
      return block === null ? [] : [hexToBigInt((block as { number: `0x${string}` }).number)];
    });
    const number = numbers.sort((one, other) => (one > other ? -1 : 1))[quorum - 1];
    if (number === undefined) throw new QuorumMissing(chainId, quorum, [`too few say which block is ${tag}`]);
    return askFact("eth_getBlockByNumber", [numberToHex(number), whole]);
  };

  /** To every endpoint, whatever it answers: one that takes it is enough. */
  const broadcast = async (params: readonly unknown[]): Promise<Answer> => {
    const outcomes = await Promise.allSettled(
      endpoints.map((endpoint) => endpoint.ask("eth_sendRawTransaction", params)),
    );
    const answers = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    const answer = answers.find((one) => "result" in one) ?? answers[0];
    if (answer !== undefined) return answer;
    const reasons = outcomes.map((outcome) => (outcome.status === "rejected" ? String(outcome.reason) : ""));
    throw new QuorumMissing(chainId, 1, reasons);
  };

  return async ({ method, params = [] }) => {
    if (method === "eth_sendRawTransaction") return broadcast(params);
    const tag = BLOCK_PLACE[method] === undefined ? undefined : params[BLOCK_PLACE[method]];
    if (method === "eth_blockNumber") return { result: numberToHex((await heads()).latest) };
    if (method === "eth_getBlockByNumber" && (tag === "safe" || tag === "finalized"))
      return taggedBlock(tag, params[1]);
    if (FACTS.has(method) && tag !== "pending") return askFact(method, params);
    const { endpoints: healthy } = await heads();
    let failure: unknown;
    for (const endpoint of healthy) {
      try {
        return await endpoint.ask(method, params);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}

type Heads = { readonly latest: bigint; readonly endpoints: readonly Endpoint[] };

/** The parameters with the agreed block where they say `latest` or nothing. */
function pin(method: string, params: readonly unknown[], latest: bigint): readonly unknown[] {
  const place = BLOCK_PLACE[method];
  if (place !== undefined && (params[place] === undefined || params[place] === "latest"))
    return Object.assign([...params], { [place]: numberToHex(latest) });
  if (method !== "eth_getLogs") return params;
  const filter = params[0] as { blockHash?: string; fromBlock?: string; toBlock?: string };
  if (filter.blockHash !== undefined) return params;
  const bound = (block: string | undefined): string =>
    block === undefined || block === "latest" ? numberToHex(latest) : block;
  return [{ ...filter, fromBlock: bound(filter.fromBlock), toBlock: bound(filter.toBlock) }];
}

type Said = { readonly label: string; readonly answer: Answer };
type Verdict = {
  readonly agreed: Answer | undefined;
  readonly others: readonly { readonly label: string; readonly text: string }[];
};

/** What so many endpoints say alike. Not knowing yet contradicts nobody. */
function agree(method: string, answers: readonly Said[], quorum: number): Verdict {
  const said = answers.map(({ label, answer }) => ({ label, answer, text: canonical(method, answer) }));
  const texts = said.map(({ text }) => text);
  const held = (text: string): number => texts.filter((other) => other === text).length;
  const agreed = said.find(({ text }) => held(text) >= quorum);
  const unknown = MAY_BE_UNKNOWN.has(method) ? "null" : undefined;
  if (agreed !== undefined) {
    return { agreed: agreed.answer, others: said.filter(({ text }) => text !== agreed.text && text !== unknown) };
  }
  const sure = said.filter(({ text }) => text !== unknown);
  // some know it, the others not yet, and nobody contradicts: it is not a fact yet
  if (unknown !== undefined && said.length >= quorum && new Set(sure.map(({ text }) => text)).size <= 1)
    return { agreed: { result: null }, others: [] };
  return { agreed: undefined, others: said };
}

/** An answer as text, without what honest nodes may write differently. */
function canonical(method: string, answer: Answer): string {
  if ("error" in answer) return `refuses with ${answer.error.code} ${JSON.stringify(answer.error.data ?? "")}`;
  return JSON.stringify(sorted(answer.result, method === "eth_getBlockByNumber" || method === "eth_getBlockByHash"));
}

/** Of a block its identity only: nodes add fields of their own. Keys in order everywhere, hex in lower case. */
function sorted(value: unknown, block = false): unknown {
  if (typeof value === "string") return value.toLowerCase();
  if (Array.isArray(value)) return value.map((entry) => sorted(entry));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, entry]) => entry !== null && entry !== undefined);
  const kept = block ? fields.filter(([name]) => ["hash", "number", "parentHash", "timestamp"].includes(name)) : fields;
  return Object.fromEntries(
    kept.sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, entry]) => [name, sorted(entry)]),
  );
}
