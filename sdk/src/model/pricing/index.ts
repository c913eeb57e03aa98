export * from "./callValue.ts";
export * from "./errorBound.ts";
export * from "./fixedPointPrice.ts";
export * from "./pricingTime.ts";
export * from "./seriesValues.ts";
export * from "./stateVolatilities.ts";
export * from "./terms.ts";
