import { formatTable } from "../../relayer/src/cli/table.ts";

/** A figure the design puts a limit on. */
export type Limit = {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: "ms" | "s" | "gas" | "constraints";
  readonly met: boolean;
};

export const atMost = (name: string, value: number, limit: number, unit: Limit["unit"]): Limit => ({
  name,
  value: Math.round(value * 10) / 10,
  limit,
  unit,
  met: value <= limit,
});

export const limitTable = (limits: readonly Limit[]): string =>
  formatTable(
    ["limit", "measured", "at most", "unit", ""],
    limits.map(({ name, value, limit, unit, met }) => [name, `${value}`, `${limit}`, unit, met ? "met" : "NOT MET"]),
  );
