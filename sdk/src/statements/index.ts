export * from "./covariance.ts";
export * from "./parity.ts";
export { FieldElementOutOfRange, sponge, toField } from "./sponge.ts";
export * from "./statement.ts";
