/** A figure that is not a decimal number. */
export class NumberUnreadable extends Error {
  override name = "NumberUnreadable";
  constructor(text: string, option: string) {
    super(`${option} is "${text}" and must be a finite decimal number, such as 0.25 or 1e-3: rewrite it`);
  }
}

/** A decimal number, with an exponent if need be; not what else JavaScript takes for one. */
export function parseNumber(text: string, option: string): number {
  const value = Number(text);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) || !Number.isFinite(value))
    throw new NumberUnreadable(text, option);
  return value;
}

/** A floating-point figure for tables: twelve digits are what its inputs are worth. */
export const formatFigure = (value: number): string => String(Number(value.toPrecision(12)));
