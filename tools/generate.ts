/**
 * Writes what other languages need of `sdk/src/protocol.ts`. `node tools/generate.ts` writes, and with `--check` only
 * compares: it lists the files that have drifted and exits 1.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { abiFiles } from "./generate/abis.ts";
import { accountVectorFiles } from "./generate/accountVectors.ts";
import { circomFiles } from "./generate/circom.ts";
import { jointVectorFiles } from "./generate/jointVectors.ts";
import { marginVectorFiles } from "./generate/marginVectors.ts";
import { pricingFiles } from "./generate/pricing.ts";
import { pricingVectorFiles } from "./generate/pricingVectors.ts";
import { solidityFiles } from "./generate/solidity.ts";
import { tableFiles } from "./generate/tables.ts";
import { vectorFiles } from "./generate/vectors.ts";

/** One per language: path from the repository's root → text. */
const generators: readonly (() => Map<string, string>)[] = [
  circomFiles,
  solidityFiles,
  tableFiles,
  pricingFiles,
  abiFiles,
  vectorFiles,
  pricingVectorFiles,
  jointVectorFiles,
  marginVectorFiles,
  accountVectorFiles,
];

const root = join(import.meta.dirname, "..");

function currentText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const files = generators.flatMap((generate) => [...generate()]);
const drifted = files.filter(([path, text]) => currentText(join(root, path)) !== text);

if (process.argv.includes("--check")) {
  for (const [path] of drifted) process.stderr.write(`drifted from sdk/src/protocol.ts: ${path}\n`);
  if (drifted.length > 0) {
    process.stderr.write("run `npm run generate` and commit the result\n");
    process.exitCode = 1;
  } else {
    process.stdout.write(`${files.length} generated files agree with sdk/src/protocol.ts\n`);
  }
} else {
  for (const [path, text] of drifted) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`wrote ${path}\n`);
  }
}
