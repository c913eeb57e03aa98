export * from "./accounts.ts";
export * from "./anvil.ts";
export * from "./anvilBinary.ts";
export * from "./chain.ts";
export * from "./clock.ts";
export * from "./local.ts";
