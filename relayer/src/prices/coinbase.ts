import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LANE_COUNT } from "@equipoise/sdk";
import { parsePrice } from "./decimal.ts";
import { checkAssets, formatTime, type PriceSeries, PricesRefused } from "./series.ts";

/** The price server cannot be reached, or keeps answering that it is busy. */
export class PriceServerUnreachable extends PricesRefused {
  override name = "PriceServerUnreachable";
  override readonly retry: boolean = true;
  constructor(url: string, attempts: number, reason: string) {
    super(
      `${url} gave no answer in ${attempts} attempts (${reason}): check the network, or use --prices FILE.csv or --prices simulated`,
    );
  }
}

/** The price server refuses the question. */
export class PriceServerRefused extends PricesRefused {
  override name = "PriceServerRefused";
  constructor(url: string, status: number, reason: string) {
    super(
      `${url} answered ${status} (${reason}) and should answer 200: check the names of the assets and the time asked for`,
    );
  }
}

/** The price server answers something that is not candles. */
export class CandlesMalformed extends PricesRefused {
  override name = "CandlesMalformed";
  constructor(url: string, found: string) {
    super(
      `${url} answered ${found.slice(0, 120)} and should answer a list of [time, low, high, open, close, volume]: try again later`,
    );
  }
}

export type CoinbaseParameters = {
  /** base currencies, such as BTC */
  assets: readonly string[];
  /** quote currency */
  quote?: string | undefined;
  /** {s} first instant at which a price is known */
  from: number;
  /** {s} last instant at which a price is known */
  to: number;
  /** {s} 3600 or 86400 */
  step?: 3600 | 86400 | undefined;
  /** where pages of closed candles are kept */
  cacheDirectory: string;
  /** {s} unix time: candles that end later are not closed yet */
  now: number;
  baseUrl?: string | undefined;
  /** {ms} wait before the second attempt, doubled for each further one */
  firstDelay?: number | undefined;
  /** {ms} longest wait for one answer */
  timeout?: number | undefined;
};

/** [time at which the candle begins {s}, close as decimal text] */
type Candle = readonly [number, string];

const CANDLES_PER_PAGE = 300;
const ATTEMPTS = 5;
/** {ms} a server may not make us wait longer */
const LONGEST_DELAY = 30_000;

/**
 * Hourly or daily closes from the public candles of Coinbase Exchange. A close is known when its candle ends. Pages
 * begin at multiples of 300 candles, so a page once complete is the same for every question and is kept on disk.
 *
 * An instant at which one of the assets did not trade is left out: `windowAt` reports it as a gap.
 */
export async function coinbasePrices(parameters: CoinbaseParameters): Promise<PriceSeries> {
  const { assets, from, to, now, step = 3600 } = parameters;
  checkAssets(assets, LANE_COUNT);
  const columns: Map<number, string>[] = [];
  for (const asset of assets) {
    const column = new Map<number, string>();
    const last = Math.floor(Math.min(to, now) / step) * step - step;
    const pageLength = CANDLES_PER_PAGE * step;
    for (let page = Math.floor((from - step) / pageLength) * pageLength; page <= last; page += pageLength) {
      for (const [time, close] of await readPage(parameters, asset, page, step)) column.set(time, close);
    }
    columns.push(column);
  }
  const begins = [...(columns[0]?.keys() ?? [])]
    .filter(
      (time) => time + step >= from && time + step <= Math.min(to, now) && columns.every((column) => column.has(time)),
    )
    .sort((a, b) => a - b);
  return {
    source: "coinbase",
    assets: [...assets],
    step,
    times: begins.map((time) => time + step),
    prices: begins.map((time) =>
      columns.map((column, place) =>
        parsePrice(column.get(time) as string, `of ${assets[place]} at ${formatTime(time)}`),
      ),
    ),
  };
}

/** One page of closed candles: from disk when it is complete, from the server otherwise. */
async function readPage(parameters: CoinbaseParameters, asset: string, page: number, step: number): Promise<Candle[]> {
  const product = `${asset}-${parameters.quote ?? "USD"}`;
  const file = join(parameters.cacheDirectory, `${encodeURIComponent(product)}-${step}-${page}.json`);
  const kept = readKept(file);
  if (kept !== undefined) return kept;
  const closed = Math.floor(parameters.now / step) * step - step;
  const last = Math.min(page + (CANDLES_PER_PAGE - 1) * step, closed);
  if (last < page) return [];
  const url = new URL(
    `${parameters.baseUrl ?? "https://api.exchange.coinbase.com"}/products/${encodeURIComponent(product)}/candles`,
  );
  url.searchParams.set("granularity", String(step));
  url.searchParams.set("start", formatTime(page));
  url.searchParams.set("end", formatTime(last));
  const text = await ask(url, parameters.firstDelay ?? 500, parameters.timeout ?? 15_000);
  const candles = parseCandles(text, url).filter(([time]) => time >= page && time <= last);
  if (last === page + (CANDLES_PER_PAGE - 1) * step) keep(parameters.cacheDirectory, file, candles);
  return candles;
}

function parseCandles(text: string, url: URL): Candle[] {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new CandlesMalformed(url.href, text);
  }
  if (!Array.isArray(answer)) throw new CandlesMalformed(url.href, text);
  return answer.map((candle: unknown): Candle => {
    if (!Array.isArray(candle) || candle.length < 5) throw new CandlesMalformed(url.href, JSON.stringify(candle));
    const [time, , , , close] = candle as unknown[];
    if (!Number.isSafeInteger(time) || typeof close !== "number")
      throw new CandlesMalformed(url.href, JSON.stringify(candle));
    // The shortest text of the number is the text the server sent, at the digits prices have.
    return [time as number, String(close)];
  });
}

/** The answer's text; asks again after a pause where the server is busy or the network fails. */
async function ask(url: URL, firstDelay: number, timeout: number): Promise<string> {
  let reason = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    let pause = firstDelay * 2 ** attempt;
    try {
      const response = await fetch(url, {
        headers: { accept: "application/json", "user-agent": "equipoise" },
        signal: AbortSignal.timeout(timeout),
      });
      const text = await response.text();
      if (response.ok) return text;
      reason = `${response.status} ${messageOf(text)}`;
      if (response.status !== 429 && response.status < 500)
        throw new PriceServerRefused(url.href, response.status, messageOf(text));
      pause = Math.max(pause, 1000 * (Number(response.headers.get("retry-after")) || 0));
    } catch (error) {
      if (error instanceof PricesRefused) throw error;
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      reason = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
    }
    if (attempt < ATTEMPTS - 1) await new Promise((wake) => setTimeout(wake, Math.min(pause, LONGEST_DELAY)));
  }
  throw new PriceServerUnreachable(url.href, ATTEMPTS, reason);
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : text.slice(0, 120);
  } catch {
    // not JSON: a proxy's page, shown as it is
    return text.slice(0, 120);
  }
}

/** A page from disk; one that is damaged counts as absent and is fetched again. */
function readKept(file: string): Candle[] | undefined {
  try {
    const candles = JSON.parse(readFileSync(file, "utf8")) as unknown;
    const sound =
      Array.isArray(candles) &&
      candles.every((c) => Array.isArray(c) && Number.isSafeInteger(c[0]) && typeof c[1] === "string");
    return sound ? (candles as Candle[]) : undefined;
  } catch {
    return undefined;
  }
}

/** Written beside its place and moved there, so that no reader meets half a page. */
function keep(directory: string, file: string, candles: readonly Candle[]): void {
  mkdirSync(directory, { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, JSON.stringify(candles));
  renameSync(partial, file);
}
