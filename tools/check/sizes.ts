import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const SNAPSHOT = "snapshots/sizes.json";
/** {bytes} EIP-170 */
const LIMIT = 24_576;

/** {bytes} of the deployed code of every contract of ours, from forge's artifacts. */
function contractSizes(): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const source of globSync("contracts/{facts,risk,sync,vault,clearing,generated}/**/*.sol").sort()) {
    const name = basename(source, ".sol");
    const artifact = `build/contracts/${name}.sol/${name}.json`;
    if (!existsSync(artifact)) continue;
    const code: string = JSON.parse(readFileSync(artifact, "utf8")).deployedBytecode.object;
    if (code.length > 2) sizes[name] = (code.length - 2) / 2;
  }
  return sizes;
}

/** Differences between the committed sizes and those of the last `forge build`; writes them instead when told to. */
export function sizeDrift(update: boolean): string[] {
  const sizes = contractSizes();
  if (Object.keys(sizes).length === 0) return ["no artifacts: run `npm run build:contracts` first"];
  const over = Object.entries(sizes).filter(([, size]) => size > LIMIT);
  const problems = over.map(([name, size]) => `${name} is ${size} bytes; a contract may have ${LIMIT}: split it`);
  if (update) {
    writeFileSync(SNAPSHOT, `${JSON.stringify(sizes, null, 2)}\n`);
    return problems;
  }
  const committed: Record<string, number> = existsSync(SNAPSHOT) ? JSON.parse(readFileSync(SNAPSHOT, "utf8")) : {};
  for (const name of new Set([...Object.keys(sizes), ...Object.keys(committed)])) {
    if (sizes[name] !== committed[name]) {
      problems.push(
        `${name}: ${sizes[name] ?? "gone"} bytes, ${SNAPSHOT} says ${committed[name] ?? "nothing"} (npm run check -- --update)`,
      );
    }
  }
  return problems;
}
