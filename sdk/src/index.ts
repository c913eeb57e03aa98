/**
 * @equipoise/sdk: the risk-parity model, the statements that tie proofs to chains, and their constants. No input or
 * output happens here; proving is in `@equipoise/sdk/prover`, chains in `@equipoise/sdk/actions`.
 */
export * from "./lanes.ts";
export * from "./model/index.ts";
export * from "./numbers.ts";
export * from "./protocol.ts";
export * from "./statements/index.ts";
