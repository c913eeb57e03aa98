import { readFileSync } from "node:fs";

/** A covariance file that is not there, or cannot be read. */
export class CovarianceFileMissing extends Error {
  override name = "CovarianceFileMissing";
  constructor(path: string, reason: string) {
    super(
      `covariance file ${path} cannot be read (${reason}): give the path of a JSON file {covariance, budgets?, caps?}`,
    );
  }
}

/** A covariance file that does not hold what it should. */
export class CovarianceFileMalformed extends Error {
  override name = "CovarianceFileMalformed";
  constructor(path: string, reason: string) {
    super(
      `covariance file ${path} ${reason}: it must be {covariance: number[][], budgets?: number[], caps?: number[]}`,
    );
  }
}

export type CovarianceFile = { covariance: number[][]; budgets?: number[] | undefined; caps?: number[] | undefined };

/** Reads the shape of a covariance file; what its numbers may be is judged by `riskBudgeting`. */
export function readCovarianceFile(path: string): CovarianceFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CovarianceFileMissing(path, (error as NodeJS.ErrnoException).code ?? String(error));
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new CovarianceFileMalformed(path, `is not JSON (${(error as Error).message})`);
  }
  if (typeof content !== "object" || content === null) throw new CovarianceFileMalformed(path, "holds no object");
  const { covariance, budgets, caps } = content as Record<string, unknown>;
  if (!Array.isArray(covariance) || !covariance.every((row) => Array.isArray(row))) {
    throw new CovarianceFileMalformed(path, "has no list of rows under `covariance`");
  }
  for (const [name, list] of Object.entries({ budgets, caps })) {
    if (list !== undefined && list !== null && !Array.isArray(list))
      throw new CovarianceFileMalformed(path, `has no list under \`${name}\``);
  }
  return {
    covariance,
    budgets: (budgets as number[] | null) ?? undefined,
    caps: (caps as number[] | null) ?? undefined,
  };
}
