/**
 * @equipoise/relayer: moves facts and proofs between chains. `startLocalChains`, `deployLocal`, `observePrices` and
 * `runEpoch` are the whole way on local chains.
 */
export * from "./chains/index.ts";
export * from "./config.ts";
export * from "./deploy/index.ts";
export * from "./layerzero/index.ts";
export * from "./pipeline/index.ts";
export * from "./prices/index.ts";
export * from "./stepFailed.ts";
export * from "./store/store.ts";
