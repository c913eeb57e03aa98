import { parseTime } from "../prices/series.ts";

/** A few days worth replaying. */
export type ReplayEvent = {
  readonly name: string;
  readonly title: string;
  /** {s} first and last price replayed */
  readonly from: number;
  readonly to: number;
  /** the first two have options */
  readonly assets: readonly string[];
  /** the file of hourly prices, by its name in the data directory */
  readonly prices: string;
};

const event = (
  name: string,
  title: string,
  from: string,
  to: string,
  assets: readonly string[],
  prices: string,
): ReplayEvent => ({ name, title, from: parseTime(from, "from"), to: parseTime(to, "to"), assets, prices });

const FIVE = "hourly-binance-5-usdt-2020-2023.csv";

/** Each begins a day or more before the fall, so that the first risk state knows nothing of it. */
export const EVENTS: readonly ReplayEvent[] = [
  event(
    "2020-03",
    "Black Thursday",
    "2020-03-11",
    "2020-03-14",
    ["BTC", "ETH"],
    "hourly-binance-btc-eth-usdt-2019-2020.csv",
  ),
  event("2021-05", "May 2021", "2021-05-17", "2021-05-21", ["BTC", "ETH", "LINK"], "hourly-binance-11-usdt-2021h1.csv"),
  event("2022-05", "Terra", "2022-05-08", "2022-05-13", ["BTC", "ETH", "SOL"], FIVE),
  event("2022-06", "Celsius and Three Arrows", "2022-06-11", "2022-06-19", ["BTC", "ETH", "SOL"], FIVE),
  event("2022-11", "FTX", "2022-11-06", "2022-11-11", ["BTC", "ETH", "SOL"], FIVE),
];

/** The index of implied volatilities, by its name in the data directory. Earlier than it begins, a rule stands in. */
export const IMPLIED_FILE = "daily-cc0-dvol-2021-2023.csv";

/** An event nobody has described. */
export class EventUnknown extends Error {
  override name = "EventUnknown";
  constructor(name: string) {
    super(
      `event "${name}" is not one of ${EVENTS.map((one) => one.name).join(", ")}: choose among these, or give --from and --to`,
    );
  }
}

export function eventNamed(name: string): ReplayEvent {
  const found = EVENTS.find((one) => one.name === name);
  if (found === undefined) throw new EventUnknown(name);
  return found;
}
