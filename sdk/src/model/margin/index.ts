export * from "./account.ts";
export * from "./accountMargin.ts";
export * from "./charges.ts";
export * from "./collateral.ts";
export * from "./greeks.ts";
export * from "./jointStates.ts";
export * from "./scenarios.ts";
export * from "./solvency.ts";
