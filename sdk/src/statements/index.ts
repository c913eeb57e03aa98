export * from "./covariance.ts";
export * from "./parity.ts";
export { absorb, FieldElementOutOfRange, initialCapacity, sponge, toField } from "./sponge.ts";
export * from "./statement.ts";
