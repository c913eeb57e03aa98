export * from "./arrayWords.ts";
export * from "./covariance.ts";
export * from "./margin.ts";
export * from "./marginWords.ts";
export * from "./parity.ts";
export * from "./riskArray.ts";
export { absorb, FieldElementOutOfRange, initialCapacity, sponge, toField } from "./sponge.ts";
export * from "./statement.ts";
export * from "./stateSet.ts";
