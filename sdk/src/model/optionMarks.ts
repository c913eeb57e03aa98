/** What an options exchange says of one option at the end of a day. */
export type OptionMark = {
  /** {s} */
  readonly expiry: bigint;
  /** {ppt of a dollar} */
  readonly strike: bigint;
  /** {ppt per √year} */
  readonly volatility: bigint;
  /** {ppt of a dollar} the forward of its expiry, as the exchange sees it */
  readonly forward: bigint;
  /** {ppm of a contract} */
  readonly openInterest: bigint;
};

/** A row that is not an option's. */
export class OptionRowMalformed extends Error {
  override name = "OptionRowMalformed";
  constructor(row: number, reason: string) {
    super(
      `row ${row} of the options is not one (${reason}): give date, expiry, strike, type, volatility in %, forward and ` +
        "open interest, separated by commas",
    );
  }
}

const COLUMNS = ["date", "expiry", "strike", "type", "mark_iv_pct", "underlying_usd", "open_interest"];
/** {s} of the day at which options end, UTC */
const EXPIRY_HOUR = 8n * 3_600n;

/** A decimal number without a sign, in units of 10^−decimals, further digits dropped. */
function parseDecimal(row: number, text: string | undefined, decimals: number): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text ?? "");
  if (match === null) throw new OptionRowMalformed(row, `${text} is no number`);
  return BigInt(`${match[1]}${(match[2] ?? "").padEnd(decimals, "0").slice(0, decimals)}`);
}

function parseDay(row: number, text: string | undefined): bigint {
  const milliseconds = /^\d{4}-\d{2}-\d{2}$/.test(text ?? "") ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(milliseconds)) throw new OptionRowMalformed(row, `${text} is no day`);
  return BigInt(milliseconds / 1_000);
}

/**
 * Options of a file with a header, one to a row, all of one day. Calls and puts of a strike are two rows.
 * @param text columns date, expiry, strike, type, mark_iv_pct {%}, underlying_usd, open_interest
 * @returns {s} the day's beginning, and the options in the file's order
 */
export function parseOptionMarks(text: string): { day: bigint; marks: OptionMark[] } {
  const [header, ...lines] = text.trim().split(/\r?\n/);
  if (header !== COLUMNS.join(",")) throw new OptionRowMalformed(0, `the header is ${header}`);
  const days = new Set<string>();
  const marks = lines.map((line, i) => {
    const row = i + 1;
    const cells = line.split(",");
    if (cells.length !== COLUMNS.length) throw new OptionRowMalformed(row, `${cells.length} cells`);
    const [date, expiry, strike, , volatility, forward, openInterest] = cells;
    days.add(date as string);
    return {
      expiry: parseDay(row, expiry) + EXPIRY_HOUR,
      strike: parseDecimal(row, strike, 12),
      volatility: parseDecimal(row, volatility, 10),
      forward: parseDecimal(row, forward, 12),
      openInterest: parseDecimal(row, openInterest, 6),
    };
  });
  const [day] = days;
  if (days.size !== 1) throw new OptionRowMalformed(lines.length, `${days.size} days`);
  return { day: parseDay(1, day), marks };
}
