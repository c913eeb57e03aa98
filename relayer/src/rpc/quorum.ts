import { setTimeout as pause } from "node:timers/promises";
import { hexToBigInt, numberToHex } from "viem";
import {
  canonical,
  comparable,
  contradicts,
  heldBy,
  isHalfKnown,
  MAY_BE_UNKNOWN,
  mostAlike,
  type Said,
} from "./agreement.ts";
import type { Answer, Endpoint } from "./endpoint.ts";
import { chooseEstimate } from "./estimate.ts";
import { gather } from "./gather.ts";
import { type Head, QuorumMissing, TRIES, watchHeads } from "./heads.ts";
import { isHopeless, isThereAlready, isUnpayable } from "./refusal.ts";

/** How many endpoints make a fact. */
export type QuorumPolicy = {
  /** equal answers that make a fact */
  readonly quorum: number;
  /** {blocks} an endpoint whose head is further from what a quorum has is left out until it is not */
  readonly maxLag: number;
  /** {ms} a head is trusted for so long before it is asked again */
  readonly headMs: number;
  /** {ms} between two tries to agree: heads of one height may differ for a moment */
  readonly againMs: number;
  /** {ms} the others have to tell their heads once a quorum has */
  readonly patienceMs: number;
  /** {ms} a newest block is not believed for so long to be lower than before: a chain seldom is, one endpoint often */
  readonly backMs: number;
  /** {ms} one that has answered nothing for so long is not waited for where the others contradict each other */
  readonly goneAfterMs: number;
};

export const DEFAULT_QUORUM_POLICY = {
  maxLag: 3,
  headMs: 250,
  againMs: 1_000,
  patienceMs: 1_000,
  backMs: 10_000,
  goneAfterMs: 300_000,
} as const;

