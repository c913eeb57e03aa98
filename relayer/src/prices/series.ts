/** Prices of some assets at regular instants, whatever they come from. */
export type PriceSeries = {
  /** file name, `coinbase` or `simulated` */
  readonly source: string;
  readonly assets: readonly string[];
  /** {s} between two prices where nothing is missing */
  readonly step: number;
  /** {s} unix time at which the prices of a tick are known, strictly increasing */
  readonly times: readonly number[];
  /** {D18} [tick][asset] */
  readonly prices: readonly (readonly bigint[])[];
};

/** Prices that cannot be used as they are. `retry` is true only where time may cure it. */
export class PricesRefused extends Error {
  override name = "PricesRefused";
  readonly retry: boolean = false;
}

/** An asset that the source does not have. */
export class AssetUnknown extends PricesRefused {
  override name = "AssetUnknown";
  constructor(asset: string, known: readonly string[]) {
    super(`asset ${asset} is not in the prices, which have ${known.join(", ")}: choose among these`);
  }
}

/** More assets than a log observes, or none. */
export class AssetsOutOfRange extends PricesRefused {
  override name = "AssetsOutOfRange";
  constructor(count: number, limit: number) {
    super(`${count} assets and a log observes 1 to ${limit}: choose some with --assets`);
  }
}

/** An asset listed twice. */
export class AssetRepeated extends PricesRefused {
  override name = "AssetRepeated";
  constructor(asset: string) {
    super(`asset ${asset} is listed 2 times and may be listed once: remove one`);
  }
}

/** An instant nobody can read. */
export class TimeUnreadable extends PricesRefused {
  override name = "TimeUnreadable";
  constructor(text: string, place: string) {
    super(
      `${place} is "${text}" and must be a UTC date or time such as 2023-06-01 or 2023-06-01T12:00:00Z: rewrite it`,
    );
  }
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** {s} unix time of an ISO date or time; one without a zone is UTC. */
export function parseTime(text: string, place: string): number {
  const trimmed = text.trim();
  if (!ISO_TIME.test(trimmed)) throw new TimeUnreadable(text, place);
  const zoned = trimmed.length === 10 || /(?:Z|[+-]\d{2}:?\d{2})$/.test(trimmed.slice(10)) ? trimmed : `${trimmed}Z`;
  const milliseconds = Date.parse(zoned.replace(" ", "T"));
  // Date.parse accepts some days no month has
  if (Number.isNaN(milliseconds)) throw new TimeUnreadable(text, place);
  if (zoned.length === 10 && formatTime(milliseconds / 1000).slice(0, 10) !== zoned)
    throw new TimeUnreadable(text, place);
  return Math.floor(milliseconds / 1000);
}

/** ISO form of a unix time {s}, to the second. */
export const formatTime = (time: number): string => new Date(time * 1000).toISOString().replace(".000Z", "Z");

/** Checks that a choice of assets is one to twelve different ones. */
export function checkAssets(assets: readonly string[], limit: number): void {
  if (assets.length < 1 || assets.length > limit) throw new AssetsOutOfRange(assets.length, limit);
  for (const [place, asset] of assets.entries()) if (assets.indexOf(asset) !== place) throw new AssetRepeated(asset);
}
