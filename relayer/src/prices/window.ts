import { WINDOW_LENGTH } from "@equipoise/sdk";
import { formatTime, type PriceSeries, PricesRefused } from "./series.ts";

/** Fewer prices than a window needs. */
export class WindowTooShort extends PricesRefused {
  override name = "WindowTooShort";
  constructor(found: number, needed: number, until: number | undefined) {
    const end = until === undefined ? "" : ` up to ${formatTime(until)}`;
    super(
      `there are ${found} prices${end} and a window of ${needed - 1} observations needs ${needed}: choose a later time or a longer history`,
    );
  }
}

/** A missing tick inside a window. */
export class GapInWindow extends PricesRefused {
  override name = "GapInWindow";
  constructor(missing: number, count: number, step: number, from: number, to: number) {
    super(
      `the price known at ${formatTime(missing)} is missing (${count} in a row, one every ${step} s) inside the window ${formatTime(from)} to ${formatTime(to)}: choose a time whose window has no gap`,
    );
  }
}

/** Prices that stop before the instant they are asked for. */
export class PricesEndEarlier extends PricesRefused {
  override name = "PricesEndEarlier";
  constructor(last: number, at: number, step: number) {
    super(
      `the last price known at ${formatTime(at)} is of ${formatTime(last)} and may be at most ${step} s old: choose an earlier time or newer prices`,
    );
  }
}

/**
 * The prices of one window: the last `length` + 1 ticks known at an instant, without a gap.
 * @param at {s} the end of the series when left out
 * @param length observations of the window
 */
export function windowAt(series: PriceSeries, at: number | undefined, length: number = WINDOW_LENGTH): PriceSeries {
  const until = at ?? series.times.at(-1) ?? 0;
  const known = series.times.findLastIndex((time) => time <= until) + 1;
  if (known < length + 1) throw new WindowTooShort(known, length + 1, at);
  const last = series.times[known - 1] as number;
  if (until - last >= series.step) throw new PricesEndEarlier(last, until, series.step);
  const window = sliceSeries(series, known - length - 1, known);
  checkNoGap(window);
  return window;
}

/** Ticks start ≤ tick < end of a series. */
export const sliceSeries = (series: PriceSeries, start: number, end: number): PriceSeries => ({
  ...series,
  times: series.times.slice(start, end),
  prices: series.prices.slice(start, end),
});

/** Throws at the first missing tick. */
export function checkNoGap(series: PriceSeries): void {
  series.times.slice(1).forEach((time, index) => {
    const expected = (series.times[index] as number) + series.step;
    if (time === expected) return;
    const [from, to] = [series.times[0] as number, series.times.at(-1) as number];
    throw new GapInWindow(expected, Math.max(1, Math.round((time - expected) / series.step)), series.step, from, to);
  });
}

/** Ticks without a gap between them: start ≤ tick < end. */
export type Stretch = { start: number; end: number };

/** Every stretch without a gap, the longest first; of equal ones the earlier. */
export function contiguousStretches(series: PriceSeries): Stretch[] {
  const stretches: Stretch[] = [];
  let start = 0;
  series.times.forEach((time, index) => {
    const next = series.times[index + 1];
    if (next === time + series.step) return;
    stretches.push({ start, end: index + 1 });
    start = index + 1;
  });
  return stretches.sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
}

/**
 * `count` ticks without a gap, from the first known at or after `from`, or the last ones of the longest stretch.
 * @param from {s}
 */
export function stretchFrom(series: PriceSeries, from: number | undefined, count: number): PriceSeries {
  if (from === undefined) {
    const longest = contiguousStretches(series)[0] ?? { start: 0, end: 0 };
    const length = longest.end - longest.start;
    if (length < count) throw new WindowTooShort(length, count, undefined);
    return sliceSeries(series, longest.end - count, longest.end);
  }
  const start = series.times.findIndex((time) => time >= from);
  const found = start < 0 ? 0 : series.times.length - start;
  if (found < count) throw new WindowTooShort(found, count, series.times.at(-1));
  const chosen = sliceSeries(series, start, start + count);
  checkNoGap(chosen);
  return chosen;
}