/** Endpoints contradict each other about a fact: the chain is not worked on until somebody has looked. */
export class EndpointsDisagree extends Error {
  override name = "EndpointsDisagree";
  readonly retry = false;
  readonly chainId: number;
  constructor(chainId: number, method: string, answers: readonly Pick<Said, "label" | "text">[]) {
    const said = saidBy(answers).join("; ");
    super(
      `endpoints of chain ${chainId} disagree about ${method}: ${said}. Work on that chain stops: find out which one is wrong, take it out of the configuration, then run equipoise retry`,
    );
    this.chainId = chainId;
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

/** Where the parameters name a block, by place: with it pinned, honest nodes answer the same. */
const BLOCK_PLACE: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
  eth_getBlockByNumber: 0,
};
/** Facts the relayer acts on. Everything else (fees, gas, pending state) is an estimate, which honest nodes make differently. */
const FACTS = new Set([...Object.keys(BLOCK_PLACE), ...MAY_BE_UNKNOWN, "eth_getLogs", "eth_chainId"]);

/**
 * A question that several endpoints answer. A fact needs `quorum` equal answers; `latest` is the highest block that so many
 * have reached. A minority that differs is reported; where no quorum agrees, waiting does not help, and those who were not heard
 * could not make one either, or have not been heard for long, {@link EndpointsDisagree}.
 */
export function quorumRequest(
  chainId: number,
  endpoints: readonly Endpoint[],
  policy: QuorumPolicy,
  onEvent: (event: EndpointEvent) => void = () => undefined,
): QuorumRequest {
  const { quorum } = policy;
  const heads = watchHeads(chainId, endpoints, policy, onEvent);

  const differs = (label: string, method: string, text: string): void =>
    onEvent({ label, event: "differs", detail: `${method}: ${text.slice(0, 200)}` });

  /** since when an endpoint has answered none of the questions about facts, be it silent or behind */
  const unheardSince = new Map<Endpoint, number>();
  const isGone = (endpoint: Endpoint): boolean =>
    performance.now() - (unheardSince.get(endpoint) ?? Number.POSITIVE_INFINITY) > policy.goneAfterMs;

  const askFact = async (method: string, params: readonly unknown[]): Promise<Answer> => {
    let block: bigint | undefined; // the same at each try: who was behind at the first has come to it
    for (let attempt = 1; ; attempt++) {
      const { latest, healthy } = await heads.read().catch((error: unknown) => {
        unheardSince.clear(); // where nobody is heard it is not theirs
        throw error;
      });
      block ??= latest;
      const pinned = pin(method, params, block);
      const reasons: string[] = [];
      const said: Said[] = [];
      let fact: string | undefined; // once it is one, whoever answers later is only compared with it
      const heard = new Set<Endpoint>();
      const questions = reached(healthy, block).map((endpoint) => {
        const { label } = endpoint;
        const answered = endpoint.ask(method, pinned).then(
          (whole) => {
            heard.add(endpoint);
            unheardSince.delete(endpoint);
            const answer = comparable(method, whole);
            const text = canonical(answer);
            if (fact === undefined) said.push({ label, answer, text });
            else if (contradicts(method, text, fact)) differs(label, method, text);
          },
          (error: Error) => {
            reasons.push(error.message);
            onEvent({ label, event: "silent", detail: error.message });
          },
        );
        return { answered, slow: false };
      });
      await gather(questions, () => heldBy(said, quorum) !== undefined, 0);
      const others = endpoints.filter((endpoint) => !heard.has(endpoint));
      for (const endpoint of others) unheardSince.set(endpoint, unheardSince.get(endpoint) ?? performance.now());
      const verdict = heldBy(said, quorum);
      if (verdict !== undefined) {
        fact = verdict.text;
        for (const { label, text } of said) if (contradicts(method, text, fact)) differs(label, method, text);
        return verdict.answer;
      }
      if (said.length < quorum) throw new QuorumMissing(chainId, quorum, reasons);
      if (attempt === TRIES && isHalfKnown(method, said)) {
        const without = said.filter(({ text }) => text === "null").map(({ label }) => `${label} does not know it`);
        throw new QuorumMissing(chainId, quorum, [`${method}: ${without.join(", ")}`, ...reasons]);
      }
      if (attempt === TRIES && mostAlike(said) + others.filter((endpoint) => !isGone(endpoint)).length >= quorum) {
        throw new QuorumMissing(chainId, quorum, [`${method}: ${saidBy(said).join(", ")}`, ...reasons]);
      }
      if (attempt === TRIES) throw new EndpointsDisagree(chainId, method, said);
      heads.forget();
      await pause(policy.againMs);
    }
  };

  /** The block that so many endpoints call safe or finalized: they may be a little apart. */
  const taggedBlock = async (tag: string, whole: unknown): Promise<Answer> => {
    const { latest, healthy } = await heads.read();
    const numbers: bigint[] = [];
    const questions = reached(healthy, latest).map(async ({ ask }) => {
      const answer = await ask("eth_getBlockByNumber", [tag, false]);
      const block = "result" in answer ? (answer.result as { number: `0x${string}` } | null) : null;
      if (block !== null) numbers.push(hexToBigInt(block.number));
    });
    const asked = questions.map((answered) => ({ answered, slow: false }));
    await gather(asked, () => numbers.length >= quorum, policy.patienceMs);
    const number = numbers.sort((one, other) => (one > other ? -1 : 1))[quorum - 1];
    if (number === undefined) throw new QuorumMissing(chainId, quorum, [`too few say which block is ${tag}`]);
    return askFact("eth_getBlockByNumber", [numberToHex(number), whole]);
  };

  /**
   * What a quorum of endpoints makes of it, and whoever else answers in time. All that keep up are asked, also who has not come to the
   * newest block: an estimate is of no block, and of three one moves it nowhere.
   */
  const askEstimate = async (method: string, params: readonly unknown[]): Promise<Answer> => {
    const { healthy } = await heads.read();
    const said: Said[] = [];
    const reasons: string[] = [];
    const questions = healthy.map(({ endpoint: { label, ask } }) => {
      const answered = ask(method, params).then(
        (answer) => said.push({ label, answer, text: canonical(answer) }),
        (error: Error) => reasons.push(error.message),
      );
      return { answered, slow: false };
    });
    const results = (): number => said.filter(({ answer }) => "result" in answer).length;
    const chosen = (): Answer | undefined => (said.length < quorum ? undefined : chooseEstimate(method, said, quorum));
    const enough = (): boolean => results() >= quorum || heldBy(said, quorum) !== undefined;
    await gather(questions, () => enough() && chosen() !== undefined, policy.patienceMs);
    const answer = chosen();
    if (answer !== undefined) return answer;
    throw new QuorumMissing(chainId, quorum, [`${method}: ${saidBy(said).join(", ")}`, ...reasons]);
  };

  /** To every endpoint, whatever it answers: one that takes it is enough. That none ever will, or that it cannot be paid for, a quorum has to say. */
  const broadcast = async (params: readonly unknown[]): Promise<Answer> => {
    const answers: Answer[] = [];
    const reasons: string[] = [];
    const questions = endpoints.map((endpoint) => {
      const answered = endpoint.ask("eth_sendRawTransaction", params).then(
        (answer) => answers.push(answer),
        (error: Error) => reasons.push(error.message),
      );
      return { answered, slow: heads.owes(endpoint) };
    });
    const taken = (): Answer | undefined =>
      answers.find((one) => "result" in one) ?? answers.find((one) => refuses(one, isThereAlready));
    await gather(questions, () => taken() !== undefined || answers.length >= quorum, policy.patienceMs);
    const hopeless = answers.filter((one) => refuses(one, isHopeless));
    const unpayable = answers.filter((one) => refuses(one, isUnpayable) && !hopeless.includes(one));
    const vain = [...unpayable, ...hopeless];
    const other = answers.find((one) => !vain.includes(one));
    const refused = hopeless.length >= quorum ? hopeless[0] : vain.length >= quorum ? vain[0] : other;
    const answer = taken() ?? refused;
    if (answer !== undefined) return answer;
    throw new QuorumMissing(chainId, quorum, [...reasons, ...vain.map(messageOf)]);
  };

  return async ({ method, params = [] }) => {
    if (method === "eth_sendRawTransaction") return broadcast(params);
    const tag = BLOCK_PLACE[method] === undefined ? undefined : params[BLOCK_PLACE[method]];
    if (method === "eth_blockNumber") return { result: numberToHex((await heads.read()).latest) };
    if (method === "eth_getBlockByNumber" && (tag === "safe" || tag === "finalized"))
      return taggedBlock(tag, params[1]);
    if (FACTS.has(method) && tag !== "pending") return askFact(method, params);
    return askEstimate(method, params);
  };
}

const saidBy = (answers: readonly Pick<Said, "label" | "text">[]): string[] =>
  answers.map(({ label, text }) => `${label} ${text.slice(0, 90)}`);
const messageOf = (answer: Answer): string => ("error" in answer ? answer.error.message : "");
const refuses = (answer: Answer, how: (message: string) => boolean): boolean => how(messageOf(answer));

/** One that has not come to a block yet could only say that it does not know it. */
const reached = (heads: readonly Head[], block: bigint): Endpoint[] =>
  heads.filter(({ height }) => height >= block).map(({ endpoint }) => endpoint);

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
