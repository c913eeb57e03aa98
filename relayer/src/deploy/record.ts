import { existsSync, readFileSync } from "node:fs";
import { type Deployment, jsonReader, parseDeployment } from "@equipoise/sdk/actions";
import { isHash } from "viem";
import { writeWhole } from "../store/writeWhole.ts";
import type { StepReceipt } from "./applyPlan.ts";

/**
 * What is kept of a deployment in a file of its own: the transactions that made it, and where everything is once all of it is
 * done. The chains decide what has been done; the file only tells since when, and is found by others.
 */
export type DeploymentRecord = {
  readonly version: 1;
  readonly transactions: readonly StepReceipt[];
  /** absent until the last step is done; without chains that were added since until theirs is */
  readonly deployment?: Deployment;
};

/** A record does not say what it should. */
export class RecordInvalid extends Error {
  override name = "RecordInvalid";
  constructor(path: string, value: unknown, need: string) {
    super(
      `record.${path} is ${JSON.stringify(value)} and ${need}; move the file away and apply again: the chains know what is done`,
    );
  }
}

/** There is no record. */
export class RecordMissing extends Error {
  override name = "RecordMissing";
  constructor(path: string) {
    super(`${path} is not there: give the record that equipoise deploy has written`);
  }
}

/** A record of a deployment that was cut off. */
export class RecordUnfinished extends Error {
  override name = "RecordUnfinished";
  constructor(path: string) {
    super(`${path} holds no deployment: it was cut off before its last step; run equipoise deploy again`);
  }
}

const { fields, list, whole, bigWhole, word } = jsonReader((path, value, need) => new RecordInvalid(path, value, need));

function receipt(value: unknown, path: string): StepReceipt {
  const entry = fields(value, path);
  const { hash } = entry;
  if (typeof hash !== "string" || !isHash(hash)) throw new RecordInvalid(`${path}.hash`, hash, "must be a hash");
  return {
    chainId: whole(entry.chainId, `${path}.chainId`),
    step: word(entry.step, `${path}.step`),
    hash,
    block: whole(entry.block, `${path}.block`),
    gasUsed: bigWhole(entry.gasUsed, `${path}.gasUsed`),
  };
}

/** Reads a record from JSON. Errors: {@link RecordInvalid}, `DeploymentInvalid`. */
export function parseRecord(value: unknown): DeploymentRecord {
  const entry = fields(value, "");
  if (entry.version !== 1) throw new RecordInvalid("version", entry.version, "must be 1");
  return {
    version: 1,
    transactions: list(entry.transactions, "transactions", receipt, 0),
    ...(entry.deployment === undefined ? {} : { deployment: parseDeployment(entry.deployment) }),
  };
}

/** The record in a file, an empty one where there is no file. */
export function readRecord(path: string): DeploymentRecord {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { version: 1, transactions: [] };
    throw error;
  }
  try {
    return parseRecord(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new RecordInvalid("", path, `is no JSON (${error.message})`);
    if (error instanceof Error) error.message = `${path}: ${error.message}`; // which file, whatever is wrong with it
    throw error;
  }
}

/** Puts a record into its file: a reader sees the old one or the new one, never a part. */
export const writeRecord = (path: string, record: DeploymentRecord): void =>
  writeWhole(path, `${JSON.stringify(record, (_, value) => (typeof value === "bigint" ? String(value) : value), 2)}\n`);

/** The deployment of a finished record's file. Errors: {@link RecordMissing}, {@link RecordUnfinished} and those of reading. */
export function readDeployment(path: string): Deployment {
  if (!existsSync(path)) throw new RecordMissing(path);
  const { deployment } = readRecord(path);
  if (deployment === undefined) throw new RecordUnfinished(path);
  return deployment;
}
