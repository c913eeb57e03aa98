// Generated from the compiled contracts by `npm run generate`. Do not edit.
export * from "./chainlinkPriceSource.ts";
export * from "./errors.ts";
export * from "./localDvn.ts";
export * from "./localExecutor.ts";
export * from "./localPriceFeed.ts";
export * from "./localPricePublisher.ts";
export * from "./localToken.ts";
export * from "./observationLog.ts";
export * from "./parityVault.ts";
export * from "./riskBeacon.ts";
export * from "./riskMirror.ts";
export * from "./riskOracle.ts";
export * from "./volatilityLog.ts";
