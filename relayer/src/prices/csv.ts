import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { LANE_COUNT } from "@equipoise/sdk";
import { CsvError, parse } from "csv-parse/sync";
import { parsePrice } from "./decimal.ts";
import { AssetUnknown, checkAssets, formatTime, type PriceSeries, PricesRefused, parseTime } from "./series.ts";

/** A file that is not there, or cannot be read. */
export class PriceFileMissing extends PricesRefused {
  override name = "PriceFileMissing";
  constructor(path: string, reason: string) {
    super(
      `price file ${path} cannot be read (${reason}): give the path of a CSV file with a time and one column per asset`,
    );
  }
}

/** A file that is not a table. */
export class PriceFileMalformed extends PricesRefused {
  override name = "PriceFileMalformed";
  constructor(path: string, reason: string) {
    super(`price file ${path} is not a table of a time and one column per asset (${reason}): correct it`);
  }
}

/** A file without two rows to tell its step from. */
export class PriceFileEmpty extends PricesRefused {
  override name = "PriceFileEmpty";
  constructor(path: string, rows: number) {
    super(`price file ${path} has ${rows} rows of prices and needs at least 2: give a longer file`);
  }
}

/** Rows that go back in time or repeat it. */
export class TimeNotIncreasing extends PricesRefused {
  override name = "TimeNotIncreasing";
  constructor(row: number, time: number, previous: number) {
    super(
      `row ${row} is of ${formatTime(time)} and the row before it of ${formatTime(previous)}; times must increase: sort the file and remove repeated rows`,
    );
  }
}

/** Rows that are neither hourly nor daily. */
export class StepNotRegular extends PricesRefused {
  override name = "StepNotRegular";
  constructor(step: number) {
    super(`most rows are ${step} s apart and must be 3600 s or 86400 s apart: resample the file to hours or days`);
  }
}

/** A cell without a price inside what is read. */
export class PriceMissing extends PricesRefused {
  override name = "PriceMissing";
  constructor(asset: string, time: string) {
    super(
      `the price of ${asset} at ${time} is empty and every price of the window must be there: leave ${asset} out with --assets or choose another time`,
    );
  }
}

export type CsvSelection = {
  /** columns to read, in this order; all when left out */
  assets?: readonly string[] | undefined;
  /** {s} nothing known before this instant */
  from?: number | undefined;
  /** {s} nothing known after this instant */
  to?: number | undefined;
  /** the last so many rows of these only */
  last?: number | undefined;
};

const STEPS = [3600, 86_400];

/**
 * Prices of a CSV file: first column the time at which a row begins, then one column per asset. A row's price is known
 * one step after its time and never used before. Cells outside the selection may be empty.
 *
 * Rows are rounded half up to the decimals of the feeds. Missing rows are not filled: `windowAt` refuses them.
 */
export function readPricesCsv(path: string, selection: CsvSelection = {}): PriceSeries {
  const records = readRecords(path);
  const header = (records[0] ?? []).slice(1).map((name) => name.trim());
  const rows = records.slice(1);
  if (header.length === 0 || header.includes(""))
    throw new PriceFileMalformed(path, "its first row must name every column");
  if (rows.length < 2) throw new PriceFileEmpty(path, rows.length);
  const begins = rows.map((row, index) => parseTime(row[0] ?? "", `the time of row ${index + 2}`));
  const step = regularStep(begins);
  const assets = selection.assets ?? header;
  checkAssets(assets, LANE_COUNT);
  const columns = assets.map((asset) => {
    const column = header.indexOf(asset);
    if (column < 0) throw new AssetUnknown(asset, header);
    return column + 1;
  });

  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, last = rows.length } = selection;
  const kept = begins.flatMap((time, index) => (time + step >= from && time + step <= to ? [index] : []));
  const chosen = kept.slice(Math.max(0, kept.length - last));
  return {
    source: basename(path),
    assets: [...assets],
    step,
    times: chosen.map((index) => (begins[index] as number) + step),
    prices: chosen.map((index) =>
      columns.map((column, place) => {
        const row = rows[index] as string[];
        const text = row[column] ?? "";
        if (text.trim() === "") throw new PriceMissing(assets[place] as string, row[0] as string);
        return parsePrice(text, `of ${assets[place]} at ${row[0]}`);
      }),
    ),
  };
}

function readRecords(path: string): string[][] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new PriceFileMissing(path, (error as NodeJS.ErrnoException).code ?? String(error));
  }
  try {
    return parse(text, { bom: true, skip_empty_lines: true }) as string[][];
  } catch (error) {
    if (error instanceof CsvError) throw new PriceFileMalformed(path, error.message);
    throw error;
  }
}

/** {s} what most consecutive rows are apart; also checks that time increases. */
function regularStep(times: readonly number[]): number {
  const counts = new Map<number, number>();
  times.slice(1).forEach((time, index) => {
    const previous = times[index] as number;
    if (time <= previous) throw new TimeNotIncreasing(index + 3, time, previous);
    counts.set(time - previous, (counts.get(time - previous) ?? 0) + 1);
  });
  const [step] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  if (!STEPS.includes(step)) throw new StepNotRegular(step);
  return step;
}
