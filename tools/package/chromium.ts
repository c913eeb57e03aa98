import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

/** The npm package ships the browser for this platform alone. */
export const hasChromium = process.platform === "linux" && process.arch === "x64";

/** A file of a page, by the path it is asked for. */
export type PageFile = { readonly type: string; readonly body: Uint8Array | string };

/** The page threw, or said nothing for too long. */
export class PageFailed extends Error {
  override name = "PageFailed";
  constructor(reason: string) {
    super(`the page in Chromium failed: ${reason}; open it in a browser to see more`);
  }
}

const LIMIT_MS = 60_000;
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"];

/**
 * Opens a page in a real browser and waits for what its module posts to `/result`.
 * @param files served from the loopback address; `/page.js` is the page's module
 */
export async function runPage(files: ReadonlyMap<string, PageFile>): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), "equipoise-chromium-"));
  let browser: ChildProcess | undefined;
  let server: Server | undefined;
  try {
    const program = await chromium();
    return await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new PageFailed(`no result within ${LIMIT_MS} ms`)), LIMIT_MS);
      server = serve(files, (result) => {
        clearTimeout(late);
        const { value, error } = JSON.parse(result) as { value?: unknown; error?: string };
        if (error === undefined) resolve(value);
        else reject(new PageFailed(error));
      });
      server.listen(0, "127.0.0.1", () => {
        const address = server?.address();
        const port = typeof address === "object" && address !== null ? address.port : 0;
        const flags = [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`];
        browser = spawn(program, flags, { stdio: "ignore", detached: true });
        browser.once("error", reject);
      });
    });
  } finally {
    const ended = new Promise((resolve) => (browser === undefined ? resolve(0) : browser.once("exit", resolve)));
    // the whole group: the browser's own children still write to the profile
    if (browser?.pid !== undefined) process.kill(-browser.pid, "SIGKILL");
    server?.closeAllConnections();
    server?.close();
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Runs the module's `default` export, and posts what it returns or throws. */
const PAGE = `<!doctype html><script type="module">
const post = (body) => fetch("/result", { method: "POST", body: JSON.stringify(body) });
try {
  const { default: run } = await import("/page.js");
  await post({ value: await run() });
} catch (error) {
  await post({ error: String(error?.stack ?? error) });
}
</script>`;

function serve(files: ReadonlyMap<string, PageFile>, onResult: (text: string) => void): Server {
  return createServer((request, response) => {
    const path = request.url ?? "/";
    if (request.method === "POST" && path === "/result") {
      let text = "";
      request.on("data", (chunk: Buffer) => {
        text += chunk;
      });
      request.on("end", () => {
        response.end();
        onResult(text);
      });
      return;
    }
    const file = path === "/" ? { type: "text/html", body: PAGE } : files.get(path);
    response.writeHead(file === undefined ? 404 : 200, { "content-type": file?.type ?? "text/plain" });
    response.end(file?.body);
  });
}

/** The browser, unpacked once under `build/`. */
async function chromium(): Promise<string> {
  const package_ = dirname(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")));
  const version = createRequire(import.meta.url)(join(package_, "package.json")).version as string;
  const folder = join(import.meta.dirname, "../../build/chromium");
  const program = join(folder, `chromium-${version}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const partial = `${program}.${process.pid}`;
  await pipeline(
    createReadStream(join(package_, "bin/chromium.br")),
    createBrotliDecompress(),
    createWriteStream(partial),
  );
  chmodSync(partial, 0o755);
  renameSync(partial, program); // at once: another process may be unpacking too
  return program;
}
