import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import {
  HOUSE,
  IMPACT,
  LIQUIDATORS_NAMES,
  REPLAY,
  type ReplayParameters,
  STATIC_RATES,
  staticRatesAt,
} from "@equipoise/sdk";
import { parseTime } from "../prices/series.ts";
import { EVENTS, eventNamed, IMPLIED_FILE, type ReplayEvent } from "../replay/events.ts";
import { readPath } from "../replay/readPath.ts";
import { eventReport, type ReplayedEvent, replayTables } from "../replay/report.ts";
import { METHOD_NAMES, runReplays } from "../replay/runReplays.ts";
import { type Command, type OptionValues, textOption, UsageWrong } from "./command.ts";
import { parseNumber } from "./figure.ts";
import { parseFraction, parseWhole } from "./fraction.ts";

/** More accounts than anybody waits for, or none. */
export class AccountsOutOfRange extends Error {
  override name = "AccountsOutOfRange";
  constructor(accounts: bigint) {
    super(`--accounts is ${accounts} and must be 1 to 10000: choose a number in that range`);
  }
}

/** A name that an option does not have. */
export class ChoiceUnknown extends Error {
  override name = "ChoiceUnknown";
  constructor(option: string, text: string, known: readonly string[]) {
    super(`${option} names "${text}" and must name some of ${known.join(", ")}: choose among these`);
  }
}

/** `equipoise replay`: days that happened, against books of accounts, margined one way and another. */
export const replay: Command = {
  name: "replay",
  summary: "market crashes replayed against books of accounts: bad debt, liquidations, their feedback on price",
  usage: [
    "replay --data DIR [--event 2020-03,2021-05,…] [options] [--json]",
    "replay --prices FILE.csv --event NAME | --from ISO --to ISO --assets A,B,… [--implied FILE.csv] [options] [--json]",
  ],
  options: {
    data: { value: "DIR", summary: "where the files of the events lie; they are read in place" },
    event: { value: EVENTS.map(({ name }) => name).join(","), summary: "what to replay (default: all)" },
    prices: { value: "FILE.csv", summary: "hourly prices, in place of an event's own file" },
    implied: {
      value: "FILE.csv",
      summary: "daily columns ASSET_DVOL in volatility points (without: a rule from realised volatility)",
    },
    from: { value: "ISO", summary: "first hour of an event of your own, ten days of history before it" },
    to: { value: "ISO", summary: "its last hour" },
    assets: { value: "A,B,…", summary: "its assets, one to four, options on the first two" },
    accounts: { value: "N", summary: "accounts of the book (default 100)" },
    seed: { value: "S", summary: "what the book is drawn from (default 1)" },
    methods: { value: METHOD_NAMES.join(","), summary: "how accounts are margined (default: all)" },
    liquidators: { value: LIQUIDATORS_NAMES.join(","), summary: "how those who liquidate behave (default: all)" },
    "epoch-hours": { value: "N", summary: `age of a risk state at most (default ${HOUSE.epochHours})` },
    "array-age": {
      value: "N",
      summary: `checks read arrays younger than so many hours, then price at the present price (default ${HOUSE.maxArrayAge})`,
    },
    range: { value: "X", summary: "price range in proven daily volatilities (default 3)" },
    "minimum-range": { value: "FRACTION", summary: "least price range (default 0.06)" },
    "maximum-range": { value: "FRACTION", summary: "greatest price range, at most 0.6 (default 0.6)" },
    impact: {
      value: "X",
      summary: `fall of the logarithm of a price when as much as all books hold is sold in an hour (default ${IMPACT.size})`,
    },
    "impact-power": { value: "X", summary: "1: in proportion, 0.5: square root (default 1)" },
    "impact-permanent": { value: "X", summary: `share that stays (default ${IMPACT.permanent})` },
    "impact-half-life": { value: "HOURS", summary: `of the rest (default ${IMPACT.halfLife})` },
    "static-maintenance": {
      value: "FRACTION",
      summary: "static maintenance rates as a share of the initial ones (default 0.5 for perpetuals, 0.75 for options)",
    },
    backstop: { value: "FRACTION", summary: "backstop, of the exposure of all books (default 0.001)" },
  },
  run: async ({ values, progress }) => {
    const accounts = parseWhole(textOption(values, "accounts") ?? "100", "--accounts");
    if (accounts < 1n || accounts > 10_000n) throw new AccountsOutOfRange(accounts);
    const seed = Number(parseWhole(textOption(values, "seed") ?? "1", "--seed"));
    const parameters = parametersFrom(values);
    const maintained = textOption(values, "static-maintenance");
    const plan = {
      methods: choices(values, "methods", METHOD_NAMES),
      liquidators: choices(values, "liquidators", LIQUIDATORS_NAMES),
      accounts: Number(accounts),
      seed,
      staticRates:
        maintained === undefined ? STATIC_RATES : staticRatesAt(parseFraction(maintained, "--static-maintenance")),
      parameters,
    };
    const events = eventsFrom(values).map(({ event, prices, implied }): ReplayedEvent => {
      const read = readPath({ prices, implied }, event);
      const runs = runReplays(read, plan, (line) => progress(`${event.name}: ${line}`));
      return { name: event.name, title: event.title, source: basename(prices), read, runs };
    });
    const { liquidators: _, ...shown } = parameters;
    return {
      ok: true,
      result: {
        seed,
        accounts: plan.accounts,
        parameters: { ...shown, staticRates: plan.staticRates },
        events: events.map(eventReport),
      },
      text: replayTables(events),
    };
  },
};

