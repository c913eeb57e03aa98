import { readFileSync } from "node:fs";
import { type Deployment, parseDeployment } from "@equipoise/sdk/actions";
import type { Proof } from "@equipoise/sdk/prover";
import { writeWhole } from "./writeWhole.ts";

/** A proof that was made once, with what it took. */
export type KeptProof = { readonly proof: Proof; readonly witnessMs: number; readonly proveMs: number };

/**
 * What the relayer remembers between runs, in one file. Everything in it can be found again on the chains or made again:
 * it saves work, it decides nothing.
 */
export type FileStore = {
  readonly deployment: () => Deployment | undefined;
  readonly keepDeployment: (deployment: Deployment) => void;
  /** first block of a chain whose packets may not all be delivered */
  readonly cursor: (eid: number) => bigint | undefined;
  readonly keepCursor: (eid: number, block: bigint) => void;
  /** by circuit and commitment, which names the statement */
  readonly proof: (circuit: string, commitment: bigint) => KeptProof | undefined;
  readonly keepProof: (circuit: string, commitment: bigint, proof: KeptProof) => void;
  readonly forgetProof: (circuit: string, commitment: bigint) => void;
};

/** The same, in a file at once or in a database soon. */
export type Store = {
  readonly [name in keyof FileStore]: (
    ...parameters: Parameters<FileStore[name]>
  ) => ReturnType<FileStore[name]> | Promise<ReturnType<FileStore[name]>>;
};

/** The relayer's file holds something else than what it writes. */
export class StoreUnreadable extends Error {
  override name = "StoreUnreadable";
  constructor(path: string, cause: unknown) {
    super(
      `${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)}); remove it: it only saves work`,
      {
        cause,
      },
    );
  }
}

type Content = {
  version: 1;
  deployment?: Deployment;
  cursors: Record<string, string>;
  proofs: Record<string, { proof: unknown; witnessMs: number; proveMs: number }>;
};

/** Proofs kept at most; the oldest go first. */
const PROOF_LIMIT = 64;

/**
 * Opens the relayer's file, or remembers in memory alone when no path is given. Each change is on disk before the
 * call returns, and a reader sees the old file or the new one, never a part.
 */
export function openStore(path?: string): FileStore {
  const content = path === undefined ? empty() : readContent(path);
  const write = (): void => {
    if (path !== undefined) writeWhole(path, JSON.stringify(content, bigintsAsText, 1));
  };
  return {
    deployment: () => content.deployment,
    keepDeployment: (deployment) => {
      // Another deployment: positions on the old chains mean nothing on the new ones. Proofs stay true.
      content.deployment = deployment;
      content.cursors = {};
      write();
    },
    cursor: (eid) => {
      const block = content.cursors[eid];
      return block === undefined ? undefined : BigInt(block);
    },
    keepCursor: (eid, block) => {
      if (content.cursors[eid] === String(block)) return;
      content.cursors[eid] = String(block);
      write();
    },
    proof: (circuit, commitment) => {
      const kept = content.proofs[`${circuit}:${commitment}`];
      return kept === undefined ? undefined : { ...kept, proof: readProof(kept.proof) };
    },
    keepProof: (circuit, commitment, kept) => {
      content.proofs[`${circuit}:${commitment}`] = kept;
      for (const key of Object.keys(content.proofs).slice(0, -PROOF_LIMIT)) delete content.proofs[key];
      write();
    },
    forgetProof: (circuit, commitment) => {
      delete content.proofs[`${circuit}:${commitment}`];
      write();
    },
  };
}

const empty = (): Content => ({ version: 1, cursors: {}, proofs: {} });
const bigintsAsText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

function readContent(path: string): Content {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return empty();
    throw error;
  }
  try {
    const read = JSON.parse(text) as Content;
    if (read.version !== 1) throw new TypeError(`version ${read.version} is not 1`);
    for (const block of Object.values(read.cursors)) BigInt(block);
    for (const { proof } of Object.values(read.proofs)) readProof(proof);
    if (read.deployment !== undefined) read.deployment = parseDeployment(read.deployment);
    return read;
  } catch (error) {
    throw new StoreUnreadable(path, error);
  }
}

const pair = ([first, second]: readonly [string, string]): [bigint, bigint] => [BigInt(first), BigInt(second)];

/** A proof from its JSON, coordinates as decimal strings. */
export function readProof(kept: unknown): Proof {
  const { a, b, c } = kept as {
    a: [string, string];
    b: [[string, string], [string, string]];
    c: [string, string];
  };
  return { a: pair(a), b: [pair(b[0]), pair(b[1])], c: pair(c) };
}
