/**
 * `npm test`: every suite, one after the other, and a closing line a reader can trust. A suite that crashes without
 * reporting counts as one failure; so does one that ran nothing.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";

type Count = { passed: number; failed: number; skipped: number };

/** Runs a command with its output shown as it comes; resolves with the exit code and the output. */
function run(command: string, args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    // the gas test writes its snapshot unless told not to: looking must not change what is committed
    const env = { ...process.env, FORGE_SNAPSHOT_EMIT: "false" };
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      process.stdout.write(chunk);
      output += chunk;
    });
    child.on("error", (error) => resolve({ code: 1, output: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

const crashed: Count = { passed: 0, failed: 1, skipped: 0 };

/** A step that has no tests of its own: one passed or one failed. */
async function step(command: string, ...args: string[]): Promise<Count> {
  const { code } = await run(command, args);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : crashed;
}

async function forge(): Promise<Count> {
  const { code, output } = await run("forge", ["test"]);
  const summary = /(\d+) tests passed, (\d+) failed, (\d+) skipped \(/.exec(output);
  if (summary === null) return crashed;
  const [passed = 0, failed = 0, skipped = 0] = summary.slice(1).map(Number);
  return { passed, failed: failed + Number(code !== 0 && failed === 0) + Number(passed + failed === 0), skipped };
}

async function vitest(): Promise<Count> {
  mkdirSync("build", { recursive: true });
  const report = "build/vitest.json";
  rmSync(report, { force: true });
  const { code } = await run("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile=${report}`]);
  try {
    const counts = JSON.parse(readFileSync(report, "utf8"));
    const [passed, failed] = [Number(counts.numPassedTests), Number(counts.numFailedTests)];
    const skipped = Number(counts.numPendingTests) + Number(counts.numTodoTests ?? 0);
    return { passed, failed: failed + Number(code !== 0 && failed === 0) + Number(passed + failed === 0), skipped };
  } catch (error) {
    process.stderr.write(`vitest wrote no report: ${error}\n`);
    return crashed;
  }
}

const suites: [string, () => Promise<Count>][] = [
  ["contracts compile", () => step("forge", "build")],
  ["circuits and development keys", () => step("node", "circuits/setup/main.ts", "--check")],
  ["check", () => step("node", "tools/check.ts")],
  ["forge", forge],
  ["vitest", vitest],
];

const total: Count = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
for (const [name, suite] of suites) {
  process.stdout.write(`\n== ${name}\n`);
  const started = performance.now();
  const count = await suite();
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  lines.push(
    `${name.padEnd(32)} ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped (${seconds} s)`,
  );
}
process.stdout.write(`\n${lines.join("\n")}\n\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