/** Names of a list, each once, in the order of the list. */
function choices<T extends string>(values: OptionValues, option: string, known: readonly T[]): T[] {
  const text = textOption(values, option);
  if (text === undefined) return [...known];
  const named = text.split(",").map((part) => part.trim());
  for (const part of named) {
    if (!(known as readonly string[]).includes(part)) throw new ChoiceUnknown(`--${option}`, part, known);
  }
  return known.filter((one) => named.includes(one));
}

/** What stands for FRACTION is a third of it: rounded up, {ppm}. */
const stepOf = (range: bigint): bigint => (range + 2n) / 3n;

function parametersFrom(values: OptionValues): ReplayParameters {
  const given = <T>(name: string, read: (text: string, option: string) => T, otherwise: T): T => {
    const text = textOption(values, name);
    return text === undefined ? otherwise : read(text, `--${name}`);
  };
  const whole = (name: string, otherwise: number): number => Number(given(name, parseWhole, BigInt(otherwise)));
  return {
    ...REPLAY,
    house: {
      ...HOUSE,
      epochHours: whole("epoch-hours", HOUSE.epochHours),
      maxArrayAge: whole("array-age", HOUSE.maxArrayAge),
      rangeMultiple: given("range", parseFraction, HOUSE.rangeMultiple),
      minimumStep: stepOf(given("minimum-range", parseFraction, 3n * HOUSE.minimumStep)),
      maximumStep: stepOf(given("maximum-range", parseFraction, 3n * HOUSE.maximumStep)),
    },
    impact: {
      size: given("impact", parseNumber, IMPACT.size),
      power: given("impact-power", parseNumber, IMPACT.power),
      permanent: given("impact-permanent", parseNumber, IMPACT.permanent),
      halfLife: given("impact-half-life", parseNumber, IMPACT.halfLife),
    },
    backstop: given("backstop", parseFraction, REPLAY.backstop),
  };
}

type EventFiles = { event: ReplayEvent; prices: string; implied: string | undefined };

function eventsFrom(values: OptionValues): EventFiles[] {
  const [data, prices, implied, named, from, to, assets] = (
    ["data", "prices", "implied", "event", "from", "to", "assets"] as const
  ).map((name) => textOption(values, name));
  if (data === undefined && prices === undefined) {
    throw new UsageWrong("replay needs --data DIR or --prices FILE.csv: see equipoise replay --help");
  }
  const found = data === undefined ? undefined : join(data, IMPLIED_FILE);
  const index = implied ?? (found !== undefined && existsSync(found) ? found : undefined);
  if (from !== undefined || to !== undefined) {
    if (prices === undefined || from === undefined || to === undefined || assets === undefined || named !== undefined) {
      throw new UsageWrong("an event of your own needs --prices, --from, --to and --assets, and no --event");
    }
    const event: ReplayEvent = {
      name: "own",
      title: "an event of your own",
      from: parseTime(from, "--from"),
      to: parseTime(to, "--to"),
      assets: assets.split(",").map((asset) => asset.trim()),
      prices,
    };
    return [{ event, prices, implied: index }];
  }
  if (assets !== undefined) throw new UsageWrong("--assets belongs to --from and --to: an event has its own assets");
  const events = named === undefined ? EVENTS : named.split(",").map((name) => eventNamed(name.trim()));
  if (prices !== undefined && events.length !== 1)
    throw new UsageWrong("--prices needs one --event, or --from and --to");
  return events.map((event) => ({ event, prices: prices ?? join(data as string, event.prices), implied: index }));
}
