import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type AnvilNode, AnvilNotStarted, freePort, startAnvil } from "./anvil.ts";
import { AnvilNotInstalled, findAnvil } from "./anvilBinary.ts";
import { connectChain } from "./chain.ts";
import { advanceTime, chainTime, mineBlocks, setNextBlockTime, TimeRunsForward } from "./clock.ts";

const nodes: AnvilNode[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

async function start(parameters: Parameters<typeof startAnvil>[0]): Promise<AnvilNode> {
  const node = await startAnvil(parameters);
  nodes.push(node);
  return node;
}
const connect = ({ chainId, rpcUrl }: AnvilNode) =>
  connectChain({ chainId, rpcUrl, eid: 1, role: "hub", pollingInterval: 2 });

/** Whether a process exists. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

async function endsWithin(pid: number, milliseconds: number): Promise<boolean> {
  for (let waited = 0; waited < milliseconds; waited += 20) {
    if (!isRunning(pid)) return true;
    await setTimeout(20);
  }
  return false;
}

describe("startAnvil", () => {
  it("default: answers on the loopback address and ends when told", async () => {
    const node = await start({ chainId: 31_350, genesisTime: 1_600_000_000n });
    expect(node.rpcUrl).toContain("127.0.0.1");
    expect(await connect(node).reader.getChainId()).toBe(31_350);
    expect(await chainTime(connect(node))).toBe(1_600_000_000n);
    await node.stop();
    await node.stop();
    expect(isRunning(node.pid)).toBe(false);
  });

  it("behavior: states that it does not keep in memory go with it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "equipoise-anvil-"));
    const usual = process.env.TMPDIR;
    process.env.TMPDIR = folder;
    try {
      const node = await start({ chainId: 31_350 });
      const [states = ""] = readdirSync(folder);
      await mineBlocks(connect(node), 1_000);
      expect(readdirSync(join(folder, states), { recursive: true }).length).toBeGreaterThan(100);
      await node.stop();
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      if (usual === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = usual;
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("behavior: a chain with a state file goes on where it ended", async () => {
    const folder = mkdtempSync(join(tmpdir(), "equipoise-anvil-"));
    try {
      const stateFile = join(folder, "deep", "state.json");
      const first = await start({ chainId: 31_350, genesisTime: 1_600_000_000n, stateFile });
      await advanceTime(connect(first), 1_600_003_600n);
      await first.stop();
      const second = await start({ chainId: 31_350, genesisTime: 1_600_000_000n, stateFile });
      expect(await chainTime(connect(second))).toBe(1_600_003_600n);
    } finally {
      await Promise.all(nodes.splice(0).map((node) => node.stop()));
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ["an uncaught error", "throw new Error('cut off')", undefined],
    ["SIGTERM", "", "SIGTERM"],
    ["SIGINT", "", "SIGINT"],
  ] as const)("behavior: ends with its starter on %s", async (_, rest, signal) => {
    const folder = mkdtempSync(join(tmpdir(), "equipoise-starter-"));
    try {
      const program = join(folder, "starter.mjs");
      const module = join(import.meta.dirname, "anvil.ts");
      writeFileSync(
        program,
        `import { startAnvil } from ${JSON.stringify(module)};
         const node = await startAnvil({ chainId: 31350 });
         process.stdout.write(String(node.pid) + "\\n");
         setInterval(() => undefined, 1000);
         ${rest}`,
      );
      const starter = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "ignore"] });
      const pid = await new Promise<number>((resolve) => {
        starter.stdout.once("data", (chunk: Buffer) => resolve(Number(chunk.toString())));
      });
      if (signal !== undefined) {
        expect(isRunning(pid)).toBe(true);
        starter.kill(signal);
      }
      expect(await endsWithin(pid, 5_000)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("error: AnvilNotStarted", async () => {
    const port = await freePort();
    const taken: Server = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
    await expect(startAnvil({ chainId: 31_350, port })).rejects.toThrow(AnvilNotStarted);
    taken.close();
  });
});

describe("setNextBlockTime", () => {
  it("default: the next block and the pending one carry it", async () => {
    const chain = connect(await start({ chainId: 31_350, genesisTime: 1_600_000_000n }));
    await setNextBlockTime(chain, 1_700_000_000n);
    expect((await chain.reader.getBlock({ blockTag: "pending" })).timestamp).toBe(1_700_000_000n);
    expect(await chainTime(chain)).toBe(1_600_000_000n);
    await advanceTime(chain, 1_700_000_000n);
    expect(await chainTime(chain)).toBe(1_700_000_000n);
  });

  it("error: TimeRunsForward", async () => {
    const chain = connect(await start({ chainId: 31_350, genesisTime: 1_600_000_000n }));
    await expect(setNextBlockTime(chain, 1_599_999_999n)).rejects.toThrow(TimeRunsForward);
  });
});

describe("findAnvil", () => {
  it("default: a program of this platform, without the wrapper", () => {
    expect(findAnvil()).toEqual({ command: expect.stringContaining("anvil"), leadingArguments: [] });
  });

  it("behavior: where no program is installed for the platform, the wrapper under Node", () => {
    const found = findAnvil("sunos", "mips");
    expect(found.command).toBe(process.execPath);
    expect(found.leadingArguments[0]).toMatch(/bin\.mjs$/);
  });

  it("error: AnvilNotInstalled says what to run", () => {
    expect(new AnvilNotInstalled("linux x64").message).toContain("npm ci");
  });
});
