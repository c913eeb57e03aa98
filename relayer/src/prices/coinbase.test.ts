import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CandlesMalformed, coinbasePrices, PriceServerRefused, PriceServerUnreachable } from "./coinbase.ts";

const HOUR = 3600;
/** page boundary of 300 hourly candles */
const PAGE = Math.floor(1_700_000_000 / (300 * HOUR)) * 300 * HOUR;
const PRODUCTS = ["BTC-USD", "ETH-USD"];

let server: Server;
let baseUrl: string;
let asked: URL[];
/** answers before the normal ones, in turn */
let interruptions: ((response: ServerResponse) => void)[];
let untraded: Set<string>;

const closeOf = (product: string, time: number): number =>
  (product === "BTC-USD" ? 30_000.01 : 2_000.5) + ((time - PAGE) / HOUR) * 0.25;

/** Answers as the exchange does: newest candle first, at most 300, `message` with every refusal. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://loopback");
  asked.push(url);
  const say = (status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const interruption = interruptions.shift();
  if (interruption !== undefined) return void interruption(response);
  const product = decodeURIComponent(/^\/products\/([^/]+)\/candles$/.exec(url.pathname)?.[1] ?? "");
  if (!PRODUCTS.includes(product)) return void say(404, { message: "NotFound" });
  const step = Number(url.searchParams.get("granularity"));
  if (![60, 300, 900, 3600, 21600, 86400].includes(step)) return void say(400, { message: "Unsupported granularity" });
  const [start, end] = ["start", "end"].map((name) => Date.parse(url.searchParams.get(name) ?? "") / 1000) as [
    number,
    number,
  ];
  if ((end - start) / step + 1 > 300)
    return void say(400, {
      message: "granularity too small for the requested time range. Count of aggregations requested exceeds 300",
    });
  const candles = [];
  for (let time = Math.ceil(start / step) * step; time <= end; time += step) {
    const close = closeOf(product, time);
    if (!untraded.has(`${product} ${time}`)) candles.unshift([time, close - 1, close + 1, close, close, 12.5]);
  }
  say(200, candles);
}

beforeEach(async () => {
  asked = [];
  interruptions = [];
  untraded = new Set();
  server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const question = (change: Partial<Parameters<typeof coinbasePrices>[0]> = {}) => ({
  assets: ["BTC", "ETH"],
  from: PAGE + 250 * HOUR,
  to: PAGE + 350 * HOUR,
  cacheDirectory: mkdtempSync(join(tmpdir(), "equipoise-coinbase-")),
  now: PAGE + 10_000 * HOUR,
  baseUrl,
  firstDelay: 1,
  timeout: 500,
  ...change,
});
const refuse =
  (status: number, body: string, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

describe("coinbasePrices", () => {
  it("default: closes, known when their candle ends, across pages", async () => {
    const series = await coinbasePrices(question());
    expect(series.source).toBe("coinbase");
    expect(series.times).toHaveLength(101);
    expect(series.times[0]).toBe(PAGE + 250 * HOUR);
    expect(series.times.at(-1)).toBe(PAGE + 350 * HOUR);
    // known at hour 250 is the close of the candle that began at hour 249
    expect(series.prices[0]).toEqual([30_062_260_000_000_000_000_000n, 2_062_750_000_000_000_000_000n]);
    expect(asked).toHaveLength(4);
  });
  it("behavior: complete pages come from disk the second time", async () => {
    const same = question();
    const first = await coinbasePrices(same);
    const requests = asked.length;
    expect(await coinbasePrices(same)).toEqual(first);
    expect(asked).toHaveLength(requests);
    expect(readdirSync(same.cacheDirectory).filter((name) => !name.endsWith(".json"))).toEqual([]);
  });
  it("behavior: a damaged page on disk is fetched again and mended", async () => {
    const same = question();
    const first = await coinbasePrices(same);
    const damaged = join(same.cacheDirectory, readdirSync(same.cacheDirectory)[0]!);
    const whole = readFileSync(damaged, "utf8");
    writeFileSync(damaged, whole.slice(0, 100));
    expect(await coinbasePrices(same)).toEqual(first);
    expect(readFileSync(damaged, "utf8")).toBe(whole);
  });
  it("behavior: a candle that is not closed is neither used nor kept", async () => {
    const early = question({ now: PAGE + 320 * HOUR + 1799 });
    const series = await coinbasePrices(early);
    expect(series.times.at(-1)).toBe(PAGE + 320 * HOUR);
    expect(readdirSync(early.cacheDirectory)).toHaveLength(2);
    expect((await coinbasePrices({ ...early, now: PAGE + 10_000 * HOUR })).times).toHaveLength(101);
  });
  it("behavior: an hour without a trade is left out, for every asset", async () => {
    untraded.add(`ETH-USD ${PAGE + 260 * HOUR}`);
    const { times } = await coinbasePrices(question());
    expect(times).toHaveLength(100);
    expect(times).not.toContain(PAGE + 261 * HOUR);
  });
  it("behavior: asks again when the server is busy, broken, silent or gone", async () => {
    interruptions = [
      refuse(429, '{"message":"Public rate limit exceeded"}', { "retry-after": "0" }),
      refuse(503, "<html>busy</html>"),
      (response) => void response.destroy(),
      () => undefined,
    ];
    expect((await coinbasePrices(question())).times).toHaveLength(101);
    expect(asked).toHaveLength(8);
  });
  it("error: PriceServerUnreachable after five attempts, worth another try", async () => {
    interruptions = Array.from({ length: 5 }, () => refuse(429, '{"message":"Public rate limit exceeded"}'));
    const failure = await coinbasePrices(question()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PriceServerUnreachable);
    expect((failure as PriceServerUnreachable).retry).toBe(true);
    expect((failure as Error).message).toMatch(/5 attempts \(429 Public rate limit exceeded\)/);
    expect(asked).toHaveLength(5);
  });
  it("error: PriceServerUnreachable where nobody listens", async () => {
    const nobody = createServer();
    await new Promise<void>((ready) => nobody.listen(0, "127.0.0.1", ready));
    const { port } = nobody.address() as AddressInfo;
    await new Promise((closed) => nobody.close(closed));
    await expect(coinbasePrices(question({ baseUrl: `http://127.0.0.1:${port}` }))).rejects.toThrow(/ECONNREFUSED/);
  });
  it("error: PriceServerRefused is not asked twice", async () => {
    await expect(coinbasePrices(question({ assets: ["NOPE"] }))).rejects.toThrow(PriceServerRefused);
    await expect(coinbasePrices(question({ assets: ["NOPE"] }))).rejects.toThrow(/answered 404 \(NotFound\)/);
    expect(asked).toHaveLength(2);
  });
  it("error: CandlesMalformed, and nothing is kept", async () => {
    const broken = question();
    for (const body of ["not json", '{"candles":[]}', "[[1,2]]", "[[1.5,1,1,1,1,1]]", '[[1,1,1,1,"1",1]]']) {
      interruptions = [refuse(200, body)];
      await expect(coinbasePrices(broken), body).rejects.toThrow(CandlesMalformed);
    }
    expect(readdirSync(broken.cacheDirectory)).toEqual([]);
  });
});
