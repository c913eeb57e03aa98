import {
  black76,
  fixedPointPriceOf,
  OPTION_KINDS,
  OptionInputInvalid,
  type OptionKind,
  OptionTypeUnknown,
  PRICING_BOUNDS,
  RatioOutOfRange,
  YEAR,
} from "@equipoise/sdk";
import { type Command, type OptionValues, textOption, UsageWrong } from "./command.ts";
import { formatFigure, parseNumber } from "./figure.ts";
import { formatTable } from "./table.ts";

const REQUIRED = ["type", "forward", "strike", "volatility", "years"] as const;

/** `equipoise price`: one European option, in double precision and as circuit and contracts would price it. */
export const price: Command = {
  name: "price",
  summary: "an option by Black-76: price and Greeks, and the fixed-point price with its error bound",
  usage: ["price --type call|put --forward F --strike K --volatility V --years T [--discount D] [--json]"],
  options: {
    type: { value: "call|put", summary: "a European option on the forward" },
    forward: { value: "F", summary: "forward price at expiry, above 0" },
    strike: { value: "K", summary: "in the unit of the forward, above 0" },
    volatility: { value: "V", summary: "per √year as a fraction, such as 0.6" },
    years: { value: "T", summary: "time to expiry; a year has 365 days" },
    discount: { value: "D", summary: "today's value of one at expiry (default 1)" },
  },
  run: async ({ values }) => {
    const option = optionFrom(values);
    const { price, delta, gamma, vega, theta } = black76(option);
    const { fixedPoint, remark } = fixedPointOf(option);
    const rows = [
      ["price", price, ""],
      ["delta", delta, "unit of the forward"],
      ["gamma", gamma, "unit of the forward, twice"],
      ["vega", vega, "1.00 of volatility"],
      ["theta", theta, "year, at the rate of the discount"],
    ] as const;
    const fixedLine =
      fixedPoint && `fixed point ${formatFigure(fixedPoint.price)}, at most ${formatFigure(fixedPoint.errorBound)} off`;
    return {
      ok: true,
      result: { price, delta, gamma, vega, theta, fixedPoint },
      text: [
        formatTable(
          ["figure", "value", "per"],
          rows.map(([name, value, per]) => [name, formatFigure(value), per]),
        ),
        "",
        ...[fixedLine, remark].filter((line) => line !== null && line !== undefined),
      ].join("\n"),
    };
  },
};

type PricedOption = {
  type: OptionKind;
  forward: number;
  strike: number;
  volatility: number;
  years: number;
  discount: number;
};

function optionFrom(values: OptionValues): PricedOption {
  const missing = REQUIRED.filter((name) => textOption(values, name) === undefined);
  if (missing.length > 0)
    throw new UsageWrong(`price needs ${missing.map((name) => `--${name}`).join(", ")}: see equipoise price --help`);
  const figure = (name: string): number => parseNumber(textOption(values, name) as string, `--${name}`);
  const type = OPTION_KINDS.find((kind) => kind === values.type);
  if (type === undefined) throw new OptionTypeUnknown(values.type);
  return {
    type,
    forward: figure("forward"),
    strike: figure("strike"),
    volatility: figure("volatility"),
    years: figure("years"),
    discount: values.discount === undefined ? 1 : figure("discount"),
  };
}

type FixedPoint = { price: number; errorBound: number };

/** What the integer model says in units of money; a remark where it says nothing, or where no series may stand. */
function fixedPointOf({ discount, ...option }: PricedOption): { fixedPoint: FixedPoint | null; remark?: string } {
  const remark = unlistedBecause(option);
  try {
    const { price, errorBound } = fixedPointPriceOf(option);
    // rounded up: what the products here lose must not make the bound less than it is
    const bound = errorBound * discount * (1 + 2 ** -50);
    return {
      fixedPoint: { price: price * discount, errorBound: bound },
      ...(remark !== undefined && { remark: `no series can be listed with ${remark}` }),
    };
  } catch (error) {
    if (!(error instanceof RatioOutOfRange || error instanceof OptionInputInvalid)) throw error;
    return { fixedPoint: null, remark: `no fixed-point price: ${error.message}` };
  }
}

/** Why circuit and contracts would not price an option, if they would not. */
function unlistedBecause({ volatility, years }: Pick<PricedOption, "volatility" | "years">): string | undefined {
  const [leastVolatility, greatestVolatility] = PRICING_BOUNDS.volatility.map((bound) => Number(bound) / 1e12) as [
    number,
    number,
  ];
  if (volatility < leastVolatility || volatility > greatestVolatility)
    return `volatility ${volatility}: it is from ${leastVolatility} to ${greatestVolatility}`;
  const seconds = Math.round(years * Number(YEAR));
  const [least, greatest] = PRICING_BOUNDS.seconds.map(Number) as [number, number];
  if (seconds < least || seconds > greatest)
    return `${seconds} seconds to expiry: there are from ${least} to ${greatest}`;
  return undefined;
}
