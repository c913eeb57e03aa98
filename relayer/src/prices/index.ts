export * from "./coinbase.ts";
export * from "./csv.ts";
export * from "./decimal.ts";
export * from "./series.ts";
export * from "./simulator.ts";
export * from "./source.ts";
export * from "./window.ts";
