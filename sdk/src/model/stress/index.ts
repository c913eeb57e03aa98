export { ForwardMissing, ForwardRepeated, PerpetualPriceMissing } from "./expiries.ts";
export * from "./inversePerpetual.ts";
export * from "./layout.ts";
export * from "./scanningRisk.ts";
export * from "./scenarioSet.ts";
export * from "./stressTest.ts";
